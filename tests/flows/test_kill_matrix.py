"""Each operation is killed at each fail point that it passes, and called again."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse import connect
from copydesk.warehouse.failpoints import watched
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.query.connect import current_file
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from tests.flows.kill_operations import ERASED, OPERATIONS, Operation
from tests.warehouse.canaries import found_in
from tests.warehouse.sample import tables
from tests.warehouse.worker import quick_processes

SECONDS = 300.0
PRELOADED = ("copydesk.flows.backfill", "copydesk.flows.reclean", "tests.flows.slice_worker")
"""With Prefect: where other tests have started the server of processes, each imports it."""

PLACES = ("_staging", "_sealed", "_runs", "_removals")


# in processes of their own


def call(name: str, home: Path, step: str) -> None:
    os.environ["COPYDESK_KILL_AT"] = step
    operation = OPERATIONS[name]
    with operation.around():
        operation.call(home)
    sys.exit(0)


def beside(name: str, home: Path, reached: Event, go: Event) -> None:
    operation = OPERATIONS[name]
    assert operation.beside is not None

    def pause(step: str) -> None:
        if step == operation.until and not reached.is_set():
            reached.set()
            go.wait(SECONDS)

    with watched(pause):
        operation.beside(home)
    sys.exit(0)


def digest(connection: Any, queries: Mapping[str, str]) -> str:
    result = hashlib.sha256()
    for sql in queries.values():
        result.update(repr(connection.execute(sql).fetchall()).encode())
    return result.hexdigest()


def read(name: str, home: Path, begun: Event, end: Event, seen: Queue[Any]) -> None:
    """Look at every version there is, and keep the first one open in the middle of a result.

    A version's file never changes, so each is looked at once.
    """
    queries = OPERATIONS[name].looked_at
    with connect(home, threads=1) as first, connect(home, threads=1) as streaming:
        before = digest(first, queries)
        expected = first.execute("SELECT count(*) FROM ledger").fetchall()[0][0]
        looks = Counter([before])
        rows = streaming.execute("SELECT * FROM ledger")
        received = len(rows.fetchmany(1))
        begun.set()
        file = current_file(home)
        while not end.wait(0.1):
            try:
                if file == (newest := current_file(home)):
                    continue
                file = newest
                with connect(home, threads=1) as connection:
                    looks[digest(connection, queries)] += 1
            except Exception as error:
                looks[f"error: {error}"] += 1
        if digest(first, queries) != before:
            looks["error: an open version has changed"] += 1
        if received + len(rows.fetchall()) != expected:
            looks["error: rows are missing from a result that was begun before"] += 1
    seen.put(dict(looks))


# the test's own process


@dataclass
class Matrix:
    """An operation's kills: ``states`` are what readers may see, the last one the result."""

    name: str
    folder: Path
    context: ForkServerContext = field(default_factory=lambda: quick_processes(*PRELOADED))
    states: dict[str, str] = field(default_factory=dict)
    expected: dict[str, list[Any]] = field(default_factory=dict)
    remaining: Counter[str] = field(default_factory=Counter)

    @property
    def operation(self) -> Operation:
        return OPERATIONS[self.name]

    def undisturbed(self) -> list[str]:
        """Learn what each order of calls gives, and name the fail points."""
        operation = self.operation
        self.states = {"before": self.state(self.folder / "before")}
        passed: list[str] = []
        home = self.copy("calm")
        with watched(passed.append):
            operation.call(home)
        self.states["alone"] = self.state(home)
        if operation.beside is not None:
            operation.beside(home)
            other = self.copy("other")
            operation.beside(other)
            self.states["other"] = self.state(other)
            operation.call(other)
            self.states["both"] = self.state(other)
            assert self.states["both"] == self.state(home)
        self.expected = tables(home, operation.compared)
        self.remaining = remaining(home)
        counts = Counter(passed)
        assert operation.passes in counts
        return [*counts, *(f"{step}#{count}" for step, count in counts.items() if count > 1)]

    def copy(self, name: str) -> Path:
        home = self.folder / name
        shutil.copytree(self.folder / "before", home, symlinks=True)
        return home

    def state(self, home: Path) -> str:
        with connect(home, threads=1) as connection:
            return digest(connection, self.operation.looked_at)

    def process(self, function: Any, *arguments: Any) -> BaseProcess:
        process = self.context.Process(target=function, args=arguments)
        process.start()
        return process

    def kill(self, step: str) -> str:
        """Kill the operation at a step, call it again, and compare; gives a line of the table."""
        home = self.copy(step.replace(":", "-"))
        begun, end, reached, go = (self.context.Event() for _ in range(4))
        seen: Queue[Any] = self.context.Queue()
        with ExitStack() as reading:
            reader = self.process(read, self.name, home, begun, end, seen)
            reading.callback(reader.join)
            reading.callback(end.set)
            assert begun.wait(SECONDS)
            other = None
            if self.operation.beside is not None:
                other = self.process(beside, self.name, home, reached, go)
                assert reached.wait(SECONDS)
            killed = self.process(call, self.name, home, step)
            killed.join(SECONDS)
            go.set()
            if other is not None:
                other.join(SECONDS)
                assert other.exitcode == 0
            assert killed.exitcode == -signal.SIGKILL, step
            checks = {finding.check for finding in self.doctor(home, deep=False)}
            assert checks <= ({"removal"} if self.operation.forgets else set()), step
            again = self.process(call, self.name, home, "never")
            again.join(SECONDS)
            assert again.exitcode == 0, step
            end.set()
            looks: dict[str, int] = seen.get(timeout=SECONDS)
        names = {state: name for name, state in self.states.items()}
        assert set(looks) <= set(names), (step, looks)
        assert self.doctor(home, deep=True) == [], step
        assert tables(home, self.operation.compared) == self.expected, step
        if remaining(home) != self.remaining or self.operation.forgets:
            lake = Lake.open(home / "lake")
            maintain(lake, now=datetime.now(UTC), retention=timedelta(0), comparison=COPIES)
            assert remaining(home) - self.remaining == Counter(), step
        if self.operation.forgets:
            assert found_in(home, {"text": ERASED}) == {}, step
        shutil.rmtree(home)
        saw = ", ".join(f"{names[state]} {count}" for state, count in looks.items())
        return f"{self.name:24} {step:24} {'+'.join(checks) or '-':8} {saw}"

    def doctor(self, home: Path, *, deep: bool) -> list[Any]:
        lake = Lake.open(home / "lake", outdated=True)  # it may be killed before it is migrated
        return examine(home, lake=lake, deep=deep)


def remaining(home: Path) -> Counter[str]:
    """Count the files of open runs and removals."""
    store = Lake.open(home / "lake").store
    return Counter({place: len(store.list(place)) for place in PLACES})


@pytest.fixture
def matrix(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Matrix]:
    result = Matrix(request.param, tmp_path)
    result.operation.fill(tmp_path / "before")
    with result.operation.around():
        yield result


@pytest.mark.parametrize(
    ("matrix", "step"),
    [
        ("forget, ingest at once", "forget:ledger"),
        pytest.param("ingest, another at once", "commit:runs", marks=pytest.mark.soak),
        pytest.param("maintain", "maintain:raw-rows", marks=pytest.mark.slow),
    ],
    indirect=["matrix"],
)
def test_killed_and_called_again(matrix: Matrix, step: str) -> None:
    assert step in matrix.undisturbed()
    matrix.kill(step)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("matrix", OPERATIONS, indirect=True)
def test_killed_at_every_fail_point(matrix: Matrix) -> None:
    for step in matrix.undisturbed():
        print(matrix.kill(step), flush=True)
