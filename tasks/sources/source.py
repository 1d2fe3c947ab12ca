"""What every source can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.items import Item, Missing, RawDocument


class SourceError(CopydeskError):
    """An input as a whole is not usable; what befalls one item is a ``Missing`` instead."""


Known = Mapping[str, Mapping[str, str]]
"""By locator, the ``how`` that the last committed run recorded: validators and the like."""

LISTING = "listing"
"""The reason of the row that stands for a feed, a sitemap or an API itself."""

LISTED_IN = "listing"
"""In the ``how`` of what failed: the address of the listing that named it, empty if none did."""

INDEX = "index"
"""In the ``how`` of a listing: the address of the listing that named it."""

NOTHING_KNOWN: Known = MappingProxyType({})


class Source(Protocol):
    """A place that offers items: small, frozen and picklable, so that any process can read it.

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

    def discover(self, known: Known = NOTHING_KNOWN, /) -> Iterator[Item | Missing]:
        """Offer what there is to read, in an order that is the same in every run."""
        ...

    def acquire(
        self, items: Sequence[Item], known: Known = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        """Read the items one after the other: one result an item, in their order.

        Never raises for an item; at most a few documents are held at once.
        """
        ...


def cause(error: Exception) -> str:
    """Say in words what an exception means, even one that has no message."""
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return said or type(error).__name__


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
