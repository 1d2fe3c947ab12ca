"""Handle sources whose planning fails: keep the items listed so far and record the failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from copydesk.schemas.items import Fate, Item, Missing
from copydesk.tasks.ingest.plan import StoredItem
from copydesk.tasks.sources.source import LISTED_IN, LISTING, KnownTransport, Source, utc_now
from copydesk.tasks.workers.discovery import PlanningStalled, offered
from copydesk.tasks.workers.discovery_process import reason_of

STALLED: Final = "planning_stalled"
"""The reason if a source offered nothing for too long."""

FAILED: Final = "planning_failed"
"""The reason if listing a source's items ended with an error."""

UNPLANNED: Final = frozenset({STALLED, FAILED})

LOCATOR: Final = "(plan)"
"""Locator of the row for a source's planning; no file or address has this name."""


def planned(
    source: Source, transport: KnownTransport, known_items: Mapping[str, StoredItem]
) -> Iterator[Item | Missing]:
    """Yield what a source offers, and a row with the fate ``failed`` if planning it fails.

    ``transport`` is each item's stored transport metadata; ``known_items`` shows whether planning
    failed before: a successful plan then replaces that row.
    """
    try:
        yield from offered(source, transport)
    except PlanningStalled as error:
        yield _row(source, Fate.FAILED, STALLED, f"{source.name} cannot be planned: {error}")
    except Exception as error:  # an error of one source must not stop the others
        detail = f"{source.name} cannot be planned: {reason_of(error)}"
        yield _row(source, Fate.FAILED, FAILED, detail)
    else:
        before = known_items.get(LOCATOR)
        if before is not None and before.fate == Fate.FAILED:
            yield _row(source, Fate.SKIPPED, LISTING, f"{source.name} can be planned again")


def _row(source: Source, fate: Fate, reason: str, detail: str) -> Missing:
    item = Item(source.name, LOCATOR, source.address, "[]")
    # without a listing, because each listing reports its own failure
    return Missing(item, fate, reason, detail, utc_now(), {LISTED_IN: ""})
