"""A site by its front address alone: where it lists its articles, found out by looking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import chain

from copydesk.schemas.plural import plural
from copydesk.tasks.sources.source import Known, SourceError
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import Desk
from copydesk.tasks.sources.web.fetch.fetcher import ACCEPT_PAGE, Visit
from copydesk.tasks.sources.web.fetch.urls import join, read_address
from copydesk.tasks.sources.web.listings import wordpress_api
from copydesk.tasks.sources.web.listings.base import LeftOut, Listing, Offered, ask
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
"""Sitemaps that are compared with what an API lists."""
FRONT_PAGE = 20_000_000  # bytes, as for any page

_LINK = re.compile(rb"<link\b[^<>]*>", re.IGNORECASE)
_HREF = re.compile(rb"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?([/_.-]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Way:
    """A listing that a site may have: its kind, its addresses, and whether it names it itself."""

    kind: str
    addresses: tuple[str, ...]
    is_named: bool = False

    @property
    def named(self) -> str:
        """Name it for people."""
        where = self.addresses[0] + (" and others" if len(self.addresses) > 1 else "")
        return f"{NAMES[self.kind]} at {where}"


def offer_site(address: str, desk: Desk, known: Known) -> Offered:
    """Offer a site's articles by the best of its listings, after a row that says which it is.

    WordPress's API has every post as it was written; a sitemap names every page; a feed has the
    latest. Where there is none, the page itself is the article. A later run takes the same way
    without looking for it, as long as it leads somewhere.
    """
    if way := _remembered(known.get(address, {}).get(CHOSEN)):
        leads, found = _try(_follow(way, address, desk, known))
        if leads:
            yield Listing(address, f"chose {way.named}, as before", {CHOSEN: _written(way)})
            yield from found
            return
    try:
        front = ask(desk, address, {}, ACCEPT_PAGE, FRONT_PAGE)
    except FetchError as error:
        yield Listing(address, error.detail, error=error)
        return
    if is_feed(front.body, front.media_type):
        yield from offer_feed(address, desk, known, front)
        return
    if is_sitemap(front.body):
        yield from offer_sitemap([address], desk, known)
        return
    for way in _ways(front, desk):
        leads, found = _try(_follow(way, address, desk, known))
        if leads:
            yield Listing(address, f"chose {way.named}", {CHOSEN: _written(way)})
            if way.kind == "wordpress":
                yield from _with_others(address, front, found, desk)
            else:
                yield from found
            return
        if way.is_named:  # a guess that leads nowhere is no failure of the site's
            yield from (one for one in found if isinstance(one, Listing) and _is_damaged(one))
    yield Listing(address, "found no API, no sitemap and no feed: read as an article")
    yield Entry(front.url)


def listings_of(address: str, desk: Desk) -> Iterator[Way]:
    """Find the listings of a site that lead somewhere, the best first.

    ``SourceError`` when its front page cannot be read.
    """
    try:
        front = ask(desk, address, {}, ACCEPT_PAGE, FRONT_PAGE)
    except FetchError as error:
        raise SourceError(f"cannot read {address}: {error.detail}") from error
    if is_sitemap(front.body):
        yield Way("sitemap", (address,))
        return
    for way in _ways(front, desk):
        if _try(_follow(way, address, desk, {}))[0]:
            yield way


def _follow(way: Way, site: str, desk: Desk, known: Known) -> Offered:
    first = way.addresses[0]
    if way.kind == "wordpress":
        return offer_wordpress(first, desk, known)
    if way.kind == "sitemap":
        return offer_sitemap(list(way.addresses), desk, known, site)
    return offer_feed(first, desk, known)


def _try(found: Offered) -> tuple[bool, Offered]:
    """Tell whether a listing offers anything or has nothing new, without losing what was read."""
    read: list[Entry | Listing | LeftOut] = []
    for one in found:
        read.append(one)
        if isinstance(one, Entry) or (isinstance(one, Listing) and one.not_modified):
            return True, chain(read, found)
    return False, iter(read)


def _with_others(address: str, front: Visit, found: Offered, desk: Desk) -> Offered:
    """Offer what an API lists, and say what else the sitemap names."""
    listed: set[str] = set()
    for one in found:
        if isinstance(one, Entry):
            listed.add(_plain(one.url))
        yield one
    yield from _beside(address, front, listed, desk)


def _beside(address: str, front: Visit, listed: Set[str], desk: Desk) -> Iterator[LeftOut]:
    """Say what a site's sitemap names and its API has not: posts of other types, pages.

    Of a large sitemap the first parts are looked at.
    """
    for way in _ways(front, desk):
        if way.kind != "sitemap":
            continue
        leads, found = _try(_follow(way, address, desk, {}))
        if not leads:
            continue
        others: list[str] = []
        parts = 0
        for one in found:
            parts += isinstance(one, Listing)
            if isinstance(one, Entry) and _plain(one.url) not in listed:
                others.append(one.url)
            if parts >= LOOKED_AT:
                break
        if others:
            detail = (
                f"{way.named} names {plural(len(others), 'address', 'addresses')} that the API has "
                f"not, {others[0]} among them; to read them: copydesk ingest {way.addresses[0]}"
            )
            yield LeftOut(address, "not_in_api", "not_in_api", detail, way.addresses[0])
        return


def _plain(url: str) -> str:
    return url.partition("//")[2].rstrip("/")


def _is_damaged(listing: Listing) -> bool:
    """Tell that there is a listing which was not understood; one that is not there is none."""
    return listing.error is not None and listing.error.reason in ("wrong_type", "truncated")


def _ways(front: Visit, desk: Desk) -> Iterator[Way]:
    """Think of the listings that a site may have, those that it names itself first."""
    api = wordpress_api.find_api(front.headers, front.body, front.url)
    if api and same_site(api, front.url):
        yield Way("wordpress", (api,), is_named=True)
    try:
        named = desk.wait(desk.guest.rules(front.url)).sitemaps
    except FetchError:
        named = ()
    if named:
        yield Way("sitemap", named, is_named=True)
    origin = read_address(front.url).origin
    feeds = find_feeds(front.body, front.url)
    usual = [Way("sitemap", (join(origin, path),)) for path in USUAL_SITEMAPS]
    guesses = [] if feeds else [Way("feed", (join(origin, path),)) for path in USUAL_FEEDS]
    yield from [*usual, *(Way("feed", (url,)) for url in feeds), *guesses]


def _written(way: Way) -> str:
    return " ".join((way.kind, *way.addresses))


def _remembered(text: str | None) -> Way | None:
    kind, *addresses = (text or "").split(" ")
    return Way(kind, tuple(addresses)) if kind in NAMES and addresses else None


def find_feeds(html: bytes, url: str) -> list[str]:
    """Find the feeds that a page names, those of comments left out."""
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
