"""Which flow runs this machine's processes are at: each holds a lock file from begin to end.

A file that nobody holds is of a process that was killed: so a dead flow run is known at once,
whatever state the server has of it, and also before it has begun a run of the lake.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Final
from uuid import UUID

from copydesk.flows.run_locks import is_alive, marked_alive

PREFIX: Final = "flow-run-"
KEPT_SECONDS: Final = 24 * 3600
"""Files of dead flow runs stay so long: by then their server has been told, or is gone."""


class Process(Enum):
    """What is known of a flow run's process."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """It runs on another machine, or has not begun its flow."""


@contextlib.contextmanager
def flow_run_alive(home: Path) -> Iterator[None]:
    """Mark the flow run of the calling flow as alive in this block."""
    from prefect.runtime import flow_run

    if (found := flow_run.get_id()) is None:  # called without an engine
        yield
        return
    with marked_alive(home, _name(found)):
        yield


def process_of(home: Path, flow_run: UUID) -> Process:
    """Tell whether the process of a flow run lives on this machine."""
    name = _name(str(flow_run))
    if not _file(home, name).exists():
        return Process.UNKNOWN
    return Process.ALIVE if is_alive(home, name) else Process.DEAD


def forget_dead(home: Path, *, keep_seconds: float = KEPT_SECONDS) -> None:
    """Delete the files of flow runs that died long ago."""
    for path in (home / "locks").glob(f"{PREFIX}*@{socket.gethostname()}.lock"):
        with contextlib.suppress(OSError):  # another process deletes it as well
            old = time.time() - path.stat().st_mtime > keep_seconds
            if old and not is_alive(home, path.stem):
                path.unlink()


def _name(flow_run: str) -> str:
    """Name the lock: of a home that machines share, one cannot tell of another's locks."""
    return f"{PREFIX}{flow_run}@{socket.gethostname()}"


def _file(home: Path, name: str) -> Path:
    return home / "locks" / f"{name}.lock"
