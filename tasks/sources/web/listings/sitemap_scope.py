"""Decide which addresses a sitemap may name: its own site's, and those that their site confirms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.listings.entry import same_site
from copydesk.tasks.sources.web.listings.sitemap_parser import Location

HOSTS: Final = 10
"""Maximum other hosts whose robots.txt is requested; a site's sitemap names few."""


class Scope:
    """The site of some sitemaps, and which addresses elsewhere belong to it (sitemaps.org)."""

    def __init__(self, fetch_loop: FetchLoop, sites: Sequence[str]) -> None:
        """Set the site by its addresses; nothing is requested yet."""
        self._fetch_loop = fetch_loop
        self._sites = tuple(sites)
        self._named: dict[str, tuple[str, ...]] = {}

    def covers(self, location: Location, lists: Sequence[str]) -> bool:
        """Return whether a location may be read; ``lists`` led to it, with its sitemap last.

        A sitemap on another host must be named by the site's robots.txt, directly or by an index
        above it; for an article on another host, that host's robots.txt must name what led to it.
        """
        if any(same_site(location.url, site) for site in self._sites):
            return True
        if self._is_own(lists[-1]) and same_site(location.url, lists[-1]):
            return True
        if location.is_list:
            listed_in = {location.url, *lists}
            return any(listed_in.intersection(self._sitemaps(site)) for site in self._sites)
        return not set(lists).isdisjoint(self._sitemaps(location.url))

    def _is_own(self, url: str) -> bool:
        return any(same_site(url, site) for site in self._sites)

    def _sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps in a host's robots.txt."""
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._named:
            if len(self._named) >= HOSTS:
                return ()
            try:
                self._named[origin] = self._fetch_loop.wait(
                    self._fetch_loop.fetcher.rules(url)
                ).sitemaps
            except FetchError:
                self._named[origin] = ()
        return self._named[origin]
