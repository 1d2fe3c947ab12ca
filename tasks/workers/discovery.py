"""What a source offers, with a bound on the time in which nothing comes of it.

To list an archive may take hours; that nothing is offered and no byte read for a quarter of an
hour means that it never ends. Sources that parse are asked in a process, which can be ended in the
middle of a native parser. A site is asked in a thread, for its hosts are known here, and its
requests have bounds of their own.
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
"""Without an item or a byte: longer than a tape robot or a sleeping disk takes to answer."""

START_SECONDS: Final = 120.0
"""For a new interpreter to import what sources need: a fifth of a second on a quiet machine."""

AHEAD: Final = 1_000
"""Items that a thread may be ahead of who takes them."""

_POLL_SECONDS: Final = 0.5
_END_SECONDS: Final = 2.0
"""For a process that was killed to be gone; one that waits for a dead disk is left behind."""

T = TypeVar("T")


class PlanningStalled(SourceError):  # noqa: N818  named for what happened
    """Nothing was offered and no byte read for too long."""

    def __init__(self, seconds: float) -> None:
        """Say how long, and what lets it wait longer."""
        super().__init__(
            f"nothing offered and nothing read for {seconds:g} s ({VARIABLE} sets how long)"
        )


class _Unknown(Exception):  # noqa: N818  not shown
    """A source that another process cannot be given."""


def bound_seconds() -> float:
    """Tell how long a source may offer nothing; SourceError for what is no number of seconds."""
    text = os.environ.get(VARIABLE) or str(USUAL_SECONDS)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < threading.TIMEOUT_MAX:
        raise SourceError(f"{VARIABLE}={text!r} is no number of seconds above 0")
    return seconds


def offered(source: Source, known: KnownTransport = NOTHING_KNOWN) -> Iterator[Item | Missing]:
    """Offer what ``source.discover`` does.

    Raises:
        PlanningStalled: nothing came for ``bound_seconds()``.
        SourceError: its process ended, or whatever ``discover`` raised there.
        Exception: whatever ``discover`` raised in a thread.
    """
    seconds = bound_seconds()
    if not source.reads_where_cleaned:  # it waits for hosts that this process knows
        yield from watched(lambda: source.discover(known), seconds)
        return
    if not source.needs_known:
        known = NOTHING_KNOWN
    try:
        yield from _in_process(source, known, seconds)
    except _Unknown:
        yield from watched(lambda: source.discover(known), seconds)


def _in_process(source: Source, known: KnownTransport, seconds: float) -> Iterator[Item | Missing]:
    try:
        given = pickle.dumps((source, dict(known), seconds))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _Unknown from error
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
            with contextlib.suppress(BrokenPipeError):  # it ended: what follows says so
                assert process.stdin is not None
                process.stdin.write(pickle.dumps(sys.path) + given)
                process.stdin.flush()
            yield from _received(process, inbound, seconds)
        except SourceError:
            _ended(process)
            yield from _items(os.pread(unsent.fileno(), os.fstat(unsent.fileno()).st_size, 0))
            raise
        finally:
            _ended(process)


def _received(
    process: subprocess.Popen[bytes], inbound: Connection, seconds: float
) -> Iterator[Item | Missing]:
    patience = max(seconds, START_SECONDS)
    while True:
        try:
            if not inbound.poll(patience):
                raise PlanningStalled(seconds)
            kind, *told = inbound.recv()
        except EOFError:
            status = process.wait()
            if status == -getattr(signal, "SIGALRM", 0):
                raise PlanningStalled(seconds) from None
            raise SourceError(f"planning ended its process (status {status})") from None
        patience = seconds
        if kind == ITEMS:
            yield from _items(told[0])
        elif kind == END:
            return
        elif kind == UNKNOWN:
            raise _Unknown
        elif kind != ALIVE:
            raise SourceError(told[0])


def _items(data: bytes) -> Iterator[Item | Missing]:
    """Read items one behind the other; one that was cut off by the end of its process is none."""
    stream = io.BytesIO(data)
    with contextlib.suppress(EOFError, pickle.UnpicklingError):
        while True:
            yield pickle.load(stream)  # noqa: S301  of our own process


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with contextlib.suppress(BrokenPipeError):
        assert process.stdin is not None
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)


def watched(make: Callable[[], Iterable[T]], seconds: float, *, most: int = AHEAD) -> Iterator[T]:
    """Go through what ``make`` gives in a thread that is given up when nothing comes.

    ``PlanningStalled`` then; nobody waits for such a thread.
    """
    passed: queue.Queue[tuple[str, Any]] = queue.Queue(most)
    given_up = threading.Event()

    def put(kind: str, value: Any = None) -> None:
        while not given_up.is_set():
            with contextlib.suppress(queue.Full):
                passed.put((kind, value), timeout=_POLL_SECONDS)
                return
        raise GeneratorExit

    def work() -> None:
        with contextlib.suppress(GeneratorExit):
            try:
                for one in make():
                    put(ITEMS, one)
            except Exception as error:
                put(UNKNOWN, error)
            else:
                put(END)

    thread = threading.Thread(target=copy_context().run, args=(work,), name="plan", daemon=True)
    thread.start()
    try:
        yield from _passed(passed, seconds)
    finally:
        given_up.set()


def _passed(passed: queue.Queue[tuple[str, Any]], seconds: float) -> Iterator[Any]:
    from copydesk.tasks.sources.web.fetch.client import bytes_received

    before, since = bytes_received(), time.monotonic()
    while True:
        try:
            kind, value = passed.get(timeout=min(_POLL_SECONDS, seconds))
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
