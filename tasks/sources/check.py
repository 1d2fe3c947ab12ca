"""Whether sources can be read, found out by asking what a run would ask first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from copydesk.schemas.items import REFUSED, Fate, Item, Missing
from copydesk.tasks.sources.source import LISTING, Source


def first_problem(sources: Sequence[Source]) -> str | None:
    """Say what keeps a run of these sources from reading anything; None if nothing does.

    A source of the web is asked for its listing and for one article, by its own settings, guard
    and pace. Folders and files are not read: opening them has looked for them.
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
    """Say why an article cannot be had; one that is gone, or is none, is no fault of settings."""
    for read in _first(source, item):
        if isinstance(read, Missing) and (read.reason in REFUSED or read.fate is Fate.FAILED):
            return f"{item.url}: {read.detail}"
    return None


def _first(source: Source, item: Item) -> Iterator[object]:
    return islice(source.acquire([item]), 1)
