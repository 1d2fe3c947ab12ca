"""Crawl sitemaps for the articles that they and their parts name, reading what may have changed.

An index has the date of each part's last change: a part with an unchanged date is skipped
(``sitemap_state`` has the conditions). If the index itself is unchanged, only the parts that cannot
be skipped are requested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace

from copydesk.schemas.plural import plural
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.source import INDEX, KnownTransport
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.fetch.fetcher import Response
from copydesk.tasks.sources.web.fetch.urls import join
from copydesk.tasks.sources.web.listings.base import (
    ACCEPT_XML,
    LISTS,
    Listing,
    Offered,
    SkippedAddress,
    ask,
    cut_off,
)
from copydesk.tasks.sources.web.listings.entry import Entry, may_be_article
from copydesk.tasks.sources.web.listings.sitemap_parser import Location, Sitemap, lists_no_articles
from copydesk.tasks.sources.web.listings.sitemap_scope import Scope
from copydesk.tasks.sources.web.listings.sitemap_state import MOST_PARTS, State, latest, read_state

DEPTH = 8
"""Maximum depth of nested indexes; the protocol allows none at all."""

NAMED_AT_MOST = 1_000
"""Maximum skipped addresses per sitemap that get a row; the others are counted."""

_Walk = Generator[Entry | Listing | SkippedAddress, None, State | None]
"""Returns the state of a sitemap that was read completely, now or before; otherwise None."""


def offer_sitemap(
    addresses: list[str],
    fetch_loop: FetchLoop,
    known_transport: KnownTransport,
    site: str | None = None,
) -> Offered:
    """Yield the addresses in sitemaps of a site, and in the sitemaps that they name.

    ``site`` is an address of the site, for sitemaps on another host.
    """
    tree = _Tree(fetch_loop, known_transport, addresses, site)
    for address in addresses:
        yield from tree.walk(address, None, ())


class _Tree:
    """One crawl through the sitemaps of a site."""

    def __init__(
        self,
        fetch_loop: FetchLoop,
        known_transport: KnownTransport,
        addresses: Sequence[str],
        site: str | None = None,
    ) -> None:
        self._fetch_loop = fetch_loop
        self._scope = Scope(fetch_loop, [site] if site else addresses)
        self._known = known_transport
        self._seen = set(addresses)

    def walk(self, url: str, lastmod: str | None, above: tuple[str, ...]) -> _Walk:
        """Yield a sitemap's entries, then its parts' entries, then its own row.

        ``above`` are the indexes that led to it.
        """
        previous, now = self._known.get(url, {}), self._fetch_loop.now()
        before = read_state(previous)
        if before is not None and before.stands(lastmod, now):
            detail = f"not requested: unchanged since {lastmod}, as its index says"
            yield Listing(url, detail, previous, not_modified=True)
            return before
        is_index = before is not None and before.parts is not None
        if before is not None and is_index and before.is_due(now):
            previous = {}
        try:
            response = ask(self._fetch_loop, url, {url: previous}, ACCEPT_XML)
        except FetchError as error:
            yield Listing(url, error.detail, error=error)
            return None
        if not response.not_modified:
            return (yield from self._read(url, lastmod, response, above))
        after = None
        if before is not None:
            after = replace(before, lastmod=lastmod)
            if before.parts is None:
                after = replace(after, read=now)
            else:
                dates = {part: self._date_in_index(part) for part in before.parts}
                after = yield from self._parts(after, dates, (*above, url))
        transport = (
            response.transport
            if after is not None or not is_index
            else {"status": str(response.status)}
        )
        yield Listing(
            url,
            "nothing new in the sitemap",
            _with_state(transport, after, above),
            not_modified=True,
        )
        return after

    def _read(
        self, url: str, lastmod: str | None, response: Response, above: tuple[str, ...]
    ) -> _Walk:
        count, newest = 0, None
        parts: dict[str, str | None] = {}
        is_whole = True
        sitemap = Sitemap(response.body, response.media_type)
        skipped = _SkippedAddresses(url)
        for location in self._of_use(sitemap, response.url, (*above, url), skipped):
            if location.is_list:
                is_new = self._is_new(location.url, len(above), skipped)
                if is_new:
                    parts[location.url] = location.modified
                is_whole &= is_new  # found elsewhere, it may not have been read completely
            else:
                count += 1
                published = location.hints.published_at if location.hints else None
                newest = latest(newest, parse_date(location.modified), published)
                yield Entry(location.url, location.modified, location.hints, listing=url)
        yield from skipped.rows
        problem = _problem(sitemap, response, count, len(parts))
        after = None
        if is_whole and sitemap.whole:
            after = State(self._fetch_loop.now(), newest, lastmod)
        if parts:
            after = yield from self._parts(after, parts, (*above, url))
        transport = response.transport
        if after is None and (parts or not count):  # its parts may change without it
            transport = {"status": str(response.status)}
        if problem is not None:
            yield replace(problem, url=url)
            return None
        yield Listing(url, _counts(count, len(parts)), _with_state(transport, after, above))
        return after

    def _of_use(
        self, sitemap: Sitemap, base: str, lists: tuple[str, ...], skipped: _SkippedAddresses
    ) -> Iterator[Location]:
        """Yield the locations on this site that are, or list, articles; skip the others.

        ``lists`` are the sitemap and the indexes that led to it.
        """
        by_name: list[Location] = []
        has_other_lists = False
        for raw in sitemap:
            if not raw.url:
                skipped.add_nameless()
                continue
            location = replace(raw, url=join(base, raw.url))
            if not self._scope.covers(location, lists):
                skipped.add(location.url, "other_site", "it is of another site, which does not "
                             "name this sitemap in its robots.txt")  # fmt: skip
            elif location.is_list:
                if location.url in lists:
                    skipped.add(location.url, "repeated", "it is the sitemap itself")
                elif lists_no_articles(location.url):
                    by_name.append(location)
                else:
                    has_other_lists = True
                    yield location
            elif may_be_article(location.url):
                yield location
            else:
                skipped.add(location.url, "no_article", "such an address is not an article's")
        for location in by_name:
            if not has_other_lists:
                yield location  # names can mislead, and the index has nothing else
            else:
                skipped.add(location.url, "lists_no_articles", "by its name it lists no articles")

    def _is_new(self, url: str, depth: int, skipped: _SkippedAddresses) -> bool:
        """Return whether to follow a part."""
        if url in self._seen:
            return False
        if len(self._seen) >= LISTS or depth >= DEPTH:
            skipped.add(url, "too_many", "it is beyond the sitemaps that are followed of a site")
            return False
        self._seen.add(url)
        return True

    def _parts(
        self, index: State | None, dates: Mapping[str, str | None], above: tuple[str, ...]
    ) -> _Walk:
        """Yield what the parts of an index name; return the state of the index."""
        to_ask: list[str] = []
        for url, lastmod in dates.items():
            part = yield from self.walk(url, lastmod, above)
            if part is None or index is None:
                index = None
                continue
            index = replace(index, newest=latest(index.newest, part.newest, parse_date(lastmod)))
            if not part.stands(lastmod, self._fetch_loop.now()):
                to_ask.append(url)
            else:
                index = replace(index, read=min(index.read, part.read))
        if index is None or len(to_ask) > MOST_PARTS:
            return None
        return replace(index, parts=tuple(to_ask))

    def _date_in_index(self, url: str) -> str | None:
        """Return the date that an unchanged index gave for a part."""
        state = read_state(self._known.get(url, {}))
        return state.lastmod if state is not None else None


def _with_state(
    transport: Mapping[str, str], state: State | None, above: tuple[str, ...]
) -> dict[str, str]:
    """Add the state that the next run needs to the response's validators."""
    index = {INDEX: above[-1]} if above else {}
    return {**transport, **(state.transport() if state is not None else {}), **index}


class _SkippedAddresses:
    """Rows of the addresses in a sitemap that are not read."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._named: dict[str, SkippedAddress] = {}
        self._counted: Counter[str] = Counter()

    def add(self, address: str, reason: str, detail: str) -> None:
        if address in self._named:
            return
        if len(self._named) < NAMED_AT_MOST:
            row = SkippedAddress(self._url, address, reason, f"{address}: {detail}", address)
            self._named[address] = row
        else:
            self._counted[reason] += 1

    def add_nameless(self) -> None:
        self._counted["no_address"] += 1

    @property
    def rows(self) -> Iterator[SkippedAddress]:
        """Yield a row for each of the first addresses, and one per reason for the others."""
        yield from self._named.values()
        for reason, count in self._counted.items():
            detail = f"{plural(count, 'entry', 'entries')} of the sitemap left out"
            yield SkippedAddress(self._url, f"{reason}:{count}", reason, detail)


def _counts(addresses: int, parts: int) -> str:
    if parts:
        return f"an index of {plural(parts, 'sitemap')}"
    return f"a sitemap of {plural(addresses, 'address', 'addresses')}"


def _problem(sitemap: Sitemap, response: Response, addresses: int, parts: int) -> Listing | None:
    """Return a row with the reason why a sitemap was not parsed or not read to its end, if any."""
    if not sitemap.is_known:
        begins = response.body[:60].decode("utf-8", "replace")
        error = FetchError(
            "wrong_type", f"{response.url} is not a sitemap: it begins with {begins!r}"
        )
        return Listing(response.url, error.detail, error=error)
    if sitemap.problem is not None:
        return cut_off(response.url, _counts(addresses, parts), sitemap.problem)
    return None
