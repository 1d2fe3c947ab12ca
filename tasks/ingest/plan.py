"""What a run has to read: its items against what the lake already knows of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from copydesk.schemas.items import Fate, Item, Missing

ItemKey = tuple[str, str]
"""What an item is in a run: its source's name, and its locator."""

LEAST_SHARE = 50
"""Items of a batch below which staging costs more than another process saves."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """What the latest run that counts recorded of an item."""

    fingerprint: str | None
    fate: str
    reason: str | None = None
    article_id: str | None = None
    content_hash: str | None = None
    raw_sha256: str | None = None
    cleaner_version: str | None = None
    how: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnchangedItem:
    """An item whose fingerprint is the one that the lake knows: there is nothing to read."""

    item: Item
    known: StoredItem


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """A part of a run that is worked on, staged and, after a crash, repeated as a whole.

    ``known`` is, by locator, what the transport said of the items to read when they were last
    read: validators and the like. ``positions`` and ``seen_positions`` are the places of ``items``
    and ``seen`` in all that the run's sources offer.
    """

    number: int
    items: tuple[Item, ...] = ()
    seen: tuple[UnchangedItem, ...] = ()
    missing: tuple[Missing, ...] = ()
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    positions: tuple[int, ...] = ()
    seen_positions: tuple[int, ...] = ()

    @property
    def order(self) -> dict[ItemKey, int]:
        """The position of each item, so far as it is known: older plans have none."""
        seen = [unchanged.item for unchanged in self.seen]
        places = [*zip(self.items, self.positions), *zip(seen, self.seen_positions)]  # noqa: B905
        return {(item.source, item.locator): position for item, position in places}

    def __len__(self) -> int:
        """Count the input items, those included that need no reading."""
        return len(self.items) + len(self.seen) + len(self.missing)


def plan(
    offered: Iterable[Item | Missing],
    known_of: Callable[[str], Mapping[str, StoredItem]],
    *,
    cleaner_version: str,
    batch_size: int,
    planned: Iterable[ItemKey] = (),
    first: int = 0,
) -> Iterator[PlannedBatch]:
    """Cut what the sources offer into batches, in the order in which it is offered.

    ``known_of`` gives, for a source, what is known by locator; it is asked once a source. An
    item that two inputs offer is planned once. ``batch_size`` counts the items to read; items
    that need no reading go along with them, up to eight times as many. Items of ``planned`` are
    left out; ``first`` is the number of the first batch.
    """
    known_by_source: dict[str, Mapping[str, StoredItem]] = {}
    done = set(planned)
    number = first
    items: list[Item] = []
    unchanged: list[UnchangedItem] = []
    missing: list[Missing] = []
    transport: dict[str, Mapping[str, str]] = {}
    positions: list[int] = []
    seen_positions: list[int] = []

    def batch() -> PlannedBatch:
        return PlannedBatch(
            number,
            tuple(items),
            tuple(unchanged),
            tuple(missing),
            transport,
            tuple(positions),
            tuple(seen_positions),
        )

    for offer in offered:
        item = offer.item if isinstance(offer, Missing) else offer
        key = (item.source, item.locator)
        if key in done:
            continue
        position = len(done)
        done.add(key)
        if isinstance(offer, Missing):
            missing.append(offer)
        else:
            if item.source not in known_by_source:
                known_by_source[item.source] = known_of(item.source)
            before = known_by_source[item.source].get(item.locator)
            if before is not None and is_settled(item, before, cleaner_version):
                unchanged.append(UnchangedItem(item, before))
                seen_positions.append(position)
            else:
                items.append(item)
                positions.append(position)
                if before is not None and before.how:
                    transport[item.locator] = before.how
        if len(items) >= batch_size or len(unchanged) + len(missing) >= 8 * batch_size:
            yield batch()
            number += 1
            items, unchanged, missing, transport = [], [], [], {}
            positions, seen_positions = [], []
    if items or unchanged or missing:
        yield batch()


def keys_of(batches: Iterable[PlannedBatch]) -> Iterator[ItemKey]:
    """Yield the key of each item of the batches."""
    for batch in batches:
        for item in batch.items:
            yield item.source, item.locator
        waiting: tuple[UnchangedItem | Missing, ...] = (*batch.seen, *batch.missing)
        for entry in waiting:
            yield entry.item.source, entry.item.locator


def shared_out(batches: Iterable[PlannedBatch], shares: int) -> Iterator[PlannedBatch]:
    """Cut the last batches, at most ``shares``, into parts of one size.

    So many processes that do a batch each then end at the same time, and none has nothing to do
    in a run of one batch. Parts of fewer than ``LEAST_SHARE`` items are not made.
    """
    last: deque[PlannedBatch] = deque()
    for batch in batches:
        last.append(batch)
        if len(last) > shares:
            yield last.popleft()
    items = [item for batch in last for item in batch.items]
    positions = [position for batch in last for position in batch.positions]
    parts = max(len(last), min(shares, len(items) // LEAST_SHARE))
    if len(items) < parts * LEAST_SHARE:
        yield from last
        return
    transport = {locator: metadata for batch in last for locator, metadata in batch.known.items()}
    for part in range(parts):
        share = slice(len(items) * part // parts, len(items) * (part + 1) // parts)
        part_items = items[share]
        with_it = last[part] if part < len(last) else PlannedBatch(0)
        yield PlannedBatch(
            last[0].number + part,
            tuple(part_items),
            with_it.seen,
            with_it.missing,
            {
                item.locator: transport[item.locator]
                for item in part_items
                if item.locator in transport
            },
            tuple(positions[share]),
            with_it.seen_positions,
        )


def is_settled(item: Item, previous: StoredItem, cleaner_version: str) -> bool:
    """Return whether reading the item again could give nothing new.

    An input that was rejected is read again by another cleaner, which may accept it; one that
    failed is always read again. An article stays as it is: re-cleaning is a command of its own.
    """
    if item.fingerprint is None or item.fingerprint != previous.fingerprint:
        return False
    if previous.article_id is not None:
        return True
    return (
        previous.fate in (Fate.REJECTED, Fate.UNCHANGED)
        and previous.cleaner_version == cleaner_version
    )
