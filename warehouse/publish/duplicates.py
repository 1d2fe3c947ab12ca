"""Copies and changes of revisions, recomputed for the articles that a version's runs touched.

The rules come from outside (``Comparison``). New texts are compared with all texts of the lake
through an index of their signatures; then the originals of every group with added, lost or moved
members are assigned again. Pairs stay in the version, so that the cost grows with what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from copydesk.schemas.published import DUPLICATE_HISTORY
from copydesk.schemas.tables import TABLES
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.publish.signature_index import SignatureIndex
from copydesk.warehouse.storage.duckdb_views import listed, select, statements

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.delta_tables import Tables

_TEXTS_AT_ONCE: Final = 256
"""Revisions in memory at a time, each with its predecessor: some megabytes of text."""

_CLOSEST: Final = 0.9
"""Jaccard similarity from which texts may differ in a byline alone."""


class PairSet(Protocol):
    """Result of a comparison: pairs, and stored contents whose pairs must be weighed again."""

    @property
    def edges(self) -> pa.Table:
        """Pairs, with the columns of ``duplicate_edges``."""

    @property
    def crowded(self) -> pa.Table:
        """Contents (``content_hash``) and the shingle hashes that no longer count for them."""


class Comparison(Protocol):
    """The rules that decide which texts are copies, as in ``copydesk.tasks.dedup.rules``."""

    @property
    def version(self) -> str:
        """Version of the rules; a published version made by others is compared again completely."""

    @property
    def signing(self) -> int:
        """Version of the signatures that the rules compare."""

    def find(self, connection: duckdb.DuckDBPyConnection) -> PairSet:
        """Compare ``fresh_shingles`` with ``known_shingles`` and each other."""

    def settle(
        self, connection: duckdb.DuckDBPyConnection, edges: pa.Table, crowded: pa.Table
    ) -> pa.Table:
        """Weigh pairs again without the hashes in ``crowded``."""

    def duplicates(self, articles: pa.Table, edges: pa.Table) -> pa.Table:
        """Return the articles that repeat another one, each with that one."""

    def same_but_byline(
        self, first: tuple[str, str, Sequence[str]], second: tuple[str, str, Sequence[str]]
    ) -> bool:
        """Return whether two articles (title, text, authors) differ in a byline at most."""

    def change(
        self, before: tuple[str, str], after: tuple[str, str], *, reverted: bool
    ) -> tuple[str, float]:
        """Return a revision's kind of change and the share of words that changed, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The version being built: its number and time.

    ``previous`` is the current version's file when the new one is not based on it.
    ``rebuild_copies`` discards all pairs and copies in the tables. ``signed`` is the folder of the
    signature index.
    """

    version: int
    now: datetime
    previous: Path | None
    rebuild_copies: bool
    signed: Path


def record_copies_before(connection: duckdb.DuckDBPyConnection) -> None:
    """Record the touched articles' copies before their rows are replaced."""
    connection.execute(statements("publish/copies_before"))


def update_copies(
    connection: duckdb.DuckDBPyConnection,
    compared: Callable[[], Compared | None],
    comparison: Comparison | None,
    new_version: NewVersion,
) -> None:
    """Update pairs, duplicates, their history and the changes of revisions for the new runs.

    ``compared`` gives the result of ``compare``. Without a comparison only equal texts are copies.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE paired (content_hash VARCHAR)")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE edition AS"
        " SELECT CAST(? AS BIGINT) AS version, CAST(? AS TIMESTAMPTZ) AS since",
        [new_version.version, new_version.now],
    )
    if new_version.rebuild_copies:
        connection.execute("DELETE FROM duplicate_edges")
        connection.execute("UPDATE compact.revision_rows SET change = NULL, share_changed = NULL")
    if comparison is not None:
        if (found := compared()) is not None:
            _write_pairs(connection, found, comparison)
        checkpoint("publish:compare")
    connection.execute(
        statements("publish/copies_reached").replace("{anew}", str(new_version.rebuild_copies))
    )
    if new_version.previous is not None:
        _take_history(connection, new_version.previous)
    connection.register("assigned", _assigned(connection, comparison))
    connection.execute(statements("publish/copies_write"))
    connection.unregister("assigned")
    checkpoint("publish:copies")
    if comparison is not None:
        _note_changes(connection, comparison, recompute=new_version.rebuild_copies)
        checkpoint("publish:changes")


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found, and its connection, which can weigh pairs again."""

    connection: duckdb.DuckDBPyConnection
    pairs: PairSet
    contents: pa.Table


def compare(
    connection: duckdb.DuckDBPyConnection,
    tables: Tables,
    comparison: Comparison,
    new_version: NewVersion,
    runs: Sequence[str],
    fresh: Sequence[str],
) -> Compared | None:
    """Find the pairs of the ``fresh`` runs' contents; None where no text is long enough to compare.

    ``runs`` are all committed ones. ``connection`` has temporary tables of its own. The comparison
    writes nothing to the version, and may run while it is made or another connection writes.
    """
    signed = SignatureIndex(new_version.signed)
    for name in ("shingles", "signatures"):
        rows = select(TABLES[name], tables.files(name))
        connection.execute(
            f"CREATE TEMP VIEW lake_{name} AS SELECT * FROM ({rows})"  # noqa: S608
            f" WHERE signing = {comparison.signing} AND run_id IN ({listed(runs)})"
        )
    if new_version.rebuild_copies:
        signed.drop()
        connection.execute(statements("publish/copies_all"))
    else:
        signed.update(connection, runs)
        signed.find(connection, fresh)
    if not connection.execute("FROM fresh_shingles LIMIT 1").fetchall():
        return None
    pairs = comparison.find(connection)
    contents = connection.sql(
        f"SELECT DISTINCT content_hash FROM signatures WHERE run_id IN ({listed(fresh)})"  # noqa: S608
    ).to_arrow_table()
    if new_version.rebuild_copies:
        signed.update(connection, runs)
    return Compared(connection, pairs, contents)


def _write_pairs(
    connection: duckdb.DuckDBPyConnection, compared: Compared, comparison: Comparison
) -> None:
    """Insert the pairs that were found, in place of those of the same contents."""
    if len(compared.pairs.crowded):
        _settle(connection, compared.connection, comparison, compared.pairs.crowded)
    for name, table in (("found", compared.pairs.edges), ("fresh_contents", compared.contents)):
        connection.register(name, table)
    connection.execute(statements("publish/copies_found"))
    for name in ("found", "fresh_contents"):
        connection.unregister(name)


def _settle(
    connection: duckdb.DuckDBPyConnection,
    comparing: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    crowded: pa.Table,
) -> None:
    """Weigh again pairs of contents that share a phrase which has become too common to count."""
    connection.register("crowded", crowded)
    connection.execute(statements("publish/copies_crowded"))
    connection.unregister("crowded")
    doubtful = connection.sql("FROM doubtful").to_arrow_table()
    if len(doubtful):
        settled = comparison.settle(comparing, doubtful, crowded)
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
    return _with_exact(connection, comparison.duplicates(articles, edges), comparison)


def _with_exact(
    connection: duckdb.DuckDBPyConnection, assigned: pa.Table, comparison: Comparison
) -> pa.Table:
    """Return the assignment with near copies that differ in a byline alone as exact ones."""
    connection.register("assigned", assigned)
    pairs = connection.execute(statements("publish/copies_closest"), {"least": _CLOSEST})
    exact: list[str] = []
    while batch := pairs.fetchmany(_TEXTS_AT_ONCE):
        exact += [
            article for article, *fields in batch
            if comparison.same_but_byline(_story(fields[:3]), _story(fields[3:]))
        ]  # fmt: skip
    connection.unregister("assigned")
    if not exact:
        return assigned
    is_exact = pc.is_in(assigned["article_id"], pa.array(exact, pa.string()))
    at = assigned.schema.get_field_index("relation")
    relation = pc.if_else(is_exact, "exact", assigned["relation"])
    return assigned.set_column(at, assigned.schema.field(at), relation)


def _story(fields: Sequence[Any]) -> tuple[str, str, Sequence[str]]:
    title, text, authors = fields
    return title, text, authors or ()


def _take_history(connection: duckdb.DuckDBPyConnection, previous: Path) -> None:
    """Copy the duplicate history from the previous version; the lake does not have it."""
    quoted = str(previous).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS previous (READ_ONLY)")
    try:
        columns = connection.execute(
            "SELECT list(column_name ORDER BY column_index) FROM duckdb_columns()"
            " WHERE database_name = 'previous' AND table_name = ?",
            [DUPLICATE_HISTORY.name],
        ).fetchone()
        if columns is not None and columns[0] == list(DUPLICATE_HISTORY.names):
            connection.execute(statements("publish/copies_history"))
    finally:
        connection.execute("DETACH previous")


def _note_changes(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, *, recompute: bool
) -> None:
    """Compute what each new revision changed."""
    # reading every article's revisions would grow with the store
    candidates = (
        "SELECT rowid FROM compact.revision_rows" if recompute else "SELECT place FROM standing"
    )
    connection.execute(statements("publish/changes_find").replace("{asked}", candidates))
    rows: list[dict[str, Any]] = []
    texts = connection.execute(statements("publish/changes_asked"))
    while batch := texts.fetchmany(_TEXTS_AT_ONCE):
        rows.extend(_changes(batch, comparison))
    if rows:
        connection.register("told", pa.Table.from_pylist(rows))
        connection.execute(statements("publish/changes_write"))
        connection.unregister("told")


def _changes(texts: Sequence[tuple[Any, ...]], comparison: Comparison) -> list[dict[str, Any]]:
    rows = []
    for row_number, reverted, title_before, text_before, title, text in texts:
        kind, share = comparison.change(
            (title_before, text_before), (title, text), reverted=reverted
        )
        rows.append({"place": row_number, "change": kind, "share_changed": share})
    return rows
