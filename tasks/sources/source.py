"""The protocol that every source implements, and the limits that all share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import ClassVar, Final, Protocol, Self
from zoneinfo import ZoneInfo

from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.dates.from_names import span_of_article
from copydesk.tasks.sources.dates.ranges import By, RangeError, Span


class SourceError(CopydeskError):
    """An input as a whole cannot be used; a problem of one item is a ``Missing`` instead."""


KnownTransport = Mapping[str, Mapping[str, str]]
"""By locator, the ``how`` that the last committed run recorded: HTTP validators and the like."""

LISTING = "listing"
"""The reason of the row that stands for a feed, a sitemap or an API itself."""

LISTED_IN = "listing"
"""In the ``how`` of what failed: the address of the listing that named it, empty if none did."""

INDEX = "index"
"""In the ``how`` of a listing: the address of the listing that named it."""

NOTHING_KNOWN: KnownTransport = MappingProxyType({})

ARTICLES: Final = "articles"
FILES: Final = "files"
"""The values of ``Source.unit``: what a backfill counts."""


@dataclass(frozen=True, slots=True)
class Period:
    """The range of a backfill.

    ``span`` is the whole range in days of ``zone``, or None for all archives. ``inputs`` are the
    paths and addresses as the user wrote them: a path may be a template with a date in it.
    """

    span: Span | None
    by: By
    zone: ZoneInfo
    inputs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PastEntry:
    """An article (``item``) or a file (``pattern``) of the past.

    ``span`` is its date range, None if unknown.
    """

    span: Span | None
    item: Item | None = None
    pattern: str | None = None
    name: str = ""


class Source(Protocol):
    """A place that offers items: small, frozen and picklable, so that any process can read it.

    ``SourceBase`` has defaults for the rest: a new kind needs a name, ``discover`` and ``acquire``.

    A listing (a feed, a sitemap) is offered too, as a ``Missing`` with its own locator and the
    reason ``LISTING``. Its fate is ``not_modified`` if nothing changed since the last run, in which
    case its items are not offered, else ``skipped``. Its ``how`` is passed to the next run in
    ``known_transport``, unless an item of the listing failed: then it is omitted, as is that of the
    listings above it, so that the item is offered again. ``LISTED_IN`` and ``INDEX`` name them.
    """

    @property
    def name(self) -> str:
        """The name that ``--source`` gave, or one made from the address."""
        ...

    def discover(
        self, known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[Item | Missing]:
        """Offer the items to read, in the same order in every run."""
        ...

    def acquire(
        self, items: Sequence[Item], known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        """Read the items: one result for each, in their order.

        Never raises for an item; at most a few documents are held at once.
        """
        ...

    @property
    def unit(self) -> str:
        """What its backfill slices count: ``ARTICLES``, or ``FILES`` that hold the items."""
        ...

    @property
    def address(self) -> str:
        """Its address as the ledger may show it: never a local path."""
        ...

    @property
    def needs_known(self) -> bool:
        """Return whether ``discover`` uses ``known_transport``."""
        ...

    @property
    def reads_where_cleaned(self) -> bool:
        """Whether cleaning processes read the items; else the flow's process, which paces hosts."""
        ...

    @property
    def is_checked_by_reading(self) -> bool:
        """Return whether it can only be checked by reading an item; opening checks the others."""
        ...

    def gently(self) -> Source:
        """Return the source for a backfill: one request at a time, without an item limit."""
        ...

    def past(self, period: Period, /) -> Iterator[PastEntry | str]:
        """Offer the entries of a period, and those whose date is unknown.

        A string names a part of a listing that could not be read.

        Raises:
            SourceError: the source lists no past.
            RangeError: the source cannot list such a range.
        """
        ...

    def narrowed(self, patterns: Sequence[str], /) -> Source:
        """Return a source of the files alone that ``past`` named by these patterns."""
        ...

    def release(self) -> None:
        """Delete what it downloaded to read its files, once all of them were read."""
        ...


class SourceBase:
    """Defaults for a source that has neither hosts nor files."""

    __slots__ = ()

    unit: ClassVar[str] = ARTICLES
    reads_where_cleaned: ClassVar[bool] = True
    is_checked_by_reading: ClassVar[bool] = True

    @property
    def address(self: Source) -> str:
        """Its name, as it has no other address."""
        return self.name

    @property
    def needs_known(self) -> bool:
        """True: most listings are asked for changes only."""
        return True

    def gently(self) -> Self:
        """Return the source unchanged."""
        return self

    def past(self: Source, period: Period, /) -> Iterator[PastEntry | str]:
        """Offer everything discovered, dated by its hints or its address."""
        span = span_for_articles(period)
        for result in self.discover():
            if isinstance(result, Missing):
                if result.reason != LISTING:
                    yield f"{result.item.url}: {result.detail}"
                continue
            published = result.hints.published_at if result.hints else None
            days = span_of_article(result.url, published, None, period.zone)
            if days is None or span.meets(days):
                yield PastEntry(days, result, name=result.locator)

    def narrowed(self, patterns: Sequence[str], /) -> Self:
        """Raise ``SourceError``: it has no files."""
        raise SourceError(f"a {type(self).__name__} has no files to choose: {', '.join(patterns)}")

    def release(self) -> None:
        """Do nothing: it downloads no files."""


def span_for_articles(period: Period) -> Span:
    """Return a period's date range for a source of articles; ``RangeError`` if it has none."""
    if period.span is None or period.by is By.ARCHIVE:
        raise RangeError("--by archive is for files and archives; a site goes by day or month")
    return period.span


def cause(error: Exception) -> str:
    """Describe an exception in words, even one without a message."""
    message = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return message or type(error).__name__


Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time in UTC, timezone-aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for any input, in bytes after decompression unless stated otherwise."""

    document: int = 20_000_000
    """The largest page among 1,497 measured ones is 1.8 MB; ten times that is no article."""

    members: int = 10_000_000
    """Members of one archive: far above any real one, so that a crafted directory ends."""

    member: int = 10_000_000_000
    """One member of an archive that is a file of its own, unpacked to disk while it is read."""

    line: int = 40_000_000
    """One row of JSON Lines or CSV: a document and as much again of other columns."""
