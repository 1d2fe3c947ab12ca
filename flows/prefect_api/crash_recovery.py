"""Find and close runs whose process died, in Prefect and in the lake.

A run is alive while a process holds its lock. The next run of the same request resumes an
interrupted run of the lake; one that is not resumed for a week is abandoned. A flow run that
Prefect shows as running, but whose process is gone, has crashed.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.display.summary import nothing_read
from copydesk.flows.prefect_api.deployment_owners import is_of_home
from copydesk.flows.prefect_api.flow_run_locks import Process, forget_dead, process_of
from copydesk.flows.prefect_api.slots import DEAD_AFTER, HOLDING, free_slots
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
"""A schedule that runs at least weekly would have resumed the run by then."""

FLOWS: Final = ("ingest", "backfill", "slice", "reclean", "publish", "maintain")
"""Names of this project's flows."""

PAGE = 200  # flow runs in one response, the maximum of Prefect's API
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecoveredRun:
    """A run that was closed: the action taken, and the run's name."""

    what: str
    name: str


def recover_all(
    workspace: Workspace, *, in_prefect: bool, starting: bool = False
) -> list[RecoveredRun]:
    """Close dead runs in the lake and, with ``in_prefect``, on the Prefect server in use.

    LakeError when there is no lake and ``in_prefect`` is false.
    """
    now = datetime.now(UTC)
    try:
        lake = workspace.open_lake()
    except LakeError:
        if not in_prefect:
            raise
        lake = None  # the first run creates it, and may have died before that
    closed = (
        close_dead_flow_runs(workspace.home, lake, now=now, starting=starting) if in_prefect else []
    )
    return [
        *closed,
        *(give_up_dead_runs(workspace.home, lake, now=now) if lake is not None else []),
    ]


def give_up_dead_runs(
    home: Path, lake: Lake, *, now: datetime, patience: timedelta = PATIENCE
) -> list[RecoveredRun]:
    """Abandon interrupted runs of the lake that were not resumed within ``patience``.

    A sealed run is complete and waits to be committed: it is never abandoned here. Whether a run of
    another machine is alive is only known from the age of its files.
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
            run.abandon(f"interrupted on {run.plan.host} and not resumed")
        except RunEnded:
            continue  # another process has just resumed and ended it
        given_up.append(RecoveredRun("run abandoned", run_id))
    return given_up


def close_dead_flow_runs(
    home: Path, lake: Lake | None, *, now: datetime, starting: bool = False
) -> list[RecoveredRun]:
    """Close flow runs in Prefect whose process is gone, and free slots that no run holds.

    A flow run is dead if it belongs to this machine and no process holds its lock, if it has the
    name of a dead run of the lake, or if it belongs to a deployment of this home and has long been
    pending. ``starting`` means that this process is the only one that serves the home, so that
    every pending run waits for a process that is gone. Flow runs of other homes and machines are
    not changed.
    """
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        closed = []
        alive: set[str] = set()
        for run in _unended(client):
            state = end_of(home, lake, run, alive, now=now, starting=starting)
            if state is not None:
                client.set_flow_run_state(run.id, state, force=True)
                closed.append(RecoveredRun("flow run closed", run.name))
        freed = free_slots(client, home, now=now)
    forget_dead(home)
    return closed + [RecoveredRun("slot freed", name) for name in freed]


def end_of(
    home: Path, lake: Lake | None, run: FlowRun, alive: set[str], *, now: datetime, starting: bool
) -> State[Any] | None:
    """Return the final state for a flow run that did not report one; None if it may be alive.

    ``alive`` collects the names of live runs: of two flow runs with one name, the later one resumed
    the run of the earlier one.
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
            return Crashed(message="No process started it: the worker or its machine is gone.")
        return None
    if run.name not in alive and is_alive(home, run.name):
        alive.add(run.name)
        return None
    return _ended(lake, run.name) if lake is not None and _is_ours(lake, run.name) else None


def _served(run: FlowRun) -> bool:
    """Return whether ``copydesk serve`` runs it, and not a worker."""
    return run.deployment_id is not None and run.work_queue_id is None


def _unended(client: SyncPrefectClient) -> list[FlowRun]:
    """Return this project's flow runs that may hold a slot, newest first."""
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    flows = FlowFilter.model_validate({"name": {"any_": list(FLOWS)}})
    unended = FlowRunFilter.model_validate({"state": {"type": {"any_": list(HOLDING)}}})
    runs: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            flow_filter=flows,
            flow_run_filter=unended,
            sort=FlowRunSort.START_TIME_DESC,
            limit=PAGE,
            offset=len(runs),
        )
        runs += page
        if len(page) < PAGE:
            return runs


def _is_ours(lake: Lake, name: str) -> bool:
    """Return whether this machine started the run in this lake."""
    hosts = {plan.plan.run_id: plan.plan.host for plan in lake.unfinished()}
    if name in hosts:
        return hosts[name] == socket.gethostname()
    if name.startswith("backfill-"):
        return Backfills(lake.store, name).host() == socket.gethostname()
    return lake.run(name).ended_row is not None


def _is_done(lake: Lake, name: str) -> bool:
    """Return whether a run is committed and the flow would not have retried it."""
    if name.startswith("backfill-") or lake.run(name).state != "committed":
        return False
    return not nothing_read(run_record(lake, name).fates)


def _ended(lake: Lake | None, name: str) -> State[Any]:
    from prefect.states import Completed, Crashed

    if lake is not None and _is_done(lake, name):
        return Completed(
            message="Its articles are committed; the process ended before it reported that."
        )
    return Crashed(
        message="The process is gone. Finished batches are kept: the same request resumes the run."
    )
