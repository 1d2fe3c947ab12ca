"""The cleaning pool of a cluster's worker process.

It opens with the first batch and closes when no batch has arrived for a while, so that the workers
of an idle cluster hold no processes.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Iterator
from multiprocessing.util import Finalize

from copydesk.tasks.workers.pool import CleaningPool

IDLE_SECONDS = 30.0
"""Longer than the pause between two batches, shorter than anyone notices the memory."""


class SharedWorkerPool:
    """One pool for all batches that a process runs at the same time."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS) -> None:
        """Close the pool when it was not used for ``idle_seconds``."""
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._pool: CleaningPool | None = None
        self._borrowers = 0
        self._turns = 0

    @property
    def is_open(self) -> bool:
        """Return whether the pool is open."""
        return self._pool is not None

    @contextlib.contextmanager
    def lend(self, slots: int) -> Iterator[CleaningPool]:
        """Give the pool for one batch; ``slots`` is the number of batches that run at once.

        There is one cleaning process a batch: the cluster decides how many cores to use.
        """
        with self._lock:
            if self._pool is None:
                _may_have_children()
                self._pool = CleaningPool(slots)
                # Before multiprocessing ends this process's children by itself, which the pool
                # would take for crashes and mend; atexit does not run in a child process.
                Finalize(self._pool, self._pool.close, exitpriority=100)
            pool = self._pool
            self._borrowers += 1
            self._turns += 1
        try:
            yield pool
        finally:
            with self._lock:
                self._borrowers -= 1
                if not self._borrowers:
                    self._close_later(self._turns)

    def _close_later(self, turn: int) -> None:
        timer = threading.Timer(self._idle_seconds, self._close, [turn])
        timer.daemon = True
        timer.start()

    def _close(self, turn: int) -> None:
        with self._lock:
            if self._turns != turn:  # used again since
                return
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()


def _may_have_children() -> None:
    """Allow child processes in a daemon process, as Dask starts its workers.

    multiprocessing forbids them because children of a killed daemon would remain. A cleaning
    process does not: it ends when the pipe to its parent closes.
    """
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
