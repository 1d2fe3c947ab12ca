"""The engine that runs batches on Dask workers."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from copydesk.flows.engines.base import ASK_SECONDS, CONNECT_SECONDS, Probe

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner


class DaskEngine:
    """A Dask scheduler and its workers, each with as many cleaning processes as threads."""

    needs: ClassVar[str | None] = "prefect_dask"
    has_clusters: ClassVar[bool] = True
    cleans_here: ClassVar[bool] = False

    def task_runner(self, cluster: str | None, workers: int) -> TaskRunner[Any]:
        """Return a task runner for a running cluster, or one that starts its own."""
        import dask
        from prefect_dask import DaskTaskRunner

        dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s"})
        if cluster is not None:
            existing: TaskRunner[Any] = DaskTaskRunner(address=cluster)
            return existing
        local: TaskRunner[Any] = DaskTaskRunner(cluster_kwargs=_own(workers))
        return local

    @contextlib.contextmanager
    def shared_cluster(self, cluster: str | None, workers: int) -> Iterator[str | None]:
        """Start a cluster for this block, unless one is running."""
        if cluster is not None:
            yield cluster
            return
        from distributed import LocalCluster

        with LocalCluster(**_own(workers)) as local_cluster:
            yield local_cluster.scheduler_address

    def probe(self, cluster: str, probe: Probe) -> dict[str, str | None]:
        """Run the probe in each worker."""
        from distributed import Client

        with Client(cluster, timeout=ASK_SECONDS, set_as_default=False) as client:
            findings: dict[str, str | None] = client.run(probe.finding)
        return findings

    def slots(self) -> int | None:
        """Return the number of the worker's threads."""
        if (distributed := sys.modules.get("distributed")) is not None:
            with contextlib.suppress(ValueError):  # not in a worker
                return int(distributed.get_worker().state.nthreads)
        return None


def _own(workers: int) -> dict[str, Any]:
    """Return the settings of ``LocalCluster`` for a cluster on this machine."""
    return {
        "n_workers": workers,
        "threads_per_worker": 1,  # a worker has as many cleaning processes as threads
        "dashboard_address": None,
        "silence_logs": "CRITICAL",
    }


ENGINE = DaskEngine()
