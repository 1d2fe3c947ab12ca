"""Code that runs in an engine's worker processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.flows.engines.base import EngineName, engine_of
from copydesk.flows.requests import IngestRequest
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.cleaning.version import CLEANER_VERSION
from copydesk.tasks.workers.pool import CleaningPool, shared_pool
from copydesk.tasks.workers.pool_per_worker import SharedWorkerPool

if TYPE_CHECKING:
    from copydesk.flows.requests import RecleanRequest

_lent = SharedWorkerPool()


@contextlib.contextmanager
def pool_here() -> Iterator[CleaningPool]:
    """Give the cleaning processes for one batch: the flow's, or this worker's."""
    slots = slots_here()
    if slots is None:
        yield shared_pool()
        return
    with _lent.lend(slots) as pool:
        yield pool


def slots_here() -> int | None:
    """Return the number of batches that this worker may run at once; None in the flow's process."""
    return next((slots for name in EngineName if (slots := engine_of(name).slots())), None)


@dataclass(frozen=True, slots=True)
class Probe:
    """The requirements for cleaning a batch, as the flow's process sees them."""

    workspace: Workspace
    identity: str
    asked: IngestRequest | RecleanRequest
    api_url: str
    cleaner_version: str = CLEANER_VERSION

    def finding(self) -> str | None:
        """Return the end of a sentence on what this process lacks, with the remedy, or None."""
        from copydesk.flows.prefect_api.temporary_server import answers

        if self.cleaner_version != CLEANER_VERSION:
            return (
                f"cleans with version {CLEANER_VERSION}, this process with "
                f"{self.cleaner_version}: install the same copydesk on both"
            )
        try:
            lake = self.workspace.open_lake()
            if lake.identity != self.identity:
                return (
                    f"finds another lake at {lake.store.root}: keep it on storage that all "
                    "machines share, or in a bucket (--lake)"
                )
            if isinstance(self.asked, IngestRequest):
                _ = self.asked.sources
            else:
                _ = self.asked.site_rules, self.asked.site_lines
        except CopydeskError as error:
            return (
                f"cannot process a batch: {error}; lake and inputs must be on storage that all "
                "machines share, and keys in the environment of each worker"
            )
        is_cloud = self.api_url.startswith("https://api.prefect.cloud")
        if not is_cloud and not answers(self.api_url):
            return (
                f"does not reach the Prefect API at {self.api_url}: start a server that listens "
                "on the network, and set PREFECT_API_URL to it"
            )
        return None
