"""From a request to a run whose plan stands in the lake: a new one, or one that broke off."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from copydesk.flows.display.progress import progress
from copydesk.flows.display.summary import Summary
from copydesk.flows.requests import Request, resolved
from copydesk.flows.run_locks import marked_alive
from copydesk.flows.workspace import Workspace
from copydesk.schemas.items import Item, Missing
from copydesk.schemas.json_form import to_json
from copydesk.tasks.cleaning.sites.repeated_lines import cleaner_version
from copydesk.tasks.ingest.plan import plan, shared_out
from copydesk.tasks.ingest.revisits import with_originals
from copydesk.tasks.ingest.seen_items import KnownItems
from copydesk.tasks.ingest.unplanned import planned
from copydesk.tasks.sources import NOTHING_KNOWN, Source
from copydesk.tasks.workers.discovery import bound_seconds
from copydesk.tasks.workers.pool import cores
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import RunPlan
from copydesk.warehouse.runs.open_runs import Plans
from copydesk.warehouse.runs.run import Run

FLOWS = ("ingest", "backfill")
"""Flows whose runs are prepared here."""


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run that is begun.

    ``todo`` are the batches that are not staged; ``done`` counts the items of those that are.
    """

    run_id: str
    items: int
    todo: tuple[int, ...]
    done: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The slice of a backfill that a run reads, instead of all that its request's source has.

    ``key`` is its ``slice_key``; ``of`` narrows the source to it, or gives its items.
    """

    backfill: str
    key: str
    of: Callable[[Source], Source | list[Item]]

    def parameters(self, request: Request) -> str:
        """Write the request with the slice, so that a run of it is gone on with by no other."""
        values = json.loads(request.parameters())
        return json.dumps(values | {"backfill": self.backfill, "slice": self.key})


@dataclass(slots=True)
class Handover:
    """A run that was prepared outside of its flow, and what the flow made of it.

    The flow's answer goes by way of Prefect's API, which may lose it while the run is committed.
    """

    prepared: PreparedRun
    summary: Summary | None = None


_handed_over: ContextVar[Handover | None] = ContextVar("handed_over", default=None)


def handed_over() -> Handover | None:
    """Take the run that was prepared for the flow that is called in a block of ``hand_over``."""
    return _handed_over.get()


@contextlib.contextmanager
def hand_over(prepared: PreparedRun) -> Iterator[Handover]:
    """Let the flow that is called in this block take a run that was prepared outside of it."""
    handover = Handover(prepared)
    token = _handed_over.set(handover)
    try:
        yield handover
    finally:
        _handed_over.reset(token)


@contextlib.contextmanager
def prepare(
    request: Request,
    workspace: Workspace,
    *,
    batch_size: int,
    now: datetime,
    part: Part | None = None,
    on_work: Callable[[], None] = lambda: None,
) -> Iterator[PreparedRun]:
    """Go on with a run of this request that broke off, or plan and begin one.

    ``on_work`` is called as soon as it is known that something must be read, long before all
    of a large archive is planned, and again with each batch: what will do it can start meanwhile.
    The run is marked as alive until the end of the block; a mark ends with its process, however
    that ends. SourceError when an input does not exist.
    """
    # a mistake in these is said before anything is done
    _ = request.site_rules, request.site_lines, bound_seconds()
    lake = workspace.open_lake(create=True)
    parameters = part.parameters(request) if part else request.parameters()
    for run in lake.unfinished():
        mine = run.plan.flow in FLOWS and run.plan.parameters == parameters
        if mine and run.plan.host == socket.gethostname() and not run.held:
            with marked_alive(workspace.home, run.plan.run_id) as ours:
                if ours:
                    prepared = resumed(lake, run)
                    if prepared.todo:
                        on_work()
                    yield prepared
                    return
    run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    with marked_alive(workspace.home, run_id):
        shared = resolved(request, run_id)
        yield _begun(
            lake, shared, run_id, batch_size=batch_size, now=now, part=part, on_work=on_work
        )


def resumed(lake: Lake, run: Run) -> PreparedRun:
    """Go on with a run that broke off: with those of its batches that are not staged."""
    run_id = run.run_id
    staged = {batch.batch: batch for batch in run.batches}
    numbers = Plans(lake.store, run_id).numbers()
    todo = () if run.sealed else tuple(number for number in numbers if number not in staged)
    progress().note(
        f"Going on with run {run_id}: {len(numbers) - len(todo)} of {len(numbers)} batches are done"
    )
    return PreparedRun(
        run_id=run_id,
        items=run.plan.items or 0,
        todo=todo,
        done=sum(batch.rows["ledger"] for batch in staged.values()),
        source=run.plan.source,
    )


def _offered(source: Source, known: KnownItems, part: Part | None) -> Iterable[Item | Missing]:
    if part is None:
        return planned(source, known.how, known)
    narrowed = part.of(source)
    if isinstance(narrowed, list):
        return narrowed
    return planned(narrowed, NOTHING_KNOWN, known)


def _begun(
    lake: Lake,
    request: Request,
    run_id: str,
    *,
    batch_size: int,
    now: datetime,
    part: Part | None,
    on_work: Callable[[], None],
) -> PreparedRun:
    progress().phase("Planning")
    sources = request.sources
    known = {source.name: KnownItems(lake.latest_items(source.name)) for source in sources}
    found = (one for source in sources for one in _offered(source, known[source.name], part))
    plans = Plans(lake.store, run_id)
    items, numbers = 0, []
    batches = plan(
        with_originals(found, lake, several=len(sources) > 1, of_slice=part.key if part else None),
        lambda name: known.get(name, {}),  # of another source: a revisit that waited
        cleaner_version=cleaner_version(request.site_lines),
        batch_size=batch_size,
    )
    for batch in shared_out(batches, cores()):
        plans.put(batch.number, to_json(batch, without_defaults=True))
        numbers.append(batch.number)
        items += len(batch)
        if batch.items:
            on_work()
        progress().advance(len(batch))
    names = ", ".join(dict.fromkeys(source.name for source in sources))
    lake.begin(
        RunPlan(
            run_id=run_id,
            flow="backfill" if part else "ingest",
            source=names,
            started_at=now,
            parameters=part.parameters(request) if part else request.parameters(),
            slice_key=part.key if part else None,
            cleaner_version=cleaner_version(request.site_lines),
            host=socket.gethostname(),
            pid=os.getpid(),
            items=items,
        )
    )
    return PreparedRun(run_id, items, tuple(numbers), source=names)
