"""List the articles that a web source published in a date range.

Each listing is read once; of a sitemap's parts, only those that may contain the range.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from copydesk.schemas.items import Item
from copydesk.schemas.source_kinds import SourceKind
from copydesk.tasks.sources.dates.from_names import span_of_article, span_of_name, span_of_word
from copydesk.tasks.sources.dates.ranges import Span
from copydesk.tasks.sources.source import SourceError
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop, fetch_loop_for
from copydesk.tasks.sources.web.fetch.fetcher import Policy
from copydesk.tasks.sources.web.fetch.urls import join
from copydesk.tasks.sources.web.listings import sitemap_parser
from copydesk.tasks.sources.web.listings.base import ACCEPT_XML, LISTS, ask
from copydesk.tasks.sources.web.listings.discovery import listings_of
from copydesk.tasks.sources.web.listings.entry import Entry, may_be_article, same_site
from copydesk.tasks.sources.web.listings.wordpress_list import PostList

MARGIN = timedelta(days=1)
"""WordPress compares dates in its own time zone; surplus entries are removed here."""


class ListingSource(Protocol):
    """The properties of a web source that this module needs."""

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def kind(self) -> SourceKind:
        """Return the kind of its listing."""
        ...

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return its articles' addresses, or its listing's."""
        ...

    @property
    def policy(self) -> Policy:
        """Return the fetch policy for its hosts."""
        ...

    def item(self, entry: Entry) -> Item:
        """Return the item for an article in a listing."""
        ...


@dataclass(frozen=True, slots=True)
class Dated:
    """A past article; ``span`` is None if its date is unknown."""

    item: Item
    span: Span | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a listing that could not be read, and the reason."""

    url: str
    detail: str


def past(source: ListingSource, span: Span, zone: ZoneInfo) -> Iterator[Dated | Unread]:
    """Yield the articles that a source lists for the range, and those without a date.

    Raises:
        SourceError: It has no listing of past articles, or the listing cannot be read.
    """
    fetch_loop = fetch_loop_for(source.policy)
    for kind, addresses in _listings(source, fetch_loop):
        if kind == SourceKind.WORDPRESS:
            offered = _of_wordpress(addresses[0], fetch_loop, span, zone)
        else:
            offered = _of_sitemaps(list(addresses), fetch_loop, span, zone)
        for result in offered:
            if isinstance(result, Unread):
                yield result
                continue
            entry, days = result
            if days is None or span.meets(days):
                yield Dated(source.item(entry), days)


def _listings(source: ListingSource, fetch_loop: FetchLoop) -> list[tuple[str, tuple[str, ...]]]:
    if source.kind in (SourceKind.WORDPRESS, SourceKind.SITEMAP):
        return [(source.kind, (address,)) for address in source.addresses]
    if source.kind is SourceKind.SITE:
        for address in source.addresses:
            for candidate in listings_of(address, fetch_loop):
                if candidate.kind != SourceKind.FEED:
                    return [(candidate.kind, candidate.addresses)]
    raise SourceError(
        f"source {source.name} does not list its past: a sitemap or WordPress's REST API reaches "
        f"back, a {source.kind} does not"
    )


def _of_wordpress(
    api: str, fetch_loop: FetchLoop, span: Span, zone: ZoneInfo
) -> Iterator[tuple[Entry, Span | None] | Unread]:
    begins, ends = span.moments(zone)
    window = (begins - MARGIN, ends + MARGIN)
    try:
        for post in PostList(fetch_loop, api, published=window):
            entry = Entry(post.url, post.mark, post=post.id, api=api, listing=api)
            yield entry, span_of_article(post.url, post.published, None, zone)
    except FetchError as error:
        raise SourceError(f"cannot read {api}: {error.detail}") from error
    except ValueError as error:
        raise SourceError(f"{api} is not an API of WordPress: {error}") from error


def _of_sitemaps(
    addresses: list[str], fetch_loop: FetchLoop, span: Span, zone: ZoneInfo
) -> Iterator[tuple[Entry, Span | None] | Unread]:
    waiting = deque(addresses)
    queued = set(addresses)
    while waiting:
        url = waiting.popleft()
        try:
            response = ask(fetch_loop, url, {}, ACCEPT_XML)
        except FetchError as error:
            if url in addresses:
                raise SourceError(f"cannot read the sitemap {url}: {error.detail}") from error
            yield Unread(url, error.detail)
            continue
        for raw in sitemap_parser.Sitemap(response.body, response.media_type):
            location = dataclasses.replace(raw, url=join(response.url, raw.url))
            if not raw.url or not same_site(location.url, url):
                continue
            if not location.is_list:
                if may_be_article(location.url):
                    hints = location.hints
                    published: datetime | None = hints.published_at if hints else None
                    days = span_of_article(location.url, published, location.modified, zone)
                    yield Entry(location.url, location.modified, hints, listing=url), days
                continue
            if location.url in queued or len(queued) >= LISTS:
                continue
            queued.add(location.url)
            if not sitemap_parser.lists_no_articles(location.url) and _may_name(
                location, span, zone
            ):
                waiting.append(location.url)


def _may_name(location: sitemap_parser.Location, span: Span, zone: ZoneInfo) -> bool:
    """Return whether a part of a sitemap may contain articles of the range.

    A part named after a day or month lists that day or month; a part not modified since before the
    range contains nothing published in it.
    """
    days = span_of_name(location.url, zone)
    if days is not None and (days.last < span.first or days.first > span.last):
        return False
    changed = span_of_word(location.modified, zone)
    return changed is None or changed.last >= span.first
