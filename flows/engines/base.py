"""What an engine is: what gives batches to the processes that do them."""

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
"""Far above what a scheduler on a network takes to answer, near what a person waits for."""

ASK_SECONDS: Final = 10
"""The same where a person waits at a prompt, for an address that may be mistyped."""


class PlacementError(CopydeskError):
    """Batches cannot be done where they were asked to be; the message says what to do."""


class EngineName(StrEnum):
    """The engines; each is the ``ENGINE`` of the module of its name beside this one."""

    LOCAL = "local"
    DASK = "dask"
    RAY = "ray"


class Probe(Protocol):
    """What a worker looks for before it is given batches; it can be sent to one."""

    def finding(self) -> str | None:
        """Look from where this is called; a sentence's end says what is missing, and the cure."""
        ...


class Engine(Protocol):
    """What hands batches to processes. Importing its module imports none of its libraries.

    A ``cluster`` is the address of one that runs; None is one of the run's own.
    """

    @property
    def needs(self) -> str | None:
        """The module that must be installed, if one must."""
        ...

    @property
    def has_clusters(self) -> bool:
        """Whether it can be given the address of a cluster."""
        ...

    @property
    def cleans_here(self) -> bool:
        """Whether batches are done by the cleaning processes of the flow's own process."""
        ...

    def task_runner(self, cluster: str | None, workers: int) -> TaskRunner[Any]:
        """Make what Prefect hands task runs to; ``workers`` are those of a cluster of its own."""
        ...

    def held(self, cluster: str | None, workers: int) -> AbstractContextManager[str | None]:
        """Keep one cluster, or one connection to it, for a block of flow runs; gives its address.

        Each run's task runner would start and stop its own.
        """
        ...

    def probe(self, cluster: str, probe: Probe) -> dict[str, str | None]:
        """Ask each worker of a running cluster for the probe's finding, by the worker's address."""
        ...

    def slots(self) -> int | None:
        """Count the batches that this process may be given at once; None where it is no worker."""
        ...


def engine_of(name: EngineName) -> Engine:
    """Give the engine of a name."""
    return cast(Engine, import_module(f"copydesk.flows.engines.{name}").ENGINE)


def engine_named(text: str) -> EngineName:
    """Check a name that was asked for; PlacementError says what is unknown or not installed."""
    if text not in list(EngineName):
        raise PlacementError(f"{text!r} is no engine; there are {', '.join(EngineName)}")
    name = EngineName(text)
    if (needs := engine_of(name).needs) and importlib.util.find_spec(needs) is None:
        raise PlacementError(
            f"the engine {name} needs {needs.replace('_', '-')}, which is not installed here: "
            f"pip install 'copydesk[{name}]'"
        )
    return name
