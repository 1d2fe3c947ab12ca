"""Documents that the lake has a pointer to: their records are fetched from archives on the web."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from copydesk.schemas.items import ArchivedRange
from copydesk.tasks.sources.formats.warc.reader import read_archived
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import fetch_loop_for
from copydesk.tasks.sources.web.fetch.fetcher import FetchRequest, Policy

CAP = 1_000_000_000
"""Bytes of a document; what was kept had its source's own bound."""


def fetch_archived(ranges: Iterable[ArchivedRange], policy: Policy) -> Iterator[bytes | None]:
    """Fetch each record's body; None where the archive is gone, is another, or cannot be reached.

    A body is not checked: the caller knows its hash.
    """
    fetch_loop = fetch_loop_for(policy)
    for part in ranges:
        request = FetchRequest("*/*", None, part.length, byte_range=(part.offset, part.length))
        try:
            response = fetch_loop.wait(fetch_loop.fetcher.fetch(part.address, None, request))
        except FetchError:
            yield None
        else:
            yield read_archived(response.body, CAP)
