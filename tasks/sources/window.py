"""A part of a stream that looks like a stream of its own."""

from __future__ import annotations

import io
import os
from typing import BinaryIO, cast


class _Window(io.RawIOBase):
    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream = stream
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), max(0, self._size - self._at))
        self._stream.seek(self._start + self._at)
        data = self._stream.read(wanted)
        if wanted and not data:
            raise EOFError("the file ends in the middle of it")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def window(stream: BinaryIO, start: int, size: int) -> BinaryIO:
    """Give the ``size`` bytes from ``start`` on; reading raises ``EOFError`` if they are fewer.

    Closing it leaves the stream open.
    """
    return cast(BinaryIO, io.BufferedReader(_Window(stream, start, size)))
