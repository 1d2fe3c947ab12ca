"""HTTP's codings of a body, undone with a cap: chunked, gzip, deflate, br and zstd.

Archives hold bodies as they came, or decoded with the old headers left in place, or cut off.
What can be read of them is given, and what was wrong is said.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from copydesk.tasks.sources.streams.compression import DAMAGED, TooLargeError

CODINGS_AT_MOST = 3  # servers apply one, at times two; a long row of them is an attack
STEP = 1 << 20  # bytes unpacked at once

_CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body without its codings; ``problem`` says why it may lack its end."""

    body: bytes
    problem: str | None = None


def decode_body(body: bytes, transfer: str | None, content: str | None, cap: int) -> Decoded:
    """Undo the codings that two headers name; ``TooLargeError`` beyond ``cap`` bytes.

    A coding that the body does not have after all is passed over.
    """
    names = [
        name
        for header in (content, transfer)  # in the order in which they were applied
        for part in (header or "").lower().split(",")
        if (name := part.strip().removeprefix("x-")) not in ("", "identity")
    ]
    if len(names) > CODINGS_AT_MOST:
        return Decoded(body, f"{len(names)} codings")
    problem = None
    for name in reversed(names):
        decode = _DECODERS.get(name)
        if decode is None:
            return Decoded(body, f"unknown coding {name[:20]}")
        step = decode(body, cap)
        body, problem = step.body, problem or step.problem
    if len(body) > cap:
        raise TooLargeError(cap)
    return Decoded(body, problem)


def _dechunk(body: bytes, _cap: int) -> Decoded:
    parts: list[bytes] = []
    position = 0
    while header := _CHUNK_SIZE.match(body, position):
        size = int(header[1], 16)
        position = header.end()
        if size == 0:
            return Decoded(b"".join(parts))
        parts.append(body[position : position + size])
        position += size
        if position > len(body):
            break
    if not parts:
        return Decoded(body)  # an archive that kept the header and not the chunks
    return Decoded(b"".join(parts), "a chunk is missing")


def _unpack(open_: Callable[[], _Unpacker]) -> Callable[[bytes, int], Decoded]:
    """Make a decoder of compressed streams that may follow one another."""

    def decode(body: bytes, cap: int) -> Decoded:
        output = bytearray()
        remaining = body
        problem = None
        while remaining:
            stream = open_()
            try:
                piece = stream.unpack(remaining)
                while piece is not None:
                    output += piece
                    if len(output) > cap:
                        raise TooLargeError(cap)
                    piece = stream.unpack(b"")
            except DAMAGED as error:
                problem = str(error) or "damaged"
                break
            if not stream.ended:
                problem = "it ends too soon"
                break
            remaining = stream.rest
        if not output and problem is not None:
            return Decoded(body)  # it never had this coding
        if output and remaining and problem and remaining is not body:
            problem = None  # whole streams, and something else behind them
        return Decoded(bytes(output), problem)

    return decode


class _Unpacker:
    """One compressed stream; ``unpack`` gives None when it has nothing more to give."""

    ended = False
    rest = b""

    def unpack(self, data: bytes) -> bytes | None:
        raise NotImplementedError


class _Zlib(_Unpacker):
    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)
        self._kept = b""

    def unpack(self, data: bytes) -> bytes | None:
        data = self._kept or data
        if self.ended or not data:
            return None
        piece = self._inner.decompress(data, STEP)
        self._kept = self._inner.unconsumed_tail
        self.ended = self._inner.eof
        self.rest = self._inner.unused_data
        return piece


class _Deflate(_Unpacker):
    """``deflate`` is zlib's format by its specification, and often without zlib's header."""

    def __init__(self) -> None:
        self._inner: _Zlib | None = None

    def unpack(self, data: bytes) -> bytes | None:
        if self._inner is None:
            has_header = len(data) > 1 and data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._inner = _Zlib(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        piece = self._inner.unpack(data)
        self.ended, self.rest = self._inner.ended, self._inner.rest
        return piece


class _Zstd(_Unpacker):
    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd

        self._inner = zstd.ZstdDecompressor()

    def unpack(self, data: bytes) -> bytes | None:
        if self.ended or (not data and self._inner.needs_input):
            return None
        piece = self._inner.decompress(data, STEP)
        self.ended = self._inner.eof
        self.rest = self._inner.unused_data if self.ended else b""
        return piece


class _Brotli(_Unpacker):
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]

        self._inner = brotli.Decompressor()
        self._error = brotli.error

    def unpack(self, data: bytes) -> bytes | None:
        if self.ended or (not data and self._inner.can_accept_more_data()):
            return None
        try:
            piece: bytes = self._inner.process(data, output_buffer_limit=STEP)
        except self._error as error:
            raise OSError("not brotli") from error
        self.ended = self._inner.is_finished()
        return piece


_DECODERS: dict[str, Callable[[bytes, int], Decoded]] = {
    "br": _unpack(_Brotli),
    "chunked": _dechunk,
    "deflate": _unpack(_Deflate),
    "gzip": _unpack(lambda: _Zlib(16 + zlib.MAX_WBITS)),
    "zstd": _unpack(_Zstd),
}
