"""Choose where a run's batches are cleaned: on this machine, or by workers of Dask or Ray.

The flows are the same everywhere; only Prefect's task runner differs. A task receives paths and
numbers, and a batch's output is staged only if absent, so that a batch whose worker was lost is
repeated elsewhere and stored once.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from copydesk.flows.engines.base import EngineName, PlacementError, engine_named, engine_of

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

    from copydesk.flows.requests import IngestRequest, RecleanRequest
    from copydesk.flows.workspace import Workspace


ENGINE_VARIABLE: Final = "COPYDESK_ENGINE"
CLUSTER_VARIABLE: Final = "COPYDESK_CLUSTER"


@dataclass(frozen=True, slots=True)
class Placement:
    """An engine and its cluster's address; without an address it starts its own cluster."""

    engine: EngineName = EngineName.LOCAL
    cluster: str | None = None

    @classmethod
    def of_environment(cls) -> Self:
        """Read ``COPYDESK_ENGINE`` and ``COPYDESK_CLUSTER``, as deployed flows do."""
        return cls.named(
            os.environ.get(ENGINE_VARIABLE) or EngineName.LOCAL,
            os.environ.get(CLUSTER_VARIABLE) or None,
        )

    @classmethod
    def named(cls, engine: str, cluster: str | None = None) -> Self:
        """Return a checked placement; PlacementError if it is unknown or not installed."""
        name = engine_named(engine)
        if cluster is not None and not engine_of(name).has_clusters:
            able = [
                engine_name for engine_name in EngineName if engine_of(engine_name).has_clusters
            ]
            raise PlacementError(
                f"the cluster {cluster} needs an engine that can use it: "
                f"--engine {' or '.join(able)}"
            )
        return cls(name, cluster)

    def task_runner(self, workers: int | None = None) -> TaskRunner[Any]:
        """Return the Prefect task runner.

        ``workers`` is the number of cleaning processes (default: one per core); a running cluster
        has its own number.
        """
        from copydesk.tasks.workers.pool import cores

        return engine_of(self.engine).task_runner(self.cluster, workers or cores())

    @property
    def cleans_here(self) -> bool:
        """Return whether the cleaning processes belong to this process."""
        return engine_of(self.engine).cleans_here

    @contextlib.contextmanager
    def shared_cluster(self, workers: int | None = None) -> Iterator[Placement]:
        """Share one cluster, or one connection to it, among the flow runs of this block."""
        from copydesk.tasks.workers.pool import cores

        with engine_of(self.engine).shared_cluster(self.cluster, workers or cores()) as cluster:
            yield Placement(self.engine, cluster)

    def starter(self, workers: int | None = None) -> Callable[[], None]:
        """Return a function that starts this process's cleaning processes, if they are used.

        It does not wait for them, nor for their imports (a second and a half): planning goes on,
        and Prefect's flow is loaded. What fails here fails again where the first batch is sent.
        """
        from copydesk.tasks.workers.pool import open_shared_pool

        begun = threading.Event()

        def start() -> None:
            if begun.is_set() or not self.cleans_here:
                return
            begun.set()
            pool = open_shared_pool(workers)
            threading.Thread(target=pool.start, name="cleaning-processes", daemon=True).start()

        return start

    def check(self, request: IngestRequest | RecleanRequest, workspace: Workspace) -> None:
        """Ask each worker of a running cluster whether it could clean a batch of the request.

        Call it with Prefect's API in use. PlacementError says what to do when a worker could not,
        or when the cluster does not answer.
        """
        if self.cluster is None:
            return
        from prefect.settings import get_current_settings

        from copydesk.flows.engines.worker import Probe

        identity = workspace.open_lake().identity
        api = str(get_current_settings().api.url)
        probe = Probe(workspace, identity, request, api)
        with self._explained():
            findings = engine_of(self.engine).probe(self.cluster, probe)
        for worker, finding in findings.items():
            if finding is not None:
                raise PlacementError(f"the worker {worker} of {self.cluster} {finding}")
        if not findings:
            raise PlacementError(
                f"the cluster {self.cluster} has no workers; start one that reaches it"
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ImportError, AttributeError) as error:
            raise PlacementError(
                f"the workers of {self.cluster} cannot load copydesk ({error}); "
                "install exactly this version there"
            ) from error
        except (OSError, TimeoutError, RuntimeError, ValueError) as error:
            raise PlacementError(
                f"no {self.engine} cluster answers at {self.cluster}: {error}"
            ) from error


HERE: Final = Placement()
"""The machine of the flow's own process."""
