"""The lake: what runs observed, in append-only Delta tables below one root.

A run goes begin, stage (batch by batch, in any process), seal, commit. Each step may be killed
and called again: what was done is found and not done twice. Nothing of a run can be seen before
its row in ``runs``, which is written last.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from warehouse.forms import BatchFrames, Committed, OpenRun, RunPlan, Sealed, StagedBatch

if TYPE_CHECKING:
    import pyarrow as pa


class Lake:
    """A lake at a root: a folder, or an object store's address (``s3://bucket/prefix``)."""

    @classmethod
    def open(
        cls,
        root: str | Path,
        *,
        storage_options: Mapping[str, str] | None = None,
        create: bool = True,
    ) -> Self:
        """Open the lake, or make it; LakeError when it is missing or of a newer release."""
        raise NotImplementedError

    def begin(self, run: RunPlan) -> None:
        """Record that a run is open. Again with the same plan: nothing happens.

        RunEnded when the id was used by a run that ended.
        """
        raise NotImplementedError

    def latest_items(self, source: str) -> pa.Table:
        """Give each item of a source as it was last seen, for planning.

        Columns: ``locator, item_id, observed_at, fate, reason, fingerprint, article_id,
        content_hash, raw_sha256, cleaner_version, how``. For an item that was last unchanged,
        not modified, failed … the last four but one are those of its last reading.
        """
        raise NotImplementedError

    def stage(self, run_id: str, batch: int, frames: BatchFrames) -> StagedBatch:
        """Check a batch and keep it. A batch that is there already is given back unchanged.

        InvalidBatch names the rows that break the tables' checks; then nothing is kept.
        """
        raise NotImplementedError

    def staged(self, run_id: str) -> list[StagedBatch]:
        """List the batches that are kept, in order: what a resumed run need not read again."""
        raise NotImplementedError

    def seal(self, run_id: str) -> Sealed:
        """Compare the run with the lake and settle each item's fate. Once: later calls read it."""
        raise NotImplementedError

    def commit(self, run_id: str) -> Committed:
        """Make a sealed run visible. A retry of a killed commit completes it."""
        raise NotImplementedError

    def abandon(self, run_id: str, reason: str) -> None:
        """End a run without its rows; its id is used up. Nothing happens if it was abandoned.

        RunEnded when it is committed.
        """
        raise NotImplementedError

    def unfinished(self) -> list[OpenRun]:
        """List the runs that were begun and have no terminal row, oldest first.

        ``plan.host`` and ``plan.pid`` let the caller tell whether one is still alive.
        """
        raise NotImplementedError
