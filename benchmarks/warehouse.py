"""Figures of the warehouse on made articles of 3 KB: load, a run of changes, publish, queries.

``python -m benchmarks.warehouse [--articles 10000 40000] [--home DIR] [--no-peers]``

The default sizes end within five minutes on two quiet cores; ``--articles 50000 200000 500000``,
which takes twelve and 15 GB of disk, shows what a larger store adds. The last publish is shown
by its steps.

Articles come from a seeded generator, with their signatures, through the lake's own calls (no
engine, no cleaning). Beside it the same changes go into other stores (``warehouse_peers``).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.made_articles import QUERIES, RUNS, Figures, ask, changes, megabytes, run
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse import connect
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.storage import fsync


def measure(home: Path, articles: int, keep: int) -> Figures:
    """Load, publish, change, publish, ask."""
    figures = Figures()
    lake = Lake.open(home / "lake")
    run(lake, "r0-load", [(number, 0) for number in range(articles)], 0, figures, "load")
    with figures.stepped("first publish (from the lake alone)"):
        publish(home, lake=lake, comparison=COPIES)
    for day in range(1, RUNS + 1):
        name = f"run {day} of 5,000"
        run(lake, f"r{day}-changes", changes(articles, day), day, figures, name)
        measured = figures.stepped if day == RUNS else figures.weighed
        with measured(f"publish of run {day}"):
            publish(home, lake=lake, comparison=COPIES, keep=keep)
    current = (home / "serving" / "current.duckdb").resolve()
    with figures.weighed("a plain copy of the published file"):
        copied = current.with_name("copied")
        shutil.copyfile(current, copied)
        fsync.sync(copied)
    copied.unlink()
    with connect(home) as connection:
        ask(connection, QUERIES, figures, "query")
    figures.note("MB lake", megabytes(home / "lake"))
    figures.note("MB published file", current.stat().st_size / 1e6)
    figures.note("MB lookups", megabytes(home / "serving" / "signed"))
    return figures


def main() -> None:
    """Measure at each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 40_000])
    parser.add_argument("--home", type=Path, help="Keep what is made here.")
    parser.add_argument("--keep", type=int, default=3, help="Published versions that stay.")
    parser.add_argument("--no-peers", action="store_true", help="Leave the other stores out.")
    arguments = parser.parse_args()
    from benchmarks.warehouse_peers import PEERS

    tables: list[Figures] = []
    for articles in arguments.articles:
        home = arguments.home or Path(tempfile.mkdtemp(prefix="copydesk-benchmark-"))
        figures = measure(home / str(articles), articles, arguments.keep)
        for peer in () if arguments.no_peers else PEERS:
            figures.rows |= peer(home / str(articles), articles).rows
        tables.append(figures)
        if arguments.home is None:
            shutil.rmtree(home)
    print("| seconds, or MB | " + " | ".join(f"{size:,}" for size in arguments.articles) + " |")
    print("| --- |" + " --: |" * len(tables))
    for name in dict.fromkeys(name for table in tables for name in table.rows):
        values = (table.rows.get(name) for table in tables)
        cells = ("" if value is None else f"{value:,.2f}" for value in values)
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
