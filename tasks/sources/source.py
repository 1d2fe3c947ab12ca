"""What every source can do."""

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
    """An input as a whole is not usable; what befalls one item is a ``Missing`` instead."""


KnownTransport = Mapping[str, Mapping[str, str]]
"""By locator, the ``how`` that the last committed run recorded: validators and the like."""

LISTING = "listing"
"""The reason of the row that stands for a feed, a sitemap or an API itself."""

LISTED_IN = "listing"
"""In the ``how`` of what failed: the address of the listing that named it, empty if none did."""

INDEX = "index"
"""In the ``how`` of a listing: the address of the listing that named it."""

NOTHING_KNOWN: KnownTransport = MappingProxyType({})

ARTICLES: Final = "articles"
FILES: Final = "files"
"""What a backfill counts: ``Source.unit``."""


@dataclass(frozen=True, slots=True)
class Period:
    """What a backfill asks a source for.

    ``span`` is the whole range in days of ``zone``, None where all archives are meant. ``inputs``
    are the paths and addresses as they were typed: a path may say where the date stands in it.
    """

    span: Span | None
    by: By
    zone: ZoneInfo
    inputs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PastEntry:
    """An article (``item``) or a file (``pattern``) of the past.

    ``span`` is the days that it tells, None where nothing tells its day.
    """

    span: Span | None
    item: Item | None = None
    pattern: str | None = None
    name: str = ""


class Source(Protocol):
    """A place that offers items: small, frozen and picklable, so that any process can read it.

    ``SourceBase`` has the abilities as most kinds have them: a new kind needs a name, ``discover``
    and ``acquire``.

    A listing (a feed, a sitemap) stands among the items as a ``Missing`` of its own locator with
    the reason ``LISTING``: fate ``not_modified`` when nothing changed since ``known``, in which
    case its items are not offered, else ``skipped``; its ``how`` is what the next run has to pass
    in ``known``. As long as an item that a listing offered has failed, its ``how`` is to be left
    out, and those of the listings above it, so that it is read again and the item offered again:
    ``LISTED_IN`` and ``INDEX`` say which they are.
    """

    @property
    def name(self) -> str:
        """Name that ``--source`` gave, or one made from the place."""
        ...

    def discover(
        self, known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[Item | Missing]:
        """Offer what there is to read, in an order that is the same in every run."""
        ...

    def acquire(
        self, items: Sequence[Item], known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        """Read the items one after the other: one result an item, in their order.

        Never raises for an item; at most a few documents are held at once.
        """
        ...

    @property
    def unit(self) -> str:
        """What its slices count: ``ARTICLES``, or ``FILES`` that are opened to know the items."""
        ...

    @property
    def address(self) -> str:
        """Where it is, as a ledger's row may show it: no path of this machine."""
        ...

    @property
    def needs_known(self) -> bool:
        """Whether ``discover`` looks at what it is told of earlier runs."""
        ...

    @property
    def reads_where_cleaned(self) -> bool:
        """Whether the process that cleans may read; else the flow's, where hosts are known."""
        ...

    @property
    def is_checked_by_reading(self) -> bool:
        """Whether only reading one item tells that it can be read; opening told of the others."""
        ...

    def gently(self) -> Source:
        """Give the same source, read for the past: one thing at a time, whatever it would bound."""
        ...

    def past(self, period: Period, /) -> Iterator[PastEntry | str]:
        """Offer what there is of a period, and what tells no day.

        A text says which part of a listing could not be read. SourceError, RangeError.
        """
        ...

    def narrowed(self, patterns: Sequence[str], /) -> Source:
        """Give the source of those files alone that ``past`` named by these patterns."""
        ...


class SourceBase:
    """What a source does unless its kind says otherwise: it has no hosts to spare and no files."""

    __slots__ = ()

    unit: ClassVar[str] = ARTICLES
    reads_where_cleaned: ClassVar[bool] = True
    is_checked_by_reading: ClassVar[bool] = True

    @property
    def address(self: Source) -> str:
        """Its name, where it has no other address."""
        return self.name

    @property
    def needs_known(self) -> bool:
        """Most listings are asked for news alone."""
        return True

    def gently(self) -> Self:
        """Give the source as it is."""
        return self

    def past(self: Source, period: Period, /) -> Iterator[PastEntry | str]:
        """Offer all that is discovered, by the day that its hints or its address tell."""
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
        """Refuse: it has no files that patterns could name."""
        raise SourceError(f"a {type(self).__name__} has no files to choose: {', '.join(patterns)}")


def span_for_articles(period: Period) -> Span:
    """Give the days of a period of a source that lists articles; RangeError without any."""
    if period.span is None or period.by is By.ARCHIVE:
        raise RangeError("--by archive is for files and archives; a site goes by day or month")
    return period.span


def cause(error: Exception) -> str:
    """Say in words what an exception means, even one that has no message."""
    message = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return message or type(error).__name__


Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time, timezone-aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps that no input may pass, in bytes after decompression unless said otherwise."""

    document: int = 20_000_000
    """The largest page among 1,497 measured ones is 1.8 MB; ten times that is no article."""

    members: int = 10_000_000
    """Members of one archive: far above any real one, so that a crafted directory ends."""

    line: int = 40_000_000
    """One row of JSON Lines or CSV: a document and as much again of other columns."""
