"""Lists a source's items with a limit on the time in which nothing arrives.

Listing an archive may take hours, but when no item and no byte arrives for a quarter of an hour, it
never ends. Sources that parse files are listed in a separate process, which can be killed inside a
native parser. A site is listed in a thread: this process holds the state of its hosts, and its
requests have their own time limits.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

from copydesk.schemas.items import Item, Missing
from copydesk.tasks.sources.source import NOTHING_KNOWN, KnownTransport, Source, SourceError
from copydesk.tasks.workers.discovery_process import ALIVE, BOOT, END, ITEMS, UNKNOWN

VARIABLE: Final = "COPYDESK_PLANNING_SECONDS"
USUAL_SECONDS: Final = 900.0
"""Seconds without an item or a byte: longer than a tape robot or a sleeping disk needs."""

START_SECONDS: Final = 120.0
"""Seconds for a new interpreter to import the sources; it needs 0.2 s on an idle machine."""

AHEAD: Final = 1_000
"""Items that the listing thread may be ahead of their consumer."""

_POLL_SECONDS: Final = 0.5
_END_SECONDS: Final = 2.0
"""Seconds for a killed process to end; one that waits for a dead disk is left behind."""

T = TypeVar("T")


class PlanningStalled(SourceError):  # noqa: N818  named for what happened
    """No item and no byte arrived for too long."""

    def __init__(self, seconds: float) -> None:
        """Say how long, and which setting allows more."""
        super().__init__(
            f"nothing offered and nothing read for {seconds:g} s ({VARIABLE} sets how long)"
        )


class _NotPicklable(Exception):  # noqa: N818  not shown
    """The source cannot be sent to another process."""


def stall_seconds() -> float:
    """Read the time limit in seconds from the environment; SourceError when it is no number."""
    text = os.environ.get(VARIABLE) or str(USUAL_SECONDS)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < threading.TIMEOUT_MAX:
        raise SourceError(f"{VARIABLE}={text!r} is not a number of seconds above 0")
    return seconds


def offered(source: Source, stored: KnownTransport = NOTHING_KNOWN) -> Iterator[Item | Missing]:
    """List the items that ``source.discover`` gives.

    Raises:
        PlanningStalled: nothing came for ``stall_seconds()``.
        SourceError: its process ended, or whatever ``discover`` raised there.
        Exception: whatever ``discover`` raised in a thread.
    """
    seconds = stall_seconds()
    if not source.reads_where_cleaned:  # it waits for hosts whose state this process holds
        yield from with_stall_limit(lambda: source.discover(stored), seconds)
        return
    if not source.needs_known:
        stored = NOTHING_KNOWN
    try:
        yield from _in_process(source, stored, seconds)
    except _NotPicklable:
        yield from with_stall_limit(lambda: source.discover(stored), seconds)


def _in_process(source: Source, stored: KnownTransport, seconds: float) -> Iterator[Item | Missing]:
    try:
        payload = pickle.dumps((source, dict(stored), seconds))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _NotPicklable from error
    inbound, outbound = Pipe(duplex=False)
    with inbound, tempfile.TemporaryFile(buffering=0) as unsent:
        with outbound:
            descriptors = [outbound.fileno(), unsent.fileno()]
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", BOOT, *map(str, descriptors)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=descriptors,
            )
        try:
            with contextlib.suppress(BrokenPipeError):  # it ended: reading its messages says so
                assert process.stdin is not None
                process.stdin.write(pickle.dumps(sys.path) + payload)
                process.stdin.flush()
            yield from _received(process, inbound, seconds)
        except SourceError:
            _end_process(process)
            yield from _items(os.pread(unsent.fileno(), os.fstat(unsent.fileno()).st_size, 0))
            raise
        finally:
            _end_process(process)


def _received(
    process: subprocess.Popen[bytes], inbound: Connection, seconds: float
) -> Iterator[Item | Missing]:
    patience = max(seconds, START_SECONDS)
    while True:
        try:
            if not inbound.poll(patience):
                raise PlanningStalled(seconds)
            kind, *arguments = inbound.recv()
        except EOFError:
            status = process.wait()
            if status == -getattr(signal, "SIGALRM", 0):
                raise PlanningStalled(seconds) from None
            raise SourceError(f"planning ended its process (status {status})") from None
        patience = seconds
        if kind == ITEMS:
            yield from _items(arguments[0])
        elif kind == END:
            return
        elif kind == UNKNOWN:
            raise _NotPicklable
        elif kind != ALIVE:
            raise SourceError(arguments[0])


def _items(data: bytes) -> Iterator[Item | Missing]:
    """Unpickle consecutive items; a last one that was cut off is dropped."""
    stream = io.BytesIO(data)
    with contextlib.suppress(EOFError, pickle.UnpicklingError):
        while True:
            yield pickle.load(stream)  # noqa: S301  of our own process


def _end_process(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with contextlib.suppress(BrokenPipeError):
        assert process.stdin is not None
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)


def with_stall_limit(
    make: Callable[[], Iterable[T]], seconds: float, *, max_ahead: int = AHEAD
) -> Iterator[T]:
    """Iterate over ``make()`` in a thread that is abandoned when nothing arrives.

    Raises ``PlanningStalled`` after ``seconds`` without an item or a byte.
    """
    messages: queue.Queue[tuple[str, Any]] = queue.Queue(max_ahead)
    given_up = threading.Event()

    def put(kind: str, value: Any = None) -> None:
        while not given_up.is_set():
            with contextlib.suppress(queue.Full):
                messages.put((kind, value), timeout=_POLL_SECONDS)
                return
        raise GeneratorExit

    def work() -> None:
        with contextlib.suppress(GeneratorExit):
            try:
                for item in make():
                    put(ITEMS, item)
            except Exception as error:
                put(UNKNOWN, error)
            else:
                put(END)

    thread = threading.Thread(target=copy_context().run, args=(work,), name="plan", daemon=True)
    thread.start()
    try:
        yield from _passed(messages, seconds)
    finally:
        given_up.set()


def _passed(messages: queue.Queue[tuple[str, Any]], seconds: float) -> Iterator[Any]:
    from copydesk.tasks.sources.web.fetch.client import bytes_received

    before, since = bytes_received(), time.monotonic()
    while True:
        try:
            kind, value = messages.get(timeout=min(_POLL_SECONDS, seconds))
        except queue.Empty:
            if (now := bytes_received()) != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since >= seconds:
                raise PlanningStalled(seconds) from None
            continue
        if kind == ITEMS:
            yield value
            since = time.monotonic()
        elif kind == END:
            return
        else:
            raise value
