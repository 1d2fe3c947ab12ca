"""Batches are cleaned while the rest of their run is still planned, and a kill loses none."""

from __future__ import annotations

import dataclasses
import signal
import threading
import time
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from copydesk.flows.batches import EarlyBatches, _early, begun_early
from copydesk.flows.ingest import clean_batch
from copydesk.flows.planning import BackgroundNumbers
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_setup import Part, prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas.items import Item, Missing
from copydesk.tasks.ingest.batch import BatchCounts
from copydesk.tasks.sources import Source
from copydesk.tasks.workers.pool import open_shared_pool
from copydesk.warehouse.errors import LakeError
from tests.flows.running import Cli, articles, write

COUNT = 60


class Gated:
    """A source that offers half of its items, and the rest when ``gate`` is open."""

    def __init__(self, source: Source, gate: threading.Event) -> None:
        self._source = source
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def discover(self, known: Any) -> Iterator[Item | Missing]:
        items = list(self._source.discover(known))
        yield from items[: COUNT // 2]
        self._gate.wait()
        yield from items[COUNT // 2 :]


def test_batches_are_cleaned_while_others_are_planned(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", articles(COUNT))
    request = IngestRequest((str(folder),))
    workspace = Workspace(tmp_path / "home")
    gate = threading.Event()
    part = Part("backfill", "slice", lambda source: Gated(source, gate))  # type: ignore[arg-type,return-value]

    def prepared() -> Any:
        return prepare(request, workspace, batch_size=10, now=datetime.now(UTC), part=part)

    with prepared() as run:
        first = next(iter(run.todo))
        assert clean_batch.fn(workspace, run.run_id, request, first).items == 10
    (unfinished,) = workspace.open_lake().unfinished()
    assert unfinished.plan.is_planning
    assert len(unfinished.batches) == 1
    with pytest.raises(LakeError, match="is not fully planned"):
        unfinished.seal()

    gate.set()
    with prepared() as again:
        assert again.run_id == run.run_id
        numbers = list(again.todo)
        assert first not in numbers
        for number in numbers:
            clean_batch.fn(workspace, again.run_id, request, number)
        assert (again.items, again.staged_items) == (COUNT, 10)
    whole = workspace.open_lake().run(run.run_id)
    assert (whole.plan.items, whole.plan.is_planning) == (COUNT, False)
    assert whole.seal().fates == {"new": COUNT}


def test_a_run_that_is_killed_while_it_is_planned_is_resumed(cli: Cli) -> None:
    folder = write(cli.folder / "in", articles(COUNT))
    killed = dataclasses.replace(cli, variables={"COPYDESK_KILL_AT": "plan:batch#3"})
    process = killed.anew("ingest", folder, "--batch-size", "10")
    assert process.returncode == -signal.SIGKILL
    again = cli.run("ingest", folder, "--batch-size", "10")
    assert again.returncode == 0, again.stderr
    assert "whose planning was interrupted" in again.stderr
    assert cli.rows("select fate, count(*) n from ledger group by all") == [
        {"fate": "new", "n": COUNT}
    ]
    assert cli.rows("select state, items from runs") == [{"state": "committed", "items": COUNT}]


def test_numbers_are_given_as_they_come_and_again() -> None:
    gate = threading.Event()

    def counted() -> Generator[int]:
        yield 3
        gate.wait()
        yield 4

    numbers = BackgroundNumbers(counted(), ready=(1,))
    waiting = iter(numbers)
    assert (next(waiting), next(waiting)) == (1, 3)
    gate.set()
    assert list(waiting) == [4]
    assert list(numbers) == [1, 3, 4]
    numbers.close()


def test_an_error_is_raised_where_the_next_number_is_awaited() -> None:
    def broken() -> Generator[int]:
        yield 1
        raise OSError("the archive is gone")

    numbers = iter(BackgroundNumbers(broken()))
    assert next(numbers) == 1
    with pytest.raises(OSError, match="the archive is gone"):
        next(numbers)


def test_nothing_is_taken_after_the_end() -> None:
    gate = threading.Event()
    closed = threading.Event()

    def endless() -> Generator[int]:
        try:
            yield 1
            gate.wait()
            yield 2
            yield 3
        finally:
            closed.set()

    numbers = BackgroundNumbers(endless())
    numbers.wait_for_first()
    stopping = threading.Thread(target=numbers.close)
    stopping.start()
    while not numbers._stopping:
        pass
    gate.set()
    stopping.join()
    assert closed.is_set()
    assert list(numbers) == [1, 2]


def test_first_batches_are_begun_early_and_cleaned_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", articles(COUNT))
    request = IngestRequest((str(folder),))
    workspace = Workspace(tmp_path / "home")
    with prepare(request, workspace, batch_size=10, now=datetime.now(UTC)) as run:
        with begun_early(request, workspace, run, 2):
            early = _early[run.run_id]
            for number in run.todo:
                assert clean_batch.fn(workspace, run.run_id, request, number).items == 10
        assert {number for number, future in early._futures.items() if future} == set()
        staged = (workspace.home / "lake" / "_staging" / run.run_id).glob("*.ledger.parquet")
        assert len(list(staged)) == COUNT // 10  # an attempt has files of its own
    assert workspace.open_lake().run(run.run_id).seal().fates == {"new": COUNT}


def test_what_was_begun_early_counts_for_the_next_attempt(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", articles(COUNT))
    request = IngestRequest((str(folder),))
    workspace = Workspace(tmp_path / "home")

    def prepared() -> Any:
        return prepare(request, workspace, batch_size=10, now=datetime.now(UTC))

    with (
        pytest.raises(OSError, match="no API"),
        prepared() as run,
        begun_early(request, workspace, run, 2),
    ):
        early = _early[run.run_id]
        while not (future := early._futures.get(0)):
            time.sleep(0.01)
        assert future.result().items == 10
        list(run.todo)
        raise OSError("no API")
    assert not _early
    open_shared_pool(2)  # that of the first attempt was closed
    with prepared() as again:
        assert again.run_id == run.run_id
        assert 0 not in again.todo
        for number in again.todo:
            clean_batch.fn(workspace, again.run_id, request, number)
    assert workspace.open_lake().run(run.run_id).seal().fates == {"new": COUNT}


def test_an_early_batch_is_cleaned_by_whoever_comes_first() -> None:
    cleaned: list[int] = []
    begun, gate = threading.Event(), threading.Event()

    def clean(number: int) -> BatchCounts:
        cleaned.append(number)
        begun.set()
        gate.wait()
        if number == 2:
            raise OSError("the disk is full")
        return BatchCounts(number, {}, {})

    early = EarlyBatches(clean)
    assert early.take(0) is None  # and is not begun afterwards
    early.begin(iter((0, 1, 2)))
    begun.wait()
    assert early.stop()
    gate.set()
    first, second = early.take(1), early.take(2)
    assert first is not None
    assert first.result() == BatchCounts(1, {}, {})
    assert second is not None
    with pytest.raises(OSError, match="disk is full"):
        second.result()
    assert early.take(2) is None  # a retry cleans it itself
    early.begin(iter((3,)))
    assert sorted(cleaned) == [1, 2]
    assert not early.stop()
