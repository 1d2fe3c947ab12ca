"""Start or resume the run of a request to clean stored documents again."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from datetime import datetime

from copydesk.flows.display.progress import progress
from copydesk.flows.planning import PreparedRun
from copydesk.flows.requests import RecleanError, RecleanRequest, resolved
from copydesk.flows.run_locks import marked_alive
from copydesk.flows.run_setup import resumed
from copydesk.flows.workspace import Workspace
from copydesk.schemas.json_form import to_json
from copydesk.tasks.reclean.batch import batches
from copydesk.warehouse.history.stored_documents import select_documents
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import RunPlan
from copydesk.warehouse.runs.open_runs import Plans
from copydesk.warehouse.runs.run import RECLEAN, Run


@contextlib.contextmanager
def prepare_reclean(
    request: RecleanRequest, workspace: Workspace, *, batch_size: int, now: datetime
) -> Iterator[PreparedRun | None]:
    """Resume an interrupted run of the request, or plan and start one; None if nothing is outdated.

    Two runs of one request never exist at the same time.

    Raises:
        RecleanError: A run of the request is running or held.
    """
    _ = request.site_rules, request.site_lines  # reports mistakes in them before any work
    lake = workspace.open_lake()
    for run in _open_runs(lake, request):
        if run.held:
            raise RecleanError(
                f"run {run.plan.run_id} of the same request is held; end it first: copydesk "
                f"runs release {run.plan.run_id}, or drop"
            )
        with marked_alive(workspace.home, run.plan.run_id) as acquired:
            if not acquired:
                raise RecleanError(
                    f"run {run.plan.run_id} of the same request is running in another process; "
                    "wait for it, or stop it first"
                )
            yield resumed(lake, run)
            return
    run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    with marked_alive(workspace.home, run_id):
        yield _begin_run(lake, resolved(request, run_id), run_id, batch_size=batch_size, now=now)


def discard(request: RecleanRequest, workspace: Workspace) -> list[str]:
    """Abandon the request's held and interrupted runs, and return their ids."""
    lake = workspace.open_lake()
    dropped = []
    for run in _open_runs(lake, request):
        with marked_alive(workspace.home, run.plan.run_id) as acquired:
            if not acquired:
                raise RecleanError(
                    f"run {run.plan.run_id} is running in another process; stop it first"
                )
            run.abandon("discarded")
        dropped.append(run.plan.run_id)
    return dropped


def _open_runs(lake: Lake, request: RecleanRequest) -> list[Run]:
    parameters = request.parameters()
    return [
        run
        for run in lake.unfinished()
        if run.plan.flow == RECLEAN and run.plan.parameters == parameters
    ]


def _begin_run(
    lake: Lake, request: RecleanRequest, run_id: str, *, batch_size: int, now: datetime
) -> PreparedRun | None:
    progress().phase("Planning")
    plans = Plans(lake.store, run_id)
    items, numbers, sources = 0, [], dict[str, None]()
    with select_documents(lake, request.choice) as selection:
        available, unavailable = selection.count()
        if not available:
            if unavailable:
                progress().note(
                    f"The raw bytes of {unavailable:,} documents are no longer stored: "
                    "they stay as they are."
                )
            return None
        documents = (document for document, _ in selection.documents())
        for batch in batches(documents, size=batch_size, raw_gone=unavailable):
            plans.put(batch.number, to_json(batch, without_defaults=True))
            numbers.append(batch.number)
            items += len(batch)
            sources[batch.documents[0].source] = None
            progress().advance(len(batch))
    names = ", ".join(sources)
    lake.begin(
        RunPlan(
            run_id=run_id,
            flow=RECLEAN,
            source=names,
            started_at=now,
            parameters=request.parameters(),
            cleaner_version=request.choice.version,
            host=socket.gethostname(),
            pid=os.getpid(),
            items=items,
        )
    )
    return PreparedRun(run_id, items, tuple(numbers), source=names)
