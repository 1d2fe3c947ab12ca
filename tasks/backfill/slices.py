"""The slices of a backfill: the days that each covers, and what it reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from copydesk.schemas.items import Item
from copydesk.tasks.sources.dates.ranges import By, RangeError, Span, spans, zone_of
from copydesk.tasks.sources.source import PastEntry, Period, Source, SourceError

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class BackfillScope:
    """The source and days of a backfill; an equal scope resumes the same backfill.

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
        """Raise RangeError for options that exclude each other."""
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
        """Return the period to list; ``inputs`` are the source's paths and addresses."""
        return Period(self.span, self.by, self.zone, inputs)

    @property
    def id(self) -> str:
        """The backfill's name: equal scopes have the same name."""
        parts = [self.source, self.first, self.last, self.by, self.timezone, self.undated,
                 self.sources_file]  # fmt: skip
        digest = hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=6)
        return f"backfill-{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a backfill that one run reads.

    ``size`` counts its articles, or the files that match ``patterns``. ``key`` is the
    ``slice_key`` of its runs. ``over_at`` is the end of its last day: a run that started before it
    saw only a part.
    """

    number: int
    key: str
    label: str
    size: int
    patterns: tuple[str, ...] = ()
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a backfill.

    ``source`` is the articles' source. ``undated`` counts items without a date, which are in no
    slice; ``unread`` lists parts of listings that could not be read. Runs that started before
    ``since`` do not count.
    """

    scope: Annotated[BackfillScope, Field(alias="wish")]  # the key in stored plans
    source: str
    unit: str
    slices: tuple[Slice, ...]
    planned_at: datetime
    undated: int = 0
    unread: tuple[str, ...] = ()
    since: datetime | None = None


def slices_of(
    scope: BackfillScope, source: str, entries: Iterable[PastEntry]
) -> tuple[list[Slice], list[list[Item]], int]:
    """Divide entries into slices; return them, their items, and the number of undated entries.

    Every day or month of the range is a slice, even an empty one, so that the table has no gaps.
    Where slices are days, an entry that is dated by month is undated.
    """
    if scope.by is By.ARCHIVE:
        return _of_archives(scope, source, entries)
    assert scope.span is not None
    windows = spans(scope.span.first, scope.span.last, scope.by)
    content: list[list[PastEntry]] = [[] for _ in windows]
    window_of_day = {day: n for n, window in enumerate(windows) for day in _days(window)}
    without: list[PastEntry] = []
    for entry in entries:
        if entry.span is None:
            without.append(entry)
            continue
        at = window_of_day.get(entry.span.first)
        if at is not None and windows[at].covers(entry.span):
            content[at].append(entry)
        elif scope.span.covers(entry.span) or scope.span.meets(entry.span):
            without.append(entry)
    zone = scope.zone
    slices = [
        _slice(scope, source, n, window.label, part, window.moments(zone)[1])
        for n, (window, part) in enumerate(zip(windows, content, strict=True))
    ]
    if scope.undated and without:
        slices.append(_slice(scope, source, len(slices), UNDATED, without, None))
        content.append(without)
        without = []
    return slices, [_items(part) for part in content], len(without)


def _of_archives(
    scope: BackfillScope, source: str, entries: Iterable[PastEntry]
) -> tuple[list[Slice], list[list[Item]], int]:
    slices: list[Slice] = []
    undated = 0
    for entry in entries:
        if entry.pattern is None:
            raise RangeError("--by archive is for files and archives; a site goes by day or month")
        if scope.span is not None:
            if entry.span is None and not scope.undated:
                undated += 1
                continue
            if entry.span is not None and not scope.span.covers(entry.span):
                continue
        slices.append(_slice(scope, source, len(slices), entry.name, [entry], None))
    return slices, [[] for _ in slices], undated


def _slice(
    scope: BackfillScope,
    source: str,
    number: int,
    label: str,
    part: Sequence[PastEntry],
    over: datetime | None,
) -> Slice:
    patterns = tuple(entry.pattern for entry in part if entry.pattern is not None)
    zone = "" if patterns or scope.timezone == "UTC" else f"[{scope.timezone}]"
    return Slice(number, f"{source}/{label}{zone}", label, len(part), patterns, over)


def _items(part: Sequence[PastEntry]) -> list[Item]:
    return [entry.item for entry in part if entry.item is not None]


def _days(span: Span) -> list[date]:
    return [window.first for window in spans(span.first, span.last, By.DAY)]


def single_source(sources: Sequence[Source], scope: BackfillScope) -> Source:
    """Return the only source of a backfill; SourceError when there are several."""
    if len(sources) != 1:
        names = ", ".join(dict.fromkeys(source.name for source in sources)) or "none"
        raise SourceError(
            f"{scope.source} means several sources ({names}): backfill them one at a time"
        )
    return sources[0]
