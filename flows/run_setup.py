"""Start or resume the run of a request; its plan is stored in the lake."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from copydesk.flows.display.progress import progress
from copydesk.flows.display.summary import Summary
from copydesk.flows.planning import Planner, PreparedRun
from copydesk.flows.requests import IngestRequest, resolved
from copydesk.flows.run_locks import marked_alive
from copydesk.flows.workspace import Workspace
from copydesk.schemas.items import Item
from copydesk.tasks.cleaning.sites.repeated_lines import cleaner_version
from copydesk.tasks.sources import Source
from copydesk.tasks.workers.discovery import stall_seconds
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import RunPlan
from copydesk.warehouse.runs.open_runs import Plans
from copydesk.warehouse.runs.run import Run

FLOWS = ("ingest", "backfill")
"""Flows whose runs this module prepares."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a request's source that a backfill's slice reads.

    ``key`` is the run's ``slice_key``; ``of`` returns the source limited to the slice, or its
    items.
    """

    backfill: str
    key: str
    of: Callable[[Source], Source | list[Item]]

    def parameters(self, request: IngestRequest) -> str:
        """Return the request and slice as JSON, so that only a run of this slice resumes it."""
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
    """Return the run that ``hand_over`` prepared for the calling flow, if any."""
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
    # reports mistakes in these before any work
    _ = request.site_rules, request.site_lines, stall_seconds()
    lake = workspace.open_lake(create=True)
    parameters = part.parameters(request) if part else request.parameters()

    def planner(record: RunPlan) -> Planner:
        shared = resolved(request, record.run_id)
        return Planner(lake, shared, record, batch_size, on_work, part.of if part else None)

    for run in lake.unfinished():
        is_same_request = run.plan.flow in FLOWS and run.plan.parameters == parameters
        if is_same_request and run.plan.host == socket.gethostname() and not run.held:
            with marked_alive(workspace.home, run.plan.run_id) as acquired:
                if not acquired:
                    continue
                if run.plan.is_planning:
                    progress().note(f"Resuming run {run.run_id}, whose planning was interrupted")
                    with planner(run.plan).resume(run) as prepared:
                        yield prepared
                    return
                prepared = resumed(lake, run)
                if prepared.todo:
                    on_work()
                yield prepared
                return
    record = RunPlan(
        run_id=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
        flow="backfill" if part else "ingest",
        source="",
        started_at=now,
        parameters=parameters,
        slice_key=part.key if part else None,
        cleaner_version=cleaner_version(request.site_lines),
    )
    with marked_alive(workspace.home, record.run_id), planner(record).start() as prepared:
        yield prepared


def resumed(lake: Lake, run: Run) -> PreparedRun:
    """Return an interrupted run with its batches that are not staged."""
    run_id = run.run_id
    staged = {batch.batch: batch for batch in run.batches}
    numbers = Plans(lake.store, run_id).numbers()
    todo = () if run.sealed else tuple(number for number in numbers if number not in staged)
    progress().note(
        f"Resuming run {run_id}: {len(numbers) - len(todo)} of {len(numbers)} batches are done; "
        "what appeared since it was planned is read by the next run"
    )
    return PreparedRun(
        run_id=run_id,
        items=run.plan.items or 0,
        todo=todo,
        staged_items=sum(batch.rows["ledger"] for batch in staged.values()),
        source=run.plan.source,
    )
