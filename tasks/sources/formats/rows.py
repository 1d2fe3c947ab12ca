"""Shared by tables: each row is an item, found again by its position."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.column_names import RowDocument, map_columns, read_row
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.streams.reader_cache import ReaderPool


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """One or several rows that are no article: a reason, a sentence for people, and a name.

    Without a name, the row's number names it.
    """

    reason: str
    detail: str
    name: str | None = None
    is_reject: bool = False


Row = tuple[int, Mapping[str, object] | SkippedRow | Exception]
"""A row's position, which grows from row to row, and its values or why there are none."""

Rows = Callable[[Reading, str, int], Generator[Row]]
"""Reads the rows of a file from a position on."""

_waiting: ReaderPool[Generator[Row]] = ReaderPool()


def offer_rows(kind: str, rows: Rows, reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the rows of a file.

    A row is known by its id, else by its address, else by its number. The second row of one id
    is an item of its own.
    """
    hashes: set[bytes] = set()
    try:
        for number, (position, row) in enumerate(rows(reading, entry.path, 0), start=1):
            plain = reading.item(kind, entry.path, str(position), member=str(number))
            if isinstance(row, Exception):
                yield reading.unreadable(plain, row)
                continue
            if isinstance(row, SkippedRow):
                member = _name(row.name, number, hashes)
                item = reading.item(kind, entry.path, str(position), member=member)
                yield skipped_row(reading, item, row)
                continue
            if number == 1 and (problem := _problem(row, reading)):
                whole = reading.item(kind, entry.path, fingerprint=entry.fingerprint)
                yield reading.failed(whole, "no_columns", f"{entry.path}: {problem}")
                return
            try:
                document = _document(row, reading)
            except Exception as error:  # of this row alone
                yield reading.unreadable(plain, error)
                continue
            if document is None:
                yield reading.rejected(plain, RejectReason.EMPTY, f"row {number} has no text")
                continue
            yield reading.item(
                kind,
                entry.path,
                str(position),
                member=_name(document.id, number, hashes),
                url=document.url,
                media_type=document.media_type,
                fingerprint=document.fingerprint,
                hints=document.hints,
            )
    except Exception as error:
        yield reading.unreadable(reading.item(kind, entry.path), error)


def read_rows(
    rows: Rows, reading: Reading, path: str, items: Sequence[Item]
) -> Iterator[RawDocument | Missing]:
    """Read rows at their positions: forward through the file, anew only for a step back."""
    current: Generator[Row] | None = None
    behind = -1
    try:
        key = (rows, reading.storage, path, reading.storage.fingerprint(path))
    except Exception as error:
        yield from (reading.unreadable(item, error) for item in items)
        return
    for item in items:
        target = int(parts(item)[2])
        try:
            if current is None or target <= behind:
                current = _waiting.take(key, target) or rows(reading, path, target)
            behind, row = next(pair for pair in current if pair[0] >= target)
            yield _result(reading, item, row)
        except StopIteration:
            current = None
            yield reading.unreadable(item, EOFError("the file ends before this row"))
        except Exception as error:
            current = None
            yield reading.unreadable(item, error)
    if current is not None:
        _waiting.put(key, behind + 1, current)


def skipped_row(reading: Reading, item: Item, row: SkippedRow) -> Missing:
    """Record why a row is no article."""
    fate = Fate.REJECTED if row.is_reject else Fate.SKIPPED
    detail = f"{item.locator}: {row.detail}"
    return Missing(item, fate, row.reason, detail, reading.clock())


def _result(
    reading: Reading, item: Item, row: Mapping[str, object] | SkippedRow | Exception
) -> RawDocument | Missing:
    if isinstance(row, Exception):
        return reading.unreadable(item, row)
    if isinstance(row, SkippedRow):
        return skipped_row(reading, item, row)
    document = _document(row, reading)
    if document is None or document.fingerprint != item.fingerprint:
        return reading.unreadable(item, ValueError("the file changed while it was read"))
    if len(document.body) > reading.limits.document:
        detail = f"{item.locator} is larger than {reading.limits.document:,} bytes"
        return reading.rejected(item, RejectReason.TOO_LARGE, detail)
    return RawDocument(item, document.body, item.url, reading.clock(), document.media_type)


def _name(identity: str | None, number: int, hashes: set[bytes]) -> str:
    """Name a row apart from those before it."""
    name = identity or str(number)
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()
    if digest in hashes:
        return f"{name}#{number}"
    hashes.add(digest)
    return name


def _problem(row: Mapping[str, object], reading: Reading) -> str | None:
    """Say what is wrong with the columns, by the first row."""
    for field, column in reading.columns.items():
        if column not in row:
            return f"no column {column!r} for {field}. There are: {', '.join(row)}"
    try:
        map_columns(row, reading.columns)
    except ValueError as error:
        return str(error)
    return None


def _document(row: Mapping[str, object], reading: Reading) -> RowDocument | None:
    columns = _columns(tuple(row), tuple(reading.columns.items()))
    return read_row(row, columns) if columns else None


@functools.lru_cache(maxsize=64)
def _columns(names: tuple[str, ...], named_columns: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Map the columns of one shape of rows, of which most files have one."""
    try:
        return map_columns(names, dict(named_columns))
    except ValueError:
        return {}
