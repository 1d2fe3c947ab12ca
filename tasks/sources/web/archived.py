"""Fetch documents of which the lake stores only their place in a web archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from copydesk.schemas.items import ArchivedRange
from copydesk.tasks.sources.formats.warc.reader import read_archived
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import fetch_loop_for
from copydesk.tasks.sources.web.fetch.fetcher import FetchRequest, Policy

CAP = 1_000_000_000
"""Maximum bytes of a document; its source had a limit of its own when it was first read."""


def fetch_archived(ranges: Iterable[ArchivedRange], policy: Policy) -> Iterator[bytes | None]:
    """Fetch each record's body; None if the archive is gone, was replaced or is unreachable.

    Bodies are not verified: the caller knows their hashes.
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
