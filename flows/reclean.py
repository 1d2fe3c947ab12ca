"""The flow that cleans stored documents again with a newer cleaner; nothing is fetched."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task

from copydesk.flows.display.summary import Summary
from copydesk.flows.engines.worker import pool_here
from copydesk.flows.pipeline import named_state, run_batches, runner
from copydesk.flows.planning import PreparedRun
from copydesk.flows.prefect_api.flow_run_locks import flow_run_alive
from copydesk.flows.prefect_api.retries import IDEMPOTENT
from copydesk.flows.prefect_api.run_log import logged_run
from copydesk.flows.reclean_setup import prepare_reclean
from copydesk.flows.requests import RecleanRequest, resolved
from copydesk.flows.run_setup import handed_over
from copydesk.flows.workspace import Workspace
from copydesk.schemas.json_form import from_json
from copydesk.tasks.cleaning.sites.repeated_lines import cleaner_version
from copydesk.tasks.reclean.batch import ReadingBatch, Reread, reread
from copydesk.tasks.workers.pool import open_shared_pool
from copydesk.warehouse.runs.open_runs import Plans


@flow(name="reclean", task_runner=runner)
def reclean(
    request: RecleanRequest,
    home: Path = Path("copydesk-data"),
    lake: str | None = None,
    workers: int | None = None,
    batch_size: int = 500,
) -> Summary:
    """Clean stored documents with the current cleaner, then commit and publish the results.

    The flow starts a run, resumes an interrupted one of the same request, or takes one that was
    handed over (``copydesk.flows.run_setup``). It does nothing when no document is outdated.
    """
    label = request.words()
    with flow_run_alive(home), logged_run("reclean", label, home=str(home), lake=lake):
        return named_state(attempt(request, Workspace(home, lake), workers, batch_size))  # type: ignore[return-value]


def attempt(
    request: RecleanRequest, workspace: Workspace, workers: int | None, batch_size: int
) -> Summary:
    """Prepare a run, or take a prepared one, and execute it."""
    started = time.monotonic()
    pool = open_shared_pool(workers)
    try:
        if (handover := handed_over()) is not None:
            summary = handover.summary = run(request, workspace, handover.prepared, pool.close)
        else:
            now = datetime.now(UTC)
            with prepare_reclean(request, workspace, batch_size=batch_size, now=now) as prepared:
                if prepared is None:
                    summary = Summary("", workspace.home, workspace.lake_root, 0, {})
                else:
                    summary = run(request, workspace, prepared, pool.close)
    finally:
        pool.close()
    return dataclasses.replace(summary, seconds=time.monotonic() - started)


def run(
    request: RecleanRequest,
    workspace: Workspace,
    prepared: PreparedRun,
    when_cleaned: Callable[[], None],
) -> Summary:
    """Clean, commit and publish a prepared run."""
    request = resolved(request, prepared.run_id)
    named_run = dataclasses.replace(prepared, source=f"reclean {prepared.source}")
    return run_batches(
        reclean_batch, request, workspace, named_run,
        phase="Cleaning again", gates=request.gate_settings, when_cleaned=when_cleaned,
    )  # fmt: skip


@task(name="reclean", task_run_name="reclean-{number}", **IDEMPOTENT)
def reclean_batch(
    workspace: Workspace, run_id: str, request: RecleanRequest, number: int
) -> Reread:
    """Read, clean and stage one batch."""
    request, store = resolved(request, run_id), workspace.open_lake()
    batch = from_json(ReadingBatch, Plans(store.store, run_id).get(number))
    source = batch.documents[0].source
    rules, lines = request.site_rules, request.site_lines
    to_cut = lines.get(source, lines.get(""))
    with pool_here() as pool:
        return reread(
            store,
            run_id,
            batch,
            version=cleaner_version(to_cut, request.version()),
            pool=pool,
            rules=rules.get(source, rules.get("")),
            lines=to_cut,
            policy=request.policy_of(source),
        )
