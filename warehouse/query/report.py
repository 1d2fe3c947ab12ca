"""What the report shows, asked of the published tables: one query a subject (``sql/report``)."""

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
    *("rejects", "copies", "clusters", "pairs", "changes", "headlines", "languages", "lengths"),
    *("cuts", "rules", "runs", "run_days"),
)
"""The queries, each a file of its name."""


def gather(
    connection: duckdb.DuckDBPyConnection,
    *,
    now: datetime,
    since: datetime | None = None,
    sources: Sequence[str] = (),
) -> dict[str, Rows]:
    """Ask everything that a report shows; rows by subject.

    ``since`` leaves out what was observed before it, ``sources`` every other source. The
    connection comes from ``warehouse.connect``; temporary tables are made in it. WarehouseError
    names a source that is not there.
    """
    named = list(dict.fromkeys(sources)) or None
    if named is not None:
        known = [name for (name,) in connection.execute("SELECT source FROM sources").fetchall()]
        if unknown := [name for name in named if name not in known]:
            raise WarehouseError(
                f"there is no source {', '.join(unknown)}; known are {', '.join(known) or 'none'}"
            )
    try:
        connection.execute(
            statements("query/report/scope"), {"now": now, "since": since, "sources": named}
        )
        connection.execute(statements("query/report/chosen"))
        return {name: _rows(connection, statements(f"query/report/{name}")) for name in SUBJECTS}
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise WarehouseError(
            f"these tables are of another release; copydesk publish makes them anew ({error})"
        ) from error
    except duckdb.Error as error:
        raise WarehouseError(f"cannot gather the report: {error}") from error


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    result = connection.execute(sql)
    names = [str(column[0]) for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
