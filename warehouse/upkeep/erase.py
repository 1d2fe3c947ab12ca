"""Removes articles everywhere, by request, so that they do not come back.

The removal is recorded first (``removals``). All further steps can be repeated; an interrupted
removal is completed by the same call, or by ``complete``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.ids import article_id as identify
from copydesk.schemas.ids import sha256, site_hash
from copydesk.schemas.tables import FORGOTTEN
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.publish.duplicates import Comparison
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.signature_index import SignatureIndex
from copydesk.warehouse.publish.versions import Serving
from copydesk.warehouse.runs.erased_items import read_forgotten
from copydesk.warehouse.storage.duckdb_views import lake_errors, scratch
from copydesk.warehouse.upkeep.erase_staged import remove_from_plans
from copydesk.warehouse.upkeep.erase_tables import complete_removal, erase, view_all_runs
from copydesk.warehouse.upkeep.removals import Removal as Pending
from copydesk.warehouse.upkeep.removals import (
    Request,
    drop_removal,
    put_removal,
    unfinished_removals,
)

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake

ExternalRemoval = Callable[[Pending], None]
"""Function that removes copies outside the lake and the published file; repeated after a crash."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed: ids of articles and items, and the number of raw documents."""

    articles: tuple[str, ...]
    items: tuple[str, ...]
    raw: int
    version: int | None


def forget(
    home: Path,
    *,
    lake: Lake,
    now: datetime,
    article_id: str | None = None,
    url: str | None = None,
    site: str | None = None,
    reason: str | None = None,
    comparison: Comparison | None = None,
    elsewhere: ExternalRemoval | None = None,
) -> Removal:
    """Remove an article, or all of a site's, from raw bytes, the lake and all published versions.

    After a crash the same call completes the removal, and so does ``maintain``. Open connections
    keep their version until they are closed. ``comparison`` is that of ``publish``; ``elsewhere``
    removes copies outside the lake.

    Raises:
        LakeError: nothing matches.
    """
    request = Request(article_id, url, site)
    fresh = Pending.new(request, now=now, home=home, reason=reason)
    interrupted = (
        removal
        for removal in unfinished_removals(lake.store)
        if (removal.request, removal.home) == (request, fresh.home)
    )
    pending = _look(lake, next(interrupted, fresh))
    if not (pending.items or site or _is_forgotten(lake, request)):
        raise LakeError(
            f"the lake has nothing of {request.given[0]}; give a whole id or address, as"
            " copydesk show prints it"
        )
    return _carry_out(Path(home), lake, pending, comparison, elsewhere)


def complete(
    lake: Lake,
    *,
    comparison: Comparison | None = None,
    elsewhere: ExternalRemoval | None = None,
) -> Sequence[Removal]:
    """Complete interrupted removals, each for the home from which it was requested.

    Those whose home is on another machine are left to it.
    """
    return [
        _carry_out(Path(pending.home), lake, _look(lake, pending), comparison, elsewhere)
        for pending in unfinished_removals(lake.store)
        if Path(pending.home).is_dir()
    ]


def _is_forgotten(lake: Lake, request: Request) -> bool:
    """Return whether it was removed before; then whatever came back since is removed."""
    ids = {request.article_id, _address_id(request)} - {None}
    return not ids.isdisjoint(read_forgotten(lake.store, lake.tables).articles)


def _address_id(request: Request | None) -> str | None:
    """Return the id of an article that is read at the request's address."""
    if request is None or not (request.url or "").startswith(("http://", "https://")):
        return None
    return identify("", "", canonical=None, url=request.url)


def _look(lake: Lake, pending: Pending) -> Pending:
    """Add to a removal what the lake has of it now."""
    with scratch(lake.store) as connection, lake_errors("look for what to forget"):
        view_all_runs(connection, lake)
        return complete_removal(connection, pending, address_id=_address_id(pending.request))


def _carry_out(
    home: Path,
    lake: Lake,
    pending: Pending,
    comparison: Comparison | None,
    elsewhere: ExternalRemoval | None,
) -> Removal:
    put_removal(lake.store, pending)
    checkpoint("forget:intent")
    _note(lake, pending)
    checkpoint("forget:noted")
    # includes what was committed or staged since the first look; from here on runs refuse it
    pending = _look(lake, pending)
    put_removal(lake.store, pending)
    _note(lake, pending)
    checkpoint("forget:intent-whole")
    planned = remove_from_plans(lake.store, pending)
    if not planned <= pending.runs:
        pending = dataclasses.replace(pending, runs=pending.runs | planned)
        put_removal(lake.store, pending)
    checkpoint("forget:plans")
    erase(lake, pending)
    version = _publish(home, lake, comparison)
    checkpoint("forget:published")
    if elsewhere is not None:
        elsewhere(pending)
    checkpoint("forget:elsewhere")
    drop_removal(lake.store, pending)
    checkpoint("forget:done")
    return Removal(
        tuple(sorted(pending.articles)),
        tuple(sorted(pending.items)),
        len(pending.ranges),
        version,
    )


def _publish(home: Path, lake: Lake, comparison: Comparison | None) -> int | None:
    """Replace all published versions by one without the removed articles.

    None where there is none.
    """
    serving = Serving(home)
    if not serving.versions():
        return None
    with serving.lock():
        SignatureIndex(serving.folder / "signed").drop()
    # no rollback outlasts it: all older versions have what is removed
    return publish(
        home, lake=lake, rebuild=True, keep=1, comparison=comparison, resume=True
    ).version


def _note(lake: Lake, pending: Pending) -> None:
    """Record as hashes what must not come back; does nothing when that is recorded."""
    noted = [("article_id", one) for one in sorted(pending.articles)]
    noted += [("item_id", one) for one in sorted(pending.items)]
    if (address := _address_id(pending.request)) is not None:
        noted.append(("article_id", address))
    if pending.request is not None:
        names = (pending.request.site, pending.request.host)
        noted += [("site", digest) for digest in sorted({site_hash(one) for one in names if one})]
    rows = [
        {
            "kind": kind,
            "value": value,
            "requested_at": pending.requested_at,
            "reason": pending.reason,
            "run_id": pending.removal_id,
        }
        for kind, value in noted
    ]
    table = pa.Table.from_pylist(rows, arrow_schema(FORGOTTEN))
    digest = sha256(repr(noted).encode())[:16]
    lake.tables.append("forgotten", f"{pending.removal_id}-{digest}", table.to_reader)
