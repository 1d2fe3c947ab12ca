"""Workers of Ray."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from copydesk.flows.engines.base import Probe

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

OBJECTS_BYTES: Final = 80_000_000
"""Ray takes no less than 75 MiB; what passes through it here are numbers."""

_WORKER: Final = 1
"""``ray.WORKER_MODE``: the process does tasks, it does not give them."""


class RayEngine:
    """Nodes of Ray, which gives a process one task at a time."""

    needs: ClassVar[str | None] = "prefect_ray"
    has_clusters: ClassVar[bool] = True
    cleans_here: ClassVar[bool] = False

    def task_runner(self, cluster: str | None, workers: int) -> TaskRunner[Any]:
        """Make the runner of a cluster, or one that starts and stops its own."""
        _quiet()
        from prefect_ray import RayTaskRunner

        if cluster is not None:
            existing: TaskRunner[Any] = RayTaskRunner(
                address=cluster, init_kwargs={"log_to_driver": False}
            )
            return existing
        own: TaskRunner[Any] = RayTaskRunner(init_kwargs=_own(workers))
        return own

    @contextlib.contextmanager
    def held(self, cluster: str | None, workers: int) -> Iterator[str | None]:
        """Connect once: runners that do so at once in one process end one another's."""
        _quiet()
        import ray

        existing = {"address": cluster, "log_to_driver": False}
        ray.init(namespace="prefect", **(_own(workers) if cluster is None else existing))
        try:
            yield cluster
        finally:
            ray.shutdown()

    def probe(self, cluster: str, probe: Probe) -> dict[str, str | None]:
        """Run the probe on each node that has processors."""
        _quiet()
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
            return {address: ray.get(finding) for address, finding in asked.items()}
        finally:
            ray.shutdown()

    def slots(self) -> int | None:
        """Tell a worker: it has one."""
        ray = sys.modules.get("ray")
        if ray is not None and ray.is_initialized():
            is_worker = ray.get_runtime_context().worker.mode == _WORKER
            return 1 if is_worker else None
        return None


def _own(workers: int) -> dict[str, Any]:
    """Say what a cluster of this machine is like, to ``ray.init``."""
    return {
        "address": "local",  # never one that somebody else has started here
        "num_cpus": workers,
        "object_store_memory": OBJECTS_BYTES,
        "include_dashboard": False,
        "log_to_driver": False,
        "logging_level": "ERROR",
    }


def _quiet() -> None:
    """No telemetry leaves, and no warning of a default that is to change; before it is imported."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


ENGINE = RayEngine()
