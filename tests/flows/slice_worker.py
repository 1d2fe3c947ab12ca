"""A backfill without an engine, in a process that a test kills."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from copydesk.flows import backfill_slices
from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.tasks.backfill.slices import Plan, Wish
from copydesk.warehouse.publish.publish import publish


def begin(home: Path, wish: Wish, *, again: bool = False) -> Plan:
    lake = Workspace(home).open_lake(create=True)
    plan = None if again else backfill_slices.planned(lake, wish)
    if plan is None:
        now = datetime.now(UTC)
        plan, items = backfill_slices.make_plan(wish, backfill_slices.request_of(wish), now)
        plan = backfill_slices.anew(plan, now) if again else plan
        backfill_slices.keep(lake, plan, items)
    return plan


def fill(home: Path, plan: Plan, *, only_failed: bool = False) -> list[str]:
    """Do what is to do, one slice after the other; gives the labels of what was done."""
    done = []
    lake = Workspace(home).open_lake()
    request = backfill_slices.request_of(plan.wish)
    for number in backfill_slices.to_do(
        backfill_slices.look(Workspace(home), plan), only_failed=only_failed
    ):
        part = backfill_slices.part_of(lake, plan, number)
        now = datetime.now(UTC)
        with prepare(request, Workspace(home), batch_size=2, now=now, part=part) as prepared:
            for batch in prepared.todo:
                clean_batch.fn(Workspace(home), prepared.run_id, request, batch)
            commit_run.fn(Workspace(home), prepared.run_id, {})
        done.append(plan.slices[number].label)
    publish(home, lake=lake)
    return done


def killed_at(home: Path, wish: Wish, step: str) -> None:
    os.environ["COPYDESK_KILL_AT"] = step
    fill(home, begin(home, wish))
    sys.exit(0)
