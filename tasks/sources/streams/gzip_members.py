"""The members of a gzip file, one a record, read on after damage.

A web archive compresses each record by itself, so that one can be read without the others. A
damaged member ends every ordinary reader; here the next is looked for, and what lay between
is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from isal import isal_zlib  # as zlib, in half the time

from copydesk.tasks.sources.streams.compression import FILLING

MAGIC = b"\x1f\x8b\x08"  # RFC 1952: two bytes of identification, and deflate
BROKEN: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # a class, not an error
GZIP = 16 + isal_zlib.MAX_WBITS  # a header and a checksum are expected
BLOCK = 1 << 18  # bytes read and unpacked at once
PROBE = 4096  # packed bytes that show whether a member is a record
Beginnings = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A member's place and beginning.

    ``size`` counts all of its unpacked bytes, of which ``head`` holds the first. With a
    ``problem`` the member, or the region where one should be, cannot be read to its end.
    """

    offset: int
    head: bytes = b""
    size: int = 0
    problem: str | None = None
    is_cut: bool = False


def members(stream: BinaryIO, start: int, head: int, beginnings: Beginnings) -> Iterator[Member]:
    """Walk through the members from ``start`` on, keeping ``head`` bytes of each.

    After damage, the walk goes on at the next member that begins with one of ``beginnings``.
    """
    offset: int | None = start
    while offset is not None:
        member, after = read_member(stream, offset, head)
        if member is None:
            return
        yield member
        if member.problem is None and after is not None and _is_member(stream, after):
            offset = after
        elif member.problem is None and (after is None or _is_filling(stream, after)):
            return
        else:
            if member.problem is None and after is not None:
                offset = after
                yield Member(after, problem="no gzip member where one is expected")
            offset = _find(stream, offset + 1, beginnings)


def read_member(
    stream: BinaryIO, offset: int, head: int, *, to_end: bool = True
) -> tuple[Member | None, int | None]:
    """Read the member at ``offset`` and tell where it ends; None at the end of the file.

    If not ``to_end``, reading stops when ``head`` bytes are there.
    """
    stream.seek(offset)
    unpacker = isal_zlib.decompressobj(GZIP)
    pieces: list[bytes] = []  # joined once: a single one is not copied
    kept = size = 0
    position = offset
    block = b""
    while True:
        data = unpacker.unconsumed_tail
        if not data:
            data = block = stream.read(BLOCK)
            position += len(block)
        if not data:
            if position == offset:
                return None, None
            problem = "the file ends in the middle of it"
            return Member(offset, b"".join(pieces), size, problem, is_cut=True), None
        try:
            piece = unpacker.decompress(data, BLOCK)
        except BROKEN as error:
            return Member(offset, b"".join(pieces), size, str(error)), None
        size += len(piece)
        if kept < head:
            pieces.append(piece[: head - kept])
            kept += len(pieces[-1])
        if unpacker.eof or (kept >= head and not to_end):
            return Member(offset, b"".join(pieces), size), position - len(unpacker.unused_data)


def _is_member(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    return stream.read(len(MAGIC)) == MAGIC


def _is_filling(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    while block := stream.read(BLOCK):
        if block.strip(FILLING):
            return False
    return True


def _find(stream: BinaryIO, start: int, beginnings: Beginnings) -> int | None:
    """Find the next member that holds one of ``beginnings`` first, which is never by chance."""
    stream.seek(start)
    window = b""
    base = start
    while block := stream.read(BLOCK):
        window += block
        index = window.find(MAGIC)
        while index >= 0:
            if _begins(stream, base + index, beginnings):
                return base + index
            index = window.find(MAGIC, index + 1)
        stream.seek(base + len(window))
        keep = min(len(window), len(MAGIC) - 1)
        base += len(window) - keep
        window = window[len(window) - keep :]
    return None


def _begins(stream: BinaryIO, offset: int, beginnings: Beginnings) -> bool:
    stream.seek(offset)
    try:
        data = isal_zlib.decompressobj(GZIP).decompress(stream.read(PROBE), 64)
    except BROKEN:
        return False
    return data.startswith(beginnings)
