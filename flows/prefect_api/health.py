"""Checks of ``copydesk doctor`` on the running Prefect server."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.flows.prefect_api.deployment_owners import (
    PAGE,
    ServerDeployment,
    server_deployments,
)
from copydesk.flows.prefect_api.deployment_specs import project_of
from copydesk.flows.prefect_api.old_entrypoints import OLD
from copydesk.flows.prefect_api.slots import DEAD_AFTER, LOOK_AGAIN_SECONDS, excess_slots
from copydesk.schemas.sources import SourcesFile
from copydesk.warehouse.upkeep.finding import Finding

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


def examine_prefect(home: Path) -> list[Finding]:
    """Check this home's deployments, their slots and due runs on the Prefect API in use."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return list(findings(client, home, now=datetime.now(UTC)))


def findings(
    client: SyncPrefectClient, home: Path, *, now: datetime, wait: float = LOOK_AGAIN_SECONDS
) -> Iterator[Finding]:
    """Yield one finding per kind of problem."""
    existing = server_deployments(client)
    own = [deployment for deployment in existing if deployment.is_of(home)]
    old = [row.full_name for row in existing if row.entrypoint.startswith(OLD)]
    yield from _finding(
        "old-deployments", "deployments of an earlier release, which no worker can start", old,
        "copydesk deploy redeploys them",
    )  # fmt: skip
    prefix = f"{project_of(SourcesFile(), home)}."
    others = [
        f"{row.full_name} ({row.home})"
        for row in existing
        if row.full_name.partition("/")[2].startswith(prefix) and not row.is_of(home)
    ]
    yield from _finding(
        "other-home", "deployments with the name of this project write to another home", others,
        "set `project` in one of the sources files, and copydesk deploy --prune there",
    )  # fmt: skip
    stuck = _stuck_slots(client, home, now, wait)
    yield from _finding(
        "stuck-slots", "slots of deployments are taken and no run holds them, so that none starts",
        stuck, "copydesk recover frees them",
    )  # fmt: skip
    late = _late_runs(client, own, now)
    yield from _finding(
        "late-runs", f"runs are due for more than {DEAD_AFTER.seconds // 60} minutes",
        [f"{deployment.full_name} since {due:%Y-%m-%d %H:%M}" for deployment, due in late],
        _what_starts(deployment for deployment, _ in late),
    )  # fmt: skip


def _stuck_slots(client: SyncPrefectClient, home: Path, now: datetime, wait: float) -> list[str]:
    """List deployments with slots that no run holds in two checks, ``wait`` seconds apart."""
    first = dict(excess_slots(client, home, now))
    if not first:
        return []
    time.sleep(wait)
    second = excess_slots(client, home, now)
    return [excess.deployment for key, excess in second if first.get(key) == excess]


def _late_runs(
    client: SyncPrefectClient, deployments: Sequence[ServerDeployment], now: datetime
) -> list[tuple[ServerDeployment, datetime]]:
    """List the deployments of runs that are long due, and since when; the longest due first."""
    from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter

    if not deployments:
        return []
    by_id = {deployment.id: deployment for deployment in deployments}
    of_home = DeploymentFilter.model_validate({"id": {"any_": [str(row) for row in by_id]}})
    late = FlowRunFilter.model_validate({"state": {"name": {"any_": ["Late"]}}})
    runs = client.read_flow_runs(deployment_filter=of_home, flow_run_filter=late, limit=PAGE)
    due = [
        (by_id[run.deployment_id], run.expected_start_time)
        for run in runs
        if run.deployment_id in by_id
        and run.expected_start_time is not None
        and now - run.expected_start_time > DEAD_AFTER
    ]
    return sorted(due, key=lambda row: row[1])


def _what_starts(late: Iterable[ServerDeployment]) -> str:
    """Say what starts the runs of these deployments: ``serve``, or workers of their pools."""
    pools = sorted({deployment.pool for deployment in late if deployment.pool is not None})
    workers = " and ".join(f"prefect worker start --pool {pool}" for pool in pools)
    return "start copydesk serve" + (f", or a worker: {workers}" if pools else "")


def _finding(check: str, says: str, names: Sequence[str], mend: str) -> Iterator[Finding]:
    if names:
        yield Finding(check, says, len(names), names[0], mend)
