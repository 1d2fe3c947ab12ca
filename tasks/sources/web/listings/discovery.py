"""Find the listing of a site, given only its front page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import chain

from copydesk.schemas.plural import plural
from copydesk.tasks.sources.source import KnownTransport, SourceError
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.fetch.fetcher import ACCEPT_PAGE, Response
from copydesk.tasks.sources.web.fetch.urls import join, read_address
from copydesk.tasks.sources.web.listings import wordpress_api
from copydesk.tasks.sources.web.listings.base import Listing, Offered, SkippedAddress, ask
from copydesk.tasks.sources.web.listings.entry import Entry, same_site
from copydesk.tasks.sources.web.listings.feeds import is_feed, offer_feed
from copydesk.tasks.sources.web.listings.sitemap_crawl import offer_sitemap
from copydesk.tasks.sources.web.listings.sitemap_parser import is_sitemap
from copydesk.tasks.sources.web.listings.wordpress_news import offer_wordpress

USUAL_SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml", "/sitemap.xml.gz")
USUAL_FEEDS = ("/feed/", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")
FEED_MIMES = (b"rss+xml", b"atom+xml", b"feed+json", b"rdf+xml")
NAMES = {"wordpress": "WordPress's REST API", "sitemap": "the sitemap", "feed": "the feed"}
CHOSEN = "chosen"
LOOKED_AT = 20
"""Maximum sitemaps that are compared with an API's list."""
FRONT_PAGE = 20_000_000  # bytes, as for any page

_LINK = re.compile(rb"<link\b[^<>]*>", re.IGNORECASE)
_HREF = re.compile(rb"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?([/_.-]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListingCandidate:
    """A possible listing of a site; ``is_named`` is true if the site itself declares it."""

    kind: str
    addresses: tuple[str, ...]
    is_named: bool = False

    @property
    def named(self) -> str:
        """Return its name for people."""
        address = self.addresses[0] + (" and others" if len(self.addresses) > 1 else "")
        return f"{NAMES[self.kind]} at {address}"


def offer_site(address: str, fetch_loop: FetchLoop, known_transport: KnownTransport) -> Offered:
    """Yield a site's articles from its best listing, after a row that names the listing.

    WordPress's API has every post as it was written; a sitemap names every page; a feed has the
    latest articles. Without any listing the page itself is the article. Later runs use the same
    listing without a new search, as long as it works.
    """
    if candidate := _remembered(known_transport.get(address, {}).get(CHOSEN)):
        leads, results = _try(_follow(candidate, address, fetch_loop, known_transport))
        if leads:
            yield Listing(
                address, f"chose {candidate.named}, as before", {CHOSEN: _written(candidate)}
            )
            yield from results
            return
    try:
        front = ask(fetch_loop, address, {}, ACCEPT_PAGE, FRONT_PAGE)
    except FetchError as error:
        yield Listing(address, error.detail, error=error)
        return
    if is_feed(front.body, front.media_type):
        yield from offer_feed(address, fetch_loop, known_transport, front)
        return
    if is_sitemap(front.body):
        yield from offer_sitemap([address], fetch_loop, known_transport)
        return
    for candidate in _candidates(front, fetch_loop):
        leads, results = _try(_follow(candidate, address, fetch_loop, known_transport))
        if leads:
            yield Listing(address, f"chose {candidate.named}", {CHOSEN: _written(candidate)})
            if candidate.kind == "wordpress":
                yield from _with_others(address, front, results, fetch_loop)
            else:
                yield from results
            return
        if candidate.is_named:  # a guessed address that does not exist is not a failure of the site
            yield from (
                result for result in results if isinstance(result, Listing) and _is_damaged(result)
            )
    yield Listing(address, "found no API, no sitemap and no feed: read as an article")
    yield Entry(front.url)


def listings_of(address: str, fetch_loop: FetchLoop) -> Iterator[ListingCandidate]:
    """Yield the working listings of a site, the best first.

    Raises:
        SourceError: The front page cannot be read.
    """
    try:
        front = ask(fetch_loop, address, {}, ACCEPT_PAGE, FRONT_PAGE)
    except FetchError as error:
        raise SourceError(f"cannot read {address}: {error.detail}") from error
    if is_sitemap(front.body):
        yield ListingCandidate("sitemap", (address,))
        return
    for candidate in _candidates(front, fetch_loop):
        if _try(_follow(candidate, address, fetch_loop, {}))[0]:
            yield candidate


def _follow(
    candidate: ListingCandidate, site: str, fetch_loop: FetchLoop, known_transport: KnownTransport
) -> Offered:
    first = candidate.addresses[0]
    if candidate.kind == "wordpress":
        return offer_wordpress(first, fetch_loop, known_transport)
    if candidate.kind == "sitemap":
        return offer_sitemap(list(candidate.addresses), fetch_loop, known_transport, site)
    return offer_feed(first, fetch_loop, known_transport)


def _try(results: Offered) -> tuple[bool, Offered]:
    """Return whether a listing has entries or is unchanged, together with all of its results."""
    read: list[Entry | Listing | SkippedAddress] = []
    for result in results:
        read.append(result)
        if isinstance(result, Entry) or (isinstance(result, Listing) and result.not_modified):
            return True, chain(read, results)
    return False, iter(read)


def _with_others(address: str, front: Response, results: Offered, fetch_loop: FetchLoop) -> Offered:
    """Yield what an API lists, and rows for what the sitemap names beyond that."""
    listed: set[str] = set()
    for result in results:
        if isinstance(result, Entry):
            listed.add(_plain(result.url))
        yield result
    yield from _beside(address, front, listed, fetch_loop)


def _beside(
    address: str, front: Response, listed: Set[str], fetch_loop: FetchLoop
) -> Iterator[SkippedAddress]:
    """Yield rows for what a site's sitemap names but its API lacks: other post types, pages.

    Of a large sitemap only the first parts are read.
    """
    for candidate in _candidates(front, fetch_loop):
        if candidate.kind != "sitemap":
            continue
        leads, results = _try(_follow(candidate, address, fetch_loop, {}))
        if not leads:
            continue
        others: list[str] = []
        parts = 0
        for result in results:
            parts += isinstance(result, Listing)
            if isinstance(result, Entry) and _plain(result.url) not in listed:
                others.append(result.url)
            if parts >= LOOKED_AT:
                break
        if others:
            detail = (
                f"{candidate.named} names {plural(len(others), 'address', 'addresses')} that the "
                f"API has not, {others[0]} among them; to read them: copydesk ingest "
                f"{candidate.addresses[0]}"
            )
            yield SkippedAddress(
                address, "not_in_api", "not_in_api", detail, candidate.addresses[0]
            )
        return


def _plain(url: str) -> str:
    return url.partition("//")[2].rstrip("/")


def _is_damaged(listing: Listing) -> bool:
    """Return whether a listing exists but could not be parsed."""
    return listing.error is not None and listing.error.reason in ("wrong_type", "truncated")


def _candidates(front: Response, fetch_loop: FetchLoop) -> Iterator[ListingCandidate]:
    """Yield the possible listings of a site, declared ones first."""
    api = wordpress_api.find_api(front.headers, front.body, front.url)
    if api and same_site(api, front.url):
        yield ListingCandidate("wordpress", (api,), is_named=True)
    try:
        sitemaps = fetch_loop.wait(fetch_loop.fetcher.rules(front.url)).sitemaps
    except FetchError:
        sitemaps = ()
    if sitemaps:
        yield ListingCandidate("sitemap", sitemaps, is_named=True)
    origin = read_address(front.url).origin
    feeds = find_feeds(front.body, front.url)
    usual = [ListingCandidate("sitemap", (join(origin, path),)) for path in USUAL_SITEMAPS]
    guesses = (
        [] if feeds else [ListingCandidate("feed", (join(origin, path),)) for path in USUAL_FEEDS]
    )
    yield from [*usual, *(ListingCandidate("feed", (url,)) for url in feeds), *guesses]


def _written(candidate: ListingCandidate) -> str:
    return " ".join((candidate.kind, *candidate.addresses))


def _remembered(text: str | None) -> ListingCandidate | None:
    kind, *addresses = (text or "").split(" ")
    return ListingCandidate(kind, tuple(addresses)) if kind in NAMES and addresses else None


def find_feeds(html: bytes, url: str) -> list[str]:
    """Return the feeds that a page declares, except feeds of comments."""
    feeds = []
    for link in _LINK.findall(html):
        low = link.lower()
        if b"alternate" not in low or not any(mime in low for mime in FEED_MIMES):
            continue
        if href := _HREF.search(link):
            raw = (href[1] or href[2] or href[3] or b"").decode("utf-8", "replace")
            feed = join(url, raw.replace("&amp;", "&").replace("&#038;", "&"))
            if feed.startswith(("http://", "https://")) and not _COMMENTS.search(feed):
                feeds.append(feed)
    return list(dict.fromkeys(feeds))
