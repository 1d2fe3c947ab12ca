"""Check that sources can be read, by making the first requests that a run would make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from copydesk.schemas.items import REFUSED, Fate, Item, Missing
from copydesk.tasks.sources.source import LISTING, Source


def first_problem(sources: Sequence[Source]) -> str | None:
    """Describe the first problem that would keep a run from reading these sources, or None.

    A web source's listing and one article are fetched with its own settings, guard and rate
    limit. Folders and files are not read: opening the source has already checked that they exist.
    """
    readable_only = [source for source in sources if source.is_checked_by_reading]
    return next((problem for source in readable_only if (problem := _problem(source))), None)


def _problem(source: Source) -> str | None:
    missing: Missing | None = None
    for result in source.discover():
        if isinstance(result, Item):
            return _unread(source, result)
        if result.reason != LISTING:
            missing = missing or result
    if missing is not None:
        return f"{missing.item.url}: {missing.detail}"
    return "it lists no articles"


def _unread(source: Source, item: Item) -> str | None:
    """Say why an article cannot be read, unless it is gone or is not an article."""
    for read in _first(source, item):
        if isinstance(read, Missing) and (read.reason in REFUSED or read.fate is Fate.FAILED):
            return f"{item.url}: {read.detail}"
    return None


def _first(source: Source, item: Item) -> Iterator[object]:
    return islice(source.acquire([item]), 1)
