"""A section of a stream as a stream of its own."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from typing import BinaryIO, cast

from copydesk.tasks.sources.streams.compression import Above


class SizedReader(io.RawIOBase):
    """A reader of known size; subclasses read at ``_at``, its position, and move it on."""

    def __init__(self, size: int) -> None:
        """Stand at the start."""
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be moved."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, not before the start; gives the position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at


class _Window(SizedReader):
    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        super().__init__(size)
        self._stream = stream
        self._start = start

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        size = min(len(buffer), max(0, self._size - self._at))
        self._stream.seek(self._start + self._at)
        data = self._stream.read(size)
        if size and not data:
            raise EOFError("the file ends in the middle of it")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def window(stream: BinaryIO, start: int, size: int) -> BinaryIO:
    """Return the ``size`` bytes from ``start`` on; reading raises ``EOFError`` if they are fewer.

    Closing it leaves the stream open.
    """
    return cast(BinaryIO, io.BufferedReader(_Window(stream, start, size)))


LOCAL_HEADER = 30  # APPNOTE.TXT 4.3.7: fixed part of a local file header
NAME_AND_EXTRA = struct.Struct("<HH")  # their lengths, at byte 26


def open_member(stream: BinaryIO, name: str) -> BinaryIO:
    """Open a member; one that is stored as it is can be read at any place without the rest.

    Closing it closes the stream.
    """
    archive = zipfile.ZipFile(stream)
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED:
        return cast(BinaryIO, archive.open(member))
    stream.seek(member.header_offset + LOCAL_HEADER - NAME_AND_EXTRA.size)
    lengths = NAME_AND_EXTRA.unpack(stream.read(NAME_AND_EXTRA.size))
    start = member.header_offset + LOCAL_HEADER + sum(lengths)
    return cast(BinaryIO, Above(window(stream, start, member.file_size), stream))
