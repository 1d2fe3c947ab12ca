"""Processes of this machine: threads hand batches to the flow's own cleaning processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from copydesk.flows.engines.base import PlacementError, Probe

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner


class LocalEngine:
    """Threads of the flow's process."""

    needs: ClassVar[str | None] = None
    has_clusters: ClassVar[bool] = False
    cleans_here: ClassVar[bool] = True

    def task_runner(self, _cluster: str | None, workers: int) -> TaskRunner[Any]:
        """Make the runner: one thread more than cleaning processes, so that none waits."""
        from prefect.task_runners import ThreadPoolTaskRunner

        return ThreadPoolTaskRunner(max_workers=workers + 1)

    @contextlib.contextmanager
    def held(self, _cluster: str | None, _workers: int) -> Iterator[str | None]:
        """Hold nothing."""
        yield None

    def probe(self, cluster: str, _probe: Probe) -> dict[str, str | None]:
        """Refuse: there is no cluster of this engine."""
        raise PlacementError(f"the engine local has no cluster {cluster}")

    def slots(self) -> int | None:
        """Tell that no process of it is a worker."""
        return None


ENGINE = LocalEngine()
