"""CSV and TSV; positions are row numbers, for a quoted field may hold any line break.

A row that does not fit the header is read once more in the ways in which other programs write
quotes. A quote that is not closed loses its own row: the rows behind it are read as rows.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.cleaning.encoding import looks_wide
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.files.media_types import without_compression
from copydesk.tasks.sources.formats.column_names import map_columns
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.rows import Row, SkippedRow, offer_rows, read_rows
from copydesk.tasks.sources.streams.compression import TooLargeError

DELIMITERS: Final = ",;\t|"
HEAD: Final = 65_536  # bytes looked at to tell the encoding, at the first that are not ASCII
SAMPLE: Final = 20  # rows by which the delimiter is chosen
HEADER_WITHIN: Final = 10  # rows among which the header is looked for
LINES_AT_MOST: Final = 100_000
"""Lines of one row: beyond, its quote was never closed."""

_SEPARATOR: Final = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)
"""The first line that Excel writes and reads."""
_VARIANTS: Final[tuple[Mapping[str, object], ...]] = (
    {"escapechar": "\\"},
    {"skipinitialspace": True},
    {"quotechar": "'"},
)
"""Ways of quoting that are tried with a row that does not fit."""

Record = tuple[list[str], Exception | None]
"""The values of a row, or why it has none."""


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the rows under the header."""
    return offer_rows("csv", _rows, reading, entry)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read rows."""
    return read_rows(_rows, reading, path, items)


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    csv.field_size_limit(reading.limits.line)
    with reading.open(path) as stream:
        encoding = _encoding(stream)
        stream.seek(0)
        lines = _Lines(_decoded(stream, encoding, reading.limits.line))
        is_tsv = without_compression(path).lower().endswith(".tsv")
        delimiter = _delimiter(lines, reading, is_tsv=is_tsv)
        head = _header(_records(lines, delimiter, 0), reading)
        for number, row in enumerate(_all_rows(head, lines, delimiter)):
            if number >= position:
                yield number, row


def _all_rows(
    head: _Head, lines: _Lines, delimiter: str
) -> Iterator[Mapping[str, object] | SkippedRow | Exception]:
    for text in head.before:
        yield SkippedRow("before_header", f"before the header: {text}")
    width = len(head.names)
    for values, problem in chain(head.behind, _records(lines, delimiter, width)):
        if problem is None and any(values[width:]):
            yield ValueError(f"{len(values)} values under {width} columns")
        else:
            yield problem or dict(zip(head.names, values, strict=False))


@dataclass(frozen=True, slots=True)
class _Head:
    """The header, the rows before it as texts, and rows behind it that were read to find it."""

    names: list[str]
    before: list[str]
    behind: list[Record]


def _header(records: Iterator[Record], reading: Reading) -> _Head:
    """Find the row that names the columns of an article, else take the first as the header."""
    tried: list[Record] = []
    for values, problem in islice(records, HEADER_WITHIN):
        if problem is None and _names_columns(values, reading):
            return _Head(_stripped(values), [" ".join(row)[:200] for row, _ in tried], [])
        tried.append((values, problem))
    return _Head(_stripped(tried[0][0]) if tried else [], [], tried[1:])


def _stripped(names: Sequence[str]) -> list[str]:
    return [name.strip() or f"column {index}" for index, name in enumerate(names, start=1)]


def _names_columns(values: list[str], reading: Reading) -> bool:
    names = [name.strip() for name in values]
    try:
        map_columns(names, reading.columns)
    except ValueError:
        return False
    return all(column in names for column in reading.columns.values())


class _Lines:
    """Lines that can be put back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LINES_AT_MOST:
            raise csv.Error("too many lines")
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def start(self) -> None:
        """Forget what was taken: a new row begins."""
        self.taken = []

    def put_back(self, kept: int = 0) -> None:
        """Put back what was taken, but for the first lines."""
        self._returned.extendleft(reversed(self.taken[kept:]))
        self.taken = []


def _records(lines: _Lines, delimiter: str, width: int) -> Iterator[Record]:
    """Read rows of ``width`` values; 0 where that is not known."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    variants = [_variant(lines, delimiter, variant) for variant in _VARIANTS]
    while True:
        lines.start()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _mended(lines, variants, delimiter, width, error)
            continue
        if not values or not any(value.strip() for value in values):
            continue
        if len(values) <= width or not width or not any(values[width:]):
            if len(lines.taken) > 2 and _swallows_rows(lines.taken, delimiter, width):
                lines.put_back(kept=1)
                yield [], ValueError("an unclosed quote")
            else:
                yield values, None
            continue
        problem = ValueError(f"{len(values)} values under {width} columns")
        yield _mended(lines, variants, delimiter, width, problem)


def _variant(lines: _Lines, delimiter: str, settings: Mapping[str, object]) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True, **settings)  # type: ignore[arg-type]


def _mended(
    lines: _Lines,
    variants: Sequence[Iterator[list[str]]],
    delimiter: str,
    width: int,
    error: Exception,
) -> Record:
    """Read a row that does not fit in another way, or say what is wrong with it."""
    count = len(lines.taken)
    # quotes that are not closed are no matter of another quotation mark
    for variant in variants[:-1] if isinstance(error, csv.Error) else variants:
        lines.put_back()
        try:
            values = next(variant)
        except (csv.Error, StopIteration):
            continue
        if len(values) == width and not _swallows_rows(lines.taken, delimiter, width):
            return values, None
    lines.put_back()
    taken = [next(lines) for _ in range(count)]
    if not isinstance(error, csv.Error):
        return [], error
    mended = _with_loose_quotes(taken, delimiter, width, is_open=_is_open(error))
    lines.put_back(kept=mended[1] if mended else 1)
    if mended is not None:
        return mended[0], None
    if "field limit" in str(error):
        return [], TooLargeError(csv.field_size_limit())
    return [], ValueError("an unclosed quote")


def _with_loose_quotes(
    taken: Sequence[str], delimiter: str, width: int, *, is_open: bool
) -> tuple[list[str], int] | None:
    """Read a row with quotes within quotes, or, between tabs, with quotes that are text.

    Gives the values and the number of lines they stand in; None where the row has another width.
    """
    first = taken[0].rstrip("\r\n")
    if delimiter == "\t" and len(first.split("\t")) == width:
        return first.split("\t"), 1
    if not is_open and (values := _values(first, delimiter)) and len(values) == width:
        return values, 1
    if len(taken) > 1 and not is_open and not _has_rows(taken[1:], delimiter, width):
        values = next(csv.reader(taken, delimiter=delimiter), [])
        if len(values) == width:
            return values, len(taken)
    return None


def _values(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _is_open(error: csv.Error) -> bool:
    """Tell that the file ended, or too much of it came, within quotes."""
    return "expected after" not in str(error)


def _has_rows(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Return whether at least half of some lines have as many values as a row."""
    fitting = sum(_count(line, delimiter) == width for line in lines)
    return width > 1 and 2 * fitting >= len(lines)


def _swallows_rows(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Return whether the lines within a row's quotes are surely rows: as many values, as its id."""
    if width < 3 or len(lines) < 3:
        return False
    shape = _shape(lines[0], delimiter)
    return shape != "" and all(
        _count(line, delimiter) == width and _shape(line, delimiter) == shape
        for line in lines[1:-1]
    )


def _shape(line: str, delimiter: str) -> str:
    first = line.partition(delimiter)[0].strip().strip('"')
    if first.isdecimal():
        return "number"
    return "address" if first.startswith(("http://", "https://")) else ""


def _count(line: str, delimiter: str) -> int:
    return len(_values(line, delimiter))


def _delimiter(lines: _Lines, reading: Reading, *, is_tsv: bool) -> str:
    """Choose the delimiter that gives a header, then the one of most rows of the same width."""
    first = next(lines, "")
    if match := _SEPARATOR.fullmatch(first):
        lines.start()
        return match[1]
    while len(lines.taken) < SAMPLE and next(lines, None) is not None:
        pass
    sample = list(lines.taken)
    lines.put_back()
    order = ("\t" if is_tsv else "") + DELIMITERS
    return max(order, key=lambda delimiter: _fit(sample, delimiter, reading))


def _fit(sample: Iterable[str], delimiter: str, reading: Reading) -> tuple[bool, int, int]:
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(row for row in csv.reader(sample, delimiter=delimiter) if row)
    header = next((row for row in rows[:HEADER_WITHIN] if _names_columns(row, reading)), None)
    width = len(header or max(rows[:HEADER_WITHIN], key=len, default=[]))
    if width < 2:
        return header is not None and len(rows[0]) == 1, 0, 0
    return header is not None, sum(len(row) == width for row in rows), width


def _encoding(stream: BinaryIO) -> str:
    """Tell the encoding, by the mark at the beginning or by the first bytes that are not ASCII."""
    head = stream.read(HEAD)
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"),
                          (b"\xfe\xff", "utf-16")):  # fmt: skip
        if head.startswith(bom):
            return encoding
    if wide := looks_wide(head):
        return wide
    while head and head.isascii():
        head = stream.read(HEAD)
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if 4 < error.start < len(head) - 4 or not _is_utf8(head[4:-4]):  # not cut at an end
            import chardet

            return chardet.detect(head)["encoding"] or "cp1252"
    return "utf-8"


def _is_utf8(data: bytes) -> bool:
    return not data.isascii() and "\ufffd" not in data.decode("utf-8", "replace")


def _decoded(stream: BinaryIO, encoding: str, cap: int) -> Iterator[str]:
    """Yield the lines, each in UTF-8 if it is that, for files are put together from several."""
    if encoding.lower().startswith(("utf-16", "utf-32", "iso-2022", "hz")):
        for line in io.TextIOWrapper(stream, encoding, errors="replace", newline=""):
            yield line.replace("\0", "")
        return
    fallback = "cp1252" if encoding.lower().replace("-", "") in ("utf8", "ascii") else encoding
    for data in _lines(stream, cap):
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode(fallback, "replace")
        yield text.replace("\0", "").removeprefix("\ufeff")


def _lines(stream: BinaryIO, cap: int) -> Iterator[bytes]:
    """Cut a stream at line breaks of every kind; a line beyond the cap is cut there."""
    unfinished = bytearray()
    while data := stream.read(HEAD):
        if data.endswith(b"\r"):
            data += stream.read(1)
        for piece in data.splitlines(keepends=True):
            unfinished += piece
            if piece.endswith((b"\n", b"\r")) or len(unfinished) > cap:
                yield bytes(unfinished)
                unfinished.clear()
    if unfinished:
        yield bytes(unfinished)
