"""Compressed bytes, opened with a cap: nothing is decompressed further than it may be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, BinaryIO, cast

from backports import zstd

from tasks.sources.zstd_dictionary import open_zstd

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
    left = cap + 1
    while left > 0 and (part := stream.read(min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
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

    def __init__(self, opened: io.BufferedIOBase | BinaryIO, below: BinaryIO) -> None:
        super().__init__(cast(io.RawIOBase, opened))
        self._below = below

    def close(self) -> None:
        """Close both."""
        try:
            super().close()
        finally:
            self._below.close()
