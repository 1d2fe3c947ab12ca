"""JSON Lines: an object a line; positions are bytes of what is under the compression."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import BinaryIO

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.json_text import read_json
from copydesk.tasks.sources.formats.rows import Row, offer_rows, read_rows
from copydesk.tasks.sources.streams.compression import TooLargeError
from copydesk.tasks.sources.streams.reader_cache import cached_reader

BOM = b"\xef\xbb\xbf"
BLANK = b" \t\r\n\v\f\0"
_WIDE = re.compile(
    rb"(?:\xff\xfe)?[^\0]\0(?:[^\0]\0|.?$)|(?:\xfe\xff)?\0[^\0](?:\0[^\0]|$)", re.DOTALL
)
"""The beginning of a line in UTF-16, whose first characters are ASCII."""


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the lines."""
    return offer_rows("jsonl", _rows, reading, entry)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read lines."""
    return read_rows(_rows, reading, path, items)


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    cap = reading.limits.line
    key = (reading.storage, path, reading.storage.fingerprint(path))
    with cached_reader(key, position, lambda: reading.open(path)) as stream:
        stream.seek(position)
        while line := stream.readline(cap + 1):
            if b"\0" in line[:4] and _WIDE.match(line):
                line += _rest_of_wide(stream, line, cap)
            start, position = position, position + len(line)
            if len(line) > cap:
                while (tail := stream.readline(cap)) and not tail.endswith(b"\n"):
                    position += len(tail)
                position += len(tail)
                yield start, TooLargeError(cap)
            elif line.strip(BLANK) and line != BOM:
                yield start, _object(line.removeprefix(BOM))


def _rest_of_wide(stream: BinaryIO, line: bytes, cap: int) -> bytes:
    """Read on to the end of a line of UTF-16, as PowerShell writes it.

    The octet of a line feed that ended ``line`` may be half of another character.
    """
    is_big_endian = line.removeprefix(b"\xfe\xff").startswith(b"\0")
    whole = bytearray(line)
    while whole.endswith(b"\n") and len(whole) <= cap:
        if is_big_endian and len(whole) % 2 == 0 and whole[-2] == 0:
            break
        if not is_big_endian and len(whole) % 2:
            octet = stream.read(1)
            whole += octet
            if octet in (b"", b"\0"):
                break
            if octet == b"\n":
                continue
        more = stream.readline(cap + 1 - len(whole))
        if not more:
            break
        whole += more
    return bytes(whole[len(line) :])


def _object(line: bytes) -> dict[str, object] | Exception:
    try:
        row = read_json(line)
    except ValueError as error:
        return ValueError(f"not JSON: {error}")
    if not isinstance(row, dict):
        return ValueError("not a JSON object")
    hit = row.get("_source")  # of Elasticsearch, as its tools write an index
    return hit if isinstance(hit, dict) and "_index" in row else row
