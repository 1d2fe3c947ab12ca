"""Where a run's batches are done: processes of this machine, or workers of Dask or Ray.

The flows are the same everywhere; Prefect's task runner is what changes. A task is given paths
and numbers, and what a batch gave is staged put-if-absent, so that a batch whose worker was lost
is done again somewhere else and stands in the lake once.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

    from copydesk.flows.engines.worker import Probe
    from copydesk.flows.requests import Recleaning, Request
    from copydesk.flows.workspace import Workspace


class Engine(StrEnum):
    """What hands batches to processes."""

    LOCAL = "local"
    DASK = "dask"
    RAY = "ray"


ENGINE_VARIABLE: Final = "COPYDESK_ENGINE"
CLUSTER_VARIABLE: Final = "COPYDESK_CLUSTER"

CONNECT_SECONDS: Final = 30
"""Far above what a scheduler on a network takes to answer, near what a person waits for."""

ASK_SECONDS: Final = 10
"""The same where a person waits at a prompt, for an address that may be mistyped."""

RAY_OBJECTS_BYTES: Final = 80_000_000
"""Ray takes no less than 75 MiB; what passes through it here are numbers."""

_NEEDS: Final = {Engine.DASK: "prefect_dask", Engine.RAY: "prefect_ray"}


class PlacementError(CopydeskError):
    """Batches cannot be done where they were asked to be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Placement:
    """An engine, and the address of its cluster; without one it starts a cluster of its own."""

    engine: Engine = Engine.LOCAL
    cluster: str | None = None

    @classmethod
    def of_environment(cls) -> Self:
        """Take what ``COPYDESK_ENGINE`` and ``COPYDESK_CLUSTER`` say, as deployed flows do."""
        return cls.named(
            os.environ.get(ENGINE_VARIABLE) or Engine.LOCAL,
            os.environ.get(CLUSTER_VARIABLE) or None,
        )

    @classmethod
    def named(cls, engine: str, cluster: str | None = None) -> Self:
        """Check what was asked for; PlacementError says what is unknown or not installed."""
        if engine not in list(Engine):
            raise PlacementError(f"{engine!r} is no engine; there are {', '.join(Engine)}")
        one = Engine(engine)
        if one is Engine.LOCAL and cluster is not None:
            raise PlacementError(
                f"the cluster {cluster} needs an engine that can use it: --engine dask or ray"
            )
        if (needs := _NEEDS.get(one)) and importlib.util.find_spec(needs) is None:
            raise PlacementError(
                f"the engine {one} needs {needs.replace('_', '-')}, which is not installed here: "
                f"pip install 'copydesk[{one}]'"
            )
        return cls(one, cluster)

    def task_runner(self, workers: int | None = None) -> TaskRunner[Any]:
        """Make what Prefect hands task runs to.

        ``workers`` are the processes that clean (default: one a core); an existing cluster has
        its own.
        """
        from copydesk.tasks.workers.pool import cores

        if self.engine is Engine.DASK:
            return _dask(self.cluster, workers or cores())
        if self.engine is Engine.RAY:
            return _ray(self.cluster, workers or cores())
        from prefect.task_runners import ThreadPoolTaskRunner

        # One more than there are cleaning processes, so that none waits for its next batch.
        return ThreadPoolTaskRunner(max_workers=(workers or cores()) + 1)

    @contextlib.contextmanager
    def held(self, workers: int | None = None) -> Iterator[Placement]:
        """Hold one cluster, or one connection to it, for all the flow runs of this block.

        Each run's task runner would start and stop its own; those of Ray, at once in one
        process, would end one another's.
        """
        from copydesk.tasks.workers.pool import cores

        if self.engine is Engine.DASK and self.cluster is None:
            from distributed import LocalCluster

            with LocalCluster(**_own_dask(workers or cores())) as cluster:
                yield Placement(Engine.DASK, cluster.scheduler_address)
        elif self.engine is Engine.RAY:
            _quiet_ray()
            import ray

            own = _own_ray(workers or cores())
            existing = {"address": self.cluster, "log_to_driver": False}
            ray.init(namespace="prefect", **(own if self.cluster is None else existing))
            try:
                yield self
            finally:
                ray.shutdown()
        else:
            yield self

    def starter(self, workers: int | None = None) -> Callable[[], None]:
        """Give what starts this process's cleaning processes, if batches are done in them."""
        from copydesk.tasks.workers.pool import open_shared_pool

        def start() -> None:
            if self.engine is Engine.LOCAL:
                open_shared_pool(workers).start()

        return start

    def check(self, asked: Request | Recleaning, workspace: Workspace) -> None:
        """Ask each worker of an existing cluster whether it could do a batch of what is asked.

        Called where Prefect's API is known. PlacementError says what to do when a worker could
        not, or when the cluster does not answer.
        """
        if self.cluster is None:
            return
        from prefect.settings import get_current_settings

        from copydesk.flows.engines.worker import Probe

        identity = workspace.open_lake().identity
        api = str(get_current_settings().api.url)
        probe = Probe(workspace, identity, asked, api)
        ask = _asked_dask if self.engine is Engine.DASK else _asked_ray
        with self._explained():
            said = ask(self.cluster, probe)
        for worker, finding in said.items():
            if finding is not None:
                raise PlacementError(f"the worker {worker} of {self.cluster} {finding}")
        if not said:
            raise PlacementError(
                f"the cluster {self.cluster} has no workers; start one that reaches it"
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ImportError, AttributeError) as error:
            raise PlacementError(
                f"the workers of {self.cluster} cannot load copydesk ({error}); install this very "
                "version of it there"
            ) from error
        except (OSError, TimeoutError, RuntimeError, ValueError) as error:
            raise PlacementError(
                f"no {self.engine} cluster answers at {self.cluster}: {error}"
            ) from error


def _dask(cluster: str | None, workers: int) -> TaskRunner[Any]:
    import dask
    from prefect_dask import DaskTaskRunner

    dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s"})
    if cluster is not None:
        existing: TaskRunner[Any] = DaskTaskRunner(address=cluster)
        return existing
    own: TaskRunner[Any] = DaskTaskRunner(cluster_kwargs=_own_dask(workers))
    return own


def _own_dask(workers: int) -> dict[str, Any]:
    """Say what a cluster of this machine is like, to ``LocalCluster``."""
    return {
        "n_workers": workers,
        "threads_per_worker": 1,  # each has as many cleaning processes as threads
        "dashboard_address": None,
        "silence_logs": "CRITICAL",
    }


def _ray(cluster: str | None, workers: int) -> TaskRunner[Any]:
    _quiet_ray()
    from prefect_ray import RayTaskRunner

    if cluster is not None:
        existing: TaskRunner[Any] = RayTaskRunner(
            address=cluster, init_kwargs={"log_to_driver": False}
        )
        return existing
    own: TaskRunner[Any] = RayTaskRunner(init_kwargs=_own_ray(workers))
    return own


def _own_ray(workers: int) -> dict[str, Any]:
    """Say what a cluster of this machine is like, to ``ray.init``."""
    return {
        "address": "local",  # never one that somebody else has started here
        "num_cpus": workers,
        "object_store_memory": RAY_OBJECTS_BYTES,
        "include_dashboard": False,
        "log_to_driver": False,
        "logging_level": "ERROR",
    }


def _quiet_ray() -> None:
    """No telemetry leaves, and no warning of a default that is to change; before it is imported."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


def _asked_dask(cluster: str, probe: Probe) -> dict[str, str | None]:
    from distributed import Client

    with Client(cluster, timeout=ASK_SECONDS, set_as_default=False) as client:
        said: dict[str, str | None] = client.run(probe.finding)
    return said


def _asked_ray(cluster: str, probe: Probe) -> dict[str, str | None]:
    _quiet_ray()
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray.init(cluster, log_to_driver=False, namespace="prefect")
    try:
        ask = ray.remote(num_cpus=0)(probe.finding)
        nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
        asked = {
            node["NodeManagerAddress"]: ask.options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ).remote()
            for node in nodes
        }
        return {address: ray.get(one) for address, one in asked.items()}
    finally:
        ray.shutdown()


HERE: Final = Placement()
"""The machine of the flow's own process."""
