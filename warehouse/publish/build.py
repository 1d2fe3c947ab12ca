"""Building a version: the tables of the published file, brought up to what the lake holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from copydesk.schemas.published import PUBLISHED
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.publish.duplicates import remember
from copydesk.warehouse.publish.schema import layout_hash, metadata_columns, text_columns
from copydesk.warehouse.publish.versions import Contents
from copydesk.warehouse.storage.duckdb_views import Cut, make_macros, statements

if TYPE_CHECKING:
    import duckdb

_FROM_LAKE = ("observations", "cuts", "ledger", "rejects")

_DELETE_CUTS = """
DELETE FROM cuts WHERE (article_id, content_hash, cleaner_version, run_id) IN (
    SELECT (article_id, content_hash, cleaner_version, run_id) FROM cuts_gone)"""


def bring_up(connection: duckdb.DuckDBPyConnection, cut: Cut) -> None:
    """Take the runs that the tables lack, and work out anew what those touch.

    The tables may be empty: then everything is worked out, by the same statements.
    """
    make_macros(connection)
    lacking = _column(
        connection,
        "SELECT run_id FROM committed WHERE run_id NOT IN (SELECT run_id FROM runs) ORDER BY 1",
    )
    for name in _FROM_LAKE:
        cut.view(name, runs=lacking)
    cut.view("forgotten", everything=True)
    connection.execute("BEGIN")
    connection.execute(statements("publish/publish_take"))
    checkpoint("publish:take")
    connection.execute(statements("publish/publish_revisions"))
    checkpoint("publish:revisions")
    find = statements("publish/publish_find").replace("{metadata}", metadata_columns())
    connection.execute(find)
    if _column(connection, "SELECT article_id FROM lacking LIMIT 1"):
        # a state that the version had dropped counts again: its text is in an older run
        cut.view("observations")
        connection.execute(find)
    if _column(connection, "SELECT article_id FROM lacking_cuts LIMIT 1"):
        cut.view("cuts")
    remember(connection)
    write = statements("publish/publish_write").replace("{texts}", text_columns())
    connection.execute(write)
    if _column(connection, "SELECT article_id FROM cuts_gone LIMIT 1"):
        connection.execute(_DELETE_CUTS)
    connection.execute("COMMIT")
    checkpoint("publish:write")


def finish(
    connection: duckdb.DuckDBPyConnection,
    *,
    version: int,
    base: int | None,
    lake: str,
    compared: str | None,
    now: datetime,
) -> Contents:
    """Write the version's own row and close what is in memory; gives what it holds."""
    connection.execute("DELETE FROM publication")
    connection.execute(
        "INSERT INTO publication VALUES (?, ?, ?, ?, ?)", [version, now, base, layout_hash(), lake]
    )
    counts = {name: _number(connection, f'SELECT count(*) FROM "{name}"') for name in PUBLISHED}  # noqa: S608
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
    found = connection.execute(sql).fetchone()
    return found[0] if found else None
