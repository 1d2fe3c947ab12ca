"""Shared by tables: each row is an item, found again by its position."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.column_names import (
    RowDocument,
    map_columns,
    read_row,
    row_identity,
)
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


ROWS_TRIED = 100
"""Rows of which one must have the columns of an article, else the file has none."""

Row = tuple[int, Mapping[str, object] | SkippedRow | Exception]
"""A row's position, which grows from row to row, and its values or why there are none."""

Rows = Callable[[Reading, str, int], Generator[Row]]
"""Reads the rows of a file from a position on."""

_waiting: ReaderPool[Generator[Row]] = ReaderPool()


def offer_rows(
    kind: str, rows: Rows, reading: Reading, entry: Entry, *, is_optional: bool = False
) -> Iterator[Item | Missing]:
    """Offer the rows of a file.

    A row is known by its id, else by its address, else by its number. The second row of one id
    is an item of its own. ``is_optional``: a file without columns of an article is ignored.
    """
    hashes: set[bytes] = set()
    undecided = _Undecided(reading)
    try:
        for number, (position, row) in enumerate(_merged(rows, reading, entry.path, 0), start=1):
            plain = reading.item(kind, entry.path, str(position), member=str(number))
            if not isinstance(row, (Exception, SkippedRow)) and undecided.is_settled_by(row):
                yield from undecided.take()
            offer = _offer_row(kind, reading, entry.path, position, number, row, plain, hashes)
            if undecided.is_open:
                undecided.add(offer)
                if number >= ROWS_TRIED:
                    break
            else:
                yield offer
    except Exception as error:
        offer = reading.unreadable(reading.item(kind, entry.path), error)
        if undecided.is_open:
            undecided.add(offer)
        else:
            yield offer
    if undecided.is_open and not is_optional:
        whole = reading.item(kind, entry.path, fingerprint=entry.fingerprint)
        yield from undecided.as_failure(whole, entry.path)


class _Undecided:
    """The first rows of a file, as long as none of them has the columns of an article."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._offers: list[Item | Missing] = []
        self._names: dict[str, None] = {}
        self.is_open = True

    def is_settled_by(self, row: Mapping[str, object]) -> bool:
        """Return whether this row is the first with the columns."""
        if not self.is_open:
            return False
        if _problem(row, self._reading) is None:
            return True
        self._names |= dict.fromkeys(row)
        return False

    def add(self, offer: Item | Missing) -> None:
        self._offers.append(offer)

    def take(self) -> list[Item | Missing]:
        """Return what was held, which is now decided."""
        self.is_open = False
        return self._offers

    def as_failure(self, whole: Item, path: str) -> Iterator[Item | Missing]:
        """Yield what could not be read, and that no row has the columns."""
        if not self._names:
            yield from self._offers
            return
        is_row = (RejectReason.EMPTY.value,)
        offers = (each for each in self._offers if isinstance(each, Missing))
        yield from (each for each in offers if each.reason not in is_row)
        problem = _problem(self._names, self._reading)
        yield self._reading.failed(whole, "no_columns", f"{path}: {problem}")


def _offer_row(
    kind: str,
    reading: Reading,
    path: str,
    position: int,
    number: int,
    row: Mapping[str, object] | SkippedRow | Exception,
    plain: Item,
    hashes: set[bytes],
) -> Item | Missing:
    """Make the item of a row, or say why there is none; ``plain`` is named by the row's number."""
    if isinstance(row, Exception):
        return reading.unreadable(plain, row)
    if isinstance(row, SkippedRow):
        member = _name(row.name, number, hashes)
        return skipped_row(reading, reading.item(kind, path, str(position), member=member), row)
    try:
        document = _document(row, reading)
    except Exception as error:  # of this row alone
        return reading.unreadable(plain, error)
    if document is None:
        member = _name(row_identity(row, reading.columns), number, hashes)
        empty = reading.item(kind, path, str(position), member=member)
        return reading.rejected(empty, RejectReason.EMPTY, f"row {number} has no text")
    return reading.item(
        kind,
        path,
        str(position),
        member=_name(document.id, number, hashes),
        url=document.url,
        media_type=document.media_type,
        fingerprint=document.fingerprint,
        hints=document.hints,
    )


def _merged(rows: Rows, reading: Reading, path: str, position: int) -> Generator[Row]:
    """Read rows, with the columns that the folders above the file give."""
    partitions = reading.partitions(path)
    if not partitions:
        yield from rows(reading, path, position)
        return
    for number, row in rows(reading, path, position):
        if isinstance(row, (Exception, SkippedRow)):
            yield number, row
        else:
            own = {name: value for name, value in row.items() if value is not None}
            yield number, {**dict.fromkeys(row), **partitions, **own}


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
                current = _waiting.take(key, target) or _merged(rows, reading, path, target)
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


def _problem(row: Iterable[str], reading: Reading) -> str | None:
    """Say what is wrong with the columns of a row; None if an article can be read from them."""
    row = list(row)
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
