"""The flow that fills a range of the past: each slice a run of its own, some at once."""

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
from copydesk.flows.backfill_slices import BackfillError, State
from copydesk.flows.display.progress import Silent, progress, reported_to
from copydesk.flows.display.summary import Summary, failure_line
from copydesk.flows.engines.base import EngineName
from copydesk.flows.engines.placement import Placement
from copydesk.flows.ingest import run
from copydesk.flows.pipeline import failed_state, publish_tables, runner
from copydesk.flows.prefect_api.artifacts import name_flow_run, report_slices, shown_in_prefect
from copydesk.flows.prefect_api.flow_run_locks import flow_run_alive
from copydesk.flows.prefect_api.retries import Waits, with_retries
from copydesk.flows.run_locks import marked_alive
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.plural import plural
from copydesk.tasks.backfill.slices import Plan, Wish
from copydesk.tasks.sources.dates.ranges import By
from copydesk.tasks.workers.pool import open_shared_pool
from copydesk.warehouse.history.slices import Backfills, slice_runs

PUBLISH_EVERY = 60.0
"""Seconds between two publications while slices run: analysts see it grow, and the work is done
for the slices, not for the file."""

NICE = 5
"""The past gives way to the schedule's processes on the same machine, and still gets its turns:
it has to tell Prefect that it is alive."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a backfill did: its slices that were done, and items by fate.

    ``failed`` are its slices with failures left, each with the reason: of this time or an earlier
    one; ``may_pass`` counts those of them where another attempt may help, which is not so where
    all else was read and an item was not there. ``left`` counts the slices that the same again
    would take up.
    """

    name: str
    done: int
    failed: tuple[str, ...]
    fates: dict[str, int]
    left: int = 0
    source: str = ""
    may_pass: int = 0

    def failure(self) -> str:
        """Say of slices that failed which source has how many of them, and why the first did."""
        said = f"{plural(len(self.failed), 'slice')} not read whole: {self.failed[0]}"
        return failure_line(self.source, said)

    def line(self) -> str:
        """Say it in one line."""
        parts = [plural(self.done, "slice")]
        shown = ("new", "revised", "rejected", "failed", "gone")
        parts += [f"{self.fates[fate]:,} {fate}" for fate in shown if self.fates.get(fate)]
        return ", ".join(parts) if self.done else "nothing to do"


class SlicesFailed(BackfillError):  # noqa: N818  named for what happened
    """Some slices failed; the others are done."""

    def __init__(self, filled: Filled) -> None:
        shown = "\n".join(f"  {one}" for one in filled.failed[:5])
        super().__init__(
            f"{plural(len(filled.failed), 'slice')} failed or not read whole; the same command "
            f"goes on with them, --only-failed with nothing else:\n{shown}"
        )
        self.filled = filled


@flow(name="backfill")
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
) -> Filled:
    """Fill a range of the past, slice by slice; the same parameters again go on with it.

    A slice that is run again replaces what it gave before.

    Args:
        source: A source of the sources file, or a path, a pattern or an address.
        first: First day, included. Without a range each archive of the source is a slice.
        last: Last day, included.
        by: What a slice is.
        timezone: In which the days are meant, such as `Europe/Berlin`.
        parallel: Slices at once.
        undated: A slice too for what tells no day.
        again: Plan anew, and do the slices that are done too.
        only_failed: Only slices that failed, or of which items did.
        sources_file: The file of named sources.
        allow_hosts: Machines of your own that may be asked though they are not public.
        contact: Address that sites find in the User-Agent, to reach you.
        home: Folder that holds the published tables, and the lake unless that is elsewhere.
        lake: The lake's address, where it is not below the home folder.
        workers: Processes that clean; empty: one a core.
        batch_size: Items of a batch.
        engine: What the batches of a slice are done by; empty: as `COPYDESK_ENGINE` says.
        cluster: A cluster that runs; without one, Dask and Ray start one for all slices.
        retry_seconds: Seconds before each further attempt at the slices that failed.
    """
    placement = Placement.of_environment() if engine is None else Placement.named(engine, cluster)
    named = _named(source, sources_file)
    wish = Wish(source, first, last, by, timezone, undated, named, allow_hosts, contact)
    with flow_run_alive(home), marked_alive(home, wish.id) as ours:
        try:
            if not ours:
                raise at_work(wish)
            name_flow_run(wish.id)
            _give_way()
            filled = with_retries(
                _attempts(
                    Workspace(home, lake), wish, placement, again=again, only_failed=only_failed,
                    parallel=parallel, workers=workers, batch_size=batch_size,
                ),
                retry_seconds,
                lambda filled: filled.failure() if filled.may_pass else None,
            )  # fmt: skip
        except (CopydeskError, OSError) as error:
            return failed_state(source, error)  # type: ignore[return-value]
    if filled.failed:
        failed: FlowState[Any] = Failed(message=filled.failure(), data=SlicesFailed(filled))
        return failed  # type: ignore[return-value]
    return Completed(  # type: ignore[return-value]
        name=f"Completed: {filled.line()}", message=filled.line(), data=filled
    )


def _attempts(
    workspace: Workspace,
    wish: Wish,
    placement: Placement,
    *,
    again: bool,
    only_failed: bool,
    parallel: int,
    workers: int | None,
    batch_size: int,
) -> Callable[[], Filled]:
    """Give what makes an attempt at what is left; the first one alone plans anew."""
    planned: list[Plan] = []

    def attempt() -> Filled:
        plan = begin(workspace, wish, again=again and not planned)
        planned.append(plan)
        Backfills(workspace.open_lake().store, wish.id).keep_host(socket.gethostname())
        placement.check(backfill_slices.request_of(wish).absolute(), workspace)
        return fill(workspace, plan, parallel, only_failed, workers, batch_size, placement)

    return attempt


def at_work(wish: Wish) -> BackfillError:
    """Say that a backfill can be done by one process alone."""
    return BackfillError(f"this backfill ({wish.id}) is at work in another process already")


def begin(workspace: Workspace, wish: Wish, *, again: bool) -> Plan:
    """Take the plan that there is, or make one and keep it."""
    opened = workspace.open_lake(create=True)
    plan = None if again else backfill_slices.planned(opened, wish)
    if plan is None or not any(one.size for one in plan.slices):
        progress().phase("Planning")
        now = datetime.now(UTC)
        plan, items = backfill_slices.make_plan(wish, backfill_slices.request_of(wish), now)
        plan = backfill_slices.anew(plan, now) if again else plan
        backfill_slices.keep(opened, plan, items)
    backfill_slices.refuse_empty(plan)
    return plan


def fill(
    workspace: Workspace,
    plan: Plan,
    parallel: int,
    only_failed: bool,
    workers: int | None,
    batch_size: int,
    placement: Placement,
) -> Filled:
    """Run the slices that are to do, and publish now and then and at the end."""
    todo = backfill_slices.to_do(backfill_slices.look(workspace, plan), only_failed=only_failed)
    pool = open_shared_pool(workers)
    try:
        outcomes: list[Outcome] = []
        if todo:
            with placement.held(workers) as held:
                places = {"workspace": workspace, "backfill": plan.wish.id}
                how = {"batch_size": batch_size, "workers": workers, "placement": held}
                outcomes = _fill_slices(plan, todo, parallel, places | how)
    finally:
        pool.close()
    progress().phase("Publishing")
    if todo:
        publish_tables(workspace)
    found = backfill_slices.look(workspace, plan)
    report_slices(plan, found, {one.key: one.flow_run for one in outcomes if one.flow_run})
    fates = sum((Counter(one.fates) for one in outcomes), Counter[str]())
    broken = sum(one.error is not None for one in outcomes)
    unread = backfill_slices.failures(found)
    failed = tuple(f"{one.slice.key}: {one.detail}" for one in unread)
    may_pass = sum(one.state is State.FAILED or bool(one.run and one.run.failed) for one in unread)
    left = len(backfill_slices.to_do(found))
    return Filled(
        plan.wish.id,
        len(todo) - broken,
        failed,
        dict(fates),
        left,
        source=plan.source,
        may_pass=may_pass,
    )


def _fill_slices(
    plan: Plan, todo: Sequence[int], parallel: int, parameters: Mapping[str, Any]
) -> list[Outcome]:
    """Run slices, so many at once, and publish now and then; outcomes as they come."""
    outcomes = []
    published = time.monotonic()
    threads: ThreadPoolTaskRunner[Outcome] = ThreadPoolTaskRunner(max_workers=parallel)
    with threads, shown_in_prefect():
        progress().phase("Slices", total=len(todo))
        futures: list[PrefectFuture[Outcome]] = [
            threads.submit(
                fill_slice, {**parameters, "number": number, "label": plan.slices[number].label}
            )
            for number in todo
        ]
        for future in as_completed(futures):
            outcome = future.result()
            outcomes.append(outcome)
            progress().advance()
            if outcome.error is not None:
                progress().note(f"Failed: {outcome.key}: {outcome.error}")
            if time.monotonic() - published > PUBLISH_EVERY:
                publish_tables(parameters["workspace"])
                published = time.monotonic()
    return outcomes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a slice; its flow run, so that it can be looked at."""

    key: str
    fates: dict[str, int]
    flow_run: str | None = None
    error: str | None = None


@task(name="slice", task_run_name="{label}", cache_policy=NO_CACHE, persist_result=False)
def fill_slice(
    workspace: Workspace,
    backfill: str,
    number: int,
    label: str,  # noqa: ARG001  names the task's run
    batch_size: int,
    workers: int | None,
    placement: Placement,
) -> Outcome:
    """Run one slice. Its failure is kept and told, and is not the others'."""
    opened = workspace.open_lake()
    kept = Backfills(opened.store, backfill)
    plan = backfill_slices.plan_of(kept)
    key = plan.slices[number].key
    before = slice_runs(opened, [key]).get(key)
    kept.forget_failure(number)
    placed = read_slice.with_options(task_runner=placement.task_runner(workers))
    with reported_to(Silent()):
        state = placed(
            workspace.home, workspace.lake, backfill, number, batch_size, return_state=True
        )
    flow_run = str(state.state_details.flow_run_id) if state.state_details.flow_run_id else None
    try:
        fates = dict(state.result().fates)
    except Exception as error:
        # An API that is slow to answer loses what a flow gave. The lake knows what was committed.
        after = slice_runs(opened, [key]).get(key)
        if after is None or after == before:
            said = str(error) if isinstance(error, CopydeskError) else repr(error)
            kept.keep_failure(number, said, datetime.now(UTC))
            return Outcome(key, {}, flow_run, said)
        fates = after.fates
    return Outcome(key, fates, flow_run)


@flow(name="slice", task_runner=runner)
def read_slice(
    home: Path, lake: str | None, backfill: str, number: int, batch_size: int = 500
) -> Summary:
    """Read, clean and commit one slice of a backfill that is planned."""
    workspace = Workspace(home, lake)
    opened = workspace.open_lake()
    plan = backfill_slices.plan_of(Backfills(opened.store, backfill))
    request = backfill_slices.request_of(
        plan.wish
    ).absolute()  # the workers may be in another folder
    part = backfill_slices.part_of(opened, plan, number)
    now = datetime.now(UTC)
    with (
        flow_run_alive(home),
        prepare(request, workspace, batch_size=batch_size, now=now, part=part) as prepared,
    ):
        summary = run(request, workspace, prepared, publishing=False)
    said = f"{plan.slices[number].label}: {summary.headline()}"
    return Completed(name=f"Completed: {said}", message=summary.line(), data=summary)  # type: ignore[return-value]


def _named(source: str, sources_file: Path | None) -> str | None:
    """Tell whether a source is one of the file's; gives the file then."""
    from copydesk.schemas.sources import read_sources

    if sources_file is None or not sources_file.exists():
        return None
    is_named = source in read_sources(sources_file).sources
    return str(sources_file.absolute()) if is_named else None


def _give_way() -> None:
    """Let a process that a worker started for this flow alone give way to others."""
    from prefect.runtime import deployment

    if deployment.id is not None and os.nice(0) == 0:
        os.nice(NICE)
