"""Records in each version what it changes, against the version that readers see until then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from copydesk.schemas.published import CHANGES
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from copydesk.warehouse.publish.duplicates import NewVersion

_COMPARED: Final = {
    "revisions": {"article_id", "revision", "is_current", "content_hash", "cleaner_version"},
    "ledger": {"item_id", "fate", "observed_at", "run_id"},
    "runs": {"run_id"},
}
"""Columns that a previous version must have to be compared with."""

_TAKE: Final = "INSERT INTO changes BY NAME FROM previous.changes ORDER BY ALL"
_BEGIN: Final = """
INSERT INTO changes BY NAME
SELECT version - 1 AS version, since AS published_at, 'began' AS kind FROM edition
WHERE version > 1"""
_UNKNOWN: Final = """
CREATE OR REPLACE TEMP TABLE log_before AS
SELECT *, row_number() OVER (PARTITION BY article_id, content_hash ORDER BY revision) AS occurrence
FROM (SELECT article_id, revision, is_current, content_hash, cleaner_version
    FROM compact.revision_rows);
CREATE OR REPLACE TEMP TABLE log_gone AS SELECT item_id, true AS gone_now FROM ledger WHERE false;
CREATE OR REPLACE TEMP TABLE log_runs AS SELECT run_id FROM runs"""
"""A version that cannot be compared with the previous one changes nothing that is known."""


def record_state_before(connection: duckdb.DuckDBPyConnection) -> None:
    """Record the state of the touched articles and items before their rows are replaced."""
    connection.execute(statements("publish/log_before"))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE log_runs AS"
        " SELECT run_id FROM runs WHERE run_id NOT IN (SELECT run_id FROM new_runs)"
    )


def log_changes(connection: duckdb.DuckDBPyConnection, new_version: NewVersion) -> None:
    """Write the new version's rows of ``changes``; its revisions and copies are up to date."""
    places = "SELECT place FROM standing"
    if new_version.previous is not None:
        _compare_with(connection, new_version.previous)
        places = "SELECT rowid FROM compact.revision_rows"
    connection.execute(statements("publish/log_write").replace("{places}", places))
    checkpoint("publish:log")


def _compare_with(connection: duckdb.DuckDBPyConnection, previous: Path) -> None:
    """Take over the previous version's log, and compare with its tables.

    Where it has no log, the log says that it begins there.
    """
    quoted = str(previous).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS previous (READ_ONLY)")
    try:
        if _columns(connection, CHANGES.name) == set(CHANGES.names):
            connection.execute(_TAKE)
        else:
            connection.execute(_BEGIN)
        comparable = all(
            _columns(connection, name) >= columns for name, columns in _COMPARED.items()
        )
        connection.execute(statements("publish/log_previous") if comparable else _UNKNOWN)
    finally:
        connection.execute("DETACH previous")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns()"
        " WHERE database_name = 'previous' AND table_name = ?",
        [table],
    ).fetchall()
    return {name for (name,) in rows}
