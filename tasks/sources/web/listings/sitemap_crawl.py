"""From sitemaps to the articles that they and their parts name, reading what may have changed.

An index says when each of its parts changed last: a part whose date stands is left out
(``sitemap_state`` has the conditions). Of an index that has not changed only those parts are asked
for that cannot be left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace

from copydesk.schemas.plural import plural
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.source import INDEX, Known
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import Desk
from copydesk.tasks.sources.web.fetch.fetcher import Visit
from copydesk.tasks.sources.web.fetch.urls import join
from copydesk.tasks.sources.web.listings.base import (
    ACCEPT_XML,
    LISTS,
    LeftOut,
    Listing,
    Offered,
    ask,
    cut_off,
)
from copydesk.tasks.sources.web.listings.entry import Entry, may_be_article
from copydesk.tasks.sources.web.listings.sitemap_parser import Location, Sitemap, lists_no_articles
from copydesk.tasks.sources.web.listings.sitemap_scope import Scope
from copydesk.tasks.sources.web.listings.sitemap_state import MOST_PARTS, State, latest, read_state

DEPTH = 8
"""Indexes within indexes that are followed; the protocol allows none at all."""

LEFT_OUT = 1_000
"""Addresses of one sitemap that are named when they are left out; more are counted."""

_Walk = Generator[Entry | Listing | LeftOut, None, State | None]
"""Ends with the state of a sitemap all of which was read, now or before; None if it was not."""


def offer_sitemap(
    addresses: list[str], desk: Desk, known: Known, site: str | None = None
) -> Offered:
    """Offer the addresses of sitemaps, and of those that they name, of the same site.

    ``site`` is an address of it, where the sitemaps may stand elsewhere.
    """
    tree = _Tree(desk, known, addresses, site)
    for address in addresses:
        yield from tree.walk(address, None, ())


class _Tree:
    """One way through the sitemaps of a site."""

    def __init__(
        self, desk: Desk, known: Known, seen: Sequence[str], site: str | None = None
    ) -> None:
        self._desk = desk
        self._scope = Scope(desk, [site] if site else seen)
        self._known = known
        self._seen = set(seen)

    def walk(self, url: str, lastmod: str | None, above: tuple[str, ...]) -> _Walk:
        """Offer what a sitemap names, then what its parts do, then what became of itself.

        ``above`` are the indexes that led to it.
        """
        known, now = self._known.get(url, {}), self._desk.now()
        before = read_state(known)
        if before is not None and before.stands(lastmod, now):
            detail = f"not asked for: unchanged since {lastmod}, as its index says"
            yield Listing(url, detail, known, not_modified=True)
            return before
        is_index = before is not None and before.parts is not None
        if before is not None and is_index and before.is_due(now):
            known = {}
        try:
            visit = ask(self._desk, url, {url: known}, ACCEPT_XML)
        except FetchError as error:
            yield Listing(url, error.detail, error=error)
            return None
        if not visit.not_modified:
            return (yield from self._read(url, lastmod, visit, above))
        after = None
        if before is not None:
            after = replace(before, lastmod=lastmod)
            if before.parts is None:
                after = replace(after, read=now)
            else:
                said = {part: self._said(part) for part in before.parts}
                after = yield from self._parts(after, said, (*above, url))
        how = visit.how if after is not None or not is_index else {"status": str(visit.status)}
        yield Listing(
            url, "nothing new in the sitemap", _told(how, after, above), not_modified=True
        )
        return after

    def _read(self, url: str, lastmod: str | None, visit: Visit, above: tuple[str, ...]) -> _Walk:
        count, newest = 0, None
        parts: dict[str, str | None] = {}
        is_whole = True
        sitemap = Sitemap(visit.body, visit.media_type)
        left_out = _LeftOut(url)
        for location in self._of_use(sitemap, visit.url, (*above, url), left_out):
            if location.is_list:
                is_new = self._is_new(location.url, len(above), left_out)
                if is_new:
                    parts[location.url] = location.modified
                is_whole &= is_new  # what was met elsewhere may not have been read whole
            else:
                count += 1
                published = location.hints.published_at if location.hints else None
                newest = latest(newest, parse_date(location.modified), published)
                yield Entry(location.url, location.modified, location.hints, listing=url)
        yield from left_out.rows
        problem = _problem(sitemap, visit, count, len(parts))
        after = None
        if is_whole and sitemap.whole:
            after = State(self._desk.now(), newest, lastmod)
        if parts:
            after = yield from self._parts(after, parts, (*above, url))
        how = visit.how
        if after is None and (parts or not count):  # what it names may change while it does not
            how = {"status": str(visit.status)}
        if problem is not None:
            yield replace(problem, url=url)
            return None
        yield Listing(url, _counts(count, len(parts)), _told(how, after, above))
        return after

    def _of_use(
        self, sitemap: Sitemap, base: str, lists: tuple[str, ...], left_out: _LeftOut
    ) -> Iterator[Location]:
        """Leave out what is of another site, and what neither is nor lists articles.

        ``lists`` are the sitemap and the indexes that led to it.
        """
        by_name: list[Location] = []
        has_other_lists = False
        for raw in sitemap:
            if not raw.url:
                left_out.add_nameless()
                continue
            location = replace(raw, url=join(base, raw.url))
            if not self._scope.covers(location, lists):
                left_out.add(location.url, "other_site", "it is of another site, which does not "
                             "name this sitemap in its robots.txt")  # fmt: skip
            elif location.is_list:
                if location.url in lists:
                    left_out.add(location.url, "repeated", "it is the sitemap itself")
                elif lists_no_articles(location.url):
                    by_name.append(location)
                else:
                    has_other_lists = True
                    yield location
            elif may_be_article(location.url):
                yield location
            else:
                left_out.add(location.url, "no_article", "such an address is no article's")
        for location in by_name:
            if not has_other_lists:
                yield location  # names mislead: this is all that the index has
            else:
                left_out.add(location.url, "lists_no_articles", "by its name it lists no articles")

    def _is_new(self, url: str, depth: int, left_out: _LeftOut) -> bool:
        """Tell whether a part is to be followed."""
        if url in self._seen:
            return False
        if len(self._seen) >= LISTS or depth >= DEPTH:
            left_out.add(url, "too_many", "it is beyond the sitemaps that are followed of a site")
            return False
        self._seen.add(url)
        return True

    def _parts(
        self, index: State | None, said: Mapping[str, str | None], above: tuple[str, ...]
    ) -> _Walk:
        """Offer what the parts of an index name; ends with the state of the index."""
        to_ask: list[str] = []
        for url, lastmod in said.items():
            part = yield from self.walk(url, lastmod, above)
            if part is None or index is None:
                index = None
                continue
            index = replace(index, newest=latest(index.newest, part.newest, parse_date(lastmod)))
            if not part.stands(lastmod, self._desk.now()):
                to_ask.append(url)
            else:
                index = replace(index, read=min(index.read, part.read))
        if index is None or len(to_ask) > MOST_PARTS:
            return None
        return replace(index, parts=tuple(to_ask))

    def _said(self, url: str) -> str | None:
        """Give what an index that has not changed said of a part."""
        state = read_state(self._known.get(url, {}))
        return state.lastmod if state is not None else None


def _told(how: Mapping[str, str], state: State | None, above: tuple[str, ...]) -> dict[str, str]:
    """Add to what the host said what the next run has to know."""
    index = {INDEX: above[-1]} if above else {}
    return {**how, **(state.how() if state is not None else {}), **index}


class _LeftOut:
    """Rows of what a sitemap names and is not read."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._named: dict[str, LeftOut] = {}
        self._counted: Counter[str] = Counter()

    def add(self, address: str, reason: str, detail: str) -> None:
        if address in self._named:
            return
        if len(self._named) < LEFT_OUT:
            row = LeftOut(self._url, address, reason, f"{address}: {detail}", address)
            self._named[address] = row
        else:
            self._counted[reason] += 1

    def add_nameless(self) -> None:
        self._counted["no_address"] += 1

    @property
    def rows(self) -> Iterator[LeftOut]:
        """Give a row for each of the first, and one for each reason of the others."""
        yield from self._named.values()
        for reason, count in self._counted.items():
            detail = f"{plural(count, 'entry', 'entries')} of the sitemap left out"
            yield LeftOut(self._url, f"{reason}:{count}", reason, detail)


def _counts(addresses: int, parts: int) -> str:
    if parts:
        return f"an index of {plural(parts, 'sitemap')}"
    return f"a sitemap of {plural(addresses, 'address', 'addresses')}"


def _problem(sitemap: Sitemap, visit: Visit, addresses: int, parts: int) -> Listing | None:
    """Say what kept a sitemap from being understood, or from being read to its end."""
    if not sitemap.is_known:
        begins = visit.body[:60].decode("utf-8", "replace")
        error = FetchError("wrong_type", f"{visit.url} is no sitemap: it begins with {begins!r}")
        return Listing(visit.url, error.detail, error=error)
    if sitemap.problem is not None:
        return cut_off(visit.url, _counts(addresses, parts), sitemap.problem)
    return None
