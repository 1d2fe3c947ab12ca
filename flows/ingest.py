"""The main flow: load articles, clean them, commit them to the lake, publish the tables."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from prefect import task

from copydesk.flows.batches import clean_planned
from copydesk.flows.display.summary import Summary
from copydesk.flows.engines.placement import Placement
from copydesk.flows.pipeline import failed_state, named_state, run_batches, runner
from copydesk.flows.planning import PreparedRun
from copydesk.flows.prefect_api.flow_run_locks import flow_run_alive
from copydesk.flows.prefect_api.redacted_flow import redacted_flow
from copydesk.flows.prefect_api.retries import IDEMPOTENT, Waits, with_retries
from copydesk.flows.prefect_api.run_log import logged_run
from copydesk.flows.requests import IngestRequest, resolved
from copydesk.flows.run_setup import handed_over, prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.ingest.batch import BatchCounts
from copydesk.tasks.workers.pool import open_shared_pool


@redacted_flow(name="ingest", task_runner=runner)
def ingest(
    request: IngestRequest,
    home: Path = Path("copydesk-data"),
    lake: str | None = None,
    workers: int | None = None,
    batch_size: int = 500,
    retry_seconds: Waits = (),
) -> Summary:
    """Load or scrape articles, clean them, and publish the tables.

    The flow starts a run, resumes an interrupted one of the same request, or takes one that was
    handed over (``copydesk.flows.run_setup``). It fails when every item failed, or a source could
    not be listed.

    Args:
        request: What to read: a named source, or inputs.
        home: Folder that holds the published tables, and the lake unless that is elsewhere.
        lake: The lake's address, where it is not below the home folder.
        workers: Cleaning processes; empty: one per core.
        batch_size: Items per batch.
        retry_seconds: Seconds before each further attempt, while nothing can be read.
    """
    label = request.label()
    with flow_run_alive(home), logged_run("ingest", label, home=str(home), lake=lake):
        try:
            summary = with_retries(
                lambda: attempt(  # a copy, so that named files are read again
                    dataclasses.replace(request), Workspace(home, lake), workers, batch_size
                ),
                retry_seconds,
                lambda summary: summary.failure() if summary.may_pass else None,
            )
        except (CopydeskError, OSError) as error:
            return failed_state(label, error)  # type: ignore[return-value]
        return named_state(summary)  # type: ignore[return-value]


def attempt(
    request: IngestRequest, workspace: Workspace, workers: int | None, batch_size: int
) -> Summary:
    """Prepare a run, or take a prepared one, and execute it."""
    started = time.monotonic()
    pool = open_shared_pool(workers)
    try:
        if (handover := handed_over()) is not None:
            summary = handover.summary = run(
                request, workspace, handover.prepared, when_cleaned=pool.close
            )
        else:
            now = datetime.now(UTC)
            warm = Placement.of_environment().starter(workers)
            with prepare(
                request, workspace, batch_size=batch_size, now=now, on_work=warm
            ) as prepared:
                summary = run(request, workspace, prepared, when_cleaned=pool.close)
    finally:
        pool.close()
    return dataclasses.replace(summary, seconds=time.monotonic() - started)


def run(
    request: IngestRequest,
    workspace: Workspace,
    prepared: PreparedRun,
    *,
    publishing: bool = True,
    when_cleaned: Callable[[], None] | None = None,
) -> Summary:
    """Clean, commit and publish a prepared run of a flow that reads a source."""
    request = resolved(request, prepared.run_id)
    return run_batches(
        clean_batch, request, workspace, prepared,
        phase="Cleaning", gates=lambda: {"": request.gate_settings()}, publishing=publishing,
        when_cleaned=when_cleaned,
    )  # fmt: skip


@task(name="clean", task_run_name="clean-{number}", **IDEMPOTENT)
def clean_batch(
    workspace: Workspace, run_id: str, request: IngestRequest, number: int
) -> BatchCounts:
    """Read, clean and stage one batch."""
    return clean_planned(workspace, run_id, request, number)
