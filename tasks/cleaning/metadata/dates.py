"""When an article was published and changed, weighed from all the page says.

Not htmldate: on WCXB's articles it has .847 of the days where this has .891, on fundus-dev .974
and .991, and it parses the page again, in several times the time (benchmarks/metadata.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from tasks.cleaning.metadata.jsonld import texts
from tasks.cleaning.metadata.model import Evidence, Mark, TextBlock, stands_elsewhere
from tasks.cleaning.metadata.stamps import YEARLIKE, Stamp, find_date, parse_stamp
from tasks.cleaning.metadata.subject import Subject

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

_PUBLISHED_METAS: Final = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished",
    "og:published_time", "parsely-pub-date", "sailthru.date", "citation_publication_date",
    "citation_date", "citation_online_date", "dc.date.issued", "dcterms.issued", "dcterms.date",
    "dc.date", "dc.date.created", "dcterms.created", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "publish_date", "publish-date", "publishdate", "publisheddate",
    "published-date", "publish_time", "og:publish_date", "pubdate", "date-pub", "published",
    "published_time", "publication_date", "publication-date", "article.published", "ptime",
    "cludo:date", "w-published-date", "shareaholic:article_published_time",
    "article_date_original",
    "originalpublicationdate", "vr:published_time", "iso-8601-publish-date", "date",
    "rnews:datepublished",
    "datecreated", "gsa_date", "blogdate", "bt:pubdate", "displaydate", "article:date",
    "releasedate",
)  # fmt: skip
_MODIFIED_METAS: Final = (
    "article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time",
    "og:modified_time", "dcterms.modified", "dc.date.modified", "last-modified", "article:modified",
    "lastmod", "last_updated_date", "modified_time", "updated", "article.updated", "utime",
)  # fmt: skip

_NAMED_IN_ADDRESS: Final = re.compile(
    r"/(?P<year>20\d\d)/(?P<name>[a-z]{3,9})/(?P<day>\d\d?)(?!\d)"
)
_IN_ADDRESS: Final = re.compile(
    r"[/_-](?P<year>(?:19|20)\d\d)(?P<sep>[/_-]?)(?P<month>0[1-9]|1[0-2])(?P=sep)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
_SHORT: Final = 160  # characters of a visible block that may be a date line
_BESIDE: Final = 80  # characters beside the date in it: a byline, a time to read
_SEVERAL: Final = 4  # more days without a label around a headline are a table or a calendar
_SENTENCE: Final = re.compile(r"(?:\w+\W+){9,}\w+\W*[.!?…\"”]$")
_WORD: Final = re.compile(r"[^\W\d_]+")
_SPACED: Final = re.compile("[\u0000-\u05ff\u1e00-\u1fff]+$")  # scripts that space their words
_DATE_LABELS: Final = re.compile("date|publish|posted|time|update|byline|meta")
_ELSEWHERE: Final = re.compile(
    "related|recommend|sidebar|<aside|<nav|popular|trending|more-from|read-next|(?<!elementor-)widget|respond"
    "|teaser|carousel|event|copyright|latest|recent|todays-date|current-date|countdown|next-post"
    "|prev-post"
)


class Found(NamedTuple):
    """A date and where the page says it."""

    stamp: Stamp
    where: str


class Seen(NamedTuple):
    """A date that readers see.

    ``kind`` is what its label says; ``place`` is 0 around the headline, 1 in an element marked
    as a date, 2 farther down, 3 in a list aside; ``said`` is False where a class alone tells
    the kind.
    """

    stamp: Stamp
    kind: str
    place: int
    said: bool = True

    @property
    def found(self) -> Found:
        """The date with its place."""
        return Found(self.stamp, f"visible date {self.kind}".strip())


class Dates(NamedTuple):
    """What is known: each may be None."""

    published: Found | None
    modified: Found | None


def choose_dates(
    evidence: Evidence,
    subject: Subject,
    *,
    head: Sequence[TextBlock],
    tail: Sequence[TextBlock] = (),
    url: str | None,
    observed_at: datetime | None,
    language: str | None,
    region: str | None = None,
    hint: datetime | None = None,
    hint_modified: datetime | None = None,
) -> Dates:
    """Choose the dates; ``head`` are the blocks around the headline, the nearest first.

    ``tail`` are those farther down.

    ``region`` is the page's country, which tells ``03/04/2025``'s month from its day.
    """
    day_first = not (language in {None, "en"} and region in {None, "us"})
    latest = observed_at + AHEAD if observed_at else LATEST

    def sound(stamp: Stamp) -> bool:
        return EARLIEST <= stamp.when <= latest

    published = [f for f in _published(evidence, subject) if sound(f.stamp)]
    modified = [f for f in _modified(evidence, subject) if sound(f.stamp)]
    if hint is not None and sound(given := _given(hint)):
        published.append(Found(given, "feed"))
    if hint_modified is not None and sound(given := _given(hint_modified)):
        modified.append(Found(given, "feed"))
    seen = [s for s in _seen(evidence, head, language, day_first) if sound(s.stamp)]
    seen = [s for s in seen if s.kind != "other"]
    address = [f for f in _in_address(url or evidence.canonical) if sound(f.stamp)]
    changes = [s.found for s in seen if s.kind == "of change"]
    best = _corrected(_best(_shown_first(published, seen), address), seen, modified)
    if best is None:
        shown = [s.found for s in seen if s.kind != "of change"]
        # The only date that the page shows may be that of its last change.
        best = _best(shown, address) or next(iter([*address, *changes]), None)
        if best and (said := _said(seen)) and said.stamp.when < best.stamp.when:
            best = said.found
    if best is None:
        far = [s for s in _far(evidence, tail, language, day_first) if sound(s.stamp)]
        best = next((s.found for s in far if s.kind != "other"), None)
    if best and any(f.stamp.when.date() != best.stamp.when.date() for f in address):
        best = _in_own_zone(best, [*published, *(s.found for s in seen)])
    modified += changes
    changed = modified[0] if modified else None
    if best and changed and changed.stamp.when < best.stamp.when:
        changed = None
    return Dates(best, changed)


def _shown_first(published: list[Found], seen: Sequence[Seen]) -> list[Found]:
    """Put a declared day that readers see under the headline before those that they do not."""
    shown = [s.stamp.when.date() for s in seen if s.place == 0 and s.kind != "of change"]
    if not shown or not published or any(_may_be(published[0].stamp, day) for day in shown):
        return published
    return sorted(published, key=lambda f: f.stamp.when.date() not in shown)


def _corrected(best: Found | None, seen: Sequence[Seen], modified: Sequence[Found]) -> Found | None:
    """Believe what readers see where the declared date is not shown.

    Some systems declare the last change, or the copying to a new system, as publication: where
    readers see one older date, it was right on 10 of 11 WCXB pages. A later date counts when
    its text says "Published", and no change is declared before it. No other later date does: it
    was the truth on 9 of 17 pages where it is the last change's, on 10 of 24 where it says so.
    """
    if best is None:
        return None
    shown = [s for s in seen if s.kind != "of change"]
    if any(_may_be(best.stamp, s.stamp.when.date()) for s in shown):
        return best
    said = _said(seen)
    if said and not any(f.stamp.when + _EAST < said.stamp.when for f in modified):
        return said.found
    older = [s for s in shown if s.place == 0 and s.stamp.when < best.stamp.when]
    return older[0].found if len({s.stamp.when.date() for s in older}) == 1 else best


def _said(seen: Sequence[Seen]) -> Seen | None:
    """The date that a text, and no class alone, calls that of publication, if there is one."""
    said = [s for s in seen if s.kind == "of publication" and s.said]
    return said[0] if len({s.stamp.when.date() for s in said}) == 1 else None


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
        day = dated.stamp.when.date()
        near = [f for f in published if abs((f.stamp.when.date() - day).days) <= 1]
        best = near[0] if near else dated
    if not best.stamp.timed:
        day = best.stamp.when.date()
        return next((f for f in published if f.stamp.timed and f.stamp.when.date() == day), best)
    return best


def _published(evidence: Evidence, subject: Subject) -> Iterator[Found]:
    for name in _PUBLISHED_METAS[:1]:
        if contents := evidence.meta.get(name):
            yield from _stamps(contents[:1], f"meta {name}")
    for node in subject.articles:
        yield from _stamps(list(texts(node.get("datePublished")))[:1], "json-ld datePublished")
    for node in subject.pages:
        yield from _stamps(list(texts(node.get("datePublished")))[:1], "json-ld page datePublished")
    for name in _PUBLISHED_METAS[1:]:
        if contents := evidence.meta.get(name):
            yield from _stamps(contents[:1], f"meta {name}")
    for mark in evidence.marks:
        if "datepublished" in mark.label and not _elsewhere(mark):
            yield from _stamps([mark.value or mark.text], "microdata datePublished")
    for node in subject.articles:
        yield from _stamps(list(texts(node.get("dateCreated")))[:1], "json-ld dateCreated")


def _modified(evidence: Evidence, subject: Subject) -> Iterator[Found]:
    for node in subject.articles:
        yield from _stamps(list(texts(node.get("dateModified")))[:1], "json-ld dateModified")
    for name in _MODIFIED_METAS:
        if contents := evidence.meta.get(name):
            yield from _stamps(contents[:1], f"meta {name}")
    for mark in evidence.marks:
        if "datemodified" in mark.label and not _elsewhere(mark):
            yield from _stamps([mark.value or mark.text], "microdata dateModified")
    for node in subject.pages:
        yield from _stamps(list(texts(node.get("dateModified")))[:1], "json-ld page dateModified")


def _stamps(fields: Sequence[str], where: str) -> Iterator[Found]:
    for field in fields:
        if (stamp := parse_stamp(field, day_first=False)) is not None:
            yield Found(stamp, where)


def _seen(
    evidence: Evidence, head: Sequence[TextBlock], language: str | None, day_first: bool
) -> Iterator[Seen]:
    """Dates that readers see: around the headline, then in elements marked as dates."""
    marked = [
        (mark, stamp)
        for mark in evidence.marks
        if _is_date(mark) and (stamp := _of_mark(mark, language, day_first)) is not None
    ]
    exact = {mark.text: stamp for mark, stamp in marked if mark.value and mark.text}
    read = {
        found.stamp: stamp
        for text, stamp in exact.items()
        if (found := find_date(text, language=language, day_first=day_first))
    }
    near: list[Seen] = []
    for block in filter(_may_have_date, head):
        for seen in _in_block(block.text, language, day_first, place=0):
            # "3 weeks ago", 10/12/2023, days without a time: the element's attribute knows better.
            known = exact.get(block.text) or read.get(seen.stamp)
            near.append(Seen(known, seen.kind, 0) if known else seen)
    table = len({seen.stamp.when.date() for seen in near if not seen.kind}) > _SEVERAL
    yield from (seen for seen in near if seen.kind or not table)
    for mark, stamp in marked:
        if not _elsewhere(mark):
            told = _kind(mark.text)
            yield Seen(stamp, told or _kind(mark.label), 1, bool(told))


def _far(
    evidence: Evidence, tail: Sequence[TextBlock], language: str | None, day_first: bool
) -> Iterator[Seen]:
    """Dates farther down: one that says it is of publication, the first alone on its line.

    Last, the only one in a list aside.
    """
    dated = filter(_may_have_date, tail)
    found = [s for block in dated for s in _in_block(block.text, language, day_first, place=2)]
    yield from (s for s in found if s.kind == "of publication")
    yield from found[:1]
    aside = [
        Seen(stamp, "", 3)
        for mark in evidence.marks
        if _is_date(mark) and (stamp := _of_mark(mark, language, day_first)) is not None
    ]
    if len({s.stamp.when.date() for s in aside}) == 1:  # not a list of other articles
        yield aside[0]


def _is_date(mark: Mark) -> bool:
    return mark.tag == "time" or bool(_DATE_LABELS.search(mark.label))


def _of_mark(mark: Mark, language: str | None, day_first: bool) -> Stamp | None:
    if mark.value and (stamp := parse_stamp(mark.value, language=language)) is not None:
        return stamp
    found = find_date(mark.text.replace("\n", " "), language=language, day_first=day_first)
    return found.stamp if found else None


def _may_have_date(block: TextBlock) -> bool:
    return len(block.text) <= _SHORT and bool(YEARLIKE.search(block.text))


def _in_block(text: str, language: str | None, day_first: bool, *, place: int) -> Iterator[Seen]:
    """The dates of a block that is a line about the article: one or two, and few words more."""
    start = 0
    for _ in range(2):  # "Published May 3, 2024, updated June 1, 2025"
        found = find_date(text[start:], language=language, day_first=day_first)
        if found is None:
            return
        label = text[start : start + found.start]
        kind = _kind(label)
        words = len(text) - (found.end - found.start)
        alone = words <= (_BESIDE if place == 0 else _BESIDE // 4) and not _SENTENCE.search(text)
        if alone or (kind == "of publication" and len(label) < _BESIDE):
            yield Seen(found.stamp, kind, place)
        start += found.end


def _elsewhere(mark: Mark) -> bool:
    return stands_elsewhere(mark, _ELSEWHERE)


@lru_cache(maxsize=1)
def _labels() -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    """By kind: single words, and what is looked for inside the text (phrases, unspaced scripts)."""
    path = files("tasks.cleaning") / "data" / "dates.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        kind: (
            frozenset(w for w in words if _WORD.fullmatch(w) and _SPACED.match(w)),
            tuple(w for w in words if not (_WORD.fullmatch(w) and _SPACED.match(w))),
        )
        for kind, words in table.items()
    }


@lru_cache(maxsize=2048)
def _kind(text: str) -> str:
    """What a date's label says: ``of publication``, ``of change``, ``other`` or nothing."""
    folded = text.casefold()
    if not folded.strip():
        return ""
    words = set(_WORD.findall(folded))
    for kind, name in (
        ("published", "of publication"),
        ("modified", "of change"),
        ("other", "other"),
    ):
        single, inside = _labels()[kind]
        if not single.isdisjoint(words) or any(phrase in folded for phrase in inside):
            return name
    return ""


def _in_address(url: str | None) -> Iterator[Found]:
    if url and (match := _IN_ADDRESS.search(url)):
        stamp = parse_stamp(f"{match['year']}-{match['month']}-{match['day']}")
        if stamp is not None:
            yield Found(stamp, "address")
    elif url and (match := _NAMED_IN_ADDRESS.search(url.lower())):
        found = find_date(f"{match['day']} {match['name']} {match['year']}")
        if found is not None:
            yield Found(found.stamp, "address")


def _given(when: datetime) -> Stamp:
    zoned = when.tzinfo is not None
    return Stamp(when if zoned else when.replace(tzinfo=UTC), zoned, timed=True)
