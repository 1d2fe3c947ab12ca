"""Choose an article's dates of publication and last change from all evidence on the page.

htmldate is not used: on WCXB's articles it finds .847 of the days, this module .918; on fundus-dev
.974 and 1.000. It also parses the page again and takes several times as long
(benchmarks/metadata.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.metadata import date_evidence
from copydesk.tasks.cleaning.metadata.date_evidence import SourcedDate
from copydesk.tasks.cleaning.metadata.date_lines import (
    DateReader,
    Line,
    Owner,
    VisibleDate,
    brief_dates,
    far_dates,
    months,
    near_dates,
)
from copydesk.tasks.cleaning.metadata.main_entity import Subject
from copydesk.tasks.cleaning.metadata.model import Evidence
from copydesk.tasks.cleaning.metadata.timestamps import Stamp
from copydesk.tasks.cleaning.vocabulary.date_labels import CHANGE, ORIGIN, OTHER, PUBLICATION

# No web page is older; earlier dates belong to an article's subject or are junk (1970-01-01,
# 0001-01-01).
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
# Allows for wrong clocks and for pages that use their readers' time zone.
AHEAD: Final = timedelta(days=1)
# The limit without a fetch time; only absurd dates are refused.
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

# Pages show the day in their readers' zone, but often declare the time in UTC.
_WEST: Final = timedelta(hours=12)
_EAST: Final = timedelta(hours=14)
_MINUTE: Final = timedelta(minutes=1)

# Corrections come within days; a page changed later than this is kept up to date.
_REISSUED: Final = timedelta(days=28)


class Dates(NamedTuple):
    """The chosen dates; each may be None."""

    published: SourcedDate | None
    modified: SourcedDate | None


def choose_dates(
    evidence: Evidence,
    subject: Subject,
    *,
    head: Sequence[Line],
    tail: Iterable[Line] = (),
    brief: Iterable[Line] = (),
    owner: Owner,
    url: str | None,
    observed_at: datetime | None,
    language: str | None,
    region: str | None = None,
    hint: datetime | None = None,
    hint_modified: datetime | None = None,
) -> Dates:
    """Choose the dates of publication and last change.

    Args:
        evidence: What the page declares.
        subject: The page's main JSON-LD objects.
        head: Lines around the headline, the nearest first.
        tail: Lines farther down; read only if nothing else gives a date.
        brief: Lines near the headline without a whole year; read only if nothing else gives a date.
        owner: Recognises elements outside the article.
        url: The page's address, which may contain the day.
        observed_at: When the page was fetched; dates later than that are refused.
        language: Of the page, for month names.
        region: The page's country, which decides the order of day and month in ``03/04/2025``.
        hint: The date of publication that the source gives.
        hint_modified: The date of the last change that the source gives.
    """
    latest = observed_at + AHEAD if observed_at else LATEST

    def sound(stamp: Stamp) -> bool:
        return EARLIEST <= stamp.when <= latest

    published = [
        sourced for sourced in date_evidence.published(evidence, subject) if sound(sourced.stamp)
    ]
    modified = [
        sourced for sourced in date_evidence.modified(evidence, subject) if sound(sourced.stamp)
    ]
    if hint is not None and sound(hinted := _hinted_stamp(hint)):
        published.append(SourcedDate(hinted, "feed"))
    if hint_modified is not None and sound(hinted := _hinted_stamp(hint_modified)):
        modified.append(SourcedDate(hinted, "feed"))
    address = [
        sourced
        for sourced in date_evidence.in_address(url or evidence.canonical)
        if sound(sourced.stamp)
    ]
    reader = DateReader(
        language,
        not (language in {None, "en"} and region in {None, "us"}),
        frozenset(sourced.day for sourced in (*published, *modified, *address)),
        observed_at,
    )
    near = (dated for dated in near_dates(evidence, head, reader, owner) if dated.kind != OTHER)
    visible = [
        _as_published(dated)
        for dated in near
        if sound(dated.stamp) and not (published and dated.kind == ORIGIN)
    ]
    best = _best(_visible_first(published, visible), address)
    if best is not None:
        best = _reissued(best, published, visible, modified) or _corrected(best, visible, modified)
    else:
        listed = _listed(visible, address)
        best = None if listed else _visible_date(visible, address)
        best = best or _briefly(evidence, brief, reader, owner, sound)
        best = best or _farther(evidence, head, tail, reader, owner, sound, labelled=listed)
        best = best or _visible_date(visible, address)
    if best and any(sourced.day != best.day for sourced in address):
        best = _in_own_zone(best, [*published, *(dated.sourced for dated in visible)])
    modified += [dated.sourced for dated in visible if dated.kind == CHANGE]
    changed = modified[0] if modified else None
    if best and changed and changed.stamp.when < best.stamp.when:
        changed = None
    return Dates(best, changed)


def _visible_date(
    visible: Sequence[VisibleDate], address: Sequence[SourcedDate]
) -> SourcedDate | None:
    """Return the visible date, if the page declares none; it may be the date of the last change."""
    publications = [dated.sourced for dated in visible if dated.kind != CHANGE]
    changes = [dated.sourced for dated in visible if dated.kind == CHANGE]
    best = _best(publications, address) or next(iter([*address, *changes]), None)
    if (
        best
        and (labelled := _labelled_publication(visible))
        and labelled.stamp.when < best.stamp.when
    ):
        return labelled.sourced
    return best


def _listed(visible: Sequence[VisibleDate], address: Sequence[SourcedDate]) -> bool:
    """Return whether the dates are those of teasers: all in marked elements, on several days."""
    return (
        not address
        and all(dated.rank == 1 and not dated.in_words for dated in visible)
        and len(_days(visible)) > 1
    )


def _as_published(visible_date: VisibleDate) -> VisibleDate:
    """Treat a date labelled as an earlier publication as the publication."""
    return visible_date._replace(kind=PUBLICATION) if visible_date.kind == ORIGIN else visible_date


def _briefly(
    evidence: Evidence,
    brief: Iterable[Line],
    reader: DateReader,
    owner: Owner,
    sound: Callable[[Stamp], bool],
) -> SourcedDate | None:
    """Return a date without a whole year, or one relative to when the page was fetched."""
    candidates = [
        dated for dated in brief_dates(evidence, brief, reader, owner) if dated.kind != OTHER
    ]
    candidates = [dated for dated in candidates if sound(dated.stamp)]
    firsts = [dated for dated in candidates if dated.kind != CHANGE]
    return next((dated.sourced for dated in firsts or candidates), None)


def _farther(
    evidence: Evidence,
    head: Sequence[Line],
    tail: Iterable[Line],
    reader: DateReader,
    owner: Owner,
    sound: Callable[[Stamp], bool],
    *,
    labelled: bool,
) -> SourcedDate | None:
    """Return a date from farther down, or a month; ``labelled`` requires "Published" or similar."""
    below = list(tail)
    for visible_date in chain(
        far_dates(evidence, below, reader, owner), months(head, below, reader)
    ):
        fits = visible_date.kind == PUBLICATION if labelled else visible_date.kind != OTHER
        if fits and sound(visible_date.stamp):
            return visible_date.sourced
    return None


def _visible_first(
    published: list[SourcedDate], visible: Sequence[VisibleDate]
) -> list[SourcedDate]:
    """Order declared dates so that days visible below the headline come first."""
    shown_days = [dated.day for dated in visible if dated.rank == 0 and dated.kind != CHANGE]
    if (
        not shown_days
        or not published
        or any(_may_be(published[0].stamp, day) for day in shown_days)
    ):
        return published
    return sorted(published, key=lambda sourced: sourced.day not in shown_days)


def _reissued(
    best: SourcedDate,
    published: Sequence[SourcedDate],
    visible: Sequence[VisibleDate],
    modified: Sequence[SourcedDate],
) -> SourcedDate | None:
    """Return the date of the last change if no other is visible and the declared one is old.

    Such a page is kept up to date and dated anew; its JSON-LD remembers when its address was
    first used. On WCXB the shown day was the truth on 18 of 20 such pages, each of another site,
    but on 8 of 33 whose head declares the day, too (``article:published_time``).
    """
    if not all(sourced.structured for sourced in published if _may_be(sourced.stamp, best.day)):
        return None
    if any(_may_be(best.stamp, dated.day) for dated in visible if dated.visible):
        return None
    near = [dated for dated in visible if dated.rank == 0]
    if len(_days(near)) != 1 or near[0].stamp.when < best.stamp.when + _REISSUED:
        return None
    day = near[0].day
    changes = [sourced for sourced in modified if sourced.day == day]
    if not changes and not any(dated.kind == CHANGE for dated in near):
        return None
    timed = next((sourced.stamp for sourced in changes if sourced.stamp.timed), near[0].stamp)
    return SourcedDate(timed, f"visible date of change; not shown: {best.origin} {best.day}")


def _corrected(
    best: SourcedDate, visible: Sequence[VisibleDate], modified: Sequence[SourcedDate]
) -> SourcedDate:
    """Prefer a visible date to a declared date that the page does not show.

    Some systems declare the last change, or a migration, as the publication. One older visible date
    above the text was right on 10 of 11 such WCXB pages. A later date counts if its text says
    "Published" and no change is declared before it.
    """
    publications = [dated for dated in visible if dated.kind != CHANGE]
    if any(_may_be(best.stamp, dated.day) for dated in publications):
        return best
    labelled = _labelled_publication(visible)
    if labelled and not any(
        sourced.stamp.when + _EAST < labelled.stamp.when for sourced in modified
    ):
        return labelled.sourced
    older = [
        dated
        for dated in publications
        if dated.rank == 0 and dated.early and dated.stamp.when < best.stamp.when
    ]
    return older[0].sourced if len(_days(older)) == 1 else best


def _labelled_publication(visible: Sequence[VisibleDate]) -> VisibleDate | None:
    """Return the date that words, not only a class name, label as publication, or None."""
    labelled = [dated for dated in visible if dated.kind == PUBLICATION and dated.in_words]
    return labelled[0] if len(_days(labelled)) == 1 else None


def _days(dates: Iterable[VisibleDate]) -> set[date]:
    return {dated.day for dated in dates}


def _may_be(stamp: Stamp, day: date) -> bool:
    """Return whether a point in time may fall on this day somewhere in the world."""
    if not stamp.timed:
        return abs((stamp.when.date() - day).days) <= 1
    return (stamp.when - _WEST).date() <= day <= (stamp.when + _EAST).date()


def _in_own_zone(best: SourcedDate, others: Sequence[SourcedDate]) -> SourcedDate:
    """Return the declared minute with the page's own offset if it is also given in UTC."""
    when = best.stamp.when
    if not (best.stamp.timed and best.stamp.zoned) or when.utcoffset():
        return best
    for other in others:
        zoned = other.stamp.zoned and other.stamp.when.utcoffset()
        if zoned and abs(other.stamp.when - when) < _MINUTE:
            return best._replace(
                stamp=best.stamp._replace(when=when.astimezone(other.stamp.when.tzinfo))
            )
    return best


def _best(published: Sequence[SourcedDate], address: Sequence[SourcedDate]) -> SourcedDate | None:
    """Return the most trusted date, unless the page's address contains the day of another."""
    if not published:
        return None
    best = published[0]
    for dated in address:
        day = dated.day
        near = [sourced for sourced in published if abs((sourced.day - day).days) <= 1]
        best = near[0] if near else dated
    if not best.stamp.timed:
        day = best.day
        return next(
            (sourced for sourced in published if sourced.stamp.timed and sourced.day == day), best
        )
    return best


def _hinted_stamp(when: datetime) -> Stamp:
    zoned = when.tzinfo is not None
    return Stamp(when if zoned else when.replace(tzinfo=UTC), zoned, timed=True)
