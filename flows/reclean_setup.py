"""What a person asks to be cleaned again, and the run of it that is begun or gone on with."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from datetime import datetime

from copydesk.flows.display.progress import progress
from copydesk.flows.requests import RecleanError, Recleaning, resolved
from copydesk.flows.run_locks import marked_alive
from copydesk.flows.run_setup import PreparedRun, resumed
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
    asked: Recleaning, workspace: Workspace, *, batch_size: int, now: datetime
) -> Iterator[PreparedRun | None]:
    """Go on with a run of this that broke off, or plan and begin one; None: nothing is older.

    Two are never begun at once. RecleanError when one is at work or is held already.
    """
    _ = asked.site_rules, asked.site_lines  # a mistake in them is said before anything is done
    lake = workspace.open_lake()
    for run in _open_runs(lake, asked):
        if run.held:
            raise RecleanError(
                f"run {run.plan.run_id} of the same is held; end it first: copydesk runs release "
                f"{run.plan.run_id}, or drop"
            )
        with marked_alive(workspace.home, run.plan.run_id) as ours:
            if not ours:
                raise RecleanError(
                    f"run {run.plan.run_id} of the same is at work in another process; wait for it,"
                    " or stop that first"
                )
            yield resumed(lake, run)
            return
    run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    with marked_alive(workspace.home, run_id):
        yield _begun(lake, resolved(asked, run_id), run_id, batch_size=batch_size, now=now)


def discard(asked: Recleaning, workspace: Workspace) -> list[str]:
    """Give up the runs of this that are held or broke off; gives their ids."""
    lake = workspace.open_lake()
    dropped = []
    for run in _open_runs(lake, asked):
        with marked_alive(workspace.home, run.plan.run_id) as ours:
            if not ours:
                raise RecleanError(
                    f"run {run.plan.run_id} is at work in another process; stop that first"
                )
            run.abandon("discarded")
        dropped.append(run.plan.run_id)
    return dropped


def _open_runs(lake: Lake, asked: Recleaning) -> list[Run]:
    wanted = asked.parameters()
    return [
        run
        for run in lake.unfinished()
        if run.plan.flow == RECLEAN and run.plan.parameters == wanted
    ]


def _begun(
    lake: Lake, asked: Recleaning, run_id: str, *, batch_size: int, now: datetime
) -> PreparedRun | None:
    progress().phase("Planning")
    plans = Plans(lake.store, run_id)
    items, numbers, sources = 0, [], dict[str, None]()
    with select_documents(lake, asked.choice) as chosen:
        there, gone = chosen.count()
        if not there:
            if gone:
                progress().note(f"The bytes of {gone:,} documents are gone: they stay as they are.")
            return None
        documents = (document for document, _ in chosen.documents())
        for batch in batches(documents, size=batch_size, raw_gone=gone):
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
            parameters=asked.parameters(),
            cleaner_version=asked.choice.version,
            host=socket.gethostname(),
            pid=os.getpid(),
            items=items,
        )
    )
    return PreparedRun(run_id, items, tuple(numbers), source=names)
