"""Start what a run waits for longest before the run's own modules are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from copydesk.flows.prefect_api import connection
from copydesk.tasks.workers.fork_server import start_fork_server

LOCAL: Final = "local"
"""Name of the engine whose cleaning processes belong to this process."""


def start_early(home: Path, engine: str) -> None:
    """Start Prefect's temporary server and the process that cleaning processes are forked from.

    Call it after ``connection.configure``. Both end with this process.
    """
    connection.start_early(server_log(home))
    if engine == LOCAL:
        start_fork_server()


def server_log(home: Path) -> Path:
    """Return the path of the temporary server's log."""
    return home / "prefect-server.log"
