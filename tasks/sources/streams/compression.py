"""Compressed bytes, opened with a cap: nothing is decompressed further than it may be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import zlib
from collections.abc import Callable
from typing import IO, Any, BinaryIO, Final, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FRAME: Final = (0x184D2A5D).to_bytes(4, "little")
COMPRESSED: Final = (0xFD2FB528).to_bytes(4, "little")
DICTIONARY: Final = (0xEC30A437).to_bytes(4, "little")  # RFC 8878, section 5
STEP: Final = 1 << 17  # bytes read at once
FILLING: Final = b"\x00 \t\r\n\x1a"
"""Bytes that some writers put behind the end of a gzip file."""
LARGEST: Final = 1 << 25
"""Bytes of a dictionary, unpacked or not: trained ones have 0.1 to 2 MB."""


def open_zstd(stream: BinaryIO) -> zstd.ZstdFile:
    """Open what a stream holds, from where it stands, with its own dictionary if it has one.

    ValueError when that cannot be used.
    """
    return zstd.ZstdFile(stream, zstd_dict=_own_dictionary(stream))


def read_dictionary(content: bytes) -> zstd.ZstdDict | None:
    """Read what the first frame holds; None if that is for other readers."""
    if content.startswith(COMPRESSED):
        unpacker = zstd.ZstdDecompressor()
        try:
            content = unpacker.decompress(content, LARGEST + 1)
        except zstd.ZstdError as error:
            raise ValueError(f"its dictionary is damaged: {error}") from error
        if len(content) > LARGEST:
            raise ValueError(f"its dictionary is larger than {LARGEST:,} bytes")
        if not unpacker.eof:
            raise ValueError("its dictionary is cut off")
    if not content.startswith(DICTIONARY):
        return None
    try:
        dictionary = zstd.ZstdDict(content)
        zstd.ZstdDecompressor(dictionary)  # which is when it is really read; once for all of them
    except (ValueError, zstd.ZstdError) as error:
        raise ValueError(f"its dictionary is damaged: {error}") from error
    return dictionary


def _own_dictionary(stream: BinaryIO) -> zstd.ZstdDict | None:
    if not stream.seekable():  # a member of a tar archive that is streamed: no web archive
        return None
    start = stream.tell()
    try:
        head = stream.read(len(FRAME) + 4)
        size = int.from_bytes(head[len(FRAME) :], "little")
        if not head.startswith(FRAME) or len(head) < len(FRAME) + 4:
            return None
        if size > LARGEST:
            raise ValueError(f"its dictionary is larger than {LARGEST:,} bytes")
        content = stream.read(size)
        if len(content) < size:
            raise EOFError("the file ends in its dictionary")
        return read_dictionary(content)
    finally:
        stream.seek(start)


DAMAGED: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    lzma.LZMAError,
    zlib.error,
    zstd.ZstdError,
)
"""What the decompressors raise at damaged input."""


class TooLargeError(Exception):
    """More bytes than the cap allows."""

    def __init__(self, cap: int) -> None:
        """Name the cap in the message."""
        super().__init__(f"larger than {cap:,} bytes")


def read_capped(stream: IO[bytes], cap: int) -> bytes:
    """Read a stream to its end; ``TooLargeError`` if it holds more than ``cap`` bytes."""
    parts: list[bytes] = []
    remaining = cap + 1
    while remaining > 0 and (part := stream.read(min(remaining, 1 << 20))):
        parts.append(part)
        remaining -= len(part)
    if remaining <= 0:
        raise TooLargeError(cap)
    return b"".join(parts)


def unpacked(stream: BinaryIO, compression: str | None) -> BinaryIO:
    """Open what a stream holds under its compression; reading it may raise ``DAMAGED``.

    Closing the result closes the stream.
    """
    if compression is None:
        return stream
    return cast(BinaryIO, Above(_OPENERS[compression](stream), stream))


class _GzipMembers(io.RawIOBase):
    """What a gzip file holds; white space and zeros behind its last member are no matter."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = stream.tell() if stream.seekable() else 0
        self._reset()

    def _reset(self) -> None:
        self._at = 0
        self._packed = b""
        self._has_member = False
        self._inflater: Any = None  # zlib does not name the type

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position: forward by reading, back by reading from the beginning."""
        if whence == os.SEEK_END:
            while self.read(STEP):
                pass
        target = offset + (0 if whence == os.SEEK_SET else self._at)
        if target < self._at:
            self._stream.seek(self._start)
            self._reset()
        while self._at < target and self.read(min(STEP, target - self._at)):
            pass
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _next(self, size: int) -> bytes:
        while True:
            self._packed = self._packed or self._stream.read(STEP)
            if self._inflater is None and not self._begins():
                return b""
            if not self._packed:
                raise EOFError("the file ends in the middle of it")
            try:
                data: bytes = self._inflater.decompress(self._packed, size)
            except zlib.error as error:
                raise gzip.BadGzipFile(str(error)) from error
            self._packed = self._inflater.unconsumed_tail
            if self._inflater.eof:
                self._packed, self._inflater = self._inflater.unused_data, None
            if data:
                return data

    def _begins(self) -> bool:
        """Begin a member; False at the end, and where nothing but filling follows."""
        while self._has_member and self._packed and not self._packed.strip(FILLING):
            self._packed = self._stream.read(STEP)
            if self._packed.strip(FILLING):
                raise gzip.BadGzipFile("it has other data behind its last member")
        if self._packed:
            self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
            self._has_member = True
        return bool(self._packed)


_OPENERS: dict[str, Callable[[BinaryIO], io.BufferedIOBase]] = {
    "bz2": bz2.BZ2File,
    "gzip": lambda stream: io.BufferedReader(_GzipMembers(stream)),
    "xz": lzma.LZMAFile,
    "zstd": open_zstd,
}


class Above(io.BufferedReader):
    """A stream that is read from another one, which is closed with it."""

    def __init__(self, unpacker: io.BufferedIOBase | BinaryIO, below: BinaryIO) -> None:
        super().__init__(cast(io.RawIOBase, unpacker))
        self._below = below

    def close(self) -> None:
        """Close both."""
        try:
            super().close()
        finally:
            self._below.close()
