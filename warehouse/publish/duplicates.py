"""Copies, and what revisions changed: worked out anew where the runs of a version touched them.

The rules come from outside (``Comparison``). New texts are compared with all that the lake
holds, by a lookup of its shingles (``signed``); then the articles of every group that gained,
lost or moved a member are assigned anew. The pairs that were found stay in the version, so that
its cost grows with what is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa

from copydesk.schemas.published import DUPLICATE_HISTORY
from copydesk.schemas.tables import TABLES
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.publish.signature_index import Signed
from copydesk.warehouse.storage.duckdb_views import apart, listed, select, statements

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.delta_tables import Tables

_TEXTS_AT_ONCE: Final = 256
"""Revisions whose texts are held at a time, each with the one before: some megabytes."""


class Found(Protocol):
    """What comparing gives: pairs, and stored contents whose pairs have to be weighed again."""

    @property
    def edges(self) -> pa.Table:
        """Pairs, with the columns of ``duplicate_edges``."""

    @property
    def crowded(self) -> pa.Table:
        """Contents (``content_hash``) and the hashes that they no longer share."""


class Comparison(Protocol):
    """The rules by which texts are copies; ``copydesk.tasks.dedup.rules`` has them."""

    @property
    def version(self) -> str:
        """Name of the rules; where another one made a version, its pairs are found anew."""

    @property
    def signing(self) -> int:
        """Version of the signatures that it compares."""

    def find(self, connection: duckdb.DuckDBPyConnection) -> Found:
        """Compare ``fresh_shingles`` with ``known_shingles`` and each other."""

    def settle(
        self, connection: duckdb.DuckDBPyConnection, edges: pa.Table, crowded: pa.Table
    ) -> pa.Table:
        """Weigh pairs again without what ``crowded`` says."""

    def duplicates(self, articles: pa.Table, edges: pa.Table) -> pa.Table:
        """Name for each article the one that it repeats, if any."""

    def change(
        self, before: tuple[str, str], after: tuple[str, str], *, reverted: bool
    ) -> tuple[str, float]:
        """Give a revision's kind and the share of words that changed."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The version that is being built: its number, its time, and the file that readers see now.

    ``previous`` is that file where the version is not brought up from it. ``anew``: nothing that
    the tables hold of copies may stay. ``signed`` is the folder of the lookups of signatures.
    """

    version: int
    now: datetime
    previous: Path | None
    anew: bool
    signed: Path


def remember(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep how the touched articles stand, before their rows are replaced."""
    connection.execute(statements("publish/copies_before"))


def bring_up_copies(
    connection: duckdb.DuckDBPyConnection,
    tables: Tables,
    comparison: Comparison | None,
    edition: Edition,
) -> None:
    """Bring pairs, duplicates, their history and the revisions' changes up to the runs.

    Without a comparison only equal texts are copies.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE paired (content_hash VARCHAR)")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE edition AS"
        " SELECT CAST(? AS BIGINT) AS version, CAST(? AS TIMESTAMPTZ) AS since",
        [edition.version, edition.now],
    )
    if edition.anew:
        connection.execute("DELETE FROM duplicate_edges")
        connection.execute("UPDATE revisions SET change = NULL, share_changed = NULL")
    if comparison is not None:
        _compare(connection, tables, comparison, edition)
        checkpoint("publish:compare")
    connection.execute(statements("publish/copies_reached").replace("{anew}", str(edition.anew)))
    if edition.previous is not None:
        _take_history(connection, edition.previous)
    connection.register("assigned", _assigned(connection, comparison))
    connection.execute(statements("publish/copies_write"))
    connection.unregister("assigned")
    checkpoint("publish:copies")
    if comparison is not None:
        _note_changes(connection, comparison, anew=edition.anew)
        checkpoint("publish:changes")


def _compare(
    connection: duckdb.DuckDBPyConnection,
    tables: Tables,
    comparison: Comparison,
    edition: Edition,
) -> None:
    """Find the pairs of new runs' contents, and put them into the version."""
    runs = _runs(connection, "SELECT run_id FROM runs WHERE state = 'committed'")
    fresh = runs if edition.anew else _runs(connection, "SELECT run_id FROM new_runs")
    signed = Signed(edition.signed)
    # a connection of its own: the comparison keeps temporary tables
    with apart(connection) as other:
        for name in ("shingles", "signatures"):
            rows = select(TABLES[name], tables.files(name))
            other.execute(
                f"CREATE TEMP VIEW lake_{name} AS SELECT * FROM ({rows})"  # noqa: S608
                f" WHERE signing = {comparison.signing} AND run_id IN ({listed(runs)})"
            )
        if edition.anew:
            signed.drop()
            other.execute(statements("publish/copies_all"))
        else:
            signed.bring_up(other, runs)
            signed.find(other, fresh)
        if not other.execute("FROM fresh_shingles LIMIT 1").fetchall():
            return
        found = comparison.find(other)
        fresh_contents = other.sql(
            f"SELECT DISTINCT content_hash FROM signatures WHERE run_id IN ({listed(fresh)})"  # noqa: S608
        ).to_arrow_table()
        if len(found.crowded):
            _settle(connection, other, comparison, found.crowded)
        if edition.anew:
            signed.bring_up(other, runs)
    for name, table in (("found", found.edges), ("fresh_contents", fresh_contents)):
        connection.register(name, table)
    connection.execute(statements("publish/copies_found"))
    for name in ("found", "fresh_contents"):
        connection.unregister(name)


def _runs(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [run for (run,) in connection.execute(sql).fetchall()]


def _settle(
    connection: duckdb.DuckDBPyConnection,
    apart: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    crowded: pa.Table,
) -> None:
    """Weigh again the pairs of contents that share a phrase which no longer counts."""
    connection.register("crowded", crowded)
    connection.execute(statements("publish/copies_crowded"))
    connection.unregister("crowded")
    doubtful = connection.sql("FROM doubtful").to_arrow_table()
    if len(doubtful):
        settled = comparison.settle(apart, doubtful, crowded)
        connection.register("settled", settled)
        connection.execute(statements("publish/copies_settled"))
        connection.unregister("settled")


def _assigned(connection: duckdb.DuckDBPyConnection, comparison: Comparison | None) -> pa.Table:
    if comparison is None:
        return connection.sql(statements("publish/copies_exact")).to_arrow_table()
    articles = connection.sql("FROM grouped").to_arrow_table()
    edges = connection.sql(
        "FROM duplicate_edges WHERE content_hash_a IN (SELECT content_hash FROM grouped)"
    ).to_arrow_table()
    return comparison.duplicates(articles, edges)


def _take_history(connection: duckdb.DuckDBPyConnection, previous: Path) -> None:
    """Take over what the last version knew of who repeated whom, and when: no lake tells it."""
    quoted = str(previous).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS previous (READ_ONLY)")
    try:
        held = connection.execute(
            "SELECT list(column_name ORDER BY column_index) FROM duckdb_columns()"
            " WHERE database_name = 'previous' AND table_name = ?",
            [DUPLICATE_HISTORY.name],
        ).fetchone()
        if held is not None and held[0] == list(DUPLICATE_HISTORY.names):
            connection.execute(statements("publish/copies_history"))
    finally:
        connection.execute("DETACH previous")


def _note_changes(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, *, anew: bool
) -> None:
    """Say of each new revision what it changed."""
    # to look at every article's revisions would grow with the store
    asked = "SELECT rowid FROM revisions" if anew else "SELECT place FROM standing"
    connection.execute(statements("publish/changes_find").replace("{asked}", asked))
    rows: list[dict[str, Any]] = []
    texts = connection.execute(statements("publish/changes_asked"))
    while some := texts.fetchmany(_TEXTS_AT_ONCE):
        rows.extend(_told(some, comparison))
    if rows:
        connection.register("told", pa.Table.from_pylist(rows))
        connection.execute(statements("publish/changes_write"))
        connection.unregister("told")


def _told(texts: Sequence[tuple[Any, ...]], comparison: Comparison) -> list[dict[str, Any]]:
    rows = []
    for place, reverted, title_before, text_before, title, text in texts:
        kind, share = comparison.change(
            (title_before, text_before), (title, text), reverted=reverted
        )
        rows.append({"place": place, "change": kind, "share_changed": share})
    return rows
