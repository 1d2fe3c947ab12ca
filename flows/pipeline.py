"""The steps of every cleaning flow after its run is prepared: clean, commit, publish, report."""

from __future__ import annotations

import logging
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
from copydesk.flows.notify import notify
from copydesk.flows.prefect_api.artifacts import (
    PROBLEMS_SHOWN,
    lake_key,
    materializing,
    name_flow_run,
    report,
    shown_in_prefect,
    tables_key,
)
from copydesk.flows.prefect_api.deployment_specs import project_at
from copydesk.flows.prefect_api.retries import IDEMPOTENT
from copydesk.flows.prefect_api.run_log import log_end, log_event, log_outcome, log_plan
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

    from copydesk.flows.planning import PreparedRun
    from copydesk.flows.requests import IngestRequest, RecleanRequest

AnyRequest = TypeVar("AnyRequest", "IngestRequest", "RecleanRequest")
Done = TypeVar("Done", BatchCounts, Reread)

runner = Placement.of_environment().task_runner()
"""The task runner of every cleaning flow, unless the command line sets another."""


def run_batches(
    batch: Task[[Workspace, str, AnyRequest, int], Done],
    request: AnyRequest,
    workspace: Workspace,
    prepared: PreparedRun,
    *,
    phase: str,
    gates: Callable[[], Mapping[str, GateSettings]],
    publishing: bool = True,
    when_cleaned: Callable[[], None] | None = None,
) -> Summary:
    """Clean a run's batches, then commit, publish and report it.

    ``batch`` is the task that reads, cleans and stages one batch; it receives the workspace, the
    run's id, the ``request`` and the batch's number. ``phase`` is the text of the progress bar.
    ``when_cleaned`` is called after the last batch, so that cleaning processes can be closed before
    tables are published.
    """
    run_id = prepared.run_id
    name_flow_run(run_id)
    stopped: Counter[str] = Counter()
    unavailable = 0
    with shown_in_prefect():
        batches = [batch.submit(workspace, run_id, request, number) for number in prepared.todo]
        log_plan(run_id, prepared.items, len(batches), prepared.staged_items)
        progress().phase(phase, total=prepared.items, done=prepared.staged_items)
        for future in as_completed(batches):
            result = future.result()
            progress().advance(result.items)
            stopped.update(result.stopped_rules)
            unavailable += result.raw_gone if isinstance(result, Reread) else 0
        if when_cleaned is not None:
            when_cleaned()
        progress().phase("Committing")
        in_lake, in_tables = lake_key(workspace), tables_key(workspace.home)
        sealed, verdict = materializing(commit_run, in_lake)(workspace, run_id, gates())
        progress().phase("Publishing")
        publish_now = materializing(publish_tables, in_tables, of=[in_lake])
        publication = publish_now(workspace) if publishing and not verdict.held else None
        if publication is not None:
            notify(workspace.home, request.sources_file)
    store = workspace.open_lake()
    failure: Failure | None = None
    unplanned: list[Problem] = []
    if sealed.fates.get("failed"):
        failure = main_failure(store, run_id)
        unplanned = problems_of(store, run_id, UNPLANNED)
    summary = Summary.of(
        run_id, workspace, sealed, verdict, publication, stopped=stopped, gone=unavailable,
        source=prepared.source, cause=cause(failure) if failure else "",
    )  # fmt: skip
    summary = replace(
        summary,
        unplanned=tuple(problem.detail for problem in unplanned),
        stalled=any(problem.reason == STALLED for problem in unplanned),
    )
    worst: list[Problem] = []
    if any(summary.fates.get(fate) for fate in ("rejected", "failed", "skipped")):
        worst = problems(store, run_id, limit=PROBLEMS_SHOWN)
        refusals = tuple(
            dict.fromkeys(problem.detail for problem in worst if problem.reason in REFUSED)
        )
        summary = replace(summary, skipped=skipped(store, run_id), refusals=refusals)
    log_outcome(summary, worst)
    project = project_at(workspace.home, request.sources_file)
    report(summary, project, prepared.source, worst)
    return summary


def named_state(summary: Summary) -> State[Any]:
    """Describe the outcome in a flow's final state; its data is the flow's return value.

    A failure keeps the name ``Failed``, since automations match events by it.
    """
    if summary.incomplete:
        log_end(f"Failed: {summary.failure()}", failed=True, run_id=summary.run_id)
        failed: State[Any] = Failed(message=summary.failure(), data=SourceFailed(summary))
        return failed
    state = "Held" if summary.held else "Completed"
    log_end(
        f"{state} after {summary.seconds:.1f} s: {summary.headline()}",
        run_id=summary.run_id, seconds=round(summary.seconds, 3),
    )  # fmt: skip
    if summary.held:
        return Completed(name=f"Held: {summary.headline()}", message=summary.line(), data=summary)
    return Completed(name=f"Completed: {summary.headline()}", message=summary.line(), data=summary)


def failed_state(source: str, error: Exception) -> State[Any]:
    """Describe which source failed and why in a flow's final state; its data is the error."""
    log_event("failed", f"Failed: {error}", level=logging.ERROR, error=error, source=source)
    failed: State[Any] = Failed(message=failure_line(source, str(error)), data=error)
    return failed


@task(name="commit", **IDEMPOTENT)
def commit_run(
    workspace: Workspace, run_id: str, gates: Mapping[str, GateSettings]
) -> tuple[Sealed, Verdict]:
    """Decide each item's fate and commit the whole run, unless a quality gate holds it.

    A held run stays in the lake, sealed, until it is released or dropped.
    """
    run = workspace.open_lake().run(run_id)
    return commit_or_hold(run, gates=gates, now=datetime.now(UTC))


@task(name="publish", **IDEMPOTENT)
def publish_tables(workspace: Workspace) -> Publication:
    """Publish committed rows in the file that analysts open."""
    return publish(workspace.home, lake=workspace.open_lake(), comparison=COPIES)


def commit_or_hold(
    run: Run, *, gates: Mapping[str, GateSettings], now: datetime
) -> tuple[Sealed, Verdict]:
    """Seal a run, judge it once, and commit it unless a gate holds it.

    ``gates`` are settings by source; the entry ``""`` is for the other sources. A call after a
    crash uses the recorded verdict.
    """
    sealed, plan = run.seal(), run.open_plan
    if plan is None:  # it ended after it was judged
        run.commit()
        return sealed, Verdict(run.run_id, False, (), now)
    findings: list[Finding] = []
    if run.verdict is None:
        for source, profile in sealed.profiles.items():
            settings = gates.get(source) or gates.get("") or GateSettings()
            if source in sealed.before:  # compare with the same documents under the older cleaner
                earlier, min_runs = [Past(plan.started_at, sealed.before[source])], 1
            else:
                rows = run.past_profiles(source, limit=settings.history)
                earlier, min_runs = (
                    [Past(started, past_profile) for started, past_profile in rows],
                    FEW_RUNS,
                )
            if plan.slice_key is not None or sealed.before:
                # neither a day without publications nor a re-cleaning is silence
                settings = settings.model_copy(update={"off": (*settings.off, Gate.SILENT)})
            findings += judge(source, profile, earlier, settings, now=now, min_runs=min_runs)
    holds = any(finding.action is Action.HOLD for finding in findings)
    verdict = run.judge(Verdict(run.run_id, holds, tuple(sentences(findings)), now))
    if not verdict.held:
        run.commit()
    return sealed, verdict
