"""Bringing a lake that an older release wrote up to this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.schemas.plural import plural
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage.version import Step, newest, raise_version, steps_from

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Migration:
    """From which version to which, and the steps."""

    before: int
    after: int
    steps: Sequence[Step]


def migrate(lake: Lake, *, dry_run: bool = False) -> Migration:
    """Take the steps that the lake lacks, one by one; killed in between, the next call goes on.

    LakeError where a step would change what is stored while runs are open.
    """
    before, steps = lake.version, steps_from(lake.version)
    if any(step.work for step in steps) and (open_now := lake.unfinished()):
        named = ", ".join(run.plan.run_id for run in open_now[:3])
        raise LakeError(
            f"{plural(len(open_now), 'run')} not finished ({named}): go on with each by the release"
            " that began it, or drop it, before the lake is migrated"
        )
    if not dry_run:
        for step in steps:
            if step.work is not None:
                step.work(lake.tables)
            raise_version(lake.store, step.to, lake.identity)
            lake.version = step.to
    return Migration(before, newest(), steps)
