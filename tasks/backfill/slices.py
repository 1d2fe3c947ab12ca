"""The slices of a backfill: what each covers, and what it reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from copydesk.schemas.items import Item
from copydesk.tasks.sources.dates.ranges import By, RangeError, Span, spans, zone_of
from copydesk.tasks.sources.source import PastEntry, Period, Source, SourceError

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the same wish again goes on with the backfill that it began.

    ``source`` is a named source of ``sources_file``, or a path, a pattern or an address. Without
    ``first`` and ``last`` every archive of the source is a slice. ``allow_hosts`` and ``contact``
    are for an address that is no named source.
    """

    source: str
    first: date | None
    last: date | None
    by: By = By.DAY
    timezone: str = "UTC"
    undated: bool = False
    sources_file: str | None = None
    allow_hosts: tuple[str, ...] = ()
    contact: str | None = None

    def __post_init__(self) -> None:
        """RangeError says what does not go together."""
        if (self.first is None) != (self.last is None):
            raise RangeError("a range needs both ends: --from and --to")
        if self.first is None and self.by is not By.ARCHIVE:
            raise RangeError(f"--by {self.by} needs a range: --from and --to")
        if self.first and self.last and self.last < self.first:
            raise RangeError(f"the range ends ({self.last}) before it begins ({self.first})")
        zone_of(self.timezone)

    @property
    def zone(self) -> ZoneInfo:
        """The stated time zone."""
        return zone_of(self.timezone)

    @property
    def span(self) -> Span | None:
        """The whole range."""
        return Span(self.first, self.last) if self.first and self.last else None

    def period(self, inputs: Sequence[str]) -> Period:
        """Say it as a source is asked; ``inputs`` are the paths and addresses that are meant."""
        return Period(self.span, self.by, self.zone, inputs)

    @property
    def id(self) -> str:
        """Name the backfill: the same wish has the same name."""
        parts = [self.source, self.first, self.last, self.by, self.timezone, self.undated,
                 self.sources_file]  # fmt: skip
        digest = hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=6)
        return f"backfill-{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Slice:
    """One run's part. ``size`` counts its articles, or its files: those of ``patterns``.

    ``key`` is the ``slice_key`` of its runs. ``over_at`` is when its last day is over: a run that
    began before saw a part of it.
    """

    number: int
    key: str
    label: str
    size: int
    patterns: tuple[str, ...] = ()
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A backfill as it was planned.

    ``source`` is the name that the articles get. ``undated`` counts what tells no day and is in no
    slice, ``unread`` are parts of listings that could not be read. Of runs that began before
    ``since`` none counts as done.
    """

    wish: Wish
    source: str
    unit: str
    slices: tuple[Slice, ...]
    planned_at: datetime
    undated: int = 0
    unread: tuple[str, ...] = ()
    since: datetime | None = None


def slices_of(
    wish: Wish, source: str, found: Iterable[PastEntry]
) -> tuple[list[Slice], list[list[Item]], int]:
    """Put what was found into slices; gives them, their items, and how many tell no day.

    Every day or month of the range is a slice, empty ones too, so that the table has no holes.
    What tells a month where days are asked for tells no day.
    """
    if wish.by is By.ARCHIVE:
        return _of_archives(wish, source, found)
    assert wish.span is not None
    windows = spans(wish.span.first, wish.span.last, wish.by)
    content: list[list[PastEntry]] = [[] for _ in windows]
    place = {day: n for n, window in enumerate(windows) for day in _days(window)}
    without: list[PastEntry] = []
    for one in found:
        if one.span is None:
            without.append(one)
            continue
        at = place.get(one.span.first)
        if at is not None and windows[at].covers(one.span):
            content[at].append(one)
        elif wish.span.covers(one.span) or wish.span.meets(one.span):
            without.append(one)
    zone = wish.zone
    made = [
        _slice(wish, source, n, window.label, part, window.moments(zone)[1])
        for n, (window, part) in enumerate(zip(windows, content, strict=True))
    ]
    if wish.undated and without:
        made.append(_slice(wish, source, len(made), UNDATED, without, None))
        content.append(without)
        without = []
    return made, [_items(part) for part in content], len(without)


def _of_archives(
    wish: Wish, source: str, found: Iterable[PastEntry]
) -> tuple[list[Slice], list[list[Item]], int]:
    made: list[Slice] = []
    undated = 0
    for one in found:
        if one.pattern is None:
            raise RangeError("--by archive is for files and archives; a site goes by day or month")
        if wish.span is not None:
            if one.span is None and not wish.undated:
                undated += 1
                continue
            if one.span is not None and not wish.span.covers(one.span):
                continue
        made.append(_slice(wish, source, len(made), one.name, [one], None))
    return made, [[] for _ in made], undated


def _slice(
    wish: Wish,
    source: str,
    number: int,
    label: str,
    part: Sequence[PastEntry],
    over: datetime | None,
) -> Slice:
    patterns = tuple(one.pattern for one in part if one.pattern is not None)
    zone = "" if patterns or wish.timezone == "UTC" else f"[{wish.timezone}]"
    return Slice(number, f"{source}/{label}{zone}", label, len(part), patterns, over)


def _items(part: Sequence[PastEntry]) -> list[Item]:
    return [one.item for one in part if one.item is not None]


def _days(span: Span) -> list[date]:
    return [window.first for window in spans(span.first, span.last, By.DAY)]


def only(sources: Sequence[Source], wish: Wish) -> Source:
    """Take the one source that a backfill is of."""
    if len(sources) != 1:
        names = ", ".join(dict.fromkeys(one.name for one in sources)) or "none"
        raise SourceError(f"{wish.source} means several sources ({names}): backfill one at a time")
    return sources[0]
