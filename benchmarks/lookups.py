"""Looking up the hashes of new texts: sorted segments beside stores that are made for it.

``python -m benchmarks.lookups [--rows 10000000] [--runs 10] [--lookups 365000]``

Rows are (hash, content), both 64 bits, at random; one hash in ten that is asked is there. Each
store takes them run by run, sorted within a run, durable after each, as publishes do; then the
hashes are asked at once, in order. CPU seconds are of the process. LMDB has several values a key
(``dupsort``, ``integerkey``); RocksDB has hash and content as its key, and is asked by an iterator;
DuckDB has one table, sorted by hash in each run, and is asked by a join. Stores that are not
installed are left out: ``pip install lmdb rocksdict``.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from copydesk.warehouse.publish.sorted_segments import SortedSegments

Numbers = NDArray[np.int64]
BATCH = 1_000_000
HITS = 0.1
MAP = 1 << 36  # bytes of address space for LMDB


class Store(Protocol):
    """Rows of (hash, content) in a folder."""

    def add(self, hashes: Numbers, contents: Numbers) -> None:
        """Add the sorted rows of a run, durably."""

    def find(self, hashes: Numbers) -> int:
        """Return how many rows have one of the hashes, sorted and distinct."""


class Segments:
    """Ours."""

    def __init__(self, folder: Path) -> None:
        schema = pa.schema([("hash", pa.int64()), ("content", pa.int64())])
        self.segments = SortedSegments(folder, schema, BATCH)
        self.runs: list[str] = []

    def add(self, hashes: Numbers, contents: Numbers) -> None:
        """Add a run."""
        self.runs.append(f"r{len(self.runs)}")

        def read(_runs: Sequence[str]) -> Iterator[pa.RecordBatch]:
            yield pa.RecordBatch.from_arrays(
                [pa.array(hashes), pa.array(contents)], ["hash", "content"]
            )

        self.segments.update(self.runs, read)

    def find(self, hashes: Numbers) -> int:
        """Look up."""
        return int(self.segments.rows(hashes).num_rows)


class Lmdb:
    """A B+ tree in a mapped file."""

    def __init__(self, folder: Path) -> None:
        import lmdb

        self.environment = lmdb.open(str(folder), map_size=MAP, max_dbs=1)
        self.table = self.environment.open_db(
            b"rows", dupsort=True, dupfixed=True, integerkey=True, integerdup=True
        )

    def add(self, hashes: Numbers, contents: Numbers) -> None:
        """Add a run in one transaction."""
        keys, values = hashes.tobytes(), contents.tobytes()
        pairs = [(keys[at : at + 8], values[at : at + 8]) for at in range(0, len(keys), 8)]
        with self.environment.begin(write=True) as transaction:
            transaction.cursor(self.table).putmulti(pairs)

    def find(self, hashes: Numbers) -> int:
        """Look up all in one read."""
        octets = hashes.tobytes()
        keys = [octets[at : at + 8] for at in range(0, len(octets), 8)]
        with self.environment.begin() as transaction:
            return len(transaction.cursor(self.table).getmulti(keys, dupdata=True))


class Rocks:
    """A log-structured merge tree."""

    def __init__(self, folder: Path) -> None:
        from rocksdict import Options, Rdict

        options = Options(raw_mode=True)
        options.create_if_missing(True)
        self.table = Rdict(str(folder), options)

    def add(self, hashes: Numbers, contents: Numbers) -> None:
        """Add a run in batches."""
        from rocksdict import WriteBatch

        keys = np.stack([hashes, contents], axis=1).astype(">i8").tobytes()
        for first in range(0, len(keys), 16 * 100_000):
            batch = WriteBatch(raw_mode=True)
            for at in range(first, min(first + 16 * 100_000, len(keys)), 16):
                batch.put(keys[at : at + 16], b"")
            self.table.write(batch)
        self.table.flush()

    def find(self, hashes: Numbers) -> int:
        """Seek each hash."""
        octets = hashes.astype(">i8").tobytes()
        found, iterator = 0, self.table.iter()
        for at in range(0, len(octets), 8):
            key = octets[at : at + 8]
            iterator.seek(key)
            while iterator.valid() and iterator.key()[:8] == key:
                found += 1
                iterator.next()
        return found


class Duck:
    """A table of a DuckDB file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.connection = duckdb.connect(str(folder / "rows.duckdb"))
        self.connection.execute("CREATE TABLE rows_ (hash BIGINT, content BIGINT)")

    def add(self, hashes: Numbers, contents: Numbers) -> None:
        """Add a run."""
        self.connection.register("run_", pa.table({"hash": hashes, "content": contents}))
        self.connection.execute("INSERT INTO rows_ FROM run_; CHECKPOINT")

    def find(self, hashes: Numbers) -> int:
        """Join."""
        self.connection.register("asked", pa.table({"hash": hashes}))
        ((count,),) = self.connection.execute(
            "SELECT count(content) FROM (SELECT r.* FROM rows_ r SEMI JOIN asked USING (hash))"
        ).fetchall()
        return int(count)


STORES: dict[str, tuple[Callable[[Path], Store], str]] = {
    "sorted segments": (Segments, "pyarrow"),
    "LMDB": (Lmdb, "lmdb"),
    "RocksDB": (Rocks, "rocksdict"),
    "DuckDB": (Duck, "duckdb"),
}


def main() -> None:
    """Measure each store and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--lookups", type=int, default=365_000)
    arguments = parser.parse_args()
    names = [name for name, (_, module) in STORES.items() if importlib.util.find_spec(module)]
    print("| | build, CPU s | seconds | look up, CPU s | seconds | MB |")
    print("| --- | --: | --: | --: | --: | --: |")
    answers = set()
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "store"
            figures, found = _measured(STORES[name][0](place), arguments)
            size = sum(path.stat().st_blocks * 512 for path in place.rglob("*") if path.is_file())
            shutil.rmtree(place, ignore_errors=True)
        answers.add(found)
        print(
            f"| {name} | "
            + " | ".join(f"{figure:.2f}" for figure in figures)
            + f" | {size / 1e6:,.0f} |"
        )
    if len(answers) > 1:
        raise SystemExit(f"stores found different rows: {answers}")


def _measured(store: Store, arguments: Any) -> tuple[list[float], int]:
    dice = np.random.default_rng(1)
    figures = [0.0, 0.0]
    known = []
    for _ in range(arguments.runs):
        hashes = np.sort(dice.integers(0, 1 << 61, arguments.rows // arguments.runs))
        contents = dice.integers(0, 1 << 61, len(hashes))
        known.append(
            dice.choice(hashes, int(HITS * arguments.lookups) // arguments.runs, replace=False)
        )
        began, cpu = time.perf_counter(), time.process_time()
        store.add(hashes, contents)
        figures[0] += time.process_time() - cpu
        figures[1] += time.perf_counter() - began
    missing = dice.integers(0, 1 << 61, arguments.lookups - sum(map(len, known)))
    asked = np.unique(np.concatenate([*known, missing]))
    began, cpu = time.perf_counter(), time.process_time()
    found = store.find(asked)
    return [*figures, time.process_time() - cpu, time.perf_counter() - began], found


if __name__ == "__main__":
    main()
