"""Concurrency slots of this project's deployments on a Prefect server.

The server counts a slot as taken when a run is about to start, and as free when it ends. After a
restart of the server, or an unusual end of a run, the count may stay too high, for minutes or for
ever, and every due run is skipped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from copydesk.flows.prefect_api.deployment_owners import PAGE, is_of_home, tagged_deployments

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient

DEAD_AFTER: Final = timedelta(minutes=10)
"""Marking a live run as crashed is worse than finding a dead one late. With thirteen processes per
core, heartbeats of a live run came three minutes apart."""

HOLDING: Final = ("PENDING", "RUNNING", "CANCELLING")
"""State types in which a flow run holds a slot."""

LOOK_AGAIN_SECONDS: Final = 2.0
"""Prevents a run that starts or ends between two requests from looking like an excess slot."""


def free_slots(
    client: SyncPrefectClient, home: Path, *, now: datetime, wait: float = LOOK_AGAIN_SECONDS
) -> list[str]:
    """Free slots that no run holds, and return the names of their deployments in this home.

    A slot counts as excess only if two checks agree, with the same count on the server.
    """
    first = dict(excess_slots(client, home, now))
    if not first:
        return []
    time.sleep(wait)
    freed = []
    for deployment, excess in excess_slots(client, home, now):
        if first.get(deployment) != excess:
            continue
        client.release_concurrency_slots([excess.limit], excess.slots, occupancy_seconds=1.0)
        freed.append(excess.deployment)
    return freed


@dataclass(frozen=True, slots=True)
class _Excess:
    """Slots that the server counts as taken but no run holds."""

    deployment: str
    limit: str
    taken: int
    slots: int
    updated: datetime | None


def excess_slots(
    client: SyncPrefectClient, home: Path, now: datetime
) -> Iterator[tuple[UUID, _Excess]]:
    """Yield deployments of this home whose slots no run holds, by id; one check proves nothing."""
    for deployment in tagged_deployments(client):
        limit = deployment.global_concurrency_limit
        if limit is None or not limit.active_slots:
            continue
        if not is_of_home(home, deployment.tags, deployment.parameters):
            continue
        excess = limit.active_slots - _holders(client, deployment.id, now)
        if excess > 0:
            excess_now = _Excess(
                deployment.name, limit.name, limit.active_slots, excess, limit.updated
            )
            yield deployment.id, excess_now


def _holders(client: SyncPrefectClient, deployment: UUID, now: datetime) -> int:
    """Return the number of runs that hold a slot, including those in Prefect's own retry."""
    from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter

    of = DeploymentFilter.model_validate({"id": {"any_": [str(deployment)]}})
    holding = FlowRunFilter.model_validate({"state": {"type": {"any_": list(HOLDING)}}})
    waiting = FlowRunFilter.model_validate({"state": {"name": {"any_": ["AwaitingRetry"]}}})
    at_work = client.read_flow_runs(deployment_filter=of, flow_run_filter=holding, limit=PAGE)
    retried = client.read_flow_runs(deployment_filter=of, flow_run_filter=waiting, limit=PAGE)
    return len(at_work) + sum(
        run.next_scheduled_start_time is not None
        and now - run.next_scheduled_start_time < DEAD_AFTER
        for run in retried
    )
