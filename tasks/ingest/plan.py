"""Decide what a run must read, by comparing its items with what the lake already has."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from copydesk.schemas.items import Fate, Item, Missing

ItemKey = tuple[str, str]
"""An item's key in a run: its source's name and its locator."""

LEAST_SHARE = 50
"""Minimum items of a batch: below it, staging costs more than another process saves."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """What the latest counted run recorded about an item."""

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
    """An item that needs no reading, because its fingerprint has not changed."""

    item: Item
    known: StoredItem


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """A part of a run that is processed, staged and, after a crash, repeated as a whole.

    ``known`` maps a locator to the item's transport metadata from its last reading, such as
    validators. ``positions`` and ``seen_positions`` are the positions of ``items`` and ``seen``
    among everything that the run's sources offer.
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
        """Return the known positions of items; plans of older versions have none."""
        seen = [unchanged.item for unchanged in self.seen]
        places = [*zip(self.items, self.positions), *zip(seen, self.seen_positions)]  # noqa: B905
        return {(item.source, item.locator): position for item, position in places}

    def __len__(self) -> int:
        """Return the number of items, including those that need no reading."""
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
    """Split the items that the sources offer into batches, in the order offered.

    Args:
        offered: Items and missing items of all sources.
        known_of: Returns a source's stored items by locator; called once per source.
        cleaner_version: Of today's cleaner.
        batch_size: Items to read per batch; up to eight times as many unchanged items are added.
        planned: Keys of items to leave out.
        first: The number of the first batch.

    An item that two inputs offer is planned once.
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
    """Yield the key of each item in the batches."""
    for batch in batches:
        for item in batch.items:
            yield item.source, item.locator
        waiting: tuple[UnchangedItem | Missing, ...] = (*batch.seen, *batch.missing)
        for entry in waiting:
            yield entry.item.source, entry.item.locator


def shared_out(batches: Iterable[PlannedBatch], shares: int) -> Iterator[PlannedBatch]:
    """Split the first batch, and the last ones, so that no process waits for long.

    Each works on one batch. The first is split into ``shares`` parts, so that all begin as soon as
    it is planned; the last ``shares`` batches into three rounds of as many parts, each round half
    as large as the one before, so that all finish at about the same time. No part has fewer than
    ``LEAST_SHARE`` items.
    """
    last: deque[PlannedBatch] = deque()
    number: int | None = None

    def numbered(some: Iterable[PlannedBatch]) -> Iterator[PlannedBatch]:
        nonlocal number
        for batch in some:
            number = batch.number if number is None else number + 1
            yield replace(batch, number=number)

    for batch in batches:
        if number is None:
            yield from numbered(_split([batch], shares, rounds=1))
            continue
        last.append(batch)
        if len(last) > shares:
            yield from numbered([last.popleft()])
    yield from numbered(_split(last, shares, rounds=3))


def _split(
    batches: Collection[PlannedBatch], shares: int, *, rounds: int
) -> Iterable[PlannedBatch]:
    """Split batches into at most ``rounds`` of ``shares`` parts, or return them as they are."""
    whole = list(batches)
    items = [item for batch in whole for item in batch.items]
    positions = [position for batch in whole for position in batch.positions]
    weights = _weights(len(items), shares, rounds)
    if len(weights) < len(whole):
        weights = [1] * len(whole)
    if len(items) < len(weights) * LEAST_SHARE:
        return whole
    ends = [len(items) * weight // sum(weights) for weight in accumulate(weights)]
    transport = {locator: metadata for batch in whole for locator, metadata in batch.known.items()}
    split: list[PlannedBatch] = []
    for part, (start, end) in enumerate(pairwise([0, *ends])):
        share = slice(start, end)
        part_items = items[share]
        with_it = whole[part] if part < len(whole) else PlannedBatch(0)
        known = {
            item.locator: transport[item.locator]
            for item in part_items
            if item.locator in transport
        }
        split.append(
            replace(
                with_it, items=tuple(part_items), known=known, positions=tuple(positions[share])
            )
        )
    return split


def _weights(items: int, shares: int, rounds: int) -> list[int]:
    """Return the parts' relative sizes, with as many of the rounds as there are items for."""
    for number in range(rounds, 1, -1):
        weights = [2**left for left in reversed(range(number)) for _ in range(shares)]
        if items >= LEAST_SHARE * sum(weights):
            return weights
    return [1] * min(shares, items // LEAST_SHARE)


def is_settled(item: Item, previous: StoredItem, cleaner_version: str) -> bool:
    """Return whether reading the item again can give nothing new.

    A rejected input is read again by another version of the cleaner, which may accept it; a failed
    one is always read again. An article is not: re-cleaning is a separate command.
    """
    if item.fingerprint is None or item.fingerprint != previous.fingerprint:
        return False
    if previous.article_id is not None:
        return True
    return (
        previous.fate in (Fate.REJECTED, Fate.UNCHANGED)
        and previous.cleaner_version == cleaner_version
    )
