"""Starts or resumes the run of a request; its plan is stored in the lake."""

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
from copydesk.flows.requests import IngestRequest, resolved
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
from copydesk.tasks.workers.discovery import stall_seconds
from copydesk.tasks.workers.pool import cores
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import RunPlan
from copydesk.warehouse.runs.open_runs import Plans
from copydesk.warehouse.runs.run import Run

FLOWS = ("ingest", "backfill")
"""Flows whose runs this module prepares."""


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A started run.

    ``todo`` lists the batches that are not staged; ``staged_items`` counts the items of the others.
    """

    run_id: str
    items: int
    todo: tuple[int, ...]
    staged_items: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a request's source that a backfill's slice reads.

    ``key`` is the run's ``slice_key``; ``of`` narrows the source to the slice, or gives its items.
    """

    backfill: str
    key: str
    of: Callable[[Source], Source | list[Item]]

    def parameters(self, request: IngestRequest) -> str:
        """Write the request with the slice as JSON, so that only a run of this slice resumes it."""
        values = json.loads(request.parameters())
        return json.dumps(values | {"backfill": self.backfill, "slice": self.key})


@dataclass(slots=True)
class Handover:
    """A run that was prepared outside of its flow, and the flow's result.

    Prefect's API may lose the flow's return value although the run is committed.
    """

    prepared: PreparedRun
    summary: Summary | None = None


_handed_over: ContextVar[Handover | None] = ContextVar("handed_over", default=None)


def handed_over() -> Handover | None:
    """Give the run that ``hand_over`` prepared for the calling flow, if any."""
    return _handed_over.get()


@contextlib.contextmanager
def hand_over(prepared: PreparedRun) -> Iterator[Handover]:
    """Make the flow that is called in this block use a run prepared outside of it."""
    handover = Handover(prepared)
    token = _handed_over.set(handover)
    try:
        yield handover
    finally:
        _handed_over.reset(token)


@contextlib.contextmanager
def prepare(
    request: IngestRequest,
    workspace: Workspace,
    *,
    batch_size: int,
    now: datetime,
    part: Part | None = None,
    on_work: Callable[[], None] = lambda: None,
) -> Iterator[PreparedRun]:
    """Resume an interrupted run of this request, or plan and start one.

    ``on_work`` is called when the first batch to read is known, long before all of a large archive
    is planned, and with each further batch, so that cleaning processes can start. The run is marked
    as alive until the end of the block or of the process. SourceError when an input does not exist.
    """
    # report mistakes in these before any work
    _ = request.site_rules, request.site_lines, stall_seconds()
    lake = workspace.open_lake(create=True)
    parameters = part.parameters(request) if part else request.parameters()
    for run in lake.unfinished():
        is_same_request = run.plan.flow in FLOWS and run.plan.parameters == parameters
        if is_same_request and run.plan.host == socket.gethostname() and not run.held:
            with marked_alive(workspace.home, run.plan.run_id) as acquired:
                if acquired:
                    prepared = resumed(lake, run)
                    if prepared.todo:
                        on_work()
                    yield prepared
                    return
    run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    with marked_alive(workspace.home, run_id):
        shared = resolved(request, run_id)
        yield _begin_run(
            lake, shared, run_id, batch_size=batch_size, now=now, part=part, on_work=on_work
        )


def resumed(lake: Lake, run: Run) -> PreparedRun:
    """Resume an interrupted run with its batches that are not staged."""
    run_id = run.run_id
    staged = {batch.batch: batch for batch in run.batches}
    numbers = Plans(lake.store, run_id).numbers()
    todo = () if run.sealed else tuple(number for number in numbers if number not in staged)
    progress().note(
        f"Resuming run {run_id}: {len(numbers) - len(todo)} of {len(numbers)} batches are done"
    )
    return PreparedRun(
        run_id=run_id,
        items=run.plan.items or 0,
        todo=todo,
        staged_items=sum(batch.rows["ledger"] for batch in staged.values()),
        source=run.plan.source,
    )


def _offered(source: Source, seen_items: KnownItems, part: Part | None) -> Iterable[Item | Missing]:
    if part is None:
        return planned(source, seen_items.how, seen_items)
    narrowed = part.of(source)
    if isinstance(narrowed, list):
        return narrowed
    return planned(narrowed, NOTHING_KNOWN, seen_items)


def _begin_run(
    lake: Lake,
    request: IngestRequest,
    run_id: str,
    *,
    batch_size: int,
    now: datetime,
    part: Part | None,
    on_work: Callable[[], None],
) -> PreparedRun:
    progress().phase("Planning")
    sources = request.sources
    seen_items = {source.name: KnownItems(lake.latest_items(source.name)) for source in sources}
    offered = (
        item for source in sources for item in _offered(source, seen_items[source.name], part)
    )
    plans = Plans(lake.store, run_id)
    items, numbers = 0, []
    batches = plan(
        with_originals(
            offered, lake, several=len(sources) > 1, of_slice=part.key if part else None
        ),
        lambda name: seen_items.get(name, {}),  # other sources: a delayed revisit
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
