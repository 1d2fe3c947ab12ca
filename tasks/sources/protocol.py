"""What every source can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from schemas.items import Item, Missing, RawDocument

Known = Mapping[str, Mapping[str, str]]
"""By locator, the ``how`` that the last committed run recorded: validators and the like."""

NOTHING_KNOWN: Known = MappingProxyType({})


class Source(Protocol):
    """A place that offers items: small, frozen and picklable, so that any process can read it.

    A listing (a feed, a sitemap) stands among the items as a ``Missing`` of its own locator:
    fate ``not_modified`` when nothing changed since ``known``, else ``skipped`` with the reason
    ``listing``; its ``how`` is what the next run has to pass in ``known``.
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
