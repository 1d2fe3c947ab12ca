"""Find out which runs are alive on this machine: each process holds the lock of its run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout


@contextlib.contextmanager
def marked_alive(home: Path, name: str) -> Iterator[bool]:
    """Hold a run's lock in this block; yield False when another live process holds it."""
    lock = FileLock(_file(home, name), timeout=0)
    _file(home, name).parent.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        _file(home, name).unlink(missing_ok=True)
        lock.release()


def is_alive(home: Path, name: str) -> bool:
    """Return whether a process of this machine holds the run's lock."""
    if not _file(home, name).exists():
        return False
    lock = FileLock(_file(home, name), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def _file(home: Path, name: str) -> Path:
    return home / "locks" / f"{name}.lock"
