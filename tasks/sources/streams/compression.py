"""Compressed bytes, opened with a cap: nothing is decompressed further than it may be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import IO, BinaryIO, Final, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FRAME: Final = (0x184D2A5D).to_bytes(4, "little")
COMPRESSED: Final = (0xFD2FB528).to_bytes(4, "little")
DICTIONARY: Final = (0xEC30A437).to_bytes(4, "little")  # RFC 8878, section 5
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


_OPENERS: dict[str, Callable[[BinaryIO], io.BufferedIOBase]] = {
    "bz2": bz2.BZ2File,
    "gzip": lambda stream: gzip.GzipFile(fileobj=stream, mode="rb"),
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
