"""The engine of this machine: threads pass batches to the flow's cleaning processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from copydesk.flows.engines.base import PlacementError, Probe

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner


class LocalEngine:
    """Runs batches in threads of the flow's process."""

    needs: ClassVar[str | None] = None
    has_clusters: ClassVar[bool] = False
    cleans_here: ClassVar[bool] = True

    def task_runner(self, _cluster: str | None, workers: int) -> TaskRunner[Any]:
        """Return a runner with one thread more than cleaning processes, so that none is idle."""
        from prefect.task_runners import ThreadPoolTaskRunner

        return ThreadPoolTaskRunner(max_workers=workers + 1)

    @contextlib.contextmanager
    def shared_cluster(self, _cluster: str | None, _workers: int) -> Iterator[str | None]:
        """Do nothing: there is no cluster to keep."""
        yield None

    def probe(self, cluster: str, _probe: Probe) -> dict[str, str | None]:
        """Raise PlacementError: this engine has no clusters."""
        raise PlacementError(f"the engine local has no cluster {cluster}")

    def slots(self) -> int | None:
        """Return None: this engine has no worker processes."""
        return None


ENGINE = LocalEngine()
