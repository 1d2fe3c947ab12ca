"""What changed in the published tables since a version or a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from copydesk.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    import duckdb

_ROWS_AT_ONCE: Final = 1000

Since = int | str | datetime
"""A version, or a moment; a moment without a zone is in UTC. Text may be either."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes in the order of versions, as dictionaries by column of ``changes_since``.

    ``cursor`` is the version that they lead to: what to ask with next time. ``rows`` are read from
    the connection while they are iterated over, and only once.
    """

    cursor: int
    published_at: datetime
    rows: Iterator[dict[str, Any]]


def changes_since(
    connection: duckdb.DuckDBPyConnection, since: Since, *, newest: int | None = None
) -> Changes:
    """Select the changes after a version or a moment; the same call gives the same again.

    Args:
        connection: one to a published version.
        since: a version, or a moment.
        newest: the highest version that was ever published; by default the connection's.

    Raises:
        WarehouseError: ``since`` is neither, is a version that was never published, or lies before
            the changes that are recorded.
    """
    cursor, published_at = _one_row(connection, "SELECT version, published_at FROM publication")
    position = _position(since)
    if isinstance(position, int) and position > max(cursor, newest or 0):
        raise WarehouseError(
            f"version {position} was never published here: the newest is {max(cursor, newest or 0)}"
        )
    began = _one_row(
        connection,
        "SELECT max(version), max(published_at) FROM changes WHERE kind = 'began'",
    )
    first = began[1] if isinstance(position, datetime) else began[0]
    if first is not None and position < first:
        raise WarehouseError(
            f"changes are recorded since version {began[0]}: read the tables, then ask for the"
            f" changes since version {cursor}"
        )
    # text, as a moment's zone may be no IANA name, which DuckDB's conversion needs
    value = position.isoformat() if isinstance(position, datetime) else position
    result = connection.execute("FROM changes_since(?)", [value])
    return Changes(cursor, published_at, _dictionaries(result))


def count_changes(
    connection: duckdb.DuckDBPyConnection, since: Since, *, newest: int | None = None
) -> tuple[Changes, Mapping[str, int]]:
    """Count the changes by kind; the rows of the ``Changes`` are used up then."""
    changes = changes_since(connection, since, newest=newest)
    return changes, Counter(row["kind"] for row in changes.rows)


def _position(since: Since) -> int | datetime:
    if isinstance(since, str):
        if since.isascii() and since.isdigit() and len(since) < 19:
            since = int(since)
        else:
            try:
                since = datetime.fromisoformat(since)
            except ValueError as error:
                raise WarehouseError(
                    f"{since!r} is neither a version nor a time such as 2026-11-30T08:00:00Z"
                ) from error
    if isinstance(since, datetime):
        return since if since.tzinfo else since.replace(tzinfo=UTC)
    if since < 0:
        raise WarehouseError(f"{since} is not a version: versions count from 1, and 0 gives all")
    return since


def _dictionaries(result: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in result.description or ()]
    while batch := result.fetchmany(_ROWS_AT_ONCE):
        for row in batch:
            yield dict(zip(names, row, strict=True))


def _one_row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    (row,) = connection.execute(sql).fetchall()
    return tuple(row)
