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
from typing import Final

from copydesk.tasks.sources.streams.compression import DAMAGED, TooLargeError

CODINGS_AT_MOST = 3  # servers apply one, at times two; a long row of them is an attack
STEP = 1 << 20  # bytes unpacked at once

_CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


_GZIP_HEADER = re.compile(
    rb"\x1f\x8b\x08(?:[\x00\x01].{6}|[\x08\x09].{6}[^\x00]{0,255}\x00)", re.DOTALL
)
"""RFC 1952: without more fields, or with the file's name."""
_END_OF_PAGE = re.compile(
    rb"</html\s*>(?:\s|<!--[^<>]{0,2000}-->|</?[a-z]{1,10}>){0,40}\Z", re.IGNORECASE
)
_SHOWN: Final = 4096  # bytes from which text is told from what is packed


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
            problem = problem or (None if _is_text(body) else f"unknown coding {name[:20]}")
            continue
        step = decode(body, cap)
        body, problem = step.body, problem or step.problem
    if len(body) > cap:
        raise TooLargeError(cap)
    return Decoded(body, None if problem and is_whole_page(body) else problem)


def is_whole_page(body: bytes) -> bool:
    """Return whether a page's last tag is there, so that nothing of it can be missing."""
    return _END_OF_PAGE.search(body, max(0, len(body) - _SHOWN)) is not None


def _is_text(body: bytes) -> bool:
    """Tell text in any encoding from packed bytes, which have control characters among them."""
    head = body[:_SHOWN]
    wide = head.count(b"\0") > len(head) // 3  # UTF-16
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head)
    return wide or controls * 50 <= len(head)


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
    if position <= len(body) and not body[position:].strip():
        return Decoded(b"".join(parts))  # all chunks, without the empty one that says so
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
            remaining = stream.unused
        if not output and problem is not None:
            return Decoded(body) if _is_text(body) else Decoded(b"", problem)  # never coded so
        if output and remaining and problem and remaining is not body:
            problem = None  # whole streams, and something else behind them
        return Decoded(bytes(output), problem)

    return decode


def _gunzip(body: bytes, cap: int) -> Decoded:
    """Undo gzip; browsers ask for no checksum, and many a server leaves it out or has it wrong."""
    decoded = _gunzip_checked(body, cap)
    header = _GZIP_HEADER.match(body)
    if decoded.problem is None or header is None:
        return decoded
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        output = inflater.decompress(body[header.end() :], cap + 1)
    except zlib.error:
        return decoded
    if len(output) > cap:
        raise TooLargeError(cap)
    return Decoded(output) if inflater.eof else decoded


def _unbrotli(body: bytes, cap: int) -> Decoded:
    """Undo brotli; its library takes nothing that stands behind the stream, as line breaks do."""
    decoded = _unbrotli_exact(body, cap)
    stripped = body.rstrip(b"\r\n")
    if decoded.problem is None or stripped == body:
        return decoded
    again = _unbrotli_exact(stripped, cap)
    return again if again.problem is None else decoded


class _Unpacker:
    """One compressed stream; ``unpack`` gives None when it has nothing more to give."""

    ended = False
    unused = b""

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
        self.unused = self._inner.unused_data
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
        self.ended, self.unused = self._inner.ended, self._inner.unused
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
        self.unused = self._inner.unused_data if self.ended else b""
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


_unbrotli_exact: Final = _unpack(_Brotli)
_gunzip_checked: Final = _unpack(lambda: _Zlib(16 + zlib.MAX_WBITS))

_DECODERS: dict[str, Callable[[bytes, int], Decoded]] = {
    "aws-chunked": _dechunk,
    "br": _unbrotli,
    "chunked": _dechunk,
    "deflate": _unpack(_Deflate),
    "gzip": _gunzip,
    "zstd": _unpack(_Zstd),
}
