"""The slots of our deployments on a Prefect server: how many runs may be at work, and how many are.

The server counts a slot as taken when a run is about to begin and as free when the run ends. Where
it was restarted meanwhile, or a run ended in an unusual way, the count stays too high, for minutes
or for ever, and each run that is due is left out.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.prefect_api.deployment_specs import TAG

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

DEAD_AFTER: Final = timedelta(minutes=10)
"""A live run that is called crashed is worse than a dead one that is found late. On a machine with
thirteen processes a core, heartbeats of a live run came three minutes apart."""

HOLDING: Final = ("PENDING", "RUNNING", "CANCELLING")
"""Types of the states in which a flow run holds a slot."""

LOOK_AGAIN_SECONDS: Final = 2.0
"""A run that begins or ends between two requests must not look like a slot too many."""

PAGE: Final = 200  # of one answer, the most that Prefect's API gives


def is_of_home(home: Path, tags: Collection[str], parameters: Mapping[str, Any]) -> bool:
    """Tell whether a deployment or its run is one of ours, and writes to this home."""
    given = parameters.get("home")
    return TAG in tags and given is not None and Path(given).absolute() == home.absolute()


def free_slots(
    client: SyncPrefectClient, home: Path, *, now: datetime, wait: float = LOOK_AGAIN_SECONDS
) -> list[str]:
    """Free the slots that no run holds, of the deployments of this home; gives their names.

    Too many is only what is so in two looks, with the same count of the server's.
    """
    first = dict(_too_many(client, home, now))
    if not first:
        return []
    time.sleep(wait)
    freed = []
    for deployment, excess in _too_many(client, home, now):
        if first.get(deployment) != excess:
            continue
        client.release_concurrency_slots([excess.limit], excess.slots, occupancy_seconds=1.0)
        freed.append(excess.deployment)
    return freed


@dataclass(frozen=True, slots=True)
class _Excess:
    """Slots that a server counts as taken beyond what runs hold."""

    deployment: str
    limit: str
    taken: int
    slots: int
    updated: datetime | None


def _too_many(
    client: SyncPrefectClient, home: Path, now: datetime
) -> Iterator[tuple[UUID, _Excess]]:
    for deployment in _deployments(client):
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


def _deployments(client: SyncPrefectClient) -> Iterator[DeploymentResponse]:
    from prefect.client.schemas.filters import DeploymentFilter

    ours = DeploymentFilter.model_validate({"tags": {"all_": [TAG]}})
    for offset in itertools.count(step=PAGE):
        page = client.read_deployments(deployment_filter=ours, limit=PAGE, offset=offset)
        yield from page
        if len(page) < PAGE:
            return


def _holders(client: SyncPrefectClient, deployment: UUID, now: datetime) -> int:
    """Count the runs that hold a slot, also those that wait in Prefect's own retry."""
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
