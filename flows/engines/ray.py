"""The engine that runs batches on Ray workers; experimental: regular tests only use Dask."""

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
"""Ray requires at least 75 MiB; only numbers pass through it here."""

_WORKER: Final = 1
"""``ray.WORKER_MODE``: the process executes tasks and submits none."""


class RayEngine:
    """A cluster of Ray nodes; Ray gives each process one task at a time."""

    needs: ClassVar[str | None] = "prefect_ray"
    has_clusters: ClassVar[bool] = True
    cleans_here: ClassVar[bool] = False

    def task_runner(self, cluster: str | None, workers: int) -> TaskRunner[Any]:
        """Return a task runner for a running cluster, or one that starts its own."""
        _quiet()
        from prefect_ray import RayTaskRunner

        if cluster is not None:
            existing: TaskRunner[Any] = RayTaskRunner(
                address=cluster, init_kwargs={"log_to_driver": False}
            )
            return existing
        local: TaskRunner[Any] = RayTaskRunner(init_kwargs=_own(workers))
        return local

    @contextlib.contextmanager
    def shared_cluster(self, cluster: str | None, workers: int) -> Iterator[str | None]:
        """Connect once, because concurrent connections of one process disconnect each other."""
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
            answers = {
                node["NodeManagerAddress"]: ask.options(
                    scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                ).remote()
                for node in nodes
            }
            return {address: ray.get(finding) for address, finding in answers.items()}
        finally:
            ray.shutdown()

    def slots(self) -> int | None:
        """Return 1 in a worker."""
        ray = sys.modules.get("ray")
        if ray is not None and ray.is_initialized():
            is_worker = ray.get_runtime_context().worker.mode == _WORKER
            return 1 if is_worker else None
        return None


def _own(workers: int) -> dict[str, Any]:
    """Return the settings of ``ray.init`` for a cluster on this machine."""
    return {
        "address": "local",  # never a cluster that another user started here
        "num_cpus": workers,
        "object_store_memory": OBJECTS_BYTES,
        "include_dashboard": False,
        "log_to_driver": False,
        "logging_level": "ERROR",
    }


def _quiet() -> None:
    """Turn off Ray's telemetry and a warning about a default; call before Ray is imported."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


ENGINE = RayEngine()
