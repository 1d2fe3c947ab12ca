"""Lists one source's items in a process that can be killed inside a parser.

``tasks.workers.discovery`` starts it. Messages are tuples that start with their kind.
"""

from __future__ import annotations

import os
import pickle
import signal
import stat
import sys
import threading
import time
from collections.abc import Hashable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Final

from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.sources.source import cause

if TYPE_CHECKING:
    from copydesk.tasks.sources.source import KnownTransport, Source

BOOT: Final = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    f"from {__name__} import main; main(*map(int, sys.argv[1:]))"
)
"""Program of the new interpreter, which imports from its parent's paths only."""

ITEMS: Final = "items"
ALIVE: Final = "alive"
END: Final = "end"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"

ITEMS_A_MESSAGE: Final = 256
LOOK_SECONDS: Final = 0.5
"""Seconds between two checks for bytes read, and the longest that an item waits to be sent."""

MARGIN_SECONDS: Final = 5.0
"""Seconds after the time limit at which the kernel ends the process, if its parent is gone."""

DESCRIPTORS: Final = 64
"""Number of file descriptors to check; a reader has one or two."""

_RECEIVED: Final = slice(128, 136)
"""Bytes received, in Linux's ``struct tcp_info``."""


def main(descriptor: int, unsent: int) -> None:
    """List the items of the source pickled on standard input; its end ends this process.

    ``descriptor`` is a pipe for messages; ``unsent`` a file of items not yet sent, which are not
    lost when this process is killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops this process
    out = Connection(descriptor, readable=False)
    try:
        source, stored, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301  of our own process
    except Exception as error:  # of a module that only the parent has
        out.send((UNKNOWN, reason_of(error)))
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Offer(out, unsent, seconds).all(source, stored)
    os._exit(0)  # do not wait for threads of libraries


def _end_with_parent() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


class _Offer:
    """Sends items as they arrive, and a sign of life when bytes were read meanwhile."""

    def __init__(self, out: Connection, unsent: int, seconds: float) -> None:
        self._out = out
        self._unsent = unsent
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._offered = 0

    def all(self, source: Source, stored: KnownTransport) -> None:
        self._out.send((ALIVE,))
        self._go_on()
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            for item in source.discover(stored):
                data = pickle.dumps(item)
                with self._lock:
                    os.write(self._unsent, data)
                    self._waiting.append(data)
                    self._offered += 1
                    if len(self._waiting) >= ITEMS_A_MESSAGE:
                        self._send()
            last: tuple[str, ...] = (END,)
        except Exception as error:
            last = (FAILED, reason_of(error))
        with self._lock:
            self._send()
            self._out.send(last)

    def _send(self) -> None:
        if self._waiting:
            self._out.send((ITEMS, b"".join(self._waiting)))
            self._waiting = []
            os.lseek(self._unsent, 0, os.SEEK_SET)
            os.ftruncate(self._unsent, 0)

    def _watch(self) -> None:
        before: Hashable = None
        while True:
            time.sleep(LOOK_SECONDS)
            if not self._lock.acquire(blocking=False):  # sent items wait to be received
                self._go_on()
                continue
            try:
                now = (self._offered, bytes_read())
                if now != before:
                    self._go_on()
                    self._send()
                    self._out.send((ALIVE,))
                before = now
            except OSError:  # the parent has gone
                os._exit(1)
            finally:
                self._lock.release()

    def _go_on(self) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, self._seconds + MARGIN_SECONDS)


def reason_of(error: Exception) -> str:
    """Say why listing failed, with the error's type where its message alone says little."""
    if isinstance(error, (CopydeskError, OSError)):
        return cause(error)
    return f"{type(error).__name__}: {error}"


def bytes_read() -> Hashable:
    """Return a value that changes when this process reads on.

    It has the positions in open files and, where the system reports them, the bytes received on
    connections.
    """
    stands = []
    for descriptor in range(3, DESCRIPTORS):
        try:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISREG(mode):
                stands.append((descriptor, os.lseek(descriptor, 0, os.SEEK_CUR)))
            elif stat.S_ISSOCK(mode):
                stands.append((descriptor, _received(descriptor)))
        except OSError:
            continue
    return tuple(stands)


def _received(descriptor: int) -> int:
    import socket

    with socket.socket(fileno=os.dup(descriptor)) as connection:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED.stop)
    return int.from_bytes(info[_RECEIVED], sys.byteorder)
