"""When an article was published and changed, weighed from all the page says.

Not htmldate: 88 % of the WCXB articles' days at the time of measuring, but it parses the page
again with lxml and takes many times as long (benchmarks/metadata.py has both beside ours).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from tasks.cleaning.metadata.jsonld import texts
from tasks.cleaning.metadata.model import Evidence, Mark, TextBlock, stands_elsewhere
from tasks.cleaning.metadata.stamps import Stamp, find_date, parse_stamp
from tasks.cleaning.metadata.subject import Subject

# The web has no older pages; older dates are those of what an article tells of, or junk
# (1970-01-01, 0001-01-01).
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
# A clock may be wrong, and a page may count in the zone of its readers.
AHEAD: Final = timedelta(days=1)
# When nobody says when the page was seen, only what is absurd is refused.
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

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
    "datecreated", "gsa_date", "blogdate", "bt:pubdate", "displaydate", "article:date", "releasedate",
)  # fmt: skip
_MODIFIED_METAS: Final = (
    "article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time",
    "og:modified_time", "dcterms.modified", "dc.date.modified", "last-modified", "article:modified",
    "lastmod", "last_updated_date", "modified_time", "updated", "article.updated", "utime",
)  # fmt: skip

_IN_ADDRESS: Final = re.compile(
    r"[/_-](?P<year>(?:19|20)\d\d)(?P<sep>[/_-]?)(?P<month>0[1-9]|1[0-2])(?P=sep)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
_SHORT: Final = 160  # characters of a visible block that may be a date line
_DATE_LABELS: Final = ("date", "publish", "posted", "time", "update", "byline", "meta")
_ELSEWHERE: Final = (
    "related", "recommend", "sidebar", "<aside", "<nav", "popular", "trending",
    "more-from", "read-next", "widget", "respond", "teaser", "carousel", "event", "copyright",
    "latest", "recent", "todays-date", "current-date", "countdown", "next-post", "prev-post",
)  # fmt: skip


class Found(NamedTuple):
    """A date and where the page says it."""

    stamp: Stamp
    where: str


class Dates(NamedTuple):
    """What is known: each may be None."""

    published: Found | None
    modified: Found | None


def choose_dates(
    evidence: Evidence,
    subject: Subject,
    *,
    head: Sequence[TextBlock],
    url: str | None,
    observed_at: datetime | None,
    language: str | None,
    region: str | None = None,
    hint: datetime | None = None,
    hint_modified: datetime | None = None,
) -> Dates:
    """Choose the dates; ``head`` are the blocks around the headline, in order of nearness.

    ``region`` is the page's country, which tells ``03/04/2025``'s month from its day.
    """
    day_first = not (language in {None, "en"} and region in {None, "us"})
    latest = observed_at + AHEAD if observed_at else LATEST

    def plausible(found: Iterator[Found]) -> list[Found]:
        return [f for f in found if EARLIEST <= f.stamp.when <= latest]

    published = plausible(_published(evidence, subject))
    modified = plausible(_modified(evidence, subject))
    if hint is not None:
        published += plausible(iter([Found(_given(hint), "feed")]))
    seen = plausible(_seen(evidence, head, language, day_first))
    address = plausible(_in_address(url or evidence.canonical))
    seen_published = [f for f in seen if f.where.startswith("visible date of publication")]
    seen_modified = [f for f in seen if f.where.startswith("visible date of change")]
    bare = [f for f in seen if f not in seen_published and f not in seen_modified]
    best = _best(published, address) or next(iter([*seen_published, *bare, *address]), None)
    modified += seen_modified
    if hint_modified is not None:
        modified.append(Found(_given(hint_modified), "feed"))
    changed = modified[0] if modified else None
    if best is None and seen_modified:
        # The only date that the page shows is that of its last change.
        best = seen_modified[0]
    if best and changed and changed.stamp.when < best.stamp.when and best is not changed:
        changed = None
    return Dates(best, changed)


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
        yield from _stamps(evidence.meta.get(name, ())[:1], f"meta {name}")
    for node in subject.articles:
        yield from _stamps(list(texts(node.get("datePublished")))[:1], "json-ld datePublished")
    for node in subject.pages:
        yield from _stamps(list(texts(node.get("datePublished")))[:1], "json-ld page datePublished")
    for name in _PUBLISHED_METAS[1:]:
        yield from _stamps(evidence.meta.get(name, ())[:1], f"meta {name}")
    for mark in evidence.marks:
        if "datepublished" in mark.label and not _elsewhere(mark):
            yield from _stamps([mark.value or mark.text], "microdata datePublished")
    for node in subject.articles:
        yield from _stamps(list(texts(node.get("dateCreated")))[:1], "json-ld dateCreated")


def _modified(evidence: Evidence, subject: Subject) -> Iterator[Found]:
    for node in subject.articles:
        yield from _stamps(list(texts(node.get("dateModified")))[:1], "json-ld dateModified")
    for name in _MODIFIED_METAS:
        yield from _stamps(evidence.meta.get(name, ())[:1], f"meta {name}")
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
) -> Iterator[Found]:
    """Dates that readers see: those marked as dates, then those around the headline."""
    for mark in evidence.marks:
        if not any(label in mark.label for label in _DATE_LABELS) and mark.tag != "time":
            continue
        if _elsewhere(mark):
            continue
        stamp = parse_stamp(mark.value, language=language) if mark.value else None
        text = mark.text.replace("\n", " ")
        if stamp is None:
            found = find_date(text, language=language, day_first=day_first)
            if found is None:
                continue
            stamp = found.stamp
        kind = _kind(f"{mark.label} {text}")
        if kind != "other":
            yield Found(stamp, f"visible date {kind}".strip())
    for block in head:
        if len(block.text) > _SHORT:
            continue
        found = find_date(block.text, language=language, day_first=day_first)
        if found is not None and (kind := _kind(block.text[: found.start])) != "other":
            yield Found(found.stamp, f"visible date {kind}".strip())


def _elsewhere(mark: Mark) -> bool:
    return stands_elsewhere(mark, _ELSEWHERE)


@lru_cache(maxsize=1)
def _labels() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(
        (files("tasks.cleaning") / "data" / "dates.toml").read_text(encoding="utf-8")
    )
    return {
        kind: re.compile(
            "|".join(
                rf"\b{re.escape(w)}\b" if w[0].isascii() and w[-1].isalnum() else re.escape(w)
                for w in sorted(words, key=len, reverse=True)
            )
        )
        for kind, words in table.items()
    }


def _kind(text: str) -> str:
    """What a date's label says: ``of publication``, ``of change``, ``other`` or nothing."""
    folded = text.casefold()
    labels = _labels()
    if labels["published"].search(folded):
        return "of publication"
    if labels["modified"].search(folded):
        return "of change"
    return "other" if labels["other"].search(folded) else ""


def _in_address(url: str | None) -> Iterator[Found]:
    if url and (match := _IN_ADDRESS.search(url)):
        stamp = parse_stamp(f"{match['year']}-{match['month']}-{match['day']}")
        if stamp is not None:
            yield Found(stamp, "address")


def _given(when: datetime) -> Stamp:
    zoned = when.tzinfo is not None
    return Stamp(when if zoned else when.replace(tzinfo=UTC), zoned, timed=True)
