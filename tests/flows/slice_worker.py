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
from copydesk.tasks.backfill.slices import BackfillScope, Plan
from copydesk.warehouse.publish.publish import publish


def begin(home: Path, scope: BackfillScope, *, again: bool = False) -> Plan:
    lake = Workspace(home).open_lake(create=True)
    plan = None if again else backfill_slices.stored_plan(lake, scope)
    if plan is None:
        now = datetime.now(UTC)
        plan, items = backfill_slices.make_plan(scope, backfill_slices.request_of(scope), now)
        plan = backfill_slices.restarted(plan, now) if again else plan
        backfill_slices.store_plan(lake, plan, items)
    return plan


def fill(home: Path, plan: Plan, *, only_failed: bool = False) -> list[str]:
    """Do what is to do, one slice after the other; gives the labels of what was done."""
    completed = []
    lake = Workspace(home).open_lake()
    request = backfill_slices.request_of(plan.scope)
    for number in backfill_slices.slices_to_run(
        backfill_slices.slice_states(Workspace(home), plan), only_failed=only_failed
    ):
        part = backfill_slices.part_of_slice(lake, plan, number)
        now = datetime.now(UTC)
        with prepare(request, Workspace(home), batch_size=2, now=now, part=part) as prepared:
            for batch in prepared.todo:
                clean_batch.fn(Workspace(home), prepared.run_id, request, batch)
            commit_run.fn(Workspace(home), prepared.run_id, {})
        completed.append(plan.slices[number].label)
    publish(home, lake=lake)
    return completed


def killed_at(home: Path, scope: BackfillScope, step: str) -> None:
    os.environ["COPYDESK_KILL_AT"] = step
    fill(home, begin(home, scope))
    sys.exit(0)
