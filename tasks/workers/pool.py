"""Cleaning in worker processes: a document that hangs or crashes one becomes a reject.

Only a process can be killed inside a native parser, so that a time limit or a crash costs one
document and never the batch.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib import import_module
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from copydesk.schemas.article import Article, Hints, Reject, RejectReason
from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.workers.fork_server import IMPORTED, process_context

if TYPE_CHECKING:
    from copydesk.tasks.cleaning.sites.rules import SiteRules

SECONDS_A_DOCUMENT = 30.0
"""Time limit, far above what real pages need (milliseconds), so that a busy machine rejects
none."""

POLL_SECONDS = 0.5

CONSTS.channel_lock_timeout = 5
"""Seconds until Pebble gives up the lock of a worker that was killed while it received work or sent
a result; four times before it makes a new pool. Messages are small: batches are staged where they
are cleaned. Pebble's default of 60 stops a run for minutes."""

R = TypeVar("R")

ATTEMPTS = 3
"""Times that processes may be killed from outside before the batch fails and is retried."""

_ENDED_FROM_OUTSIDE = (
    f"the cleaning processes were ended {ATTEMPTS} times from outside, as by a lack of memory:"
    " fewer of them (--workers) need less"
)

IMPORT_SECONDS = 60
"""Seconds for a new process to import what cleaning needs; it needs two on a busy core."""

DOCUMENTS_A_MESSAGE = 16
"""Documents sent to a worker at once; when a message fails, each is retried alone."""


OBJECTS_A_COLLECTION = 50_000
"""New objects after which a worker collects cyclic garbage. Pages leave almost none, and have many
rows: with Python's default of 700, collecting takes a fifteenth of the time."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to clean one document."""

    document: bytes
    media_type: str | None = None
    url: str | None = None
    observed_at: datetime | None = None
    hints: Hints | None = None
    transport: Mapping[str, str] | None = None


Cleaned = Article | Reject


class WorkersUnavailable(CopydeskError):  # noqa: N818  named for what happened
    """Cleaning processes cannot start on this system; the message says what they need."""


class Cleaner(Protocol):
    """Cleans documents, in other processes or in this one."""

    def clean(self, tasks: Iterable[Task], rules: SiteRules | None = None) -> Iterable[Cleaned]:
        """Clean the documents; the results stand in the order of ``tasks``."""
        ...


def cores() -> int:
    """Count the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


class CleaningPool(contextlib.AbstractContextManager["CleaningPool"]):
    """Worker processes that clean; several threads may use one pool."""

    def __init__(self, workers: int | None = None, *, seconds: float = SECONDS_A_DOCUMENT) -> None:
        """Use ``workers`` processes (default: one a core), which start with the first work."""
        self._seconds = seconds
        self._closed = threading.Event()
        self._make = partial(
            ProcessPool,
            max_workers=workers or cores(),
            context=process_context(),
            initializer=_begin_worker,
            initargs=(IMPORTED,),
        )
        self._pool = self._open()
        self._lock = threading.Lock()

    def _open(self) -> ProcessPool:
        """Make the pool; WorkersUnavailable where the system cannot share locks."""
        try:
            return self._make()
        except OSError as error:
            raise WorkersUnavailable(
                f"cleaning processes cannot share locks ({error}): they need a writable /dev/shm, "
                "as of `docker run --tmpfs /dev/shm` or a systemd unit without InaccessiblePaths"
            ) from error

    def start(self) -> None:
        """Start the processes before there is work; a closed pool stays closed."""
        with self._lock:
            if not self._closed.is_set():
                _ = self._pool.active  # reading it starts the processes

    def close(self) -> None:
        """Stop the workers; unfinished work raises CancelledError where it is awaited."""
        self._closed.set()
        with self._lock:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()

    @property
    def is_closed(self) -> bool:
        """Return whether the pool was closed."""
        return self._closed.is_set()

    def __exit__(self, *exception: object) -> None:
        """Stop the workers at the end of the block."""
        self.close()

    def __enter__(self) -> Self:
        """Use the pool until the end of the block."""
        return self

    def clean(self, tasks: Iterable[Task], rules: SiteRules | None = None) -> list[Cleaned]:
        """Clean the documents; the results are in the order of ``tasks``.

        ``rules`` are an engineer's selectors for sites. CancelledError when the pool is closed
        meanwhile.
        """
        messages = list(_messages(tasks))
        submitted = [self._send(message, rules) for message in messages]
        results: list[Cleaned] = []
        for message, submission in zip(messages, submitted, strict=True):
            try:
                results.extend(self._result(submission))
            except (TimeoutError, ProcessExpired, MemoryError, BrokenProcessPool):
                results.extend(self._clean_alone(task, rules) for task in message)
        return results

    def run(self, work: Callable[[Cleaner], R]) -> R:
        """Run ``work``, which cleans documents, in one of the processes.

        When that process dies, the work is repeated here, with each document in a process; so it
        must be repeatable. ``work`` and its result are pickled. CancelledError as for ``clean``.
        """
        if not CAN_END_ITSELF:
            return work(self)
        try:
            result: R = self._result(self._schedule(_run_here, (work, self._seconds), None))
        except (ProcessExpired, MemoryError, BrokenProcessPool):
            return work(self)
        return result

    def _send(self, message: Sequence[Task], rules: SiteRules | None) -> _Submission:
        return self._schedule(_clean_all, (message, rules), self._seconds)

    def _schedule(
        self, work: Callable[..., Any], arguments: tuple[Any, ...], seconds: float | None
    ) -> _Submission:
        for _ in range(ATTEMPTS):
            with self._lock:
                if self._closed.is_set():
                    raise CancelledError
                if not self._pool.active:  # a worker that dies between two tasks ends its pool
                    self._pool.stop()  # type: ignore[no-untyped-call]
                    self._pool = self._open()
                with contextlib.suppress(RuntimeError):  # the pool broke just now
                    return self._pool, self._pool.schedule(work, args=arguments, timeout=seconds)
        raise BrokenProcessPool(_why_ended())

    def _result(self, submission: _Submission) -> Any:
        pool, future = submission
        # A pool that ends while it receives work can leave a future that never finishes.
        while not wait([future], timeout=POLL_SECONDS).done:
            if self._closed.is_set():
                raise CancelledError
            if not pool.active and not future.done():
                raise BrokenProcessPool("the cleaning processes ended")
        try:
            return future.result()
        except BrokenProcessPool as error:
            if self._closed.is_set():
                raise CancelledError from error
            raise

    def _clean_alone(self, task: Task, rules: SiteRules | None) -> Cleaned:
        size = f"{len(task.document):,} bytes"
        for _ in range(ATTEMPTS):
            try:
                result: Cleaned = self._result(self._send([task], rules))[0]
                return result
            except BrokenProcessPool:  # ended by something other than this document
                continue
            except TimeoutError:
                detail = f"cleaning took longer than {self._seconds:g} s"
                return Reject(RejectReason.TOO_SLOW, detail, size)
            except ProcessExpired as error:
                detail = f"cleaning ended its process (status {error.exitcode})"
            except MemoryError:
                detail = "cleaning ran out of memory"
            return Reject(RejectReason.UNREADABLE, detail, size)
        raise BrokenProcessPool(_why_ended())


_Submission = tuple[ProcessPool, "Future[Any]"]


CAN_END_ITSELF: Final = hasattr(signal, "setitimer")
"""Whether a process can set a timer after which the kernel ends it (not on Windows)."""


class InProcessCleaner:
    """Cleans in the current process, which ends when a document takes too long.

    For worker processes. The kernel's timer also ends a native parser, in which no Python runs.
    """

    def __init__(self, *, seconds: float = SECONDS_A_DOCUMENT) -> None:
        """Allow ``seconds`` for each document."""
        self._seconds = seconds

    def clean(self, tasks: Iterable[Task], rules: SiteRules | None = None) -> Iterator[Cleaned]:
        """Clean the documents one by one, as the results are asked for."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for task in tasks:
            signal.setitimer(signal.ITIMER_REAL, self._seconds)
            try:
                result = clean_one(task, rules)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            yield result


_shared: CleaningPool | None = None
_shared_lock = threading.Lock()


def open_shared_pool(workers: int | None = None) -> CleaningPool:
    """Make the pool that this process's batches share, unless it is open."""
    global _shared  # noqa: PLW0603  a process has one pool
    with _shared_lock:
        if _shared is None or _shared.is_closed:
            _shared = CleaningPool(workers)
            atexit.register(_shared.close)
        return _shared


def shared_pool() -> CleaningPool:
    """Return the shared pool. A closed pool stays closed, so that a stopped run stops."""
    return _shared or open_shared_pool()


def _messages(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    message: list[Task] = []
    for task in tasks:
        message.append(task)
        if len(message) == DOCUMENTS_A_MESSAGE:
            yield message
            message = []
    if message:
        yield message


def _clean_all(tasks: Sequence[Task], rules: SiteRules | None) -> list[Cleaned]:
    return [clean_one(task, rules) for task in tasks]


def _run_here(work: Callable[[Cleaner], R], seconds: float) -> R:
    return work(InProcessCleaner(seconds=seconds))


def _why_ended() -> str:
    """Find out why the cleaning processes ended: a failing import, or a kill."""
    command = [sys.executable, "-c", f"import {', '.join((__name__, *IMPORTED))}"]
    try:
        tried = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=IMPORT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return _ENDED_FROM_OUTSIDE
    if tried.returncode <= 0:  # the import works, or a signal ended it too
        return _ENDED_FROM_OUTSIDE
    *_, last = tried.stderr.strip().splitlines() or [f"status {tried.returncode}"]
    return f"a cleaning process cannot import what it needs: {last} (in {Path.cwd()})"


def _begin_worker(modules: Sequence[str]) -> None:
    """Prepare a worker process: import modules, and end when the parent does."""
    gc.freeze()  # imported objects stay shared while nothing writes to them
    gc.set_threshold(OBJECTS_A_COLLECTION, 20, 50)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
    for name in modules:  # imported here, since they import this module
        import_module(name)


def clean_one(task: Task, rules: SiteRules | None = None) -> Cleaned:
    """Clean one document in this process."""
    from copydesk.tasks.cleaning import clean

    return clean(
        task.document,
        media_type=task.media_type,
        url=task.url,
        observed_at=task.observed_at,
        hints=task.hints,
        rules=rules,
        transport=task.transport,
    )
