"""Read the dates that a page declares: in meta elements, JSON-LD, microdata and its address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.metadata.jsonld import Node, texts
from copydesk.tasks.cleaning.metadata.main_entity import Subject
from copydesk.tasks.cleaning.metadata.model import (
    ELEMENTOR,
    Evidence,
    Mark,
    MetaNames,
    Regions,
    stands_elsewhere,
)
from copydesk.tasks.cleaning.metadata.timestamps import Stamp, find_date, parse_stamp

_MOST_TRUSTED: Final = "article:published_time"
_PUBLISHED_METAS: Final = MetaNames(
    "og:article:published_time", "article:published", "datepublished",
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
_MODIFIED_METAS: Final = MetaNames(
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
# Meta elements of this name are microdata in the body.
_ITEMPROPS: Final = frozenset({"meta datepublished", "meta datecreated"})

_ELSEWHERE: Final = Regions((
    "related", "recommend", "sidebar", "<aside", "<nav", "popular", "trending", "more-from",
    "read-next", "widget", "respond", "teaser", "carousel", "event", "copyright", "latest",
    "recent", "today", "current-date", "currentdate", "current_date", "countdown", "next-post",
    "prev-post", "weather", "clock", "<blockquote", "tweet", "<figcaption", "wp-caption", "embed",
), but_for=ELEMENTOR)  # fmt: skip


class SourcedDate(NamedTuple):
    """A date and where on the page it was found."""

    stamp: Stamp
    origin: str

    @property
    def day(self) -> date:
        """Return the day in the timestamp's own time zone."""
        return self.stamp.when.date()

    @property
    def structured(self) -> bool:
        """Return whether the date comes from JSON-LD or microdata, not from a meta element."""
        return self.origin.startswith(("json-ld", "microdata")) or self.origin in _ITEMPROPS


def published(evidence: Evidence, subject: Subject) -> Iterator[SourcedDate]:
    """Yield the declared dates of publication, the most trusted first."""
    if contents := evidence.meta.get(_MOST_TRUSTED):
        yield from _stamps(contents[:1], f"meta {_MOST_TRUSTED}")
    yield from _of_nodes(subject.articles, "datePublished", "json-ld datePublished")
    yield from _of_nodes(subject.pages, "datePublished", "json-ld page datePublished")
    yield from _of_metas(evidence, _PUBLISHED_METAS)
    for mark in evidence.marks:
        if "datepublished" in mark.label and not elsewhere(mark):
            yield from _stamps([mark.value or mark.text], "microdata datePublished")
    yield from _of_nodes(subject.articles, "dateCreated", "json-ld dateCreated")


def modified(evidence: Evidence, subject: Subject) -> Iterator[SourcedDate]:
    """Yield the declared dates of the last change, the most trusted first."""
    yield from _of_nodes(subject.articles, "dateModified", "json-ld dateModified")
    yield from _of_metas(evidence, _MODIFIED_METAS)
    for mark in evidence.marks:
        if "datemodified" in mark.label and not elsewhere(mark):
            yield from _stamps([mark.value or mark.text], "microdata dateModified")
    yield from _of_nodes(subject.pages, "dateModified", "json-ld page dateModified")


def _of_metas(evidence: Evidence, names: MetaNames) -> Iterator[SourcedDate]:
    for name in names.among(evidence.meta):
        yield from _stamps(evidence.meta[name][:1], f"meta {name}")


def _of_nodes(nodes: Sequence[Node], field: str, origin: str) -> Iterator[SourcedDate]:
    for node in nodes:
        if (value := node.get(field)) is not None:
            yield from _stamps(list(islice(texts(value), 1)), origin)


def _stamps(fields: Sequence[str], origin: str) -> Iterator[SourcedDate]:
    for field in fields:
        if (stamp := parse_stamp(field, day_first=False)) is not None:
            yield SourcedDate(stamp, origin)


def elsewhere(mark: Mark) -> bool:
    """Return whether an element belongs to the dates of other texts."""
    return stands_elsewhere(mark, _ELSEWHERE)


def in_address(url: str | None) -> Iterator[SourcedDate]:
    """Yield the day in the page's address (``/2025/05/03/``, ``/2025/may/3/``), if any."""
    if url and (match := _IN_ADDRESS.search(url)):
        stamp = parse_stamp(f"{match['year']}-{match['month']}-{match['day']}")
        if stamp is not None:
            yield SourcedDate(stamp, "address")
    elif url and (match := _NAMED_IN_ADDRESS.search(url.lower())):
        date_match = find_date(f"{match['day']} {match['name']} {match['year']}")
        if date_match is not None:
            yield SourcedDate(date_match.stamp, "address")
