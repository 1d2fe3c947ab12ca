"""Runs that a dead machine left behind: found and closed, in Prefect and in the lake.

Alive is a run whose lock a process holds. A run of the lake that is not alive is gone on with by
the next run of the same request; one that nobody has gone on with for a week is given up. What
Prefect still calls running, though its process is gone, has crashed.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flows.alive import is_alive
from warehouse.backfills import Backfills
from warehouse.errors import RunEnded
from warehouse.maintain import RETENTION

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

    from warehouse.lake import Lake

PATIENCE: Final = RETENTION
"""A schedule that ran again within a week would have gone on with the run."""

FLOWS: Final = ("ingest", "backfill", "slice", "reclean")
"""Flows whose runs bear the name of what their lock marks."""

PAGE = 200  # flow runs of one answer, the most that Prefect's API gives
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """One run that was closed: what was done, and to which."""

    what: str
    name: str


def give_up_dead_runs(
    home: Path, lake: Lake, *, now: datetime, patience: timedelta = PATIENCE
) -> list[Recovered]:
    """Abandon runs of the lake that broke off and that nobody has gone on with for ``patience``.

    A run that is sealed is whole and waits to be committed: it is never given up here. Of a run of
    another machine only its files tell how long ago it was alive.
    """
    given_up = []
    for run in lake.unfinished():
        run_id = run.plan.run_id
        files = lake.store.list(f"_staging/{run_id}")
        last = max((file.modified for file in files), default=run.plan.started_at)
        is_here = run.plan.host == socket.gethostname()
        if run.sealed or now - last < patience or (is_here and is_alive(home, run_id)):
            continue
        try:
            lake.abandon(run_id, f"it broke off on {run.plan.host}, and nobody went on with it")
        except RunEnded:
            continue  # somebody did, just now
        given_up.append(Recovered("run given up", run_id))
    return given_up


def close_dead_flow_runs(home: Path, lake: Lake) -> list[Recovered]:
    """Tell Prefect of flow runs that it calls running and whose process on this machine is gone.

    A flow run bears the name of the lake's run: what is not of this lake and machine is left.
    """
    from prefect.client.orchestration import get_client

    closed = []
    with get_client(sync_client=True) as client:
        alive: set[str] = set()
        for run in _running(client):
            # of two that bear one name, the later one went on with what the earlier one began
            if run.name not in alive and is_alive(home, run.name):
                alive.add(run.name)
                continue
            if not _is_ours(lake, run.name):
                continue
            client.set_flow_run_state(run.id, _ended(lake, run.name), force=True)
            closed.append(Recovered("flow run closed", run.name))
    return closed


def _running(client: SyncPrefectClient) -> list[FlowRun]:
    """List the flow runs of ours that Prefect calls running, the one begun last first."""
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    flows = FlowFilter.model_validate({"name": {"any_": list(FLOWS)}})
    running = FlowRunFilter.model_validate({"state": {"type": {"any_": ["RUNNING"]}}})
    return client.read_flow_runs(
        flow_filter=flows,
        flow_run_filter=running,
        sort=FlowRunSort.START_TIME_DESC,
        limit=PAGE,
    )


def _is_ours(lake: Lake, name: str) -> bool:
    """Tell whether this machine began the run in this lake."""
    hosts = {plan.plan.run_id: plan.plan.host for plan in lake.unfinished()}
    if name in hosts:
        return hosts[name] == socket.gethostname()
    if name.startswith("backfill-"):
        return Backfills(lake.store, name).host() == socket.gethostname()
    return lake.state(name) is not None


def _ended(lake: Lake, name: str) -> State[Any]:
    from prefect.states import Completed, Crashed

    if not name.startswith("backfill-") and lake.state(name) == "committed":
        return Completed(message="Its articles are committed; the process ended before it said so.")
    return Crashed(
        message="The process is gone. What it did is kept: the same request goes on with it."
    )
