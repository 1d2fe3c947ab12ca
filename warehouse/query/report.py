"""Gathers the report's data from the published tables.

One query for each subject (``sql/report``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import duckdb

from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.storage.duckdb_views import statements

Rows = Sequence[Mapping[str, Any]]

SUBJECTS: Final = (
    *("publication", "headline", "days", "sources", "recent", "funnel", "funnel_articles"),
    *(
        "rejects",
        "copies",
        "clusters",
        "pairs",
        "outlets",
        "changes",
        "headlines",
        "languages",
        "lengths",
    ),
    *("cuts", "rules", "runs", "run_days"),
)
"""Names of the queries and of their SQL files."""


def gather(
    connection: duckdb.DuckDBPyConnection,
    *,
    now: datetime,
    since: datetime | None = None,
    sources: Sequence[str] = (),
) -> dict[str, Rows]:
    """Run all queries of the report and return their rows by subject.

    Args:
        connection: from ``warehouse.connect``; temporary tables are created in it.
        now: the time of the report.
        since: leaves out earlier observations.
        sources: limits the report to these sources.

    Raises:
        WarehouseError: a source does not exist, or the tables are of another release.
    """
    selected = list(dict.fromkeys(sources)) or None
    if selected is not None:
        existing = [name for (name,) in connection.execute("SELECT source FROM sources").fetchall()]
        if unknown := [name for name in selected if name not in existing]:
            names = ", ".join(existing) or "none"
            raise WarehouseError(f"there is no source {', '.join(unknown)}; known are {names}")
    try:
        connection.execute(
            statements("query/report/scope"), {"now": now, "since": since, "sources": selected}
        )
        connection.execute(statements("query/report/chosen"))
        return {name: _rows(connection, statements(f"query/report/{name}")) for name in SUBJECTS}
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise WarehouseError(
            f"these tables are from another release; copydesk publish rebuilds them ({error})"
        ) from error
    except duckdb.Error as error:
        raise WarehouseError(f"cannot gather the report: {error}") from error


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    result = connection.execute(sql)
    names = [str(column[0]) for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
