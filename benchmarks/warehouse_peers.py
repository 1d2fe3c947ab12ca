"""What other stores take for the same articles and runs: for ``benchmarks.warehouse``.

All hold current rows alone: no history, no ledger, no cuts, no raw bytes, no copies, no index of
words. A plain DuckDB file locks its readers out while a run is merged. Delta Lake (by delta-rs)
and Iceberg write every file anew in which a changed row lies. (pyiceberg, its catalog in SQLite:
``pip install --target DIR "pyiceberg[sql-sqlite]"``, ``PYTHONPATH=DIR``; left out where it is not
there.)
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from benchmarks.made_articles import (
    QUERIES,
    RUNS,
    START,
    Figures,
    ask,
    batch_frames,
    changes,
    megabytes,
    parts,
    words,
)
from copydesk.warehouse.storage.duckdb_views import literals

COLUMNS = ("article_id", "url", "site", "title", "text", "markdown", "published_at", "content_hash")

CURRENT = {name: sql for name, sql in QUERIES.items() if "FROM articles" in sql}
"""The queries that a store without history and ledger can answer."""

AN_APPEND = 20_000
"""Articles an append to a lake format: about 60 MB a file."""

SCHEMA = pa.schema(
    [(name, pa.string()) for name in COLUMNS if name != "published_at"]
    + [(name, pa.timestamp("us", "UTC")) for name in ("published_at", "last_seen_at")]
)


def measure_plain(folder: Path, articles: int) -> Figures:
    """Do the same with MERGE into a plain DuckDB file: current rows alone."""
    figures = Figures()
    lexicon = words()
    path = folder / "plain.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute(
        "CREATE TABLE articles (article_id VARCHAR PRIMARY KEY, url VARCHAR, site VARCHAR,"
        " title VARCHAR, text VARCHAR, markdown VARCHAR, published_at TIMESTAMPTZ,"
        " content_hash VARCHAR, last_seen_at TIMESTAMPTZ)"
    )

    def merge(items: Sequence[tuple[int, int]], day: int, name: str) -> None:
        at = START + timedelta(days=day)
        for batch, part in enumerate(parts(items)):
            observations = batch_frames("plain", batch, part, at, lexicon).observations
            rows = observations.reset_index(drop=True)
            merging = (
                f"MERGE INTO articles USING (SELECT {', '.join(COLUMNS)},"
                " observed_at AS last_seen_at FROM rows) new USING (article_id)"
                " WHEN MATCHED AND articles.content_hash = new.content_hash"
                " THEN UPDATE SET last_seen_at = new.last_seen_at"
                " WHEN MATCHED THEN UPDATE SET title = new.title, text = new.text,"
                " markdown = new.markdown, content_hash = new.content_hash,"
                " last_seen_at = new.last_seen_at"
                " WHEN NOT MATCHED THEN INSERT BY NAME"
            )
            with figures.timed(name):
                connection.execute(merging)
            del rows
        with figures.timed(name):
            connection.execute("CHECKPOINT")

    merge([(number, 0) for number in range(articles)], 0, "plain MERGE: load")
    for day in range(1, RUNS + 1):
        merge(changes(articles, day), day, f"plain MERGE: run {day} of 5,000")
    ask(connection, CURRENT, figures, "plain MERGE")
    connection.close()
    figures.note("MB plain file", path.stat().st_size / 1e6)
    return figures


def measure_delta(folder: Path, articles: int) -> Figures:
    """Do the same with appends and MERGE into a Delta Lake table, by delta-rs."""
    figures = Figures()
    lexicon = words()
    table_path = str(folder / "delta")
    for part in loads(articles, lexicon):
        with figures.timed("delta: load"):
            write_deltalake(table_path, part, mode="append")
    for day in range(1, RUNS + 1):
        part = rows(changes(articles, day), day, lexicon)
        with figures.timed(f"delta MERGE: run {day} of 5,000"):
            merging = DeltaTable(table_path).merge(
                part,
                predicate="old.article_id = new.article_id",
                source_alias="new",
                target_alias="old",
            )
            merging.when_matched_update_all().when_not_matched_insert_all().execute()
    with duckdb.connect() as connection:
        files = literals(DeltaTable(table_path).file_uris())
        connection.execute(f"CREATE VIEW articles AS FROM read_parquet({files})")
        ask(connection, CURRENT, figures, "delta through DuckDB")
    figures.note("MB delta, the versions before too", megabytes(folder / "delta"))
    return figures


def measure_iceberg(folder: Path, articles: int) -> Figures:
    """Do the same with appends and upserts into an Iceberg table."""
    figures = Figures()
    if importlib.util.find_spec("pyiceberg") is None:
        sys.stderr.write("pyiceberg is not installed: left out\n")
        return figures
    from pyiceberg.catalog.sql import SqlCatalog

    lexicon = words()
    table_folder = folder / "iceberg"
    table_folder.mkdir(parents=True)
    catalog = SqlCatalog(
        "bench", uri=f"sqlite:///{table_folder}/catalog.db", warehouse=f"file://{table_folder}"
    )
    catalog.create_namespace("news")
    table = catalog.create_table("news.articles", schema=SCHEMA)
    for part in loads(articles, lexicon):
        with figures.timed("iceberg: load"):
            table.append(part)
    for day in range(1, RUNS + 1):
        part = rows(changes(articles, day), day, lexicon)
        with figures.timed(f"iceberg upsert: run {day} of 5,000"):
            table.upsert(part, join_cols=["article_id"])
    files = [task.file.file_path for task in table.scan().plan_files()]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW articles AS FROM read_parquet({literals(files)})")
        ask(connection, CURRENT, figures, "iceberg through DuckDB")
    figures.note("MB iceberg, the versions before too", megabytes(table_folder))
    return figures


def rows(items: Sequence[tuple[int, int]], day: int, lexicon: Sequence[str]) -> pa.Table:
    """Make the current rows of (number, version) of articles."""
    observations = batch_frames("peer", 0, items, START + timedelta(days=day), lexicon).observations
    observations = observations.assign(last_seen_at=observations["observed_at"])
    return pa.Table.from_pandas(observations[SCHEMA.names], schema=SCHEMA, preserve_index=False)


def loads(articles: int, lexicon: Sequence[str]) -> Iterator[pa.Table]:
    """Make the first rows, an append at a time."""
    for start in range(0, articles, AN_APPEND):
        last = min(start + AN_APPEND, articles)
        yield rows([(number, 0) for number in range(start, last)], 0, lexicon)


PEERS = (measure_plain, measure_delta, measure_iceberg)
