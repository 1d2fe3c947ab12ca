"""Upgrades a lake written by an older release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.schemas.plural import plural
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.storage.version import Step, newest, raise_version, steps_from

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Migration:
    """An upgrade: the versions before and after, and the steps between."""

    before: int
    after: int
    steps: Sequence[Step]


def migrate(lake: Lake, *, dry_run: bool = False) -> Migration:
    """Take the steps that the lake lacks, one by one; after a crash a repeated call continues.

    Raises:
        LakeError: a step would change stored files while runs are open.
    """
    before, steps = lake.version, steps_from(lake.version)
    if any(step.work for step in steps) and (open_now := lake.unfinished()):
        run_ids = ", ".join(run.plan.run_id for run in open_now[:3])
        raise LakeError(
            f"{plural(len(open_now), 'run')} not finished ({run_ids}): resume each with the release"
            " that began it, or drop it, before the lake is migrated"
        )
    if not dry_run:
        for step in steps:
            if step.work is not None:
                step.work(lake.tables)
                checkpoint("migrate:work")
            raise_version(lake.store, step.to, lake.identity)
            checkpoint("migrate:version")
            lake.version = step.to
    return Migration(before, newest(), steps)
