"""Reading the published tables."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from warehouse.errors import PublishError

if TYPE_CHECKING:
    import duckdb

_TEMPORARY_SIZE: Final = "10GB"
"""Room for what a statement does not fit in memory; more than the largest store that we tried."""


def connect(
    home: str | Path = "copydesk-data",
    *,
    memory_limit: str = "2GB",
    threads: int | None = None,
    seconds: float | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open the version that is current now: read-only, without files or network.

    The connection keeps that version; connect again (or use ``Reader``) to see a newer one.
    ``seconds`` limits each statement. Tables of one's own may be made in memory (``CREATE TEMP
    TABLE``). PublishError when nothing is published.
    """
    path = current_file(home)
    try:
        return _open(path, memory_limit, threads, seconds)
    except PublishError:
        newer = current_file(home)
        if newer == path:
            raise
        return _open(newer, memory_limit, threads, seconds)  # the first was deleted meanwhile


def current_file(home: str | Path) -> Path:
    """Find the file of the version that is current now; PublishError when there is none."""
    link = Path(home) / "serving" / "current.duckdb"
    try:
        return link.resolve(strict=True)
    except OSError:
        raise PublishError(f"nothing is published in {home}: {link} is not there") from None


class Reader:
    """The published tables, version by version, for a program that stays.

    ``connection`` is a connection to the version that was current when it was opened;
    ``refresh`` moves on to the newest.
    """

    def __init__(self, home: str | Path = "copydesk-data", **limits: Any) -> None:
        """Open the current version; ``limits`` are those of ``connect``."""
        self._home = home
        self._limits = limits
        self._file = current_file(home)
        self.connection = connect(home, **limits)

    def refresh(self) -> bool:
        """Open the version that is current now; True when it is another one.

        Results that were not fetched yet are lost then.
        """
        newest = current_file(self._home)
        if newest == self._file:
            return False
        fresh = connect(self._home, **self._limits)
        self.connection.close()
        self._file, self.connection = newest, fresh
        return True


def _open(
    path: Path, memory_limit: str, threads: int | None, seconds: float | None
) -> duckdb.DuckDBPyConnection:
    """Attach a version to a database in memory.

    Opened by itself, a file that is open in this process already would be given again with the
    other connection's limits.
    """
    import duckdb

    spill = Path(tempfile.gettempdir()) / f"copydesk-{secrets.token_hex(4)}"  # made when needed
    config: dict[str, Any] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill),
        "max_temp_directory_size": _TEMPORARY_SIZE,
    }
    if threads is not None:
        config["threads"] = threads
    try:
        connection = duckdb.connect(":memory:", config=config)
        quoted = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS warehouse (READ_ONLY)")
    except duckdb.Error as error:
        raise PublishError(f"cannot open {path}: {error}") from error
    connection.execute("USE warehouse")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    if seconds is not None:
        connection.execute(f"SET max_execution_time = {int(seconds * 1000)}")
    connection.execute("SET lock_configuration = true")
    return connection
