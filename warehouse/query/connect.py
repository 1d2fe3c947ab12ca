"""Opens the published tables for reading."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.publish.versions import READING, Serving
from copydesk.warehouse.query.changes import Changes, Since, changes_since, count_changes

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from copydesk.warehouse.query.killable_process import KillableProcess

_TEMPORARY_SIZE: Final = "10GB"
"""Disk space for what does not fit in memory; more than the largest tested store needs."""

_STATEMENT_SERVER: Final = "copydesk.warehouse.query.statement_server"

_SECONDS: Final = 30.0
"""Time limit of ``Reader.query`` where none is given."""

_READ_ONLY: Final = (
    "The published tables are read-only; CREATE TEMP TABLE creates temporary tables, which last"
    " as long as the connection."
)
_NO_FILES: Final = (
    "A statement over the published tables cannot access files or the network; copydesk export"
    " and copydesk query --output write files, and duckdb.connect opens the version without limits."
)
_REFUSALS: Final = {
    "file system operations are disabled": _NO_FILES,
    "external extensions is disabled": _NO_FILES,
    "has been disabled by configuration": _NO_FILES,
    "attached in read-only mode": _READ_ONLY,
    "the configuration has been locked": "The limits of memory, time and access are fixed when"
    " the tables are opened: copydesk sql --memory and --seconds, or warehouse.connect(…).",
    "INTERRUPT": "The statement exceeded its time limit (copydesk sql --seconds).",
    "Out of Memory": "The statement exceeded its memory limit (copydesk sql --memory).",
}
"""Explanations added to DuckDB's error messages, by a part of the message."""

_open_connections: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()


def connect(
    home: str | Path = "copydesk-data",
    *,
    memory_limit: str = "2GB",
    threads: int | None = None,
    seconds: float | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open the current version: read-only, without access to files or network.

    The connection stays at that version; connect again (or use ``Reader``) to see a newer one.
    Temporary tables may be created (``CREATE TEMP TABLE``).

    Args:
        home: the folder given to ``copydesk --home``.
        memory_limit: DuckDB's memory limit, such as ``2GB``.
        threads: number of threads; all cores by default.
        seconds: time limit of each statement.

    Raises:
        PublishError: nothing is published, or the file cannot be opened.
    """
    path = current_file(home)
    try:
        return _open(path, memory_limit, threads, seconds)
    except PublishError:
        newer = current_file(home)
        if newer == path:
            raise
        return _open(newer, memory_limit, threads, seconds)  # the older file was deleted meanwhile


def current_file(home: str | Path) -> Path:
    """Return the path of the current version's file; PublishError when there is none."""
    link = Path(home) / "serving" / "current.duckdb"
    try:
        return link.resolve(strict=True)
    except OSError:
        raise PublishError(
            f"nothing is published in {home} yet; copydesk ingest PATH --home {home} does it"
        ) from None


class Reader:
    """The published tables for a long-running program.

    ``connection`` is a connection to the version that was current when it was opened; ``refresh``
    moves on to the newest.
    """

    def __init__(self, home: str | Path = "copydesk-data", **limits: Any) -> None:
        """Open the current version; ``limits`` are those of ``connect``."""
        self._home = home
        self._limits = limits
        self._file = current_file(home)
        self._process: KillableProcess | None = None
        self.connection = connect(home, **limits)

    def refresh(self) -> bool:
        """Move to the current version; True when it is a newer one.

        Results that were not fetched yet are then lost.
        """
        newest = current_file(self._home)
        if newest == self._file:
            return False
        fresh = connect(self._home, **self._limits)
        self.connection.close()
        self._file, self.connection = newest, fresh
        return True

    def query(self, sql: str, values: Any = None) -> pa.Table:
        """Run a statement of somebody else within all limits, and return its rows.

        It runs in a process of its own on the newest version, and is ended near ``seconds`` (30 by
        default) and within ``memory_limit``, whatever it does: DuckDB itself, and so
        ``connection``, keeps its limits between rows alone.

        Raises:
            WarehouseError: the statement is wrong, or was ended at a limit.
        """
        import pyarrow as pa

        from copydesk.warehouse.query.killable_process import KillableProcess

        if self._process is None:
            memory = self._limits.get("memory_limit", "2GB")
            seconds = self._limits.get("seconds") or _SECONDS
            limits = {
                "home": str(Path(self._home).absolute()),
                "memory": memory,
                "threads": self._limits.get("threads"),
                "seconds": seconds,
            }
            self._process = KillableProcess(
                _STATEMENT_SERVER, limits, memory=memory, seconds=seconds
            )
        return pa.ipc.open_stream(self._process.ask(sql, values)).read_all()

    def close(self) -> None:
        """Close the connection, and end the process of ``query``."""
        if self._process is not None:
            self._process.close()
        self.connection.close()

    def changes_since(self, since: Since) -> Changes:
        """Return what changed between a version or a moment and the version that is open.

        Ask with the ``cursor`` of the last answer: then each change comes once, and an answer that
        was lost comes again. WarehouseError says why nothing can be said since then.
        """
        return changes_since(self.connection, since, newest=self._newest())

    def count_changes(self, since: Since) -> tuple[Changes, Mapping[str, int]]:
        """Count what ``changes_since`` gives, by kind."""
        return count_changes(self.connection, since, newest=self._newest())

    def _newest(self) -> int | None:
        return max(Serving(Path(self._home)).versions(), default=None)


def refusal(error: Exception) -> str:
    """Return an error's message, explained where it comes from the connection's limits."""
    text = str(error).strip()
    for sign, meaning in _REFUSALS.items():
        if sign in text:
            return f"{text.partition(chr(10))[0]}\n{meaning}"
    return text


def _open(
    path: Path, memory_limit: str, threads: int | None, seconds: float | None
) -> duckdb.DuckDBPyConnection:
    """Attach a version to an in-memory database.

    Opening the file directly would reuse a connection of this process and its limits.
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
        with _passing_name(path) as name:
            quoted = str(name or path).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS warehouse (READ_ONLY)")
    except duckdb.Error as error:
        raise PublishError(f"cannot open {path}: {error}") from error
    connection.execute("USE warehouse")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    if name is None and os.access(path.parent, os.W_OK):
        # then nothing can be written beside the version, and nothing spills to disk
        connection.execute("SET disabled_filesystems = 'LocalFileSystem'")
    if seconds is not None:
        connection.execute(f"SET max_execution_time = {int(seconds * 1000)}")
    connection.execute("SET lock_configuration = true")
    _open_connections.add(connection)
    return connection


def interrupt_statements() -> None:
    """End the statements that this process is running; called by the handler of Ctrl-C.

    An exception in the main thread alone ends only its own part of a statement: it then waits for
    the parts in other threads, up to the time limit.
    """
    import duckdb

    for connection in list(_open_connections):
        with contextlib.suppress(duckdb.Error):  # it is closed
            connection.interrupt()


@contextlib.contextmanager
def _passing_name(path: Path) -> Iterator[Path | None]:
    """Yield a hard link to a file, in a folder of its own, that is removed afterwards.

    Statements can still reach an attached file by its path: to COPY over it or its .wal, or to
    attach it again for writing. The link's path no longer exists by then. None where no link can
    be created; a process without write access there can do no harm.
    """
    folder = path.with_name(f"{READING}-{secrets.token_hex(8)}")
    name: Path | None = folder / path.name
    try:
        folder.mkdir()
        (folder / path.name).hardlink_to(path)
    except OSError:
        name = None
    try:
        yield name
    finally:
        with contextlib.suppress(OSError):
            (folder / path.name).unlink(missing_ok=True)
            folder.rmdir()
