"""A web source: article addresses, a feed, a sitemap, WordPress's API, or a whole site."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import ClassVar

from copydesk.schemas.article import Hints
from copydesk.schemas.credentials import without_credentials
from copydesk.schemas.items import FEED, NAMED, Fate, Item, Missing, RawDocument
from copydesk.schemas.source_kinds import SourceKind
from copydesk.schemas.values import split_address
from copydesk.tasks.sources.formats.html_wrapping import HTML, page_of
from copydesk.tasks.sources.source import (
    LISTED_IN,
    LISTING,
    NOTHING_KNOWN,
    Clock,
    KnownTransport,
    Limits,
    PastEntry,
    Period,
    SourceBase,
    span_for_articles,
    utc_now,
)
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop, fetch_loop_for
from copydesk.tasks.sources.web.fetch.fetcher import Fetcher, FetchRequest, Policy, Response
from copydesk.tasks.sources.web.javascript import holds_undisplayed_text, needs_javascript
from copydesk.tasks.sources.web.listings import wordpress_api
from copydesk.tasks.sources.web.listings.base import Listing, Offered, SkippedAddress
from copydesk.tasks.sources.web.listings.entry import Entry
from copydesk.tasks.sources.web.listings.feeds import offer_feed
from copydesk.tasks.sources.web.listings.wordpress_news import API, FROM, POST
from copydesk.tasks.sources.web.pagination import with_next_pages

GENTLE = 1
"""Concurrent requests for past articles: few, so that scheduled runs need not wait for a host."""

LEAST_POSTS = 10
"""Posts per request that every site accepts."""


@dataclass(frozen=True, slots=True)
class WebSource(SourceBase):
    """Articles from the web.

    ``addresses`` are the articles' own, or the listing's. ``item_limit`` is the maximum number of
    new articles per run.
    """

    reads_where_cleaned: ClassVar[bool] = False  # the state of hosts is shared by all batches

    name: str
    kind: SourceKind
    addresses: tuple[str, ...]
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    clock: Clock = utc_now
    item_limit: int | None = None

    @property
    def address(self) -> str:
        """Return the first of its addresses."""
        return next(iter(self.addresses), self.name)

    def discover(
        self, known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[Item | Missing]:
        """Read the listings and yield their articles; an unmodified listing yields none.

        A listing's own row follows its articles, once it has been read to the end.
        """
        if self.kind is SourceKind.ADDRESSES:
            yield from (self.item(Entry(address)) for address in self.addresses)
            return
        fetch_loop = fetch_loop_for(self.policy)
        known_transport = _ByAddress(known_transport)
        remaining = -1 if self.item_limit is None else self.item_limit
        for address in self.addresses:
            for result in offer(self.kind, address, fetch_loop, known_transport):
                if isinstance(result, Listing):
                    yield self._listing(result)
                    continue
                if isinstance(result, SkippedAddress):
                    yield self._skipped(result)
                    continue
                if (result.locator or result.url) not in known_transport:
                    if remaining == 0:  # without its row, the next run reads the listing again
                        return
                    remaining -= 1
                yield self.item(result)

    def acquire(
        self, items: Sequence[Item], known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        """Fetch pages from many hosts at once, each at its own rate, and posts by the hundred."""
        for api, group in groupby(items, key=_api_of):
            if api is None:
                yield from self._pages(list(group), known_transport)
                continue
            while posts := list(islice(group, wordpress_api.PER_PAGE)):
                yield from self._posts(api, posts, known_transport)

    def gently(self) -> WebSource:
        """Return the source with one concurrent request and no item limit."""
        rate_limit = dataclasses.replace(self.policy.rate_limit, concurrency=GENTLE)
        policy = dataclasses.replace(self.policy, rate_limit=rate_limit)
        return dataclasses.replace(self, policy=policy, item_limit=None)

    def past(self, period: Period, /) -> Iterator[PastEntry | str]:
        """Yield the articles of a period from listings of past articles."""
        from copydesk.tasks.sources.web.history import Dated, past

        for result in past(self, span_for_articles(period), period.zone):
            if isinstance(result, Dated):
                yield PastEntry(result.span, result.item, name=result.item.locator)
            else:
                yield f"{result.url}: {result.detail}"

    def _pages(
        self, items: Sequence[Item], known_transport: KnownTransport
    ) -> Iterator[RawDocument | Missing]:
        async def read(fetcher: Fetcher, item: Item) -> RawDocument | Missing:
            address, content, _, _ = _parts(item)
            if address is None:
                return await self._from_listing(fetcher, item, content or "", None)
            try:
                request = FetchRequest(cap=self.limits.document)
                response = await fetcher.fetch(address, known_transport.get(item.locator), request)
                if not response.not_modified and not response.body.strip():
                    raise FetchError("empty", f"{address} answers with nothing")
                media_type = response.media_type
                if await asyncio.to_thread(_shows_nothing, response.body, media_type, content):
                    raise FetchError("needs_javascript", f"{address} shows nothing without scripts")
                response = await with_next_pages(fetcher, response, request)
            except FetchError as error:
                if content:
                    return await self._from_listing(fetcher, item, content, error)
                return self._failed(item, error)
            if response.not_modified:
                return Missing(
                    item, Fate.NOT_MODIFIED, "http_304", f"{address} is as it was",
                    self.clock(), response.transport,
                )  # fmt: skip
            transport = {**response.transport, **_first_address(item), **_generator(response.body)}
            transport |= await fetcher.reservations(response.url)
            return RawDocument(
                item, response.body, response.url, self.clock(), response.media_type, transport
            )

        yield from fetch_loop_for(self.policy).in_order(items, read)

    def _posts(
        self, api: str, items: Sequence[Item], known_transport: KnownTransport
    ) -> Iterator[RawDocument | Missing]:
        ids = [int(_parts(item)[2] or 0) for item in items]
        try:
            posts = self._texts(api, ids)
        except (FetchError, ValueError):
            yield from self._pages(
                items, known_transport
            )  # the pages may be available although the API is not
            return
        fetch_loop = fetch_loop_for(self.policy)
        for number, item in zip(ids, items, strict=True):
            post = posts.get(number)
            if post is not None and post.protected:
                detail = f"{item.url} has a password"
                yield Missing(item, Fate.SKIPPED, "protected", detail, self.clock())
            elif post is None or not post.html.strip():
                yield from self._pages([item], known_transport)
            else:
                transport = {"status": "200", FROM: "rest", POST: str(number), API: api}
                transport |= _first_address(item)
                transport |= fetch_loop.wait(fetch_loop.fetcher.reservations(post.url))
                body = page_of(post.html, post.hints, post.url)
                hinted = dataclasses.replace(item, hints=post.hints)
                yield RawDocument(hinted, body, post.url, self.clock(), HTML, transport)

    def _texts(self, api: str, ids: list[int]) -> dict[int, wordpress_api.PostText]:
        """Fetch posts; request those that the site omitted or refused again, in smaller groups."""
        posts: dict[int, wordpress_api.PostText] = {}
        try:
            response = self._ask(wordpress_api.posts_url(api, ids))
            posts = wordpress_api.read_posts(response.body, response.url)
        except FetchError as error:
            if error.reason != "http_400" or len(ids) <= LEAST_POSTS:
                raise
            middle = len(ids) // 2
            return self._texts(api, ids[:middle]) | self._texts(api, ids[middle:])
        missing = [number for number in ids if number not in posts]
        if missing and len(missing) < len(ids):
            posts |= self._texts(api, missing)
        return posts

    def _ask(self, url: str) -> Response:
        fetch_loop = fetch_loop_for(self.policy)
        cap = self.limits.document * 5  # a hundred posts come together
        return fetch_loop.wait(
            fetch_loop.fetcher.fetch(url, None, FetchRequest("application/json", None, cap))
        )

    async def _from_listing(
        self, fetcher: Fetcher, item: Item, content: str, error: FetchError | None
    ) -> RawDocument:
        """Return a document with the feed's content, for a page that cannot be fetched."""
        body = page_of(content, item.hints or Hints(), item.url if error is not None else None)
        transport = {FROM: FEED, "page": error.reason if error is not None else "none"}
        if _origin(item.url) == _origin(_parts(item)[3]):  # no other host is asked for this
            transport |= await fetcher.reservations(item.url)
        return RawDocument(item, body, item.url, self.clock(), HTML, transport)

    def _failed(self, item: Item, error: FetchError) -> Missing:
        fate = error.consequence.fate
        transport = error.transport
        if fate is Fate.FAILED:
            transport = {**transport, LISTED_IN: _parts(item)[3] or ""}
        return Missing(item, fate, error.reason, error.detail, self.clock(), transport)

    def item(self, entry: Entry) -> Item:
        """Return the item for an article in a listing."""
        return Item(
            source=self.name,
            locator=entry.locator or entry.url,
            url=entry.url,
            handle=json.dumps(
                [
                    entry.url if entry.has_page else None,
                    *(entry.content, entry.post, entry.api, entry.listing),
                ]
            ),
            fingerprint=entry.mark,
            hints=entry.hints,
        )

    def _listing(self, listing: Listing) -> Missing:
        item = Item(
            source=self.name,
            locator=listing.url,
            url=listing.url,
            handle=json.dumps([listing.url, None, None, None, None]),
        )
        if listing.error is not None:
            missing = self._failed(item, listing.error)
            is_gone = missing.fate is Fate.GONE and listing.url in self.addresses
            if missing.fate is Fate.REJECTED or is_gone:  # a page is gone for good
                transport = {**missing.how, LISTED_IN: ""}
                missing = dataclasses.replace(missing, fate=Fate.FAILED, how=transport)
            return missing
        fate = Fate.NOT_MODIFIED if listing.not_modified else Fate.SKIPPED
        return Missing(item, fate, LISTING, listing.detail, self.clock(), listing.transport)

    def _skipped(self, entry: SkippedAddress) -> Missing:
        locator = f"{entry.listing}#{entry.name}"
        item = Item(
            source=self.name,
            locator=locator,
            url=entry.address or locator,
            handle=json.dumps([entry.address, None, None, None, entry.listing]),
        )
        return Missing(item, Fate.SKIPPED, entry.reason, entry.detail, self.clock())


class _ByAddress(Mapping[str, Mapping[str, str]]):
    """Known transport metadata by addresses that may include credentials; stored ones do not."""

    def __init__(self, known_transport: KnownTransport) -> None:
        self._known_transport = known_transport

    def __getitem__(self, address: str) -> Mapping[str, str]:
        return self._known_transport[without_credentials(address)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known_transport)

    def __len__(self) -> int:
        return len(self._known_transport)


def _parts(item: Item) -> tuple[str | None, str | None, int | None, str | None]:
    address, content, post, _, *listing = json.loads(item.handle)  # none in older plans
    return address, content, post, listing[0] if listing else None


def _shows_nothing(html: bytes, media_type: str | None, listed: str | None) -> bool:
    """Return whether a page has no text to clean, or displays none while a listing has its text."""
    if not needs_javascript(html):
        return False
    return bool(listed) or not holds_undisplayed_text(html, media_type)


def _first_address(item: Item) -> dict[str, str]:
    """Return the first address of an article that has moved."""
    return {NAMED: item.locator} if item.locator != item.url else {}


def _origin(url: str | None) -> tuple[str, str] | None:
    """Return an address's scheme and authority; None where it has none."""
    parts = split_address(url) if url else None
    return (parts.scheme, parts.netloc) if parts is not None and parts.netloc else None


def _generator(html: bytes) -> dict[str, str]:
    """Return the system that generated a page, if its modification dates are reliable."""
    is_wordpress = b"api.w.org/" in html or b"/wp-content/" in html
    return {"generator": "wordpress"} if is_wordpress else {}


def _api_of(item: Item) -> str | None:
    api: str | None = json.loads(item.handle)[3]
    return api


def offer(
    kind: str, address: str, fetch_loop: FetchLoop, known_transport: KnownTransport
) -> Offered:
    """Read a listing of the given kind."""
    if kind == "feed":
        return offer_feed(address, fetch_loop, known_transport)
    if kind == "sitemap":
        from copydesk.tasks.sources.web.listings.sitemap_crawl import offer_sitemap

        return offer_sitemap([address], fetch_loop, known_transport)
    if kind == "wordpress":
        from copydesk.tasks.sources.web.listings.wordpress_news import offer_wordpress

        return offer_wordpress(address, fetch_loop, known_transport)
    from copydesk.tasks.sources.web.listings.discovery import offer_site

    return offer_site(address, fetch_loop, known_transport)
