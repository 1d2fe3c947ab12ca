"""What a process does that a test kills: a run from its begin to the published tables."""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerContext
from pathlib import Path

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.dedup.made import article, text
from tests.warehouse.sample import Look, frames, plan


def quick_processes(*modules: str) -> ForkServerContext:
    """Processes that start quickly, from one that has the modules and nothing else."""
    result = multiprocessing.get_context("forkserver")
    result.set_forkserver_preload(["tests.warehouse.worker", "pandera.pandas", *modules])
    return result


def looks(number: int) -> list[Look]:
    """Items of run ``number``: new, changed, unchanged, copied and rejected ones."""
    return [
        Look(f"new-{number}", number, text(article(number, 2))),
        Look("changes", number, text([f"State {number // 2}.", *article(-1, 2)])),
        Look("stays", number, "always the same"),
        Look(f"copy-{number}", number, text(article(-2, 2))),
        Look(f"bad-{number}", number, None),
        Look("fails", number, fate="failed"),
    ]


def work(home: Path, number: int, *, published: bool = True, keep: int = 3) -> None:
    lake = Lake.open(home / "lake")
    run_id = f"run-{number:03}"
    if lake.run(run_id).ended_row is None:
        lake.begin(plan(run_id, started=number))
        items = looks(number)
        for batch in range(2):
            part = items[batch * 3 : batch * 3 + 3]
            lake.run(run_id).stage(batch, frames(run_id, batch, part))
        lake.run(run_id).seal()
    lake.run(run_id).commit()
    if published:
        publish(home, lake=lake, keep=keep, comparison=COPIES)


def killed_at(home: Path, number: int, step: str) -> None:
    os.environ["COPYDESK_KILL_AT"] = step
    work(home, number)
    sys.exit(0)
