"""CSV and TSV; positions are row numbers, for a quoted field may hold any line break."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from itertools import islice

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.rows import Row, offer_rows, read_rows

DELIMITERS = ",;\t|"
HEAD = 65_536  # bytes looked at to tell encoding and delimiter: a header and some rows


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the rows under the header."""
    return offer_rows("csv", _rows, reading, entry)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read rows."""
    return read_rows(_rows, reading, path, items)


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    csv.field_size_limit(reading.limits.line)
    with reading.open(path) as stream:
        head = stream.read(HEAD)
        encoding = _encoding(head)
        stream.seek(0)
        lines = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        delimiter = _delimiter(head.decode(encoding, "replace"))
        table = csv.reader(lines, delimiter=delimiter)
        header = [
            name.strip() or f"column {index}" for index, name in enumerate(next(table, []), start=1)
        ]
        for number, values in enumerate(islice(table, position, None), start=position):
            if len(values) > len(header):
                yield number, ValueError(f"{len(values)} values under {len(header)} columns")
            elif values:
                yield number, dict(zip(header, values, strict=False))


def _encoding(head: bytes) -> str:
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                          (b"\xfe\xff", "utf-16")):  # fmt: skip
        if head.startswith(bom):
            return encoding
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not just a character that the head's end cuts
            import chardet

            return chardet.detect(head)["encoding"] or "cp1252"
    return "utf-8"


def _delimiter(head: str) -> str:
    header = head.split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)
