"""A backfill without an engine, in a process that a test kills."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from flows import slicing
from flows.body import commit_run
from flows.ingest import clean_batch
from flows.lake import open_lake
from flows.prepare import prepare
from tasks.backfill.plan import Plan, Wish
from warehouse.publish import publish


def begin(home: Path, wish: Wish, *, again: bool = False) -> Plan:
    lake = open_lake(home, create=True)
    plan = None if again else slicing.planned(lake, wish)
    if plan is None:
        now = datetime.now(UTC)
        plan, items = slicing.make_plan(wish, slicing.request_of(wish), now)
        plan = slicing.anew(plan, now) if again else plan
        slicing.keep(lake, plan, items)
    return plan


def fill(home: Path, plan: Plan, *, only_failed: bool = False) -> list[str]:
    """Do what is to do, one slice after the other; gives the labels of what was done."""
    done = []
    lake = open_lake(home)
    request = slicing.request_of(plan.wish)
    for number in slicing.to_do(slicing.look(home, None, plan), only_failed=only_failed):
        part = slicing.part_of(lake, plan, number)
        now = datetime.now(UTC)
        with prepare(request, home, None, batch_size=2, now=now, part=part) as prepared:
            for batch in prepared.todo:
                clean_batch.fn(home, None, prepared.run_id, request, batch)
            commit_run.fn(home, None, prepared.run_id, {})
        done.append(plan.slices[number].label)
    publish(home, lake=lake)
    return done


def killed_at(home: Path, wish: Wish, step: str) -> None:
    os.environ["COPYDESK_KILL_AT"] = step
    fill(home, begin(home, wish))
    sys.exit(0)
