"""Bytes that a published article takes, by table and column.

``python -m benchmarks.published_bytes HOME`` for the current version of a home, or
``python -m benchmarks.published_bytes --made 20000`` for made articles of 3 KB.

Segments are counted from where they begin in DuckDB's blocks, so that a small table's last block
counts whole: take stores of some thousand articles. Made articles are published twice, the second
time rebuilt; CPU seconds are of that.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

from benchmarks.made_articles import Figures, run
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish

BLOCK = 262_144 - 8
SMALLEST = 0.005
"""Share of the file that a column takes to be shown."""


def main() -> None:
    """Print the bytes of an article."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, nargs="?")
    parser.add_argument("--made", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.home or Path(folder)
        if arguments.made:
            lake = Lake.open(home / "lake", create=True)
            run(lake, "r0", [(n, 0) for n in range(arguments.made)], 0, Figures(), "load")
            publish(home, lake=lake, comparison=COPIES)
            began = time.process_time()
            publish(home, lake=lake, comparison=COPIES, rebuild=True)
            print(f"publish, rebuilt: {time.process_time() - began:.1f} CPU seconds")
        _show(home / "serving" / "current.duckdb")


def _show(path: Path) -> None:
    with duckdb.connect(str(path), read_only=True) as connection:
        ((articles,),) = connection.execute("SELECT count(*) FROM articles").fetchall()
        bytes_ = _bytes_of_columns(connection)
    size = path.resolve().stat().st_size
    print(f"{articles:,} articles, {size / articles:,.0f} bytes each")
    tables: Counter[str] = Counter()
    for name, count in bytes_.items():
        tables[name.rpartition(".")[0]] += count
    for counts in (tables, bytes_):
        print()
        for name, count in counts.most_common():
            if count > SMALLEST * size:
                print(f"{count / articles:10,.0f}  {name}")


def _bytes_of_columns(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    segments, bytes_ = [], Counter[str]()
    names = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
    for schema, table in connection.execute(names).fetchall():
        rows = connection.execute(
            "SELECT column_name, block_id, block_offset, additional_block_ids"
            f" FROM pragma_storage_info('{schema}.{table}') WHERE persistent AND block_id >= 0"
        )
        for column, block, offset, others in rows.fetchall():
            name = f"{schema}.{table}.{column}"
            segments.append((block, offset, name))
            bytes_[name] += len(others or ()) * BLOCK
    segments.sort()
    following = [*segments[1:], (-1, 0, "")]
    for (block, offset, name), (next_block, next_offset, _) in zip(
        segments, following, strict=True
    ):
        bytes_[name] += (next_offset if next_block == block else BLOCK) - offset
    return bytes_


if __name__ == "__main__":
    main()
