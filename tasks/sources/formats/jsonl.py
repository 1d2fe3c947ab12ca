"""JSON Lines: an object a line; positions are bytes of what is under the compression."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.json_text import read_json
from copydesk.tasks.sources.formats.rows import Row, offer_rows, read_rows
from copydesk.tasks.sources.streams.compression import TooLargeError
from copydesk.tasks.sources.streams.reader_cache import cached_reader

BOM = b"\xef\xbb\xbf"


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
            start, position = position, position + len(line)
            if len(line) > cap:
                while (tail := stream.readline(cap)) and not tail.endswith(b"\n"):
                    position += len(tail)
                position += len(tail)
                yield start, TooLargeError(cap)
            elif line.strip() and line != BOM:
                yield start, _object(line.removeprefix(BOM))


def _object(line: bytes) -> dict[str, object] | Exception:
    try:
        row = read_json(line)
    except ValueError as error:
        return ValueError(f"not JSON: {error}")
    return row if isinstance(row, dict) else ValueError("not a JSON object")
