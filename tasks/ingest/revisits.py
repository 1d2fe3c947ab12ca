"""Resolve revisit records of web archives, whose originals are in other sources or in the lake.

A source resolves what it can in its own archives. The other originals are looked for among the
records of the run's other sources, and among the bytes that earlier runs stored. The records of a
run also resolve revisits that wait in the lake, of any source.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.json_form import from_json, to_json
from copydesk.tasks.sources.formats.context import UNRESOLVED
from copydesk.tasks.sources.formats.warc.payload_index import PayloadIndex, RecordLocation
from copydesk.tasks.sources.source import KnownTransport, Source
from copydesk.warehouse.history.revisit_payloads import (
    Revisit,
    StoredOriginal,
    originals,
    pending_revisits,
)
from copydesk.warehouse.storage.raw_files import read_many

if TYPE_CHECKING:
    from copydesk.warehouse.history.revisit_payloads import PendingRevisits
    from copydesk.warehouse.lake import Lake

_MARK = "revisit "
"""Prefix of the handle of an item that is read here; handles of sources are JSON."""

_RECORDS = ('["warc"', '["wacz"')
_TOGETHER = 10_000  # revisits per query of the ledger: about 10 MB
_HELD = 20  # documents in memory at once


@dataclass(frozen=True, slots=True)
class _Repeats:
    """The original of a revisit: bytes stored in the lake, or a record of one of the sources."""

    observed_at: datetime
    how: Mapping[str, str] = field(default_factory=dict)
    kept: StoredOriginal | None = None
    record: Item | None = None


def with_originals(
    offered: Iterable[Item | Missing], lake: Lake, *, several: bool, of_slice: str | None = None
) -> Iterator[Item | Missing]:
    """Yield what sources offer, with revisits replaced by items if their originals are elsewhere.

    ``several`` is true if there is more than one source. ``of_slice`` is the slice being read:
    revisits that its earlier runs resolved wait again, because this run replaces those runs.
    """
    unresolved: list[Missing] = []
    with contextlib.ExitStack() as stack:
        waiting: PendingRevisits | None = None
        records: PayloadIndex | None = None
        for offer in offered:
            if isinstance(offer, Missing) and offer.reason == UNRESOLVED:
                unresolved.append(offer)
                if len(unresolved) >= _TOGETHER and not several:  # an original may follow
                    yield from _resolved(unresolved, lake, records)
                    unresolved = []
                continue
            if isinstance(offer, Item) and offer.handle.startswith(_RECORDS):
                if waiting is None:
                    waiting = stack.enter_context(
                        pending_revisits(lake, UNRESOLVED, of_slice=of_slice)
                    )
                    records = PayloadIndex() if several or len(waiting) else None
                if records is not None:
                    _remember(records, offer)
            yield offer
        yield from _resolved(unresolved, lake, records)
        for revisit, original in waiting.revisits() if waiting is not None and len(waiting) else ():
            if (item := _readable(revisit, original, records)) is not None:
                yield item


def sources_of(items: Iterable[Item]) -> set[str]:
    """Return the names of the sources that must be asked for the items."""
    names = set()
    for item in items:
        if not is_revisit(item):
            names.add(item.source)
        elif (record := _repeats(item).record) is not None:
            names.add(record.source)
    return names


def is_revisit(item: Item) -> bool:
    """Return whether an item is read by ``read_revisits``."""
    return item.handle.startswith(_MARK)


def read_revisits(
    lake: Lake, items: Sequence[Item], sources: Mapping[str, Source], known: KnownTransport
) -> Iterator[RawDocument | Missing]:
    """Read the originals of revisits; if one cannot be read, its revisit continues to wait."""
    for start in range(0, len(items), _HELD):
        waiting = [(item, _repeats(item)) for item in items[start : start + _HELD]]
        places = [
            (repeats.kept.file, repeats.kept.offset, repeats.kept.length, repeats.kept.raw_sha256)
            for _, repeats in waiting
            if repeats.kept is not None
        ]
        bodies = iter(read_many(lake.store, places))
        for item, repeats in waiting:
            if repeats.kept is not None:
                yield _of_kept(item, repeats, repeats.kept, next(bodies))
            elif repeats.record is not None:
                (read,) = sources[repeats.record.source].acquire([repeats.record], known)
                yield _of_record(item, repeats, read)


def _of_kept(
    item: Item, repeats: _Repeats, original: StoredOriginal, body: bytes | None
) -> RawDocument | Missing:
    if body is None:
        return _still_waits(item, repeats, "its bytes are gone")
    return RawDocument(item, body, item.url, repeats.observed_at, original.media_type, original.how)


def _of_record(item: Item, repeats: _Repeats, read: RawDocument | Missing) -> RawDocument | Missing:
    if isinstance(read, Missing):
        return _still_waits(item, repeats, read.detail)
    return replace(read, item=item, url=item.url, observed_at=repeats.observed_at)


def _still_waits(item: Item, repeats: _Repeats, why: str) -> Missing:
    detail = f"{item.url} was unchanged, and what it repeats cannot be read: {why}"
    return Missing(item, Fate.SKIPPED, UNRESOLVED, detail, repeats.observed_at, repeats.how)


def _resolved(
    unresolved: Sequence[Missing], lake: Lake, records: PayloadIndex | None
) -> Iterator[Item | Missing]:
    """Yield the revisits of this run as items, if their originals are found."""
    stored_originals = (
        originals(lake, [revisit.how for revisit in unresolved]) if unresolved else {}
    )
    for number, revisit in enumerate(unresolved):
        yield _readable(revisit, stored_originals.get(number), records) or revisit


def _readable(
    revisit: Missing | Revisit, original: StoredOriginal | None, records: PayloadIndex | None
) -> Item | None:
    """Return a revisit as an item that is read here; None if its original is not found."""
    record = _record(revisit.how, records)
    if record is None and original is None:
        return None
    repeats = _Repeats(revisit.observed_at, revisit.how, original, record)
    return replace(revisit.item, handle=_MARK + to_json(repeats, without_defaults=True).decode())


def _remember(records: PayloadIndex, item: Item) -> None:
    from copydesk.tasks.sources.formats.warc.reader import record_keys, record_position

    if keys := record_keys(item):
        archive, position = record_position(item)
        records.add(keys, RecordLocation(item.source, archive, position))


def _record(transport: Mapping[str, str], records: PayloadIndex | None) -> Item | None:
    """Return the record of this run that a revisit repeats, if any."""
    from copydesk.tasks.sources.formats.warc.reader import record_item

    location = records.find(transport.values()) if records is not None else None
    return None if location is None else record_item(*location)


def _repeats(item: Item) -> _Repeats:
    return from_json(_Repeats, item.handle.removeprefix(_MARK))
