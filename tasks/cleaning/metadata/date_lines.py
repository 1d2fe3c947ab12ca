"""Find visible dates: in lines around the headline and in elements marked as dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.metadata.date_evidence import SourcedDate, elsewhere
from copydesk.tasks.cleaning.metadata.model import Evidence, Mark
from copydesk.tasks.cleaning.metadata.relative_dates import find_relative
from copydesk.tasks.cleaning.metadata.short_dates import find_short_date
from copydesk.tasks.cleaning.metadata.timestamps import (
    YEARLIKE,
    DateMatch,
    Stamp,
    find_date,
    find_month,
    has_year,
    parse_stamp,
)
from copydesk.tasks.cleaning.vocabulary.date_labels import (
    COLONS,
    ORIGIN,
    OTHER,
    PUBLICATION,
    kind_of,
    kind_of_label,
    labels_other,
)

_SHORT: Final = 160  # maximum characters of a visible block with a date
_BESIDE: Final = 80  # characters beside the date, for a byline or a reading time
_SEVERAL: Final = 4  # more unlabelled days around a headline than this are a table or a calendar
_MONTH_CHARS: Final = 40  # maximum characters of a month and its label: "Last updated: June 2022"
_SENTENCE: Final = re.compile(r"(?:\w+\W+){9,}\w+\W*[.!?…\"”]$")
_DATE_LABELS: Final = ("date", "publish", "posted", "time", "byline", "meta")


class Line(NamedTuple):
    """A visible block that may contain a date, and the text of the block above it.

    ``early`` is true above the body's first paragraph.
    """

    text: str
    above: str = ""
    early: bool = True


def may_have_date(text: str) -> bool:
    """Return whether a block may be a line with a date; a cheap first check."""
    return len(text) <= _SHORT and has_year(text)


def with_years(texts: Sequence[str], indexes: list[int]) -> list[int]:
    """Return the indexes of the texts for which ``may_have_date`` is true."""
    if native_lines is not None:
        dated: list[int] = native_lines.with_years(texts, indexes, _SHORT, YEARLIKE.search)
        return dated
    return [index for index in indexes if may_have_date(texts[index])]


class Owner(Protocol):
    """Recognises elements outside the article; ``placing.Placing`` implements it."""

    def is_mark_aside(self, mark: Mark) -> bool:
        """Return whether an element belongs to another text, a caption, a quotation or a menu."""


class DateReader(NamedTuple):
    """The settings for reading dates on this page.

    ``day_first`` is passed to ``find_date``. ``declared`` are the days that the page declares; they
    decide between the two days that ``03/04/2025`` may mean. ``observed_at`` is when the page was
    fetched.
    """

    language: str | None
    day_first: bool
    declared: frozenset[date] = frozenset()
    observed_at: datetime | None = None

    def find(self, text: str) -> DateMatch | None:
        """Return the first date in a text, or None."""
        match = find_date(text, language=self.language, day_first=self.day_first)
        return self._settled(match) if match else None

    def find_brief(self, text: str, *, marked: bool) -> DateMatch | None:
        """Return the first date in a short line without a whole year: "11/26/23", "2 days ago".

        Unless the line is ``marked`` as a date, "today" alone is ignored: it may be a menu's.
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
        """Return the match with day and month in the order that gives a declared day."""
        other = match.other
        if other is None or self._is_declared(match.stamp) or not self._is_declared(other):
            return match
        return match._replace(stamp=other)

    def _is_declared(self, stamp: Stamp) -> bool:
        return any(abs((stamp.when.date() - day).days) <= 1 for day in self.declared)


class VisibleDate(NamedTuple):
    """A visible date.

    ``kind`` is the meaning of its label. ``rank`` is 0 around the headline, 1 in an element marked
    as a date, 2 farther down, 3 in a list beside the article, 4 in an element without text.
    ``in_words`` is false if only a class name gives the kind; ``early`` is true above the body.
    """

    stamp: Stamp
    kind: str
    rank: int
    in_words: bool = True
    early: bool = True

    @property
    def day(self) -> date:
        """Return the day in the timestamp's own time zone."""
        return self.stamp.when.date()

    @property
    def visible(self) -> bool:
        """Return whether readers see the date on the page."""
        return self.rank != 4

    @property
    def sourced(self) -> SourcedDate:
        """Return the date with its origin for the evidence."""
        return SourcedDate(self.stamp, f"visible date {self.kind}".strip())


def near_dates(
    evidence: Evidence, head: Sequence[Line], reader: DateReader, owner: Owner
) -> Iterator[VisibleDate]:
    """Yield visible dates around the headline, then those in elements marked as dates."""
    marked = _marked(evidence, reader, owner)
    exact = {mark.text: stamp for mark, stamp in marked if mark.value and mark.text}
    read = {match.stamp: stamp for text, stamp in exact.items() if (match := reader.find(text))}
    late = {line.text for line in head if not line.early}
    foreign = {mark.text for mark in evidence.marks if mark.text in late and elsewhere(mark)}
    near: list[VisibleDate] = []
    for line in head:
        if not line.early and line.text in foreign:
            continue
        for visible_date in _in_line(line, reader, rank=0):
            # "3 weeks ago", 10/12/2023 and days without a time are more precise in the attribute.
            exact_stamp = exact.get(line.text) or read.get(visible_date.stamp)
            near.append(visible_date._replace(stamp=exact_stamp) if exact_stamp else visible_date)
    table = len({visible_date.day for visible_date in near if not visible_date.kind}) > _SEVERAL
    yield from (visible_date for visible_date in near if visible_date.kind or not table)
    for mark, stamp in marked:
        if not elsewhere(mark):
            text_kind = _kind_of_mark(mark, reader)
            yield VisibleDate(
                stamp, text_kind or kind_of(mark.label), 1 if mark.text else 4, bool(text_kind)
            )


def far_dates(
    evidence: Evidence, tail: Iterable[Line], reader: DateReader, owner: Owner
) -> Iterator[VisibleDate]:
    """Yield dates farther down: those labelled as publication and the first alone on its line.

    If the lists beside the article show one day only, it comes last.
    """
    dates = [visible_date for line in tail for visible_date in _in_line(line, reader, rank=2)]
    yield from (visible_date for visible_date in dates if visible_date.kind == PUBLICATION)
    yield from dates[:1]
    aside = [
        VisibleDate(stamp, "", 3)
        for mark, stamp in _marked(evidence, reader, owner)
        if _kind_of_mark(mark, reader) != OTHER
    ]
    if len({visible_date.day for visible_date in aside}) == 1:  # not a list of other articles
        yield aside[0]


def months(head: Iterable[Line], tail: Iterable[Line], reader: DateReader) -> Iterator[VisibleDate]:
    """Yield months on lines of their own: near the headline, or farther down with a label."""
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
    """Yield dates without a whole year, from marked elements and near the headline."""
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
    return mark.tag == "time" or _labels_date(mark.label)


@lru_cache(maxsize=1024)  # a site's pages have the same labels, and a page repeats some
def _labels_date(label: str) -> bool:
    return any(map(label.__contains__, _DATE_LABELS))


def _of_mark(mark: Mark, reader: DateReader) -> Stamp | None:
    if mark.value and (stamp := parse_stamp(mark.value, language=reader.language)) is not None:
        return stamp
    match = reader.find(mark.text.replace("\n", " "))
    return match.stamp if match else None


def _labelled(label: str) -> str:
    """Return the kind of the label before a date."""
    return kind_of(label) or (OTHER if labels_other(label) else "")


def _labelled_above(text: str) -> str:
    """Return the kind of the label in the block above a date."""
    return kind_of_label(text) or (OTHER if labels_other(text) else "")


def _kind_of_mark(mark: Mark, reader: DateReader) -> str:
    """Return the kind that an element's words say."""
    if kind := kind_of(mark.text):
        return kind
    match = reader.find(mark.text) if ":" in mark.text or "：" in mark.text else None
    return _labelled(mark.text[: match.start]) if match else ""


def dates_in_line(text: str, reader: DateReader) -> list[VisibleDate]:
    """Return a line's first date, and a second with a label of its own.

    The line is known to be about the article; a sentence's date needs a label.
    """
    dates = list(_in_line(Line(text), reader, rank=0))
    if not dates and len(text) <= 2 * _SHORT and (match := reader.find(text)) is not None:
        kind = _labelled(text[: match.start])
        dates = [VisibleDate(match.stamp, kind, 0)] if kind or not _SENTENCE.search(text) else []
    return dates[:1] + [visible_date for visible_date in dates[1:] if visible_date.kind]


def brief_date_in_line(text: str, reader: DateReader) -> list[VisibleDate]:
    """Return the date of a short line near the headline that lacks a whole year, if it has one."""
    match = reader.find_brief(text, marked=False)
    return [VisibleDate(match.stamp, _labelled(text[: match.start]), 0)] if match else []


def _in_line(line: Line, reader: DateReader, *, rank: int) -> Iterator[VisibleDate]:
    """Yield one or two dates from a short line about the article."""
    text, start = line.text, 0
    for _ in range(2):  # "Published May 3, 2024, updated June 1, 2025"
        match = reader.find(text[start:])
        if match is None:
            return
        label = text[start : start + match.start]
        kind = _labelled(label) if label.strip() else "" if start else _labelled_above(line.above)
        words = len(text) - (match.end - match.start)
        is_alone = words <= (_BESIDE if rank == 0 else _BESIDE // 4) and not _SENTENCE.search(text)
        if not kind and text[start + match.end :].strip() in COLONS:
            is_alone = False  # "Harbour Letter, 25 December 2005:" cites a source
        if is_alone or (kind in {PUBLICATION, ORIGIN} and len(label) < _BESIDE):
            yield VisibleDate(match.stamp, kind, rank, early=line.early)
        start += match.end
