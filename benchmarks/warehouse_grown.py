"""What a publish costs in a store that has grown.

``python -m benchmarks.warehouse_grown HOME --into DIR``; HOME is what ``python -m
benchmarks.warehouse --no-peers --articles 50000 --home PLACE`` left in PLACE/50000.

To load 500,000 articles and to publish them from the lake alone takes ten minutes of one core, so
the rows of the last version are put in again under other names, as often as ``--times`` says, in
the order of publication among those that were there. What publishing reads of the lake is grown
too: ledger, signatures and shingles. The texts are turned round, the same in each copy: they
compress better than others, so that the size of the file says nothing here.

The runs change articles of the first 50,000, which lie all over the store, and leave those alone
that an earlier run changed: a large store rarely meets one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import duckdb
from deltalake import write_deltalake

from benchmarks.warehouse import (
    COPIES,
    QUERIES,
    RUNS,
    Figures,
    Serving,
    ask,
    changes,
    run,
)
from warehouse import connect
from warehouse.delta import writer_properties
from warehouse.duck import literals
from warehouse.lake import Lake
from warehouse.publish import publish

_ID = "CASE WHEN k = 0 THEN {0} ELSE left(sha256({0} || '-' || k), 32) END AS {0}"
_HASH = "CASE WHEN k = 0 THEN {0} ELSE sha256({0} || '-' || k) END AS {0}"
_TURNED = "CASE WHEN k = 0 THEN {0} ELSE reverse({0}) END AS {0}"
_CONTENT = "xor(content, k * 1234567891234567) AS content"

_LAKE = {
    "ledger": [_ID.format("item_id"), _ID.format("article_id"), _HASH.format("content_hash")],
    "signatures": [_HASH.format("content_hash"), _CONTENT],
    # in the low bits: the order of hashes, by which the files are sorted, stays as it was
    "shingles": [_CONTENT, "xor(hash, k * 7919) AS hash"],
}
_PUBLISHED = {
    "sightings": [_ID.format("article_id")],
    "ledger": _LAKE["ledger"],
    "cuts": [_ID.format("article_id"), _ID.format("item_id"), _HASH.format("content_hash")],
    "revisions": [
        *(_ID.format(name) for name in ("article_id", "item_id", "stored_as")),
        _HASH.format("content_hash"),
        *(_TURNED.format(name) for name in ("text", "markdown")),
    ],
}
_MONTHS = 12
"""Parts in which the wide rows are sorted, by month of publication: some 300 MB each."""


def grow(source: Path, target: Path, times: int) -> None:
    """Make a home ``times`` as large."""
    shutil.copytree(source / "lake", target / "lake")
    tables = Lake.open(target / "lake").tables
    (target / "serving").mkdir()
    current = (source / "serving" / "current.duckdb").resolve()
    path = target / "serving" / current.name
    shutil.copyfile(current, path)
    with duckdb.connect(str(path), config={"memory_limit": "3GB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        for name, replaced in _LAKE.items():
            rows = connection.sql(
                f"SELECT * EXCLUDE (k) REPLACE ({', '.join(replaced)})"
                f" FROM read_parquet({literals(tables.files(name))}, union_by_name = true),"
                f" range(1, {times}) t(k) WHERE run_id = 'r0-load'"
            )
            write_deltalake(
                str(target / "lake" / "tables" / name),
                rows.to_arrow_reader(100_000),
                mode="append",
                writer_properties=writer_properties(name),
            )
        connection.execute(f"ATTACH '{current}' AS src (READ_ONLY)")
        _grow_published(connection, times)
        connection.execute("CHECKPOINT")
    sidecar = json.loads(current.with_suffix(".json").read_text())
    sidecar |= {"base": None, "root": sidecar["version"], "dense": None, "written": []}
    path.with_suffix(".json").write_text(json.dumps(sidecar))
    (target / "serving" / "current.duckdb").symlink_to(path.name)


def _grow_published(connection: duckdb.DuckDBPyConnection, times: int) -> None:
    for name, replaced in _PUBLISHED.items():
        connection.execute(f"DELETE FROM {name}")
        # of articles put in again, the current state and its first sight
        again = {"revisions": "is_current", "ledger": "run_id = 'r0-load'"}.get(name, "true")
        wide = name == "revisions"
        for month in range(1, _MONTHS + 1) if wide else (0,):
            part = f"month(published_at) = {month}" if wide else "true"
            order = {"revisions": "ORDER BY published_at", "cuts": "ORDER BY article_id"}
            connection.execute(
                f"INSERT INTO {name} SELECT * EXCLUDE (k) REPLACE ({', '.join(replaced)})"
                f" FROM src.{name}, range({times}) t(k) WHERE (k = 0 OR {again}) AND {part}"
                f" {order.get(name, '')}"
            )
    for name in ("documents", "postings"):
        id_ = f", {_ID.format('article_id')}" if name == "documents" else ""
        connection.execute(
            f"INSERT INTO search_index.{name}"
            f" SELECT * EXCLUDE (k, docs) REPLACE (doc + k * docs AS doc{id_})"
            f" FROM src.search_index.{name}, range(1, {times}) t(k),"
            " (SELECT max(doc) AS docs FROM src.search_index.postings)"
        )


def first_changes(articles: int, day: int) -> list[tuple[int, int]]:
    """Make a run's items, without those that an earlier run changed."""
    before = {
        number for past in range(1, day) for number, version in changes(articles, past) if version
    }
    return [
        (number, version)
        for number, version in changes(articles, day)
        if version or number not in before
    ]


def measure(home: Path, articles: int) -> Figures:
    """Two runs, each published: the first in a copy, the second in the spare."""
    figures = Figures()
    lake = Lake.open(home / "lake")
    for day in (RUNS + 1, RUNS + 2):
        run(lake, f"r{day}-changes", first_changes(articles, day), day, figures, "run of 5,000")
        spare = Serving(home).spare.size() > 0
        how = f"publish {'in the spare' if spare else 'in a copy'}"
        with (figures.stepped if spare else figures.timed)(how):
            publish(home, lake=lake, comparison=COPIES, keep=1)
    with connect(home) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM articles").fetchall()
        figures.note("articles", count)
        ask(connection, QUERIES, figures, "query")
    return figures


def main() -> None:
    """Grow, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 4, 10])
    parser.add_argument("--into", type=Path, required=True, help="Folder for what is made.")
    arguments = parser.parse_args()
    for times in arguments.times:
        home = arguments.into / str(times)
        if not home.exists():
            grow(arguments.home, home, times)
        sys.stderr.write(f"{times} times:\n")
        measure(home, arguments.articles)


if __name__ == "__main__":
    main()
