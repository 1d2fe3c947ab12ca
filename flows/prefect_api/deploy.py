"""Create deployments on a Prefect server, run by this process or by workers."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.prefect_api.connection import HEARTBEAT_SECONDS
from copydesk.flows.prefect_api.deployment_owners import DeployError, claim, server_deployments
from copydesk.flows.prefect_api.deployment_specs import QUEUE, SLOW_QUEUE, Deployment
from copydesk.flows.prefect_api.slots import DEAD_AFTER

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.deployments.runner import RunnerDeployment

_LOG = logging.getLogger(__name__)
DEAD_RUNS: Final = "copydesk: mark runs without a heartbeat as crashed"
_FORMER_NAME: Final = "copydesk: runs whose heart stopped have crashed"

ENVIRONMENT: Final = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
}
"""Environment variables of the processes in which a worker runs the flows."""


def serve(planned: Sequence[Deployment], home: Path, *, at_once: int) -> None:
    """Run due deployments until the process is stopped; then pause their schedules.

    Each run has its own process, so that a crash affects no other run.

    Raises:
        DeployError: As for ``deploy``.
    """
    from prefect import serve as prefect_serve
    from prefect.client.orchestration import get_client

    runner_deployments = [_runner_deployment(deployment) for deployment in planned]
    with get_client(sync_client=True) as client:
        for old in claim(planned, server_deployments(client), home).superseded.values():
            client.delete_deployment(old.id)
    prefect_serve(
        *runner_deployments,
        pause_on_shutdown=True,
        print_starting_message=False,
        limit=at_once,
    )


@contextlib.contextmanager
def repeat_in_background(work: Callable[[], None], *, seconds: float) -> Iterator[None]:
    """Call ``work`` every ``seconds`` during this block; its errors are only logged."""
    stopped = threading.Event()

    def loop() -> None:
        while not stopped.wait(seconds):
            try:
                work()
            except Exception as error:  # the server may be busy or away: try again next time
                _LOG.warning("Could not check for dead runs: %s", error)

    context = contextvars.copy_context()  # includes which server is in use
    thread = threading.Thread(target=context.run, args=(loop,), name="recover", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(timeout=10)


def deploy(planned: Sequence[Deployment], home: Path, *, folder: str) -> Deployed:
    """Create or update the work pool, its queues, the deployments and the automation.

    ``folder`` is the working folder of the workers. Deployments of this home that an earlier
    release named without the project are replaced; a paused one stays paused.

    Raises:
        DeployError: a schedule is wrong, or a name belongs to another home.
    """
    from prefect.client.orchestration import get_client

    runner_deployments = [_runner_deployment(deployment, folder) for deployment in planned]
    with get_client(sync_client=True) as client:
        claimed = claim(planned, server_deployments(client), home)
        asyncio.run(_deploy(runner_deployments, planned[0].pool))
        for name, old in claimed.superseded.items():
            if old.paused:
                client.pause_deployment(client.read_deployment_by_name(name).id)
            client.delete_deployment(old.id)
    return Deployed(
        replaced=tuple(old.full_name for old in claimed.superseded.values()),
        unplanned=tuple(sorted(deployment.full_name for deployment in claimed.unplanned)),
    )


@dataclass(frozen=True, slots=True)
class Deployed:
    """Names of this home's earlier deployments: replaced ones, and ones no longer planned."""

    replaced: tuple[str, ...]
    unplanned: tuple[str, ...]


async def _deploy(runner_deployments: Sequence[RunnerDeployment], pool: str) -> None:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        await _pool(client, pool)
        for deployment in runner_deployments:
            await deployment.aapply(work_pool_name=pool)
        await _automation(client)


def delete(names: Sequence[str]) -> None:
    """Delete deployments by their full names."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        for name in names:
            client.delete_deployment(client.read_deployment_by_name(name).id)


def _runner_deployment(deployment: Deployment, folder: str | None = None) -> RunnerDeployment:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    module, _, name = deployment.entrypoint.rpartition(".")
    flow = getattr(import_module(module), name)
    options: dict[str, Any] = {}
    if folder is not None:
        options = {
            "work_pool_name": deployment.pool,
            "work_queue_name": deployment.queue,
            "job_variables": {"working_dir": folder, "env": ENVIRONMENT},
        }
    try:
        schedules = [Cron(deployment.cron, timezone="UTC")] if deployment.cron else []
    except ValueError as error:
        wrong = (
            f"{deployment.full_name}: {deployment.cron!r} is not a cron schedule, "
            "such as `0 5 * * *`"
        )
        raise DeployError(wrong) from error
    limit = None
    if deployment.one_at_a_time:
        limit = ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy(deployment.collision)
        )
    runner_deployment: RunnerDeployment = flow.to_deployment(
        deployment.project_name,
        schedules=schedules,
        parameters=dict(deployment.parameters),
        description=deployment.description,
        tags=list(deployment.tags),
        concurrency_limit=limit,
        entrypoint_type=EntrypointType.MODULE_PATH,
        **options,
    )
    runner_deployment.entrypoint = (
        deployment.entrypoint
    )  # the flow with its time limit, not the one without
    return runner_deployment


async def _pool(client: PrefectClient, name: str) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists

    pool = WorkPoolCreate(name=name, type="process", description="Runs of copydesk.")
    with contextlib.suppress(ObjectAlreadyExists):
        await client.create_work_pool(pool)
    for queue, priority, limit in ((QUEUE, 1, None), (SLOW_QUEUE, 10, 1)):
        with contextlib.suppress(ObjectAlreadyExists):
            await client.create_work_queue(
                name=queue, work_pool_name=name, priority=priority, concurrency_limit=limit
            )


async def _automation(client: PrefectClient) -> None:
    """Create the automation that marks flow runs without heartbeats as crashed.

    It fires when no event of a flow run follows its last heartbeat. One that an earlier release
    created under its former name is replaced.
    """
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    automation = AutomationCore(
        name=DEAD_RUNS,
        description="Created by copydesk deploy. Heartbeats come every "
        f"{HEARTBEAT_SECONDS} s from runs that workers start.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=DEAD_AFTER,
        ),
        actions=[
            ChangeFlowRunState(
                name=None,
                state=StateType.CRASHED,
                force=False,
                message="No heartbeat: the process or its machine is gone.",
            )
        ],
    )
    existing = await client.read_automations_by_name(DEAD_RUNS)
    existing += await client.read_automations_by_name(_FORMER_NAME)
    if not existing:
        await client.create_automation(automation)
        return
    await client.update_automation(existing[0].id, automation)
    for duplicate in existing[1:]:
        await client.delete_automation(duplicate.id)
