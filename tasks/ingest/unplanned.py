"""Sources that could not be planned: what of them is known goes on, and a row says the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from copydesk.schemas.items import Fate, Item, Missing
from copydesk.tasks.ingest.plan import StoredItem
from copydesk.tasks.sources.source import LISTED_IN, LISTING, KnownTransport, Source, utc_now
from copydesk.tasks.workers.discovery import PlanningStalled, offered
from copydesk.tasks.workers.discovery_process import reason_of

STALLED: Final = "planning_stalled"
"""The reason where a source offered nothing for too long."""

FAILED: Final = "planning_failed"
"""The reason where listing what a source has ended with an error."""

UNPLANNED: Final = frozenset({STALLED, FAILED})

LOCATOR: Final = "(plan)"
"""Of the row that stands for planning a source; no file and no address is called so."""


def planned(
    source: Source, transport: KnownTransport, known_items: Mapping[str, StoredItem]
) -> Iterator[Item | Missing]:
    """Offer what a source has, and a row with the fate ``failed`` where that does not end well.

    ``transport`` is what the transport said of each item before; ``known_items`` tells whether
    planning failed before: then a plan that ends well replaces that row.
    """
    try:
        yield from offered(source, transport)
    except PlanningStalled as error:
        yield _row(source, Fate.FAILED, STALLED, f"{source.name} cannot be planned: {error}")
    except Exception as error:  # whatever a source raises is its own failure, not the others'
        detail = f"{source.name} cannot be planned: {reason_of(error)}"
        yield _row(source, Fate.FAILED, FAILED, detail)
    else:
        before = known_items.get(LOCATOR)
        if before is not None and before.fate == Fate.FAILED:
            yield _row(source, Fate.SKIPPED, LISTING, f"{source.name} can be planned again")


def _row(source: Source, fate: Fate, reason: str, detail: str) -> Missing:
    item = Item(source.name, LOCATOR, source.address, "[]")
    # no listing is meant: each tells by itself whether it was read to its end
    return Missing(item, fate, reason, detail, utc_now(), {LISTED_IN: ""})
