"""Where a run's batches are done: processes of this machine, or workers of Dask or Ray.

The flows are the same everywhere; Prefect's task runner is what changes. A task is given paths
and numbers, and what a batch gave is staged put-if-absent, so that a batch whose worker was lost
is done again somewhere else and stands in the lake once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from copydesk.flows.engines.base import EngineName, PlacementError, engine_named, engine_of

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

    from copydesk.flows.requests import Recleaning, Request
    from copydesk.flows.workspace import Workspace


ENGINE_VARIABLE: Final = "COPYDESK_ENGINE"
CLUSTER_VARIABLE: Final = "COPYDESK_CLUSTER"


@dataclass(frozen=True, slots=True)
class Placement:
    """An engine, and the address of its cluster; without one it starts a cluster of its own."""

    engine: EngineName = EngineName.LOCAL
    cluster: str | None = None

    @classmethod
    def of_environment(cls) -> Self:
        """Take what ``COPYDESK_ENGINE`` and ``COPYDESK_CLUSTER`` say, as deployed flows do."""
        return cls.named(
            os.environ.get(ENGINE_VARIABLE) or EngineName.LOCAL,
            os.environ.get(CLUSTER_VARIABLE) or None,
        )

    @classmethod
    def named(cls, engine: str, cluster: str | None = None) -> Self:
        """Check what was asked for; PlacementError says what is unknown or not installed."""
        name = engine_named(engine)
        if cluster is not None and not engine_of(name).has_clusters:
            able = [one for one in EngineName if engine_of(one).has_clusters]
            raise PlacementError(
                f"the cluster {cluster} needs an engine that can use it: "
                f"--engine {' or '.join(able)}"
            )
        return cls(name, cluster)

    def task_runner(self, workers: int | None = None) -> TaskRunner[Any]:
        """Make what Prefect hands task runs to.

        ``workers`` are the processes that clean (default: one a core); an existing cluster has
        its own.
        """
        from copydesk.tasks.workers.pool import cores

        return engine_of(self.engine).task_runner(self.cluster, workers or cores())

    @contextlib.contextmanager
    def held(self, workers: int | None = None) -> Iterator[Placement]:
        """Hold one cluster, or one connection to it, for all the flow runs of this block."""
        from copydesk.tasks.workers.pool import cores

        with engine_of(self.engine).held(self.cluster, workers or cores()) as cluster:
            yield Placement(self.engine, cluster)

    def starter(self, workers: int | None = None) -> Callable[[], None]:
        """Give what starts this process's cleaning processes, if batches are done in them."""
        from copydesk.tasks.workers.pool import open_shared_pool

        def start() -> None:
            if engine_of(self.engine).cleans_here:
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
                f"the workers of {self.cluster} cannot load copydesk ({error}); install this very "
                "version of it there"
            ) from error
        except (OSError, TimeoutError, RuntimeError, ValueError) as error:
            raise PlacementError(
                f"no {self.engine} cluster answers at {self.cluster}: {error}"
            ) from error


HERE: Final = Placement()
"""The machine of the flow's own process."""
