"""Readers kept open between batches, so that an archive is read once.

Batches ask for the members of an archive in its order, some batches at once. A reader that can
only go forward would be started anew for each of them; here it waits, at the place where the
last one left it.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Callable, Hashable, Iterator
from typing import BinaryIO, Generic, Protocol, TypeVar

READERS_AT_MOST = 8  # readers of a process, each with its open file


class Closable(Protocol):
    """What can be closed: a stream, a generator."""

    def close(self) -> object:
        """Let go of what it holds."""
        ...


T = TypeVar("T", bound=Closable)


class ReaderPool(Generic[T]):
    """Idle readers, each with the key of its content and its position."""

    def __init__(self, limit: int = READERS_AT_MOST) -> None:
        """Keep at most ``limit`` readers; the longest idle ones are closed."""
        self._limit = limit
        self._waiting: list[tuple[Hashable, int, T]] = []
        self._lock = threading.Lock()
        atexit.register(self.clear)  # a generator must not outlive the modules that it uses

    def clear(self) -> None:
        """Close all idle readers."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for _, _, reader in waiting:
            reader.close()

    def take(self, key: Hashable, position: int) -> T | None:
        """Take the reader whose position is nearest before, or at, the one wanted."""
        with self._lock:
            fits = [
                (waiting[1], index)
                for index, waiting in enumerate(self._waiting)
                if waiting[0] == key and waiting[1] <= position
            ]
            return self._waiting.pop(max(fits)[1])[2] if fits else None

    def put(self, key: Hashable, position: int, reader: T) -> None:
        """Return a reader to the pool; ``key`` must differ for any two contents."""
        with self._lock:
            self._waiting.append((key, position, reader))
            evicted = self._waiting.pop(0) if len(self._waiting) > self._limit else None
        if evicted is not None:
            evicted[2].close()


_streams: ReaderPool[BinaryIO] = ReaderPool()


@contextlib.contextmanager
def cached_reader(key: Hashable, offset: int, open_: Callable[[], BinaryIO]) -> Iterator[BinaryIO]:
    """Borrow a stream positioned at or before ``offset``; an error closes it.

    ``key`` must differ for any two contents, those of a file before and after a change too.
    """
    stream = _streams.take(key, offset) or open_()
    try:
        yield stream
        position = stream.tell()
    except BaseException:
        stream.close()
        raise
    _streams.put(key, position, stream)
