"""Builds a version: brings the published tables up to date with the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from copydesk.schemas.schema_version import SCHEMA_VERSION
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.publish.change_log import record_state_before
from copydesk.warehouse.publish.duplicates import record_copies_before
from copydesk.warehouse.publish.markdown_patches import patch_function
from copydesk.warehouse.publish.schema import (
    TABLES,
    layout_hash,
    metadata_columns,
    text_columns,
)
from copydesk.warehouse.publish.versions import Contents
from copydesk.warehouse.storage.duckdb_views import Snapshot, make_macros, statements

if TYPE_CHECKING:
    import duckdb

_FROM_LAKE = ("observations", "cuts", "ledger", "rejects")

_DELETE_CUTS = """
DELETE FROM compact.cut_lists WHERE (article_id, content_hash, cleaner_version, run_id) IN (
    SELECT (article_id, content_hash, cleaner_version, run_id) FROM cuts_gone)"""


def take_runs(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> dict[str, int]:
    """Add the runs that the tables lack; return the number of items of each.

    Empty tables are filled by the same statements.
    """
    make_macros(connection)
    lacking = _column(
        connection,
        "SELECT run_id FROM committed WHERE run_id NOT IN (SELECT run_id FROM runs) ORDER BY 1",
    )
    for name in _FROM_LAKE:
        snapshot.view(name, runs=lacking)
    snapshot.view("forgotten", everything=True)
    connection.execute("BEGIN")
    connection.execute(statements("publish/publish_take"))
    connection.execute("COMMIT")
    checkpoint("publish:take")
    return dict(connection.execute("SELECT run_id, items FROM new_runs").fetchall())


def write_revisions(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Recompute the articles that the new runs touch, and write those that changed."""
    connection.execute("BEGIN")
    connection.execute(statements("publish/publish_revisions"))
    checkpoint("publish:revisions")
    find = statements("publish/publish_find").replace("{metadata}", metadata_columns())
    connection.execute(find)
    if _column(connection, "SELECT article_id FROM lacking LIMIT 1"):
        # an article's earlier state counts again, and its text is in an older run
        snapshot.view("observations")
        connection.execute(find)
    if _column(connection, "SELECT article_id FROM lacking_cuts LIMIT 1"):
        snapshot.view("cuts")
    record_copies_before(connection)
    record_state_before(connection)
    write = statements("publish/publish_write").replace("{texts}", text_columns())
    write = write.replace("{lake_texts}", text_columns(patch_function(connection)))
    connection.execute(write)
    connection.execute("COMMIT")
    checkpoint("publish:write")


def write_cuts(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the cuts of the articles that changed, the sightings and the sources."""
    connection.execute("BEGIN")
    connection.execute(statements("publish/publish_cuts"))
    if _column(connection, "SELECT article_id FROM cuts_gone LIMIT 1"):
        connection.execute(_DELETE_CUTS)
    connection.execute("COMMIT")
    checkpoint("publish:cuts")


def finish(
    connection: duckdb.DuckDBPyConnection,
    *,
    version: int,
    base: int | None,
    lake: str,
    compared: str | None,
    now: datetime,
) -> Contents:
    """Write the version's row in ``publication`` and checkpoint the file; returns its contents."""
    connection.execute("DELETE FROM publication")
    connection.execute(
        "INSERT INTO publication VALUES (?, ?, ?, ?, ?, ?)",
        [version, now, base, layout_hash(), lake, SCHEMA_VERSION],
    )
    counts = {name: _number(connection, f'SELECT count(*) FROM "{name}"') for name in TABLES}  # noqa: S608
    counts["revisions"] = _number(connection, "SELECT count(*) FROM compact.revision_rows")
    counts["cuts"] = _number(connection, "SELECT coalesce(sum(number), 0) FROM compact.cut_lists")
    counts["articles"] = counts["sightings"]
    contents = Contents(
        version=version,
        layout=layout_hash(),
        lake=lake,
        counted=tuple(_column(connection, "SELECT run_id FROM runs WHERE counted ORDER BY 1")),
        others=tuple(_column(connection, "SELECT run_id FROM runs WHERE NOT counted ORDER BY 1")),
        seen_until=_number(connection, "SELECT max(observed_at) FROM ledger"),
        counts=counts,
        compared=compared,
    )
    connection.execute("CHECKPOINT")
    checkpoint("publish:checkpoint")
    return contents


def _column(connection: duckdb.DuckDBPyConnection, sql: str) -> Sequence[str]:
    return [value for (value,) in connection.execute(sql).fetchall()]


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None
