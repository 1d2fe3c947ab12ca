"""Orders a run's sightings of one article by the request, not by the time of parallel reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from copydesk.warehouse.storage.duckdb_views import literals, statements

if TYPE_CHECKING:
    import duckdb

_TIMED: Final = """
    CREATE OR REPLACE TEMP VIEW staged_{table} AS
    SELECT r.* REPLACE (coalesce(m.observed_at, r.observed_at) AS observed_at)
    FROM unordered_{table} r LEFT JOIN moments m USING (batch, item_id)
"""
_TABLES: Final = ("observations", "ledger")


def order_by_request(
    connection: duckdb.DuckDBPyConnection, ledger_files: Sequence[str], started_at: datetime | None
) -> None:
    """Exchange the times at which documents of one article were read, in the views of a run's rows.

    Needs the views ``unordered_*`` and replaces ``staged_*``. ``ledger_files`` are the staged files
    of the ledger, whose rows are in the order of the request. Without ``started_at``, nothing is
    done.
    """
    if started_at is None or not ledger_files:
        return
    connection.execute(
        "CREATE TEMP VIEW placed AS SELECT batch, item_id, article_id, observed_at, "  # noqa: S608
        f"file_row_number AS place FROM read_parquet({literals(ledger_files)}, "
        "union_by_name = true, file_row_number = true)"
    )
    started = started_at.astimezone(UTC)
    connection.execute(statements("runs/seal_order"), {"started_at": started})
    if connection.execute("SELECT 1 FROM moments LIMIT 1").fetchone() is not None:
        for table in _TABLES:
            connection.execute(_TIMED.format(table=table))
