"""Walks the records of a web archive, past damaged ones.

A position is written ``m`` and the offset of a gzip member, or ``s`` and the offset in what is
under the compression of the whole file, if it has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from copydesk.tasks.sources.files.media_types import compression_of
from copydesk.tasks.sources.formats.warc.arc import LONGEST_LINE, read_arc_line
from copydesk.tasks.sources.formats.warc.records import HEAD, WARC, read_record, record_size
from copydesk.tasks.sources.streams.compression import DAMAGED
from copydesk.tasks.sources.streams.gzip_members import MAGIC, members, read_member

BEGINNINGS = (WARC, b"filedesc:", b"http")
"""What the records of a gzip file begin with: WARC's, and ARC's."""
CLOSING = 8  # bytes of line breaks behind a record: four by the standard, some writers put more
BLOCK = 1 << 18  # bytes searched at once, after less: the next record may be near
NEAR = 1 << 12
_MARK = re.compile(rb"\n(?:(WARC/)|https?:)")


@dataclass(frozen=True, slots=True)
class RecordBeginning:
    """A record's position and its first bytes, or the place where one is lost."""

    position: str
    head: bytes = b""
    problem: str | None = None


def compression_of_archive(stream: BinaryIO, name: str) -> str | None:
    """Tell how an archive is compressed as a whole, or ``each`` if every record is by itself.

    What the file begins with counts more than its name, if it is not damaged there.
    """
    stream.seek(0)
    beginning = stream.read(len(WARC))
    if beginning == WARC:
        return None
    compression = "gzip" if beginning.startswith(MAGIC) else compression_of(name)
    if compression != "gzip":
        return compression
    first, _ = read_member(stream, 0, HEAD)
    size = record_size(first.head) if first else None
    several = first is not None and size is not None and first.size > size + CLOSING
    return "gzip" if several else "each"


def walk_members(stream: BinaryIO) -> Iterator[RecordBeginning]:
    """Walk through records that are each a gzip member."""
    for member in members(stream, 0, 2 * HEAD, BEGINNINGS):
        position = f"m{member.offset}"
        if is_record(member.head):
            yield RecordBeginning(
                position, member.head
            )  # if it is damaged further on, reading it will tell
        elif member.head.strip() or member.problem:
            yield RecordBeginning(
                position, problem=member.problem or "no record where one is expected"
            )


def walk_stream(stream: BinaryIO) -> Iterator[RecordBeginning]:
    """Walk through records that stand one after the other.

    Where a record's length leads to no other record, the next is looked for behind its headers.
    """
    position = behind = 0
    while True:
        label = f"s{position}"
        try:
            stream.seek(position)
            data = read_record(stream, HEAD)
        except DAMAGED as error:
            yield RecordBeginning(label, problem=str(error) or type(error).__name__)
            return
        size = record_size(data)
        if data and not data.strip(b"\r\n"):
            position += len(data)
        elif data.lower().startswith(b"filedesc:") and is_record(data):
            start = _find(stream, position)  # its length is wrong in many an archive
            if start is None:
                return
            position, behind = start, start + len(WARC)
        elif size is not None and is_record(data):
            yield RecordBeginning(label, data)
            position, behind = position + size, position + len(WARC)
        else:
            if data:
                yield RecordBeginning(label, problem="no record where one is expected")
            elif not _is_beyond_end(stream, position):
                return
            next_offset = _find(stream, behind)
            if next_offset is None:
                return
            position, behind = next_offset, next_offset + len(WARC)


def is_record(data: bytes) -> bool:
    """Return whether bytes begin with a record whose size is known."""
    if not data.startswith(WARC) and read_arc_line(data) is None:
        return False
    return record_size(data) is not None


def _is_beyond_end(stream: BinaryIO, position: int) -> bool:
    """Return whether the last record's length pointed beyond the end of the file."""
    try:
        stream.seek(max(0, position - 1))
        return position > 0 and not stream.read(1)
    except DAMAGED:
        return False


def _find(stream: BinaryIO, start: int) -> int | None:
    """Find the next line that begins a record."""
    window = b""
    base = start
    size = NEAR
    try:
        stream.seek(start)
        while block := stream.read(size):
            size = min(2 * size, BLOCK)
            window += block
            for mark in _MARK.finditer(window):
                if mark[1] or read_arc_line(window[mark.start() + 1 :][:LONGEST_LINE]) is not None:
                    return base + mark.start() + 1
            base += max(0, len(window) - LONGEST_LINE)
            window = window[-LONGEST_LINE:]
    except DAMAGED:
        return None
    return None
