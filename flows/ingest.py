"""The main flow: load articles, clean them, commit them to the lake, publish the tables."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.lake import open_lake
from flows.prepare import PreparedRun, prepare
from flows.progress import progress
from flows.request import Request
from flows.summary import Summary
from tasks.batches import BatchCounts, process_batch
from tasks.cleaning_pool import cores, open_shared_pool, shared_pool
from tasks.planning import from_json
from warehouse.forms import Sealed
from warehouse.plans import Plans
from warehouse.publish import Publication, publish

BATCHES_AT_ONCE = cores()
"""While one batch is in the cleaning processes, another is read or written."""


runner: ThreadPoolTaskRunner[BatchCounts] = ThreadPoolTaskRunner(max_workers=BATCHES_AT_ONCE)


@flow(name="ingest", task_runner=runner)  # type: ignore[arg-type]
def ingest(
    request: Request,
    home: Path = Path("copydesk-data"),
    workers: int | None = None,
    batch_size: int = 500,
    lake: str | None = None,
    prepared: PreparedRun | None = None,
) -> Summary:
    """Load or scrape articles, clean them, and publish the tables.

    ``home`` holds the lake and the published file; ``lake`` is the lake's address where it lies
    elsewhere. ``prepared`` is a run that is begun already; without it the flow begins its own, or
    goes on with one of the same request that broke off.
    """
    begun = time.monotonic()
    if prepared is not None:
        summary = _run(request, home, lake, prepared, workers)
    else:
        with prepare(
            request, home, lake, batch_size=batch_size, now=datetime.now(UTC)
        ) as begun_now:
            summary = _run(request, home, lake, begun_now, workers)
    summary = dataclasses.replace(summary, seconds=time.monotonic() - begun)
    # the state's message is what the Prefect UI shows; a caller gets the summary
    return Completed(message=summary.line(), data=summary)  # type: ignore[return-value]


def _run(
    request: Request, home: Path, lake: str | None, prepared: PreparedRun, workers: int | None
) -> Summary:
    run_id = prepared.run_id
    pool = open_shared_pool(workers)
    stopped: Counter[str] = Counter()
    try:
        batches = [
            clean_batch.submit(home, lake, run_id, request, number) for number in prepared.todo
        ]
        progress().phase("Cleaning", total=prepared.items)
        progress().advance(prepared.done)
        for batch in as_completed(batches):
            counts = batch.result()
            progress().advance(counts.items)
            stopped.update(counts.stopped_rules)
    finally:
        pool.close()
    progress().phase("Committing")
    sealed = commit_run(home, lake, run_id)
    progress().phase("Publishing")
    publication = publish_tables(home, lake)
    return Summary(
        run_id=run_id,
        home=home,
        lake=lake or str(home / "lake"),
        items=sealed.items,
        fates=sealed.fates,
        reasons=sealed.reasons,
        stopped_rules=dict(stopped),
        published=publication.changed,
        version=publication.version,
    )


@task(name="clean", task_run_name="clean-{number}", cache_policy=NO_CACHE, persist_result=False)
def clean_batch(
    home: Path, lake: str | None, run_id: str, request: Request, number: int
) -> BatchCounts:
    """Read, clean and stage one batch."""
    opened = open_lake(home, lake)
    batch = from_json(Plans(opened.store, run_id).get(number))
    return process_batch(
        opened,
        run_id,
        batch,
        sources=request.sources(),
        pool=shared_pool(),
        now=datetime.now(UTC),
        rules=request.site_rules(),
        keep_raw=request.keep_raw(),
    )


@task(name="commit", cache_policy=NO_CACHE, persist_result=False)
def commit_run(home: Path, lake: str | None, run_id: str) -> Sealed:
    """Settle each item's fate against the lake, and make the run visible: all or nothing."""
    opened = open_lake(home, lake)
    sealed = opened.seal(run_id)
    opened.commit(run_id)
    return sealed


@task(name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish_tables(home: Path, lake: str | None) -> Publication:
    """Bring what is committed to the file that analysts open."""
    return publish(home, lake=open_lake(home, lake))
