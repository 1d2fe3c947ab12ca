"""Compressed bytes, opened with a cap: nothing is decompressed further than it may be."""

from __future__ import annotations

import bz2
import gzip
import zlib
from typing import IO, BinaryIO, cast

from backports import zstd

DAMAGED: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
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
    """Open what a stream holds under its compression; reading it may raise ``DAMAGED``."""
    if compression is None:
        return stream
    if compression == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))
    if compression == "bz2":
        return cast(BinaryIO, bz2.BZ2File(stream))
    return cast(BinaryIO, zstd.ZstdFile(stream))
