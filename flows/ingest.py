"""The main flow: load articles, clean them, commit them to the lake, publish the tables."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import State, flow, task
from prefect.futures import as_completed
from prefect.states import Completed, Failed

from flows.gating import commit_or_hold
from flows.lake import open_lake
from flows.lineage import lake_key, making, tables_key
from flows.placement import Placement
from flows.prepare import PreparedRun, handed_over, prepare
from flows.progress import progress
from flows.reporting import PROBLEMS_SHOWN, name_flow_run, report, shown_in_prefect
from flows.request import Request
from flows.retries import IDEMPOTENT
from flows.summary import SourceFailed, Summary
from flows.workers import pool_here
from schemas.gates import GateSettings
from tasks.batches import BatchCounts, process_batch
from tasks.cleaning_pool import open_shared_pool
from tasks.dedup.comparison import COPIES
from tasks.planning import from_json
from warehouse.forms import Sealed
from warehouse.holding import Verdict
from warehouse.outcomes import problems
from warehouse.plans import Plans
from warehouse.publish import Publication, publish

runner = Placement.of_environment().task_runner()
"""What every flow that cleans hands its batches to, unless the command line says otherwise."""


@flow(name="ingest", task_runner=runner)
def ingest(
    request: Request,
    home: Path = Path("copydesk-data"),
    lake: str | None = None,
    workers: int | None = None,
    batch_size: int = 500,
) -> Summary:
    """Load or scrape articles, clean them, and publish the tables.

    The flow begins a run, or goes on with one of the same request that broke off; one that was
    handed over (``flows.prepare``) is taken. When every item failed, so has the flow.

    Args:
        request: What is read: a named source, or inputs.
        home: Folder that holds the published tables, and the lake unless that is elsewhere.
        lake: The lake's address, where it is not below the home folder.
        workers: Processes that clean; empty: one a core.
        batch_size: Items read, cleaned and staged at once.
    """
    begun = time.monotonic()
    pool = open_shared_pool(workers)
    try:
        if (handover := handed_over()) is not None:
            summary = handover.summary = run(
                request, home, lake, handover.prepared, when_cleaned=pool.close
            )
        else:
            now = datetime.now(UTC)
            with prepare(request, home, lake, batch_size=batch_size, now=now) as prepared:
                summary = run(request, home, lake, prepared, when_cleaned=pool.close)
    finally:
        pool.close()
    summary = dataclasses.replace(summary, seconds=time.monotonic() - begun)
    return named_state(summary)  # type: ignore[return-value]


def named_state(summary: Summary) -> State[Any]:
    """Say in a flow's final state what happened; the data is what its caller gets.

    A state's name is its event's too: a failure keeps the name that automations wait for.
    """
    if summary.failed:
        failed: State[Any] = Failed(message=summary.line(), data=SourceFailed(summary))
        return failed
    if summary.held:
        return Completed(name=f"Held: {summary.headline()}", message=summary.line(), data=summary)
    return Completed(name=f"Completed: {summary.headline()}", message=summary.line(), data=summary)


def run(
    request: Request,
    home: Path,
    lake: str | None,
    prepared: PreparedRun,
    *,
    publishing: bool = True,
    when_cleaned: Callable[[], None] | None = None,
) -> Summary:
    """Clean, commit and publish a run that is begun: the body of every flow that reads a source.

    ``when_cleaned`` is called when no batch is left: cleaning processes need not be there, with
    their memory, while tables are published.
    """
    run_id = prepared.run_id
    name_flow_run(run_id)
    stopped: Counter[str] = Counter()
    with shown_in_prefect():
        batches = [
            clean_batch.submit(home, lake, run_id, request, number) for number in prepared.todo
        ]
        progress().phase("Cleaning", total=prepared.items)
        progress().advance(prepared.done)
        for batch in as_completed(batches):
            counts = batch.result()
            progress().advance(counts.items)
            stopped.update(counts.stopped_rules)
        if when_cleaned is not None:
            when_cleaned()
        progress().phase("Committing")
        in_lake, in_tables = lake_key(home, lake), tables_key(home)
        sealed, verdict = making(commit_run, in_lake)(
            home, lake, run_id, {"": request.gate_settings()}
        )
        progress().phase("Publishing")
        publish_now = making(publish_tables, in_tables, of=[in_lake])
        publication = publish_now(home, lake) if publishing and not verdict.held else None
    summary = Summary.of(run_id, home, lake, sealed, verdict, publication, stopped=stopped)
    is_whole = not (summary.fates.get("rejected") or summary.fates.get("failed"))
    worst = [] if is_whole else problems(open_lake(home, lake), run_id, most=PROBLEMS_SHOWN)
    report(summary, prepared.source, worst)
    return summary


@task(name="clean", task_run_name="clean-{number}", **IDEMPOTENT)
def clean_batch(
    home: Path, lake: str | None, run_id: str, request: Request, number: int
) -> BatchCounts:
    """Read, clean and stage one batch."""
    opened = open_lake(home, lake)
    batch = from_json(Plans(opened.store, run_id).get(number))
    with pool_here() as pool:
        return process_batch(
            opened,
            run_id,
            batch,
            sources=request.sources(),
            pool=pool,
            now=datetime.now(UTC),
            rules=request.site_rules(),
            lines=request.site_lines(),
            keep_raw=request.keep_raw(),
        )


@task(name="commit", **IDEMPOTENT)
def commit_run(
    home: Path, lake: str | None, run_id: str, gates: Mapping[str, GateSettings]
) -> tuple[Sealed, Verdict]:
    """Settle each item's fate against the lake, and make the run visible: all or nothing.

    A run that a quality gate holds waits in the lake, sealed.
    """
    return commit_or_hold(open_lake(home, lake), run_id, gates=gates, now=datetime.now(UTC))


@task(name="publish", **IDEMPOTENT)
def publish_tables(home: Path, lake: str | None) -> Publication:
    """Bring what is committed to the file that analysts open."""
    return publish(home, lake=open_lake(home, lake), comparison=COPIES)
