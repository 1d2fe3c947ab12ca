"""The flow that maintains the lake: closes dead runs, compacts and deletes files."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.states import Completed
from pydantic import Field

from copydesk.flows.prefect_api.artifacts import artifact_key
from copydesk.flows.prefect_api.crash_recovery import (
    RecoveredRun,
    close_dead_flow_runs,
    give_up_dead_runs,
)
from copydesk.flows.prefect_api.deployment_specs import project_at
from copydesk.flows.prefect_api.flow_run_locks import flow_run_alive
from copydesk.flows.prefect_api.forget import remove_from_prefect
from copydesk.flows.prefect_api.retries import IDEMPOTENT, Waits, with_retries
from copydesk.flows.prefect_api.run_log import log_end, log_event, logged_run
from copydesk.flows.run_locks import marked_alive
from copydesk.flows.workspace import Workspace
from copydesk.schemas.plural import plural
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.upkeep.compact import RETENTION, UpkeepResult
from copydesk.warehouse.upkeep.compact import maintain as keep_up

_HOURS = RETENTION / timedelta(hours=1)


@flow(name="maintain")
def maintain(
    home: Path = Path("copydesk-data"),
    lake: str | None = None,
    retention_hours: Annotated[float, Field(ge=0)] = _HOURS,
    keep_raw_days: Annotated[float | None, Field(ge=0)] = None,
    retry_seconds: Waits = (),
) -> list[UpkeepResult]:
    """Close dead runs, compact the lake's files, and delete files out of use.

    Args:
        home: Folder that holds the published tables, and the lake unless that is elsewhere.
        lake: The lake's address, where it is not below the home folder.
        retention_hours: Hours to keep files after they go out of use.
        keep_raw_days: Delete raw bytes older than this; empty: keep all.
        retry_seconds: Seconds before each further attempt.
    """
    with (
        flow_run_alive(home),
        marked_alive(home, "maintain") as acquired,
        logged_run("maintain", str(home), lake=lake),
    ):
        if not acquired:
            summary = "Completed: another maintenance is running"
            log_end(summary)
            return Completed(name=summary, message=summary, data=[])  # type: ignore[return-value]
        workspace = Workspace(home, lake)
        recovered = with_retries(lambda: recover(workspace), retry_seconds)
        actions = with_retries(
            lambda: tidy(workspace, retention_hours, keep_raw_days), retry_seconds
        )
        for what, number in _totals(actions, recovered).items():
            log_event("upkeep", f"{what}: {number:,}", what=what, number=number)
        log_end(f"Completed: {plural(len(recovered), 'dead run')} closed")
    rows = [
        {"what": action.what, "where": action.where, "number": action.number} for action in actions
    ]
    rows += [{"what": action.what, "where": action.name, "number": 1} for action in recovered]
    key = artifact_key(project_at(home, None), "maintain")
    create_table_artifact(rows, key=key, description="Results of maintenance")
    count = sum(action.number for action in actions)
    summary = f"{count:,} files or rows, {plural(len(recovered), 'dead run')}"
    return Completed(  # type: ignore[return-value]
        name=f"Completed: {summary}" if rows else "Completed: nothing to do",
        message=summary,
        data=actions,
    )


def _totals(actions: list[UpkeepResult], recovered: list[RecoveredRun]) -> Counter[str]:
    """Return the sum of what upkeep did, by kind."""
    totals = Counter(run.what for run in recovered)
    for action in actions:
        totals[action.what] += action.number
    return +totals


@task(name="recover", **IDEMPOTENT)
def recover(workspace: Workspace) -> list[RecoveredRun]:
    """Close flow runs whose process is gone, and abandon interrupted runs that were not resumed."""
    home, store, now = workspace.home, workspace.open_lake(), datetime.now(UTC)
    return [
        *close_dead_flow_runs(home, store, now=now),
        *give_up_dead_runs(home, store, now=now),
    ]


@task(name="tidy", **IDEMPOTENT)
def tidy(
    workspace: Workspace, retention_hours: float, keep_raw_days: float | None
) -> list[UpkeepResult]:
    """Compact tables, and delete files that have been out of use for long enough."""
    return keep_up(
        workspace.open_lake(),
        now=datetime.now(UTC),
        retention=timedelta(hours=retention_hours),
        keep_raw=None if keep_raw_days is None else timedelta(days=keep_raw_days),
        comparison=COPIES,
        elsewhere=remove_from_prefect,
    )
