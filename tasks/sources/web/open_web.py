"""Open web sources for addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from copydesk.schemas.credentials import without_credentials
from copydesk.schemas.source_kinds import SourceKind
from copydesk.tasks.sources.kinds import OpenOptions
from copydesk.tasks.sources.source import SourceError
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.urls import read_address
from copydesk.tasks.sources.web.source import WebSource
from copydesk.tasks.sources.web.web_options import Web

_FEED = re.compile(
    r"(^|[/_.-])(feed|feeds|rss|rss2|atom|rdf)([/_.-]|$)|\.(rss|atom|rdf)$", re.IGNORECASE
)
_FEED_QUERY = re.compile(r"(^|&)feed=")
_SITEMAP = re.compile(r"sitemap[^/]*\.(xml|txt)(\.gz)?$|(^|/)sitemap(_index)?/?$", re.IGNORECASE)
_API = re.compile(r"/wp-json(/|$)|(^|[?&])rest_route=", re.IGNORECASE)


def open_sources(inputs: Sequence[str], options: OpenOptions, /) -> list[WebSource]:
    """Open the sources: one per host for article addresses, one per listing.

    A source is named after its host.

    Raises:
        SourceError: An address cannot be requested.
    """
    web = options.web or Web()
    groups: dict[tuple[str, SourceKind, str], list[str]] = {}
    for text in inputs:
        try:
            address = read_address(text)
        except FetchError as error:
            raise SourceError(
                f"cannot request {without_credentials(text)}: {error.detail}"
            ) from error
        kind = web.kind or kind_of_address(address.href)
        source = options.name or address.host.removeprefix("www.")
        listing = "" if kind is SourceKind.ADDRESSES else address.href
        addresses = groups.setdefault((source, kind, listing), [])
        if address.href not in addresses:
            addresses.append(address.href)
    return [
        WebSource(
            source,
            kind,
            tuple(addresses),
            web.policy,
            options.limits,
            options.clock,
            options.item_limit,
        )
        for (source, kind, _), addresses in groups.items()
    ]


def kind_of_address(url: str) -> SourceKind:
    """Return the kind of an address, judging by its form: a front page is a site."""
    parts = urlsplit(url)
    if _API.search(parts.path) or _API.search(parts.query):
        return SourceKind.WORDPRESS
    if parts.path in ("", "/"):
        return SourceKind.FEED if _FEED_QUERY.search(parts.query) else SourceKind.SITE
    last = parts.path.rstrip("/").rpartition("/")[2]
    if _SITEMAP.search(parts.path):
        return SourceKind.SITEMAP
    is_feed = last.lower() == "feed.json" or _FEED.search(last) is not None
    if is_feed and (len(last) < 30 or "-" not in last):  # "rss-feeds-are-back" is an article
        return SourceKind.FEED
    return SourceKind.ADDRESSES


def read_address_list(text: str) -> list[str]:
    """Parse a list of addresses, one per line; blank lines and comments (#) are ignored."""
    lines = (line.strip().lstrip("\ufeff") for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
