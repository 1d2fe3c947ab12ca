"""When an article was published and changed, weighed from all the page says.

Not htmldate: on WCXB's articles it has .847 of the days where this has .918, on fundus-dev .974
and 1.000, and it parses the page again, in several times the time (benchmarks/metadata.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.metadata import date_evidence
from copydesk.tasks.cleaning.metadata.date_evidence import Found
from copydesk.tasks.cleaning.metadata.date_lines import (
    Line,
    Owner,
    Reader,
    Seen,
    brief_dates,
    far_dates,
    months,
    near_dates,
)
from copydesk.tasks.cleaning.metadata.main_entity import Subject
from copydesk.tasks.cleaning.metadata.model import Evidence
from copydesk.tasks.cleaning.metadata.timestamps import Stamp
from copydesk.tasks.cleaning.vocabulary.date_labels import CHANGE, ORIGIN, OTHER, PUBLICATION

# The web has no older pages; older dates are those of what an article tells of, or junk
# (1970-01-01, 0001-01-01).
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
# A clock may be wrong, and a page may count in the zone of its readers.
AHEAD: Final = timedelta(days=1)
# When nobody says when the page was seen, only what is absurd is refused.
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

# The day is told in the readers' zone, the time often in UTC.
_WEST: Final = timedelta(hours=12)
_EAST: Final = timedelta(hours=14)
_MINUTE: Final = timedelta(minutes=1)

# A story is corrected within days; a page that is changed later is kept up to date.
_REISSUED: Final = timedelta(days=28)


class Dates(NamedTuple):
    """What is known: each may be None."""

    published: Found | None
    modified: Found | None


def choose_dates(
    evidence: Evidence,
    subject: Subject,
    *,
    head: Sequence[Line],
    tail: Iterable[Line] = (),
    brief: Iterable[Line] = (),
    own: Owner,
    url: str | None,
    observed_at: datetime | None,
    language: str | None,
    region: str | None = None,
    hint: datetime | None = None,
    hint_modified: datetime | None = None,
) -> Dates:
    """Choose the dates; ``head`` are the lines around the headline, the nearest first.

    ``tail`` are those farther down, ``brief`` those by the headline without a whole year, both read
    only where nothing else tells. ``own`` tells what is none of the article's.

    ``region`` is the page's country, which tells ``03/04/2025``'s month from its day.
    """
    latest = observed_at + AHEAD if observed_at else LATEST

    def sound(stamp: Stamp) -> bool:
        return EARLIEST <= stamp.when <= latest

    published = [f for f in date_evidence.published(evidence, subject) if sound(f.stamp)]
    modified = [f for f in date_evidence.modified(evidence, subject) if sound(f.stamp)]
    if hint is not None and sound(given := _given(hint)):
        published.append(Found(given, "feed"))
    if hint_modified is not None and sound(given := _given(hint_modified)):
        modified.append(Found(given, "feed"))
    address = [f for f in date_evidence.in_address(url or evidence.canonical) if sound(f.stamp)]
    reader = Reader(
        language,
        not (language in {None, "en"} and region in {None, "us"}),
        frozenset(f.day for f in (*published, *modified, *address)),
        observed_at,
    )
    shown = (s for s in near_dates(evidence, head, reader, own) if s.kind != OTHER)
    seen = [
        _as_published(s) for s in shown if sound(s.stamp) and not (published and s.kind == ORIGIN)
    ]
    best = _best(_shown_first(published, seen), address)
    if best is not None:
        best = _reissued(best, published, seen, modified) or _corrected(best, seen, modified)
    else:
        listed = _listed(seen, address)
        best = None if listed else _shown(seen, address)
        best = best or _briefly(evidence, brief, reader, own, sound)
        best = best or _farther(evidence, head, tail, reader, own, sound, labelled=listed)
        best = best or _shown(seen, address)
    if best and any(f.day != best.day for f in address):
        best = _in_own_zone(best, [*published, *(s.found for s in seen)])
    modified += [s.found for s in seen if s.kind == CHANGE]
    changed = modified[0] if modified else None
    if best and changed and changed.stamp.when < best.stamp.when:
        changed = None
    return Dates(best, changed)


def _shown(seen: Sequence[Seen], address: Sequence[Found]) -> Found | None:
    """What readers see where nothing is declared: it may be the last change alone."""
    shown = [s.found for s in seen if s.kind != CHANGE]
    changes = [s.found for s in seen if s.kind == CHANGE]
    best = _best(shown, address) or next(iter([*address, *changes]), None)
    if best and (said := _said(seen)) and said.stamp.when < best.stamp.when:
        return said.found
    return best


def _listed(seen: Sequence[Seen], address: Sequence[Found]) -> bool:
    """Tell whether all dates are in marked elements of several days: teasers of other articles."""
    return not address and all(s.place == 1 and not s.said for s in seen) and len(_days(seen)) > 1


def _as_published(seen: Seen) -> Seen:
    """An earlier publication, where no other is declared."""
    return seen._replace(kind=PUBLICATION) if seen.kind == ORIGIN else seen


def _briefly(
    evidence: Evidence,
    brief: Iterable[Line],
    reader: Reader,
    own: Owner,
    sound: Callable[[Stamp], bool],
) -> Found | None:
    """A date without a whole year, or one told from when the page was seen."""
    told = [s for s in brief_dates(evidence, brief, reader, own) if s.kind != OTHER]
    told = [s for s in told if sound(s.stamp)]
    firsts = [s for s in told if s.kind != CHANGE]
    return next((s.found for s in firsts or told), None)


def _farther(
    evidence: Evidence,
    head: Sequence[Line],
    tail: Iterable[Line],
    reader: Reader,
    own: Owner,
    sound: Callable[[Stamp], bool],
    *,
    labelled: bool,
) -> Found | None:
    """A date farther down, or a month alone; ``labelled`` asks for one called "Published"."""
    below = list(tail)
    for seen in chain(far_dates(evidence, below, reader, own), months(head, below, reader)):
        wanted = seen.kind == PUBLICATION if labelled else seen.kind != OTHER
        if wanted and sound(seen.stamp):
            return seen.found
    return None


def _shown_first(published: list[Found], seen: Sequence[Seen]) -> list[Found]:
    """Put a declared day that readers see under the headline before those that they do not."""
    shown = [s.day for s in seen if s.place == 0 and s.kind != CHANGE]
    if not shown or not published or any(_may_be(published[0].stamp, day) for day in shown):
        return published
    return sorted(published, key=lambda f: f.day not in shown)


def _reissued(
    best: Found, published: Sequence[Found], seen: Sequence[Seen], modified: Sequence[Found]
) -> Found | None:
    """The last change, where readers see no other date and structured data alone has an old one.

    Such a page is kept up to date and dated anew; its JSON-LD remembers when its address was
    first used. On WCXB the shown day was the truth on 18 of 20 such pages, each of another site,
    but on 8 of 33 whose head declares the day, too (``article:published_time``).
    """
    if not all(f.structured for f in published if _may_be(f.stamp, best.day)):
        return None
    if any(_may_be(best.stamp, s.day) for s in seen if s.visible):
        return None
    shown = [s for s in seen if s.place == 0]
    if len(_days(shown)) != 1 or shown[0].stamp.when < best.stamp.when + _REISSUED:
        return None
    day = shown[0].day
    changes = [f for f in modified if f.day == day]
    if not changes and not any(s.kind == CHANGE for s in shown):
        return None
    timed = next((f.stamp for f in changes if f.stamp.timed), shown[0].stamp)
    return Found(timed, f"visible date of change; not shown: {best.where} {best.day}")


def _corrected(best: Found, seen: Sequence[Seen], modified: Sequence[Found]) -> Found:
    """Believe what readers see where the declared date is not shown.

    Some systems declare the last change, or the copying to a new system, as publication: where
    readers see one older date above the text, it was right on 10 of 11 WCXB pages. A later date
    counts when its text says "Published", and no change is declared before it.
    """
    shown = [s for s in seen if s.kind != CHANGE]
    if any(_may_be(best.stamp, s.day) for s in shown):
        return best
    said = _said(seen)
    if said and not any(f.stamp.when + _EAST < said.stamp.when for f in modified):
        return said.found
    older = [s for s in shown if s.place == 0 and s.early and s.stamp.when < best.stamp.when]
    return older[0].found if len(_days(older)) == 1 else best


def _said(seen: Sequence[Seen]) -> Seen | None:
    """The date that a text, and no class alone, calls that of publication, if there is one."""
    said = [s for s in seen if s.kind == PUBLICATION and s.said]
    return said[0] if len(_days(said)) == 1 else None


def _days(seen: Iterable[Seen]) -> set[date]:
    return {s.day for s in seen}


def _may_be(stamp: Stamp, day: date) -> bool:
    """Tell whether a point in time may be on this day, somewhere in the world."""
    if not stamp.timed:
        return abs((stamp.when.date() - day).days) <= 1
    return (stamp.when - _WEST).date() <= day <= (stamp.when + _EAST).date()


def _in_own_zone(best: Found, others: Sequence[Found]) -> Found:
    """Give the minute with the page's own offset, where it is told in UTC and with that, too."""
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


def _best(published: Sequence[Found], address: Sequence[Found]) -> Found | None:
    """The first in order of trust, unless the page's address has the day of another."""
    if not published:
        return None
    best = published[0]
    for dated in address:
        day = dated.day
        near = [f for f in published if abs((f.day - day).days) <= 1]
        best = near[0] if near else dated
    if not best.stamp.timed:
        day = best.day
        return next((f for f in published if f.stamp.timed and f.day == day), best)
    return best


def _given(when: datetime) -> Stamp:
    zoned = when.tzinfo is not None
    return Stamp(when if zoned else when.replace(tzinfo=UTC), zoned, timed=True)
