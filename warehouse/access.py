"""Reading the published tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import PublishError

if TYPE_CHECKING:
    import duckdb


def connect(
    home: str | Path = "copydesk-data",
    *,
    memory_limit: str = "2GB",
    threads: int | None = None,
    seconds: float | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open the version that is current now: read-only, without files or network.

    The connection keeps that version; connect again to see a newer one. ``seconds`` limits each
    statement. PublishError when nothing is published.
    """
    import duckdb

    link = Path(home) / "serving" / "current.duckdb"
    try:
        # resolved first: DuckDB gives a path that is open in this process its old database again
        path = link.resolve(strict=True)
    except OSError:
        raise PublishError(f"nothing is published in {home}: {link} is not there") from None
    config: dict[str, Any] = {"memory_limit": memory_limit}
    if threads is not None:
        config["threads"] = threads
    try:
        connection = duckdb.connect(str(path), read_only=True, config=config)
    except duckdb.Error as error:
        raise PublishError(f"cannot open {path}: {error}") from error
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    if seconds is not None:
        connection.execute(f"SET max_execution_time = {int(seconds * 1000)}")
    connection.execute("SET lock_configuration = true")
    return connection
