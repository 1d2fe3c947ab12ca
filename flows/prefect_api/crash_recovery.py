"""Runs that a dead machine left behind: found and closed, in Prefect and in the lake.

Alive is a run whose lock a process holds. A run of the lake that is not alive is gone on with by
the next run of the same request; one that nobody has gone on with for a week is given up. What
Prefect still calls running, though its process is gone, has crashed.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.display.summary import nothing_read
from copydesk.flows.prefect_api.flow_run_locks import Process, forget_dead, process_of
from copydesk.flows.prefect_api.slots import DEAD_AFTER, HOLDING, free_slots, is_of_home
from copydesk.flows.run_locks import is_alive
from copydesk.warehouse.errors import LakeError, RunEnded
from copydesk.warehouse.history.runs import run_record
from copydesk.warehouse.history.slices import Backfills
from copydesk.warehouse.upkeep.compact import RETENTION

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

    from copydesk.flows.workspace import Workspace
    from copydesk.warehouse.lake import Lake

PATIENCE: Final = RETENTION
"""A schedule that ran again within a week would have gone on with the run."""

FLOWS: Final = ("ingest", "backfill", "slice", "reclean", "publish", "maintain")
"""Flows of ours."""

PAGE = 200  # flow runs of one answer, the most that Prefect's API gives
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """One run that was closed: what was done, and to which."""

    what: str
    name: str


def recover_all(
    workspace: Workspace, *, in_prefect: bool, starting: bool = False
) -> list[Recovered]:
    """Close dead runs in the lake and, on the Prefect server that is in use, there too.

    LakeError when there is no lake and no Prefect server is looked at.
    """
    now = datetime.now(UTC)
    try:
        lake = workspace.open_lake()
    except LakeError:
        if not in_prefect:
            raise
        lake = None  # the first run makes it; it may have died before it did
    done = (
        close_dead_flow_runs(workspace.home, lake, now=now, starting=starting) if in_prefect else []
    )
    return [*done, *(give_up_dead_runs(workspace.home, lake, now=now) if lake is not None else [])]


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
            run.abandon(f"it broke off on {run.plan.host}, and nobody went on with it")
        except RunEnded:
            continue  # somebody did, just now
        given_up.append(Recovered("run given up", run_id))
    return given_up


def close_dead_flow_runs(
    home: Path, lake: Lake | None, *, now: datetime, starting: bool = False
) -> list[Recovered]:
    """Tell Prefect of flow runs whose process is gone, and free the slots that nobody holds.

    Dead is a flow run of this machine whose lock nobody holds, one that bears the name of a dead
    run of the lake, and one of a deployment of this home that has long been waiting for its
    process; where ``starting`` says that this process is the one that serves the home, it waits
    for one that is gone. What is of another home or machine is left.
    """
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        closed = []
        alive: set[str] = set()
        for run in _unended(client):
            state = end_of(home, lake, run, alive, now=now, starting=starting)
            if state is not None:
                client.set_flow_run_state(run.id, state, force=True)
                closed.append(Recovered("flow run closed", run.name))
        freed = free_slots(client, home, now=now)
    forget_dead(home)
    return closed + [Recovered("slot freed", name) for name in freed]


def end_of(
    home: Path, lake: Lake | None, run: FlowRun, alive: set[str], *, now: datetime, starting: bool
) -> State[Any] | None:
    """Say how a flow run ended that has not said so itself; None where it may be alive.

    ``alive`` collects the names of runs that live: of two that bear one name, the later one went
    on with what the earlier one began.
    """
    from prefect.states import Crashed

    process = process_of(home, run.id)
    if process is Process.ALIVE:
        alive.add(run.name)
        return None
    if process is Process.DEAD:
        return _ended(lake, run.name)
    if run.state is not None and run.state.is_pending():
        is_late = now - run.state.timestamp > DEAD_AFTER
        if is_of_home(home, run.tags, run.parameters) and (is_late or (starting and _served(run))):
            return Crashed(message="No process has begun it: the worker or its machine is gone.")
        return None
    if run.name not in alive and is_alive(home, run.name):
        alive.add(run.name)
        return None
    return _ended(lake, run.name) if lake is not None and _is_ours(lake, run.name) else None


def _served(run: FlowRun) -> bool:
    """Tell whether ``copydesk serve`` runs it, and no worker."""
    return run.deployment_id is not None and run.work_queue_id is None


def _unended(client: SyncPrefectClient) -> list[FlowRun]:
    """List the flow runs of ours that may hold a slot, the one begun last first."""
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    flows = FlowFilter.model_validate({"name": {"any_": list(FLOWS)}})
    unended = FlowRunFilter.model_validate({"state": {"type": {"any_": list(HOLDING)}}})
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            flow_filter=flows,
            flow_run_filter=unended,
            sort=FlowRunSort.START_TIME_DESC,
            limit=PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < PAGE:
            return found


def _is_ours(lake: Lake, name: str) -> bool:
    """Tell whether this machine began the run in this lake."""
    hosts = {plan.plan.run_id: plan.plan.host for plan in lake.unfinished()}
    if name in hosts:
        return hosts[name] == socket.gethostname()
    if name.startswith("backfill-"):
        return Backfills(lake.store, name).host() == socket.gethostname()
    return lake.run(name).ended_row is not None


def _is_done(lake: Lake, name: str) -> bool:
    """Tell whether a run is committed, and no attempt after which the flow would try again."""
    if name.startswith("backfill-") or lake.run(name).state != "committed":
        return False
    return not nothing_read(run_record(lake, name).fates)


def _ended(lake: Lake | None, name: str) -> State[Any]:
    from prefect.states import Completed, Crashed

    if lake is not None and _is_done(lake, name):
        return Completed(message="Its articles are committed; the process ended before it said so.")
    return Crashed(
        message="The process is gone. What it did is kept: the same request goes on with it."
    )
