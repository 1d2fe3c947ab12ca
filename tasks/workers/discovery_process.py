"""Offers what one source has, from a process that can be ended in the middle of a parser.

``tasks.workers.discovery`` begins it. Messages are tuples whose first part says what they are.
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
"""What a new interpreter is given: it imports from where its parent does, and nowhere else."""

ITEMS: Final = "items"
ALIVE: Final = "alive"
END: Final = "end"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"

ITEMS_A_MESSAGE: Final = 256
LOOK_SECONDS: Final = 0.5
"""Between two looks whether bytes were read, and the longest that an item waits to be sent."""

MARGIN_SECONDS: Final = 5.0
"""After its bound the kernel ends the process, if whoever began it is gone."""

DESCRIPTORS: Final = 64
"""Open files that are looked at; a reader has one or two."""

_RECEIVED: Final = slice(128, 136)
"""Bytes received, in Linux's ``struct tcp_info``."""


def main(descriptor: int, unsent: int) -> None:
    """Offer what the source has that standard input brings; its end ends this process.

    The first descriptor is of a pipe for messages, the other of a file for items that wait to be
    sent: they are not lost when this process is ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began it stops it
    out = Connection(descriptor, readable=False)
    try:
        source, known, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301  of our own process
    except Exception as error:  # of a module that only the other process has
        out.send((UNKNOWN, reason_of(error)))
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Offer(out, unsent, seconds).all(source, known)
    os._exit(0)  # no thread of a library is waited for


def _end_with_parent() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


class _Offer:
    """Sends items as they come, and a sign of life where bytes were read meanwhile."""

    def __init__(self, out: Connection, unsent: int, seconds: float) -> None:
        self._out = out
        self._unsent = unsent
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._offered = 0

    def all(self, source: Source, known: KnownTransport) -> None:
        self._out.send((ALIVE,))
        self._go_on()
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            for one in source.discover(known):
                data = pickle.dumps(one)
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
            if not self._lock.acquire(blocking=False):  # what was sent waits to be taken
                self._go_on()
                continue
            try:
                now = (self._offered, bytes_read())
                if now != before:
                    self._go_on()
                    self._send()
                    self._out.send((ALIVE,))
                before = now
            except OSError:  # nobody reads any more
                os._exit(1)
            finally:
                self._lock.release()

    def _go_on(self) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, self._seconds + MARGIN_SECONDS)


def reason_of(error: Exception) -> str:
    """Say why planning failed, with the kind of an error whose words alone say little."""
    if isinstance(error, (CopydeskError, OSError)):
        return cause(error)
    return f"{type(error).__name__}: {error}"


def bytes_read() -> Hashable:
    """Tell what differs when this process has read on: where it stands in its open files.

    Of connections, the bytes that came, where the system tells them.
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

    with socket.socket(fileno=os.dup(descriptor)) as one:
        info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED.stop)
    return int.from_bytes(info[_RECEIVED], sys.byteorder)
