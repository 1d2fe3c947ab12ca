"""Find out which flow runs are alive on this machine: each holds a lock file while it runs.

A lock file without a holder was left by a killed process. A dead flow run is therefore detected at
once, whatever its state on the server, even before it has started a run of the lake.
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
"""How long lock files of dead flow runs are kept: by then the server knows, or is gone."""


class Process(Enum):
    """State of a flow run's process."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """It runs on another machine, or has not started its flow."""


@contextlib.contextmanager
def flow_run_alive(home: Path) -> Iterator[None]:
    """Mark the flow run of the calling flow as alive in this block."""
    from prefect.runtime import flow_run

    if (flow_run_id := flow_run.get_id()) is None:  # called outside a flow run
        yield
        return
    with marked_alive(home, _name(flow_run_id)):
        yield


def process_of(home: Path, flow_run: UUID) -> Process:
    """Return whether the process of a flow run is alive on this machine."""
    name = _name(str(flow_run))
    if not _file(home, name).exists():
        return Process.UNKNOWN
    return Process.ALIVE if is_alive(home, name) else Process.DEAD


def forget_dead(home: Path, *, keep_seconds: float = KEPT_SECONDS) -> None:
    """Delete lock files of flow runs that died long ago."""
    for path in (home / "locks").glob(f"{PREFIX}*@{socket.gethostname()}.lock"):
        with contextlib.suppress(OSError):  # another process deletes it as well
            old = time.time() - path.stat().st_mtime > keep_seconds
            if old and not is_alive(home, path.stem):
                path.unlink()


def _name(flow_run: str) -> str:
    """Return the lock's name; it contains the host, since a machine cannot test another's locks."""
    return f"{PREFIX}{flow_run}@{socket.gethostname()}"


def _file(home: Path, name: str) -> Path:
    return home / "locks" / f"{name}.lock"
