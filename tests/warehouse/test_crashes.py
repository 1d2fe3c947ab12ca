"""A process that is killed at any step, and tried again: nothing lost, doubled or half seen."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Sequence
from itertools import zip_longest
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse import connect
from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.runs.sealing import ORDER
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import WITHOUT_ENDS, rows, tables
from tests.warehouse.worker import killed_at, quick_processes, work

STAGING = (
    "stage:raw",
    *(f"stage:{table}" for table in ("observations", "cuts", "rejects", "ledger", "raw_index")),
    *(f"stage:{table}" for table in ("signatures", "shingles")),
    "stage:manifest",
    "stage:manifest#2",
)
SEALING = (*(f"seal:{table}" for table in ORDER), "seal:manifest")
COMMITTING = (
    *(f"commit:{table}" for table in ORDER),
    "commit:runs",
    "clean:sealed",
    "clean:staged",
)
PUBLISHING = (
    *(f"publish:{step}" for step in ("copy", "take", "revisions", "write", "cuts", "segment")),
    *(f"publish:{step}" for step in ("compare", "copies", "changes", "log", "search")),
    "publish:checkpoint",
    *(f"publish:{step}" for step in ("close", "rename", "link", "swap", "prune")),
)


def kills(*stages: Sequence[str]) -> list[list[str]]:
    """Deal the steps to runs: each run is killed once in each stage, one after the other."""
    return [[step for step in steps if step is not None] for steps in zip_longest(*stages)]


def start(home: Path, number: int, step: str) -> BaseProcess:
    process = quick_processes().Process(target=killed_at, args=(home, number, step))
    process.start()
    return process


class Poll:
    """An analyst who looks all the time: each version must be whole."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.wrong: list[object] = []
        self.looks = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Poll:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.3):
            try:
                with connect(self.home, threads=1) as connection:
                    stored_rows = connection.execute(
                        "SELECT (SELECT sum(items) FROM runs), (SELECT count(*) FROM ledger),"
                        " (SELECT count(*) FROM runs), (SELECT count(*) FROM articles)"
                    ).fetchall()[0]
            except PublishError as error:
                if self.looks:  # before the first version there is nothing to see
                    self.wrong.append(error)
                continue
            items, ledger, runs, articles = stored_rows
            self.looks += 1
            if not items == ledger == 6 * runs or articles != 2 * runs + 2:
                self.wrong.append(stored_rows)


def test_killed_at_some_steps(home: Path, tmp_path: Path) -> None:
    killed_at_steps(
        home,
        tmp_path / "calm",
        [["stage:manifest#2", "seal:ledger", "commit:runs"], ["commit:shingles", "publish:rename"]],
    )


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_killed_at_every_step(home: Path, tmp_path: Path) -> None:
    killed_at_steps(home, tmp_path / "calm", kills(STAGING, SEALING, COMMITTING, PUBLISHING))


def killed_at_steps(home: Path, calm: Path, runs: Sequence[Sequence[str]]) -> None:
    """Kill each run at its steps, then finish it; ``calm`` is for what nobody kills."""
    lake = Lake.open(home / "lake")
    work(home, 0)
    with Poll(home) as poll:
        for number, steps in enumerate(runs, start=1):
            for step in steps:
                process = start(home, number, step)
                process.join(60)
                assert process.exitcode == -signal.SIGKILL, step
            work(home, number, published=steps[-1].startswith("publish:"))
            assert lake.unfinished() == [], steps
            if number % 4 == 0 or number == len(runs):  # what a step broke stays broken
                assert examine(home, lake=lake) == [], steps
    assert rows(home, "SELECT count(*) FROM runs") == [(len(runs) + 1,)]
    assert poll.wrong == []
    assert poll.looks > len(runs) / 3
    observed = tables(home, WITHOUT_ENDS)
    assert examine(home, lake=lake, deep=True) == []
    remaining = [
        file.path for part in ("_staging", "_sealed", "_runs") for file in lake.store.list(part)
    ]
    assert remaining == []
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert tables(home, WITHOUT_ENDS) == observed
    for number in range(len(runs) + 1):
        work(calm, number, published=number == len(runs))
    assert tables(calm, WITHOUT_ENDS) == observed


@pytest.mark.parametrize(
    "times", [pytest.param(12, marks=pytest.mark.soak), pytest.param(100, marks=pytest.mark.soak)]
)
@pytest.mark.timeout(7200)
def test_killed_at_random_moments(home: Path, times: int) -> None:
    lake = Lake.open(home / "lake")
    work(home, 0)
    dice = random.Random(5)
    kills = 0
    with Poll(home) as poll:
        for number in range(1, times + 1):
            process = start(home, number, "never")
            time.sleep(dice.uniform(0.02, 0.7))  # a run takes about as long
            if process.is_alive():
                process.kill()
                kills += 1
            process.join()
            work(home, number)
            assert examine(home, lake=lake) == [], number
    assert poll.wrong == []
    assert kills >= times // 4
    assert rows(home, "SELECT count(*) FROM ledger") == [(6 * (times + 1),)]


def commit_at_once(home: Path, number: int) -> None:
    lake = Lake.open(home / "lake")
    lake.run(f"run-{number:03}").commit()


def test_a_run_that_several_processes_commit_at_once(home: Path) -> None:
    lake = Lake.open(home / "lake")
    work(home, 0)
    from tests.warehouse import worker

    lake.begin(worker.plan("run-001", started=1))
    lake.run("run-001").stage(0, worker.frames("run-001", 0, worker.looks(1)))
    lake.run("run-001").seal()
    processes = [quick_processes().Process(target=commit_at_once, args=(home, 1)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert examine(home, lake=lake) == []
    work(home, 1)
    assert rows(home, "SELECT count(*) FROM ledger") == [(12,)]


def test_runs_and_publishers_at_once(home: Path) -> None:
    lake = Lake.open(home / "lake")
    work(home, 0)
    with Poll(home) as poll:
        processes = [start(home, number, "never") for number in range(1, 7)]
        for process in processes:
            process.join(120)
    assert [process.exitcode for process in processes] == [0] * 6
    assert poll.wrong == []
    assert examine(home, lake=lake) == []
    assert rows(home, "SELECT count(*), count(DISTINCT item_id) FROM ledger") == [(42, 24)]
    assert rows(home, "SELECT count(*) FROM revisions WHERE locator = 'changes'") == [(4,)]
