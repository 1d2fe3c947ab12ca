"""Shared by all kinds of listings: their rows, and fetching them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from copydesk.tasks.sources.source import KnownTransport
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.fetch.fetcher import FetchRequest, Response
from copydesk.tasks.sources.web.listings.entry import Entry

SIZE: Final = 104_857_600  # bytes unpacked: twice the limit for sitemaps (sitemaps.org: 50 MB)
ACCEPT_XML = "application/xml,text/xml;q=0.9,*/*;q=0.5"
LISTS = 5_000  # maximum sitemaps of one site; large newspapers have one per day


@dataclass(frozen=True, slots=True)
class Listing:
    """The row of a listing itself: read, not modified, or failed.

    ``transport`` is what the next run needs to request only changes.
    """

    url: str
    detail: str
    transport: Mapping[str, str] = field(default_factory=dict)
    not_modified: bool = False
    error: FetchError | None = None


@dataclass(frozen=True, slots=True)
class SkippedAddress:
    """An entry of a listing that is not read: its name, a reason, a sentence for people.

    ``address`` is its address, if it has one.
    """

    listing: str
    name: str
    reason: str
    detail: str
    address: str | None = None


Offered = Iterator[Entry | Listing | SkippedAddress]


def ask(
    fetch_loop: FetchLoop, url: str, known_transport: KnownTransport, accept: str, cap: int = SIZE
) -> Response:
    """Fetch a listing."""
    return fetch_loop.wait(
        fetch_loop.fetcher.fetch(url, known_transport.get(url), FetchRequest(accept, None, cap))
    )


def cut_off(address: str, detail: str, problem: str) -> Listing:
    """Return the row of a listing that was not read to its end; the next run reads it again."""
    error = FetchError("truncated", f"{detail}; {problem}")
    return Listing(address, error.detail, error=error)
