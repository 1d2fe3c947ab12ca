"""What a run costs: how often its files and the table ``runs`` are read while it is committed."""

from __future__ import annotations

import pickle
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from deltalake import DeltaTable

from copydesk.flows.pipeline import commit_or_hold
from copydesk.warehouse import lake as lake_module
from copydesk.warehouse.errors import LakeError, RunEnded
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.run import RunState
from copydesk.warehouse.runs.verdict import Verdict
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.storage import Store, Stored
from tests.warehouse.sample import Look, frames, ingest, plan

BATCHES = 4
AT = datetime(2026, 5, 1, tzinfo=UTC)


class CountingStore(Store):
    """A store that counts what is asked of it, by the first folder of the path."""

    reads: ClassVar[Counter[str]] = Counter()
    lists: ClassVar[Counter[str]] = Counter()

    def get(self, path: str) -> bytes | None:
        self.reads[path.partition("/")[0]] += 1
        return super().get(path)

    def list(self, prefix: str) -> list[Stored]:
        self.lists[prefix.partition("/")[0]] += 1
        return super().list(prefix)


class CountingTables(Tables):
    opened: ClassVar[Counter[str]] = Counter()

    def open(self, name: str) -> DeltaTable | None:
        self.opened[name] += 1
        return super().open(name)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for counter in (CountingStore.reads, CountingStore.lists, CountingTables.opened):
        counter.clear()
    monkeypatch.setattr(lake_module, "Store", CountingStore)
    monkeypatch.setattr(lake_module, "Tables", CountingTables)


def staged(home: Path, run_id: str = "r2") -> None:
    """Commit a run, so that the next is compared with something, and stage another."""
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look(f"p{number}", 0, f"Text {number}.") for number in range(BATCHES)])
    run = lake.begin(plan(run_id, started=1))
    for number in range(BATCHES):
        run.stage(number, frames(run_id, number, [Look(f"p{number}", 1, f"Revised {number}.")]))


def test_a_commit_reads_each_file_once(home: Path, request: pytest.FixtureRequest) -> None:
    staged(home)
    request.getfixturevalue("counted")
    sealed, verdict = commit_or_hold(Lake.open(home / "lake").run("r2"), gates={}, now=AT)
    assert (sealed.fates, verdict.held) == ({"revised": BATCHES}, False)
    assert CountingStore.reads == {"lake.json": 1, "_runs": 1, "_sealed": 1, "_staging": BATCHES}
    assert CountingTables.opened["runs"] == 2
    assert CountingStore.lists.total() == 4  # a sealing's sizes, the batches, what is deleted


def test_a_release_reads_each_file_once(home: Path, request: pytest.FixtureRequest) -> None:
    staged(home)
    run = Lake.open(home / "lake").run("r2")
    run.seal()
    run.judge(Verdict("r2", True, ("too few",), AT))
    request.getfixturevalue("counted")
    assert Lake.open(home / "lake").run("r2").release().fates == {"revised": BATCHES}
    assert CountingStore.reads == {"lake.json": 1, "_runs": 1, "_sealed": 1, "_held": 1}
    assert CountingTables.opened["runs"] == 2


def test_open_runs_are_listed_with_the_table_opened_once(
    home: Path, request: pytest.FixtureRequest
) -> None:
    lake = Lake.open(home / "lake")
    for number in range(5):
        lake.begin(plan(f"r{number}", started=number))
    request.getfixturevalue("counted")
    assert len(Lake.open(home / "lake").unfinished()) == 5
    assert CountingTables.opened == {"runs": 1}


def test_its_states(home: Path) -> None:
    staged(home)
    lake = Lake.open(home / "lake")
    run = lake.run("r2")
    assert run.state is RunState.UNFINISHED
    run.seal()
    assert (run.state, lake.run("r2").state) == (RunState.UNFINISHED, RunState.UNFINISHED)
    run.judge(Verdict("r2", True, ("too few",), AT))
    assert (run.state, lake.run("r2").state) == (RunState.HELD, RunState.HELD)
    assert run.release().fates == {"revised": BATCHES}
    assert (run.state, lake.run("r2").state) == (RunState.COMMITTED, RunState.COMMITTED)
    dropped = lake.begin(plan("r3"))
    dropped.abandon("not wanted")
    assert (dropped.state, lake.run("r3").state) == (RunState.ABANDONED, RunState.ABANDONED)
    for ended in (dropped, lake.run("r3")):
        with pytest.raises(RunEnded):
            ended.seal()
    with pytest.raises(LakeError, match="not begun"):
        lake.run("r9").seal()


def test_what_another_process_did_is_seen_by_each_step(home: Path) -> None:
    """An object that has read the run meets one that ended it meanwhile."""
    staged(home)
    lake = Lake.open(home / "lake")
    first_handle, other = lake.run("r2"), lake.run("r2")
    first_handle.seal()
    other.abandon("dropped by hand")
    with pytest.raises(RunEnded, match="dropped by hand"):
        first_handle.commit()
    late = lake.begin(plan("r3", started=2))
    assert late.plan.run_id == "r3" and late.sealed is None and late.batches == []
    lake.run("r3").stage(0, frames("r3", 0, [Look("x", 2)]))
    lake.run("r3").seal()
    with pytest.raises(LakeError, match="is sealed"):
        late.stage(1, frames("r3", 1, [Look("y", 2)]))
    lake.run("r3").commit()
    assert late.commit().already
    with pytest.raises(RunEnded, match="is committed"):
        late.stage(1, frames("r3", 1, [Look("y", 2)]))


def test_it_goes_to_another_process_unread(home: Path) -> None:
    staged(home)
    run = Lake.open(home / "lake").run("r2")
    assert len(run.batches) == BATCHES
    other = pickle.loads(pickle.dumps(run))
    assert (other.run_id, vars(other).keys() & {"batches", "open_plan"}) == ("r2", set())
    assert other.batches == run.batches
    assert len(pickle.dumps(run)) < 500
