"""The dates that readers see: in lines around the headline, in elements marked as dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, Protocol

from copydesk.tasks.cleaning.metadata.date_evidence import SourcedDate, elsewhere
from copydesk.tasks.cleaning.metadata.model import Evidence, Mark
from copydesk.tasks.cleaning.metadata.relative_dates import find_relative
from copydesk.tasks.cleaning.metadata.short_dates import find_short_date
from copydesk.tasks.cleaning.metadata.timestamps import (
    DateMatch,
    Stamp,
    find_date,
    find_month,
    has_year,
    parse_stamp,
)
from copydesk.tasks.cleaning.vocabulary.date_labels import (
    ORIGIN,
    OTHER,
    PUBLICATION,
    kind_of,
    kind_of_label,
)

_SHORT: Final = 160  # characters of a visible block that may be a date line
_BESIDE: Final = 80  # characters beside the date in it: a byline, a time to read
_SEVERAL: Final = 4  # more days without a label around a headline are a table or a calendar
_COLONS: Final = frozenset(":：")
_MONTH_CHARS: Final = 40  # of a block that is a month and its label: "Last updated: June 2022"
_SENTENCE: Final = re.compile(r"(?:\w+\W+){9,}\w+\W*[.!?…\"”]$")
_DATE_LABELS: Final = ("date", "publish", "posted", "time", "byline", "meta")


class Line(NamedTuple):
    """A visible block that may have a date, and what the one above it in the document says.

    ``early`` says that it stands above the body's first paragraph.
    """

    text: str
    above: str = ""
    early: bool = True


def may_have_date(text: str) -> bool:
    """Return whether a block may be a line with a date, before any closer look."""
    return len(text) <= _SHORT and has_year(text)


class Owner(Protocol):
    """Knows what is none of the article's own: ``placing.Placing`` looks at the page."""

    def is_mark_aside(self, mark: Mark) -> bool:
        """Return whether an element stands among other texts, captions, quotations or menus."""


class DateReader(NamedTuple):
    """How dates are read on this page; ``day_first`` as ``find_date`` has it.

    ``declared`` are the days that the page declares: they choose between the two days that
    ``03/04/2025`` may be. ``observed_at`` is when the page was seen.
    """

    language: str | None
    day_first: bool
    declared: frozenset[date] = frozenset()
    observed_at: datetime | None = None

    def find(self, text: str) -> DateMatch | None:
        """The first date of a text."""
        match = find_date(text, language=self.language, day_first=self.day_first)
        return self._settled(match) if match else None

    def find_brief(self, text: str, *, marked: bool) -> DateMatch | None:
        """The first date of a short line that has no whole year: "11/26/23", "2 days ago".

        Where it is not ``marked`` as a date, "today" alone may be a menu's.
        """
        match = find_short_date(text, language=self.language, day_first=self.day_first)
        if match is not None:
            return self._settled(match)
        relative = find_relative(text, self.observed_at) if self.observed_at else None
        if relative is None:
            return None
        beside = f"{text[: relative.start]} {text[relative.end :]}"
        if not (relative.plain or marked) and kind_of(beside) in {"", OTHER}:
            return None
        when = datetime(relative.day.year, relative.day.month, relative.day.day, tzinfo=UTC)
        return DateMatch(Stamp(when, zoned=False, timed=False), relative.start, relative.end)

    def _settled(self, match: DateMatch) -> DateMatch:
        """In the order of day and month that gives a declared day."""
        other = match.other
        if other is None or self._is_declared(match.stamp) or not self._is_declared(other):
            return match
        return match._replace(stamp=other)

    def _is_declared(self, stamp: Stamp) -> bool:
        return any(abs((stamp.when.date() - day).days) <= 1 for day in self.declared)


class VisibleDate(NamedTuple):
    """A date that readers see.

    ``kind`` is what its label says; ``rank`` is 0 around the headline, 1 in an element marked
    as a date, 2 farther down, 3 in a list aside, 4 in an element without text; ``in_words`` is
    False where a class alone tells the kind; ``early`` says that it stands above the body's text.
    """

    stamp: Stamp
    kind: str
    rank: int
    in_words: bool = True
    early: bool = True

    @property
    def day(self) -> date:
        """The day, in the timestamp's own zone."""
        return self.stamp.when.date()

    @property
    def visible(self) -> bool:
        """Return whether readers see it on the page."""
        return self.rank != 4

    @property
    def sourced(self) -> SourcedDate:
        """The date with its place."""
        return SourcedDate(self.stamp, f"visible date {self.kind}".strip())


def near_dates(
    evidence: Evidence, head: Sequence[Line], reader: DateReader, owner: Owner
) -> Iterator[VisibleDate]:
    """Dates that readers see: around the headline, then in elements marked as dates."""
    marked = _marked(evidence, reader, owner)
    exact = {mark.text: stamp for mark, stamp in marked if mark.value and mark.text}
    read = {match.stamp: stamp for text, stamp in exact.items() if (match := reader.find(text))}
    foreign = {mark.text for mark in evidence.marks if mark.text and elsewhere(mark)}
    near: list[VisibleDate] = []
    for line in head:
        if not line.early and line.text in foreign:
            continue
        for visible_date in _in_line(line, reader, rank=0):
            # "3 weeks ago", 10/12/2023, days without a time: the element's attribute knows better.
            exact_stamp = exact.get(line.text) or read.get(visible_date.stamp)
            near.append(visible_date._replace(stamp=exact_stamp) if exact_stamp else visible_date)
    table = len({visible_date.day for visible_date in near if not visible_date.kind}) > _SEVERAL
    yield from (visible_date for visible_date in near if visible_date.kind or not table)
    for mark, stamp in marked:
        if not elsewhere(mark):
            text_kind = kind_of(mark.text)
            yield VisibleDate(
                stamp, text_kind or kind_of(mark.label), 1 if mark.text else 4, bool(text_kind)
            )


def far_dates(
    evidence: Evidence, tail: Iterable[Line], reader: DateReader, owner: Owner
) -> Iterator[VisibleDate]:
    """Dates farther down: one that says it is of publication, the first alone on its line.

    Last, the only one in a list aside.
    """
    dates = [visible_date for line in tail for visible_date in _in_line(line, reader, rank=2)]
    yield from (visible_date for visible_date in dates if visible_date.kind == PUBLICATION)
    yield from dates[:1]
    aside = [VisibleDate(stamp, "", 3) for _, stamp in _marked(evidence, reader, owner)]
    if len({visible_date.day for visible_date in aside}) == 1:  # not a list of other articles
        yield aside[0]


def months(head: Iterable[Line], tail: Iterable[Line], reader: DateReader) -> Iterator[VisibleDate]:
    """Months on lines of their own: near the headline, or with a label farther down."""
    for lines, rank in ((head, 0), (tail, 2)):
        for line in lines:
            if len(line.text) > _MONTH_CHARS:
                continue
            match = find_month(line.text, language=reader.language)
            if match is None or line.text[match.end :].strip(" ."):
                continue
            label = line.text[: match.start].strip(" :")
            kind = kind_of_label(label or line.above)
            if kind or (rank == 0 and not label):
                yield VisibleDate(match.stamp, kind, rank)


def brief_dates(
    evidence: Evidence, brief: Iterable[Line], reader: DateReader, owner: Owner
) -> Iterator[VisibleDate]:
    """Dates without a whole year, where nothing else tells: in marked elements, by the headline."""
    for mark in evidence.marks:
        if _is_date(mark) and not elsewhere(mark) and not owner.is_mark_aside(mark):
            text = mark.text.replace("\n", " ")
            match = reader.find_brief(text, marked=True)
            if match is not None:
                yield VisibleDate(
                    match.stamp, kind_of(text[: match.start]) or kind_of(mark.label), 1
                )
    for line in brief:
        kind = kind_of_label(line.above)
        match = reader.find_brief(line.text, marked=bool(kind))
        if match is not None:
            yield VisibleDate(match.stamp, kind_of(line.text[: match.start]) or kind, 0)


def _marked(evidence: Evidence, reader: DateReader, owner: Owner) -> list[tuple[Mark, Stamp]]:
    return [
        (mark, stamp)
        for mark in evidence.marks
        if _is_date(mark)
        and (stamp := _of_mark(mark, reader)) is not None
        and not owner.is_mark_aside(mark)
    ]


def _is_date(mark: Mark) -> bool:
    return mark.tag == "time" or any(map(mark.label.__contains__, _DATE_LABELS))


def _of_mark(mark: Mark, reader: DateReader) -> Stamp | None:
    if mark.value and (stamp := parse_stamp(mark.value, language=reader.language)) is not None:
        return stamp
    match = reader.find(mark.text.replace("\n", " "))
    return match.stamp if match else None


def _in_line(line: Line, reader: DateReader, *, rank: int) -> Iterator[VisibleDate]:
    """The dates of a block that is a line about the article: one or two, and few words more."""
    text, start = line.text, 0
    for _ in range(2):  # "Published May 3, 2024, updated June 1, 2025"
        match = reader.find(text[start:])
        if match is None:
            return
        label = text[start : start + match.start]
        kind = kind_of(label) if label.strip() else "" if start else kind_of_label(line.above)
        words = len(text) - (match.end - match.start)
        is_alone = words <= (_BESIDE if rank == 0 else _BESIDE // 4) and not _SENTENCE.search(text)
        if not kind and text[start + match.end :].strip() in _COLONS:
            is_alone = False  # "Harbour Letter, 25 December 2005:", the source of a quotation
        if is_alone or (kind in {PUBLICATION, ORIGIN} and len(label) < _BESIDE):
            yield VisibleDate(match.stamp, kind, rank, early=line.early)
        start += match.end
