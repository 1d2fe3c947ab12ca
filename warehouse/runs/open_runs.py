"""Open runs: a small file for each below ``_runs/``, until the run has ended."""

from __future__ import annotations

import dataclasses
from typing import Final

from copydesk.schemas.json_form import from_json, to_json
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.runs.models import RunPlan
from copydesk.warehouse.storage.storage import Store

FOLDER: Final = "_runs"


def write_plan(store: Store, run: RunPlan) -> RunPlan:
    """Record a run as open and return the plan in force.

    A resumed run keeps its first plan except for host and process id.
    """
    if store.put_new(_file(run.run_id), to_json(run)):
        checkpoint("plan:run")
        return run
    first = read_plan(store, run.run_id) or run
    resumed = dataclasses.replace(first, host=run.host, pid=run.pid)
    if resumed != first:
        replace_plan(store, resumed)
    return resumed


def replace_plan(store: Store, run: RunPlan) -> None:
    """Record an open run anew."""
    store.put(_file(run.run_id), to_json(run))
    store.sync([_file(run.run_id)])


def read_plan(store: Store, run_id: str) -> RunPlan | None:
    """Read an open run's plan; None when there is none."""
    data = store.get(_file(run_id))
    return None if data is None else from_json(RunPlan, data)


def open_plans(store: Store) -> list[RunPlan]:
    """List the recorded plans, oldest first."""
    names = [file.path.rpartition("/")[2].removesuffix(".json") for file in store.list(FOLDER)]
    plans = [plan for name in names if (plan := read_plan(store, name)) is not None]
    return sorted(plans, key=lambda plan: (plan.started_at, plan.run_id))


def drop_plan(store: Store, run_id: str) -> None:
    """Delete the plan of a run that has ended."""
    store.delete([_file(run_id)])


def _file(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.json"


class Plans:
    """The planned batches of one run, as bytes in the planner's format."""

    def __init__(self, store: Store, run_id: str) -> None:
        """Store which run it is; nothing is read or created yet."""
        self._store = store
        self._folder = f"_staging/{run_id}/plan"

    def put(self, number: int, data: bytes) -> None:
        """Store a batch durably."""
        self._store.put(self._path(number), data)
        self._store.sync([self._path(number)])
        checkpoint("plan:batch")

    def get(self, number: int) -> bytes:
        """Read a batch; LakeError when there is none of that number."""
        if (data := self._store.get(self._path(number))) is None:
            raise LakeError(
                f"the plan {self._path(number)} is missing from {self._store.root}: drop the run"
                " (copydesk runs drop), and ingest again"
            )
        return data

    def numbers(self) -> list[int]:
        """List the batches' numbers in order."""
        files = self._store.list(self._folder)
        return sorted(int(file.path.rpartition("/")[2].partition(".")[0]) for file in files)

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number:06}.json"
