"""How the search for near copies grows: signatures a second, bytes an article, seconds a join.

    python -m benchmarks.near_duplicates_scale --stored 100000 1000000 --texts FILE.parquet

Stored signatures are made up (random hashes, article lengths spread as in news, one article in
ten a near copy of another) and written as Parquet files under ``--folder``, which is kept: a
second run with more of them only adds. ``sort`` makes the lookups of all that is stored, once;
``find`` is what each publish does: new ones are taken into the lookups and compared; ``settle``
weighs all the pairs found again, of which a publish weighs only those whose contents share a
phrase that has just become frequent. Texts are read from a Parquet file with a ``text`` column.
"""

from __future__ import annotations

import argparse
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from copydesk.tasks.dedup.clusters import ARTICLES, duplicates
from copydesk.tasks.dedup.pairs import compare, database, settle
from copydesk.tasks.dedup.signatures import KEEP, Signature, signatures
from copydesk.tasks.dedup.tables import signature_rows
from copydesk.warehouse.publish.signature_index import SignatureIndex

FILE = 100_000  # articles a file: what some days of a large ingestion compact to
NEW = 5_000
COPIES = 0.1
SHARED = 0.7  # part of a copy's shingles that it shares with its original
MONTH = date(2026, 11, 1)
MEMORY = "1500MB"


def made_up(seed: int, count: int) -> tuple[list[str], list[Signature]]:
    """Make contents of 600 words on average: hashes, numbers and names at random."""
    rng = np.random.default_rng(seed)
    sizes = np.clip(rng.lognormal(4.2, 0.5, count).astype(int), 5, 600)
    hashes = np.split(
        rng.integers(0, (1 << 64) // KEEP, sizes.sum(), dtype=np.uint64), np.cumsum(sizes)[:-1]
    )
    contents: list[Signature] = []
    for number, shingles in enumerate(hashes):
        if number % round(1 / COPIES) == 1:
            original = contents[-1]
            shared = original.shingles[rng.random(len(original.shingles)) < SHARED]
            contents.append(
                Signature(original.words, np.union1d(shared, shingles[:10]), *_facts(original))
            )
            continue
        facts = (
            rng.integers(0, 1 << 16, round(len(shingles) * share), dtype=np.uint16)
            for share in (0.15, 0.3, 0.3)
        )
        contents.append(Signature(len(shingles) * KEEP, np.sort(shingles), *facts))
    ids = rng.integers(0, 1 << 63, (count, 2), dtype=np.uint64)
    return [f"{high:016x}{low:016x}" for high, low in ids.tolist()], contents


def _facts(signature: Signature) -> tuple[np.ndarray, ...]:
    return signature.numbers, signature.names, signature.openers


def stored(folder: Path, count: int) -> tuple[list[str], list[str]]:
    """Write what is missing of so many contents and give the files' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count // FILE):
        if not (folder / f"shingles-{number:03}.parquet").exists():
            hashes, contents = made_up(number, FILE)
            rows, shingles = signature_rows(hashes, [MONTH] * FILE, contents)
            write(rows, folder / f"signatures-{number:03}.parquet")
            write(shingles, folder / f"shingles-{number:03}.parquet")
    return (
        [str(folder / f"signatures-{number:03}.parquet") for number in range(count // FILE)],
        [str(folder / f"shingles-{number:03}.parquet") for number in range(count // FILE)],
    )


def write(table: pa.Table, path: Path) -> None:
    """Write as the lake does, but for hashes: they do not repeat, so no dictionary."""
    columns = [
        name for name in table.schema.names if name not in {"hash", "numbers", "names", "openers"}
    ]
    pq.write_table(
        table, path, compression="zstd", compression_level=3, use_dictionary=columns,
        row_group_size=1_000_000, dictionary_pagesize_limit=64 << 20,
    )  # fmt: skip


def arrivals(count: int) -> tuple[pa.Table, pa.Table]:
    """Make new contents, one in five of them a near copy of a stored one."""
    _, old = made_up(0, FILE)
    hashes, new = made_up(1_000_000, count)
    rng = np.random.default_rng(1)
    for number in range(0, count, 5):
        original = old[number]
        shared = original.shingles[rng.random(len(original.shingles)) < SHARED]
        new[number] = Signature(original.words, shared, *_facts(original))
    return signature_rows(hashes, [MONTH] * count, new)


def join(folder: Path, count: int, threads: int) -> Iterator[str]:
    """Time the comparison of new contents with so many stored ones, each in its own process."""
    files = stored(folder, count)
    signed = folder / f"signed-{count}"
    for name in ("sort", "find", "settle"):
        if name == "sort" and signed.exists():
            continue
        with get_context("spawn").Pool(1) as pool:
            seconds, cpu, peak, edges = pool.apply(_timed, (name, files, signed, threads))
        written = [str(path) for path in signed.glob("*/*.arrow")]
        sizes = [sum(Path(path).stat().st_size for path in paths) / count
                 for paths in (files[0] + files[1], written)]  # fmt: skip
        yield (
            f"| {count:,} | {sizes[0]:.0f} + {sizes[1]:.0f} | {name} | {seconds:.2f} | {cpu:.2f} |"
            f" {peak} | {edges:,} |"
        )


def _timed(
    name: str, files: tuple[list[str], list[str]], signed: Path, threads: int
) -> tuple[float, float, int, int]:
    new = arrivals(NEW)
    best, least, edges = float("inf"), float("inf"), 0
    for number in range(1 if name == "sort" else 3):
        spill = str(signed.with_suffix(".spill"))
        with database(memory=MEMORY, threads=threads, spill=spill) as connection:
            connection.execute("SET enable_external_file_cache = false")
            connection.execute("SET preserve_insertion_order = false")
            step = _step(name, f"new {number}", new, files, signed, connection)
            start, cpu = time.perf_counter(), time.process_time()
            edges = step()
            best = min(best, time.perf_counter() - start)
            least = min(least, time.process_time() - cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return best, least, peak, edges


def _step(
    name: str,
    run: str,
    new: tuple[pa.Table, pa.Table],
    files: tuple[list[str], list[str]],
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
) -> Callable[[], int]:
    """Prepare a step as publishing has it, and give what is to be timed."""
    for table, rows, paths in zip(("signatures", "shingles"), new, files, strict=True):
        connection.register(f"new_{table}", rows)
        connection.execute(
            f"CREATE TEMP VIEW lake_{table} AS SELECT *, 'stored' AS run_id FROM"
            f" read_parquet({paths!r}) UNION ALL BY NAME SELECT *, '{run}' AS run_id FROM"
            f" new_{table}"
        )
    signed = SignatureIndex(folder)

    def sort() -> int:
        signed.bring_up(connection, ["stored"])
        return 0

    def find() -> int:
        signed.bring_up(connection, ["stored", run])
        signed.find(connection, [run])
        return len(compare(connection).edges)

    if name != "settle":
        return find if name == "find" else sort
    find()
    edges = connection.sql("FROM edges").to_arrow_table()
    crowded = connection.sql("SELECT content, min(hash) AS hash FROM known_shingles GROUP BY ALL")
    return partial(_settled, connection, edges, crowded.to_arrow_table())


def _settled(connection: duckdb.DuckDBPyConnection, edges: pa.Table, crowded: pa.Table) -> int:
    return len(settle(connection, edges, crowded))


def speed(path: Path) -> str:
    """Time signatures on real texts in one process, and rensa's MinHash of the same shingles."""
    from rensa import RMinHash

    texts = pq.read_table(path, columns=["text"])["text"].to_pylist()
    word = re.compile(r"\w+")

    def peer() -> None:
        for text in texts:
            text_words = word.findall(text.lower())
            sketch = RMinHash(num_perm=112, seed=1)
            sketch.update([" ".join(text_words[n : n + 5]) for n in range(len(text_words) - 4)])
            sketch.digest()

    words = sum(signature.words for signature in signatures(texts)) / len(texts)
    best = {"ours": float("inf"), "rensa": float("inf")}
    for _ in range(5):
        for name, make in (("ours", lambda: signatures(texts)), ("rensa", peer)):
            start = time.process_time()
            make()
            best[name] = min(best[name], time.process_time() - start)
    rates = {name: len(texts) / seconds for name, seconds in best.items()}
    return (
        f"signatures: {rates['ours']:,.0f} texts of {words:,.0f} words a second and core, "
        f"{rates['ours'] * words / 1e6:.1f} million words; rensa's MinHash {rates['rensa']:,.0f} "
        f"(ratio {rates['ours'] / rates['rensa']:.1f})"
    )


def assignment(count: int) -> str:
    """Time the assignment of so many articles, half of them near copies of another."""
    hashes = [f"{number:032x}" for number in range(count)]
    articles = pa.table(
        [hashes, hashes, pa.nulls(count, pa.timestamp("us", "UTC")),
         pa.nulls(count, pa.timestamp("us", "UTC"))],
        schema=ARTICLES,
    )  # fmt: skip
    low = np.arange(0, count, 2)
    pairs = np.concatenate([np.stack([low, low + 1]), np.stack([low + 1, low])], axis=1)
    edges = pa.table(
        {
            "content_hash_a": [hashes[number] for number in pairs[0]],
            "content_hash_b": [hashes[number] for number in pairs[1]],
            "relation": ["near"] * count,
            "shared": pa.array([50] * count, pa.int64()),
            **{name: [0.5] * count for name in ("jaccard", "containment", "numbers", "names")},
        }
    )
    start = time.perf_counter()
    copies = len(duplicates(articles, edges))
    seconds = time.perf_counter() - start
    return f"assignment: {count:,} articles, {copies:,} copies: {seconds:.1f} s"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stored", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--texts", type=Path, default=None)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "signatures")
    arguments = parser.parse_args()
    if arguments.texts is not None:
        print(speed(arguments.texts))
    print(assignment(100_000))
    print(f"\n{NEW:,} new contents, {arguments.threads} threads, memory limit {MEMORY}\n")
    print("| stored | bytes each | step | seconds | CPU seconds | peak MB | edges |")
    print("| --: | --: | --- | --: | --: | --: | --: |")
    for count in arguments.stored:
        for line in join(arguments.folder, count, arguments.threads):
            print(line, flush=True)


if __name__ == "__main__":
    main()
