"""A part of a stream that looks like a stream of its own."""

from __future__ import annotations

import io
from typing import BinaryIO


class Window(io.RawIOBase):
    """The next ``size`` bytes of a stream; ``EOFError`` if the stream ends before."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        """Start where the stream stands."""
        self._stream = stream
        self._left = size

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read on in the stream."""
        wanted = min(len(buffer), self._left)
        data = self._stream.read(wanted)
        if wanted and not data:
            raise EOFError("the file ends in the middle of it")
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)
