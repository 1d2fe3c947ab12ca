"""The engine protocol: how batches reach the processes that clean them."""

from __future__ import annotations

import importlib.util
from contextlib import AbstractContextManager
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

CONNECT_SECONDS: Final = 30
"""Far above a scheduler's usual response time, and about as long as a person waits."""

ASK_SECONDS: Final = 10
"""Connection timeout at the command line, where the address may be mistyped."""


class PlacementError(CopydeskError):
    """The requested engine or cluster cannot run batches; the message says what to do."""


class EngineName(StrEnum):
    """Names of the engines; ``ENGINE`` in the module of the same name implements each."""

    LOCAL = "local"
    DASK = "dask"
    RAY = "ray"


class Probe(Protocol):
    """A picklable check that a worker runs before it is given batches."""

    def finding(self) -> str | None:
        """Return the end of a sentence on what this worker lacks, with the remedy, or None."""
        ...


class Engine(Protocol):
    """Distributes batches to processes; importing an engine's module imports none of its libraries.

    ``cluster`` is the address of a running cluster; with None the run starts its own.
    """

    @property
    def needs(self) -> str | None:
        """Return the module that must be installed, if any."""
        ...

    @property
    def has_clusters(self) -> bool:
        """Return whether it can use a running cluster."""
        ...

    @property
    def cleans_here(self) -> bool:
        """Return whether the cleaning processes belong to the flow's own process."""
        ...

    def task_runner(self, cluster: str | None, workers: int) -> TaskRunner[Any]:
        """Return the Prefect task runner; ``workers`` sizes a cluster that the run starts."""
        ...

    def shared_cluster(
        self, cluster: str | None, workers: int
    ) -> AbstractContextManager[str | None]:
        """Keep one cluster, or a connection to one, for a block of flow runs; yield its address.

        Without it, each run's task runner would start and stop its own.
        """
        ...

    def probe(self, cluster: str, probe: Probe) -> dict[str, str | None]:
        """Return the probe's finding in each worker of a running cluster, by worker address."""
        ...

    def slots(self) -> int | None:
        """Return the number of batches that this process may run at once; None outside a worker."""
        ...


def engine_of(name: EngineName) -> Engine:
    """Load the engine with this name."""
    return cast(Engine, import_module(f"copydesk.flows.engines.{name}").ENGINE)


def engine_named(text: str) -> EngineName:
    """Check an engine's name; PlacementError when it is unknown or not installed."""
    if text not in list(EngineName):
        raise PlacementError(f"{text!r} is not an engine; choose from {', '.join(EngineName)}")
    name = EngineName(text)
    if (needs := engine_of(name).needs) and importlib.util.find_spec(needs) is None:
        raise PlacementError(
            f"the engine {name} needs {needs.replace('_', '-')}, which is not installed here: "
            f"pip install 'copydesk[{name}]'"
        )
    return name
