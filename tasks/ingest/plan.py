"""What a run has to read: its items against what the lake already knows of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from copydesk.schemas.items import Fate, Item, Missing

LEAST_SHARE = 50
"""Items of a batch below which staging costs more than another process saves."""


@dataclass(frozen=True, slots=True)
class Known:
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
class Seen:
    """An item whose fingerprint is the one that the lake knows: there is nothing to read."""

    item: Item
    known: Known


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """A part of a run that is worked on, staged and, after a crash, repeated as a whole.

    ``known`` is, by locator, what the transport said of the items to read when they were last
    read: validators and the like.
    """

    number: int
    items: tuple[Item, ...] = ()
    seen: tuple[Seen, ...] = ()
    missing: tuple[Missing, ...] = ()
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the input items, those included that need no reading."""
        return len(self.items) + len(self.seen) + len(self.missing)


def plan(
    found: Iterable[Item | Missing],
    known_of: Callable[[str], Mapping[str, Known]],
    *,
    cleaner_version: str,
    batch_size: int,
) -> Iterator[PlannedBatch]:
    """Cut what the sources offer into batches, in the order in which it is offered.

    ``known_of`` gives, for a source, what is known by locator; it is asked once a source. An
    item that two inputs offer is planned once. ``batch_size`` counts the items to read; items
    that need no reading go along with them, up to eight times as many.
    """
    known: dict[str, Mapping[str, Known]] = {}
    planned: set[tuple[str, str]] = set()
    number = 0
    items: list[Item] = []
    seen: list[Seen] = []
    missing: list[Missing] = []
    how: dict[str, Mapping[str, str]] = {}
    for one in found:
        item = one.item if isinstance(one, Missing) else one
        key = (item.source, item.locator)
        if key in planned:
            continue
        planned.add(key)
        if isinstance(one, Missing):
            missing.append(one)
        else:
            if item.source not in known:
                known[item.source] = known_of(item.source)
            before = known[item.source].get(item.locator)
            if before is not None and is_settled(item, before, cleaner_version):
                seen.append(Seen(item, before))
            else:
                items.append(item)
                if before is not None and before.how:
                    how[item.locator] = before.how
        if len(items) >= batch_size or len(seen) + len(missing) >= 8 * batch_size:
            yield PlannedBatch(number, tuple(items), tuple(seen), tuple(missing), how)
            number += 1
            items, seen, missing, how = [], [], [], {}
    if items or seen or missing:
        yield PlannedBatch(number, tuple(items), tuple(seen), tuple(missing), how)


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
    parts = max(len(last), min(shares, len(items) // LEAST_SHARE))
    if len(items) < parts * LEAST_SHARE:
        yield from last
        return
    how = {locator: told for batch in last for locator, told in batch.known.items()}
    for part in range(parts):
        own = items[len(items) * part // parts : len(items) * (part + 1) // parts]
        with_it = last[part] if part < len(last) else PlannedBatch(0)
        yield PlannedBatch(
            last[0].number + part,
            tuple(own),
            with_it.seen,
            with_it.missing,
            {item.locator: how[item.locator] for item in own if item.locator in how},
        )


def is_settled(item: Item, known: Known, cleaner_version: str) -> bool:
    """Tell whether reading the item again could give nothing new.

    An input that was rejected is read again by another cleaner, which may accept it; one that
    failed is always read again. An article stays as it is: re-cleaning is a command of its own.
    """
    if item.fingerprint is None or item.fingerprint != known.fingerprint:
        return False
    if known.article_id is not None:
        return True
    return (
        known.fate in (Fate.REJECTED, Fate.UNCHANGED) and known.cleaner_version == cleaner_version
    )
