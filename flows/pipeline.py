"""What every flow that cleans does with a run that is begun: clean, commit, publish, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from prefect import State, task
from prefect.futures import as_completed
from prefect.states import Completed, Failed

from copydesk.flows.display.causes import cause
from copydesk.flows.display.progress import progress
from copydesk.flows.display.summary import SourceFailed, Summary, failure_line
from copydesk.flows.engines.placement import Placement
from copydesk.flows.prefect_api.artifacts import (
    PROBLEMS_SHOWN,
    lake_key,
    making,
    name_flow_run,
    report,
    shown_in_prefect,
    tables_key,
)
from copydesk.flows.prefect_api.retries import IDEMPOTENT, run_logger
from copydesk.flows.workspace import Workspace
from copydesk.schemas.gates import Action, Gate, GateSettings
from copydesk.schemas.items import REFUSED
from copydesk.tasks.dedup.rules import COPIES
from copydesk.tasks.ingest.batch import BatchCounts
from copydesk.tasks.ingest.quality_gates import FEW_RUNS, Finding, Past, judge, sentences
from copydesk.tasks.ingest.unplanned import STALLED, UNPLANNED
from copydesk.tasks.reclean.batch import Reread
from copydesk.warehouse.history.runs import (
    Failure,
    Problem,
    main_failure,
    problems,
    problems_of,
    skipped,
)
from copydesk.warehouse.publish.publish import Publication, publish
from copydesk.warehouse.runs.models import Sealed
from copydesk.warehouse.runs.run import Run
from copydesk.warehouse.runs.verdict import Verdict

if TYPE_CHECKING:
    from prefect import Task

    from copydesk.flows.requests import Recleaning, Request
    from copydesk.flows.run_setup import PreparedRun

Asked = TypeVar("Asked", "Request", "Recleaning")
Done = TypeVar("Done", BatchCounts, Reread)

runner = Placement.of_environment().task_runner()
"""What every flow that cleans hands its batches to, unless the command line says otherwise."""


def run_batches(
    batch: Task[[Workspace, str, Asked, int], Done],
    asked: Asked,
    workspace: Workspace,
    prepared: PreparedRun,
    *,
    phase: str,
    gates: Callable[[], Mapping[str, GateSettings]],
    publishing: bool = True,
    when_cleaned: Callable[[], None] | None = None,
) -> Summary:
    """Hand the batches of a run out, then commit, publish and report it.

    ``batch`` is the task that reads, cleans and stages one of them; it is given the workspace,
    the run's id, what was ``asked`` for and the batch's number. ``phase`` says what a person sees.
    ``when_cleaned`` is called when no batch is left: cleaning processes need not be there, with
    their memory, while tables are published.
    """
    run_id = prepared.run_id
    name_flow_run(run_id)
    stopped: Counter[str] = Counter()
    gone = 0
    with shown_in_prefect():
        batches = [batch.submit(workspace, run_id, asked, number) for number in prepared.todo]
        progress().phase(phase, total=prepared.items)
        progress().advance(prepared.done)
        for one in as_completed(batches):
            done = one.result()
            progress().advance(done.items)
            stopped.update(done.stopped_rules)
            gone += done.raw_gone if isinstance(done, Reread) else 0
        if when_cleaned is not None:
            when_cleaned()
        progress().phase("Committing")
        in_lake, in_tables = lake_key(workspace), tables_key(workspace.home)
        sealed, verdict = making(commit_run, in_lake)(workspace, run_id, gates())
        progress().phase("Publishing")
        publish_now = making(publish_tables, in_tables, of=[in_lake])
        publication = publish_now(workspace) if publishing and not verdict.held else None
    opened = workspace.open_lake()
    failure: Failure | None = None
    unplanned: list[Problem] = []
    if sealed.fates.get("failed"):
        failure = main_failure(opened, run_id)
        unplanned = problems_of(opened, run_id, UNPLANNED)
    summary = Summary.of(
        run_id, workspace, sealed, verdict, publication, stopped=stopped, gone=gone,
        source=prepared.source, cause=cause(failure) if failure else "",
    )  # fmt: skip
    summary = replace(
        summary,
        unplanned=tuple(one.detail for one in unplanned),
        stalled=any(one.reason == STALLED for one in unplanned),
    )
    worst: list[Problem] = []
    if any(summary.fates.get(fate) for fate in ("rejected", "failed", "skipped")):
        worst = problems(opened, run_id, limit=PROBLEMS_SHOWN)
        refusals = tuple(dict.fromkeys(one.detail for one in worst if one.reason in REFUSED))
        summary = replace(summary, skipped=skipped(opened, run_id), refusals=refusals)
    report(summary, prepared.source, worst)
    return summary


def named_state(summary: Summary) -> State[Any]:
    """Say in a flow's final state what happened; the data is what its caller gets.

    A state's name is its event's too: a failure keeps the name that automations wait for.
    """
    if summary.incomplete:
        failed: State[Any] = Failed(message=summary.failure(), data=SourceFailed(summary))
        return failed
    if summary.held:
        return Completed(name=f"Held: {summary.headline()}", message=summary.line(), data=summary)
    return Completed(name=f"Completed: {summary.headline()}", message=summary.line(), data=summary)


def failed_state(source: str, error: Exception) -> State[Any]:
    """Say in a flow's final state which source failed and why; its caller gets the error."""
    run_logger().error("%s: %s", source, error, exc_info=error)
    failed: State[Any] = Failed(message=failure_line(source, str(error)), data=error)
    return failed


@task(name="commit", **IDEMPOTENT)
def commit_run(
    workspace: Workspace, run_id: str, gates: Mapping[str, GateSettings]
) -> tuple[Sealed, Verdict]:
    """Settle each item's fate against the lake, and make the run visible: all or nothing.

    A run that a quality gate holds waits in the lake, sealed.
    """
    run = workspace.open_lake().run(run_id)
    return commit_or_hold(run, gates=gates, now=datetime.now(UTC))


@task(name="publish", **IDEMPOTENT)
def publish_tables(workspace: Workspace) -> Publication:
    """Bring what is committed to the file that analysts open."""
    return publish(workspace.home, lake=workspace.open_lake(), comparison=COPIES)


def commit_or_hold(
    run: Run, *, gates: Mapping[str, GateSettings], now: datetime
) -> tuple[Sealed, Verdict]:
    """Seal a run, judge it once, and commit it unless a gate holds it.

    ``gates`` are settings by source; the one under ``""`` is for sources that have none. A call
    after a crash goes on with the verdict that stands.
    """
    sealed, plan = run.seal(), run.open_plan
    if plan is None:  # it has ended, and was judged before
        run.commit()
        return sealed, Verdict(run.run_id, False, (), now)
    findings: list[Finding] = []
    if run.verdict is None:
        for source, profile in sealed.profiles.items():
            settings = gates.get(source) or gates.get("") or GateSettings()
            if source in sealed.before:  # the same documents as an older cleaner read them
                past, few = [Past(plan.started_at, sealed.before[source])], 1
            else:
                rows = run.past_profiles(source, limit=settings.history)
                past, few = [Past(started, one) for started, one in rows], FEW_RUNS
            if plan.slice_key is not None or sealed.before:
                # a day on which nothing was published is no silence, nor is reading again
                settings = settings.model_copy(update={"off": (*settings.off, Gate.SILENT)})
            findings += judge(source, profile, past, settings, now=now, min_runs=few)
    holds = any(finding.action is Action.HOLD for finding in findings)
    verdict = run.judge(Verdict(run.run_id, holds, tuple(sentences(findings)), now))
    if not verdict.held:
        run.commit()
    return sealed, verdict
