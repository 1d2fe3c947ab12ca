"""The flow that backfills a range of days; each slice is a run of its own."""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

from prefect import State as FlowState
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from copydesk.flows import backfill_slices
from copydesk.flows.backfill_result import BackfillResult, SlicesFailed
from copydesk.flows.backfill_slices import BackfillError, State
from copydesk.flows.display.progress import Silent, progress, reported_to
from copydesk.flows.display.summary import Summary
from copydesk.flows.engines.base import EngineName
from copydesk.flows.engines.placement import Placement
from copydesk.flows.ingest import run
from copydesk.flows.notify import notify
from copydesk.flows.pipeline import failed_state, publish_tables, runner
from copydesk.flows.prefect_api.artifacts import name_flow_run, report_slices, shown_in_prefect
from copydesk.flows.prefect_api.deployment_specs import project_at
from copydesk.flows.prefect_api.flow_run_locks import flow_run_alive
from copydesk.flows.prefect_api.redacted_flow import redacted_flow
from copydesk.flows.prefect_api.retries import Waits, with_retries
from copydesk.flows.prefect_api.run_log import log_end, log_event, log_warnings, logged_run
from copydesk.flows.run_locks import marked_alive
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas.credentials import without_credentials
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.plural import plural
from copydesk.tasks.backfill.slices import BackfillScope, Plan
from copydesk.tasks.sources.dates.ranges import By
from copydesk.tasks.workers.pool import open_shared_pool
from copydesk.warehouse.history.slices import Backfills, slice_runs

PUBLISH_EVERY = 60.0
"""Least seconds between two publications while slices run: analysts see progress."""

PUBLISH_PAUSE = 10
"""Least pause after a publication, as a multiple of its seconds, which grow with the store."""

NICE = 5
"""Niceness of a deployed backfill: scheduled runs on the same machine come first, while it still
gets enough CPU to send its heartbeats to Prefect."""


@redacted_flow(name="backfill")
def backfill(
    source: str,
    first: date | None = None,
    last: date | None = None,
    by: By = By.DAY,
    timezone: str = "UTC",
    parallel: Annotated[int, Field(ge=1, le=16)] = 1,
    undated: bool = False,
    again: bool = False,
    only_failed: bool = False,
    sources_file: Path | None = None,
    allow_hosts: tuple[str, ...] = (),
    contact: str | None = None,
    home: Path = Path("copydesk-data"),
    lake: str | None = None,
    workers: int | None = None,
    batch_size: int = 500,
    engine: EngineName | None = None,
    cluster: str | None = None,
    retry_seconds: Waits = (),
) -> BackfillResult:
    """Backfill a range of days, slice by slice; the same parameters resume it.

    A slice that is run again replaces its earlier results.

    Args:
        source: A source of the sources file, or a path, a pattern or an address.
        first: First day (inclusive). Without a range each archive of the source is a slice.
        last: Last day (inclusive).
        by: What a slice is.
        timezone: In which the days are meant, such as `Europe/Berlin`.
        parallel: Slices to run concurrently.
        undated: Add a slice for items without a date.
        again: Make a new plan, and repeat finished slices.
        only_failed: Only slices that failed or have failed items.
        sources_file: The file of named sources.
        allow_hosts: Machines of your own that may be read although they are not public.
        contact: Contact address that sites see in the User-Agent.
        home: Folder that holds the published tables, and the lake unless that is elsewhere.
        lake: The lake's address, where it is not below the home folder.
        workers: Cleaning processes; empty: one per core.
        batch_size: Items per batch.
        engine: The engine that cleans batches; empty: the one in `COPYDESK_ENGINE`.
        cluster: Address of a running cluster; without one, Dask and Ray start one for all slices.
        retry_seconds: Seconds before each further attempt at the slices that failed.
    """
    placement = Placement.of_environment() if engine is None else Placement.named(engine, cluster)
    named_in = _sources_file_of(source, sources_file)
    scope = BackfillScope(
        source, first, last, by, timezone, undated, named_in, allow_hosts, contact
    )
    with (
        flow_run_alive(home),
        marked_alive(home, scope.id) as acquired,
        logged_run("backfill", _label(scope), lake=lake),
    ):
        try:
            if not acquired:
                raise already_running(scope)
            name_flow_run(scope.id)
            _lower_priority()
            result = with_retries(
                _attempts(
                    Workspace(home, lake), scope, placement, again=again, only_failed=only_failed,
                    parallel=parallel, workers=workers, batch_size=batch_size,
                ),
                retry_seconds,
                lambda result: result.failure() if result.may_pass else None,
            )  # fmt: skip
        except (CopydeskError, OSError) as error:
            return failed_state(without_credentials(source), error)  # type: ignore[return-value]
        log_warnings(result.failed)
        log_end(
            f"Failed: {result.failure()}" if result.failed else f"Completed: {result.line()}",
            failed=bool(result.failed), slices=result.slices_done, remaining=result.remaining,
        )  # fmt: skip
    if result.failed:
        failed: FlowState[Any] = Failed(message=result.failure(), data=SlicesFailed(result))
        return failed  # type: ignore[return-value]
    return Completed(  # type: ignore[return-value]
        name=f"Completed: {result.line()}", message=result.line(), data=result
    )


def _attempts(
    workspace: Workspace,
    scope: BackfillScope,
    placement: Placement,
    *,
    again: bool,
    only_failed: bool,
    parallel: int,
    workers: int | None,
    batch_size: int,
) -> Callable[[], BackfillResult]:
    """Return a function that attempts the remaining slices; only its first call plans anew."""
    planned: list[Plan] = []

    def attempt() -> BackfillResult:
        plan = load_or_make_plan(workspace, scope, again=again and not planned)
        planned.append(plan)
        count = plural(len(plan.slices), "slice")
        log_event("planned", f"Backfill {scope.id}: {count} of {plan.source}", backfill=scope.id)
        Backfills(workspace.open_lake().store, scope.id).keep_host(socket.gethostname())
        placement.check(backfill_slices.request_of(scope).absolute(), workspace)
        return run_slices(workspace, plan, parallel, only_failed, workers, batch_size, placement)

    return attempt


def already_running(scope: BackfillScope) -> BackfillError:
    """Return the error for a backfill that is running in another process."""
    return BackfillError(f"this backfill ({scope.id}) is already running in another process")


def load_or_make_plan(workspace: Workspace, scope: BackfillScope, *, again: bool) -> Plan:
    """Load the stored plan, or make and store one."""
    store = workspace.open_lake(create=True)
    plan = None if again else backfill_slices.stored_plan(store, scope)
    if plan is None or not any(slice_.size for slice_ in plan.slices):
        progress().phase("Planning")
        now = datetime.now(UTC)
        plan, items = backfill_slices.make_plan(scope, backfill_slices.request_of(scope), now)
        plan = backfill_slices.restarted(plan, now) if again else plan
        backfill_slices.store_plan(store, plan, items)
    backfill_slices.refuse_empty(plan)
    return plan


def run_slices(
    workspace: Workspace,
    plan: Plan,
    parallel: int,
    only_failed: bool,
    workers: int | None,
    batch_size: int,
    placement: Placement,
) -> BackfillResult:
    """Run the remaining slices, and publish from time to time and at the end."""
    todo = backfill_slices.slices_to_run(
        backfill_slices.slice_states(workspace, plan), only_failed=only_failed
    )
    pool = open_shared_pool(workers)
    try:
        outcomes: list[SliceOutcome] = []
        if todo:
            with placement.shared_cluster(workers) as shared_placement:
                places = {"workspace": workspace, "backfill": plan.scope.id}
                settings = {
                    "batch_size": batch_size,
                    "workers": workers,
                    "placement": shared_placement,
                }
                outcomes = _submit_slices(plan, todo, parallel, places | settings)
    finally:
        pool.close()
    progress().phase("Publishing")
    if todo:
        publish_tables(workspace)
        notify(workspace.home, plan.scope.sources_file)
    states = backfill_slices.slice_states(workspace, plan)
    report_slices(
        project_at(workspace.home, plan.scope.sources_file),
        plan,
        states,
        {outcome.key: outcome.flow_run for outcome in outcomes if outcome.flow_run},
    )
    fates = sum((Counter(outcome.fates) for outcome in outcomes), Counter[str]())
    broken = sum(outcome.error is not None for outcome in outcomes)
    unread = backfill_slices.failures(states)
    failed = tuple(f"{outcome.slice.key}: {outcome.detail}" for outcome in unread)
    may_pass = sum(
        outcome.state is State.FAILED or bool(outcome.run and outcome.run.failed)
        for outcome in unread
    )
    remaining = len(backfill_slices.slices_to_run(states))
    return BackfillResult(
        plan.scope.id,
        len(todo) - broken,
        failed,
        dict(fates),
        remaining,
        source=plan.source,
        may_pass=may_pass,
    )


def _submit_slices(
    plan: Plan, todo: Sequence[int], parallel: int, parameters: Mapping[str, Any]
) -> list[SliceOutcome]:
    """Run slices, ``parallel`` at once, and publish from time to time; return their outcomes."""
    outcomes = []
    published, pause = time.monotonic(), PUBLISH_EVERY
    threads: ThreadPoolTaskRunner[SliceOutcome] = ThreadPoolTaskRunner(max_workers=parallel)
    with threads, shown_in_prefect():
        progress().phase("Slices", total=len(todo))
        futures: list[PrefectFuture[SliceOutcome]] = [
            threads.submit(
                run_slice, {**parameters, "number": number, "label": plan.slices[number].label}
            )
            for number in todo
        ]
        for future in as_completed(futures):
            outcome = future.result()
            outcomes.append(outcome)
            progress().advance()
            if outcome.error is not None:
                progress().note(f"Failed: {outcome.key}: {outcome.error}")
            if (begun := time.monotonic()) - published > pause:
                publish_tables(parameters["workspace"])
                published = time.monotonic()
                pause = pause_after(published - begun)
    return outcomes


def pause_after(seconds: float) -> float:
    """Return the seconds until the next publication, after one that took ``seconds``."""
    return max(PUBLISH_EVERY, PUBLISH_PAUSE * seconds)


@dataclass(frozen=True, slots=True)
class SliceOutcome:
    """The outcome of a slice, and the id of its flow run."""

    key: str
    fates: dict[str, int]
    flow_run: str | None = None
    error: str | None = None


@task(name="slice", task_run_name="{label}", cache_policy=NO_CACHE, persist_result=False)
def run_slice(
    workspace: Workspace,
    backfill: str,
    number: int,
    label: str,  # noqa: ARG001  names the task's run
    batch_size: int,
    workers: int | None,
    placement: Placement,
) -> SliceOutcome:
    """Run one slice. A failure is stored and returned, and affects no other slice."""
    store = workspace.open_lake()
    records = Backfills(store.store, backfill)
    plan = backfill_slices.read_plan(records)
    key = plan.slices[number].key
    before = slice_runs(store, [key]).get(key)
    records.forget_failure(number)
    flow_here = read_slice.with_options(task_runner=placement.task_runner(workers))
    with reported_to(Silent()):
        state = flow_here(
            workspace.home, workspace.lake, backfill, number, batch_size, return_state=True
        )
    flow_run = str(state.state_details.flow_run_id) if state.state_details.flow_run_id else None
    try:
        fates = dict(state.result().fates)
    except Exception as error:
        # A slow API may lose a flow's result. The lake knows what was committed.
        after = slice_runs(store, [key]).get(key)
        if after is None or after == before:
            reason = str(error) if isinstance(error, CopydeskError) else repr(error)
            records.keep_failure(number, reason, datetime.now(UTC))
            return SliceOutcome(key, {}, flow_run, reason)
        fates = after.fates
    return SliceOutcome(key, fates, flow_run)


@flow(name="slice", task_runner=runner)
def read_slice(
    home: Path, lake: str | None, backfill: str, number: int, batch_size: int = 500
) -> Summary:
    """Read, clean and commit one slice of a planned backfill."""
    workspace = Workspace(home, lake)
    store = workspace.open_lake()
    plan = backfill_slices.read_plan(Backfills(store.store, backfill))
    request = backfill_slices.request_of(
        plan.scope
    ).absolute()  # the workers may be in another folder
    part = backfill_slices.part_of_slice(store, plan, number)
    now = datetime.now(UTC)
    with (
        flow_run_alive(home),
        logged_run("slice", plan.slices[number].key),
        prepare(request, workspace, batch_size=batch_size, now=now, part=part) as prepared,
    ):
        summary = run(request, workspace, prepared, publishing=False)
        if not (summary.incomplete or summary.fates.get("failed")):
            backfill_slices.release_downloads(plan, number, request)
        log_end(f"Completed: {summary.headline()}", run_id=summary.run_id)
    headline = f"{plan.slices[number].label}: {summary.headline()}"
    return Completed(name=f"Completed: {headline}", message=summary.line(), data=summary)  # type: ignore[return-value]


def _label(scope: BackfillScope) -> str:
    """Name the source and the range, for messages."""
    source = without_credentials(scope.source)
    return f"{source}, {scope.first} to {scope.last}" if scope.first else source


def _sources_file_of(source: str, sources_file: Path | None) -> str | None:
    """Return the sources file if it has this named source."""
    from copydesk.schemas.sources import read_sources

    if sources_file is None or not sources_file.exists():
        return None
    is_named = source in read_sources(sources_file).sources
    return str(sources_file.absolute()) if is_named else None


def _lower_priority() -> None:
    """Lower the priority of a process that a worker started only for this flow."""
    from prefect.runtime import deployment

    if deployment.id is not None and os.nice(0) == 0:
        os.nice(NICE)
