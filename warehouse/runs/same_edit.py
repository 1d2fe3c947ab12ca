"""Pages whose post was not edited: what changed around it is no revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb

_ANY: Final = "SELECT 1 FROM run_ledger WHERE how['generator'] = 'wordpress' LIMIT 1"
_WITHOUT: Final = """
    CREATE OR REPLACE TEMP VIEW run_{table} AS
    FROM apart_{table} ANTI JOIN as_before USING (item_id)
"""
_LEDGER: Final = """
    CREATE OR REPLACE TEMP VIEW run_ledger AS
    SELECT l.* REPLACE (coalesce(b.before, l.content_hash) AS content_hash)
    FROM apart_ledger l LEFT JOIN as_before b USING (item_id)
"""


def keep_previous_texts(connection: duckdb.DuckDBPyConnection) -> int:
    """Keep the stored text of posts that their site did not edit since the last reading.

    Needs the views ``apart_*``, ``run_*`` and ``lake_*``; returns the number of such readings.
    """
    if not connection.execute(_ANY).fetchone():
        return 0
    connection.execute(f"CREATE TEMP TABLE as_before AS {statements('runs/seal_as_before')}")
    row = connection.execute("SELECT count(*) FROM as_before").fetchone()
    count = int(row[0]) if row else 0
    if count:
        connection.execute(_LEDGER)
        for table in ("observations", "cuts"):
            connection.execute(_WITHOUT.format(table=table))
    return count
