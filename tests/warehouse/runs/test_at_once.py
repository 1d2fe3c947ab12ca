"""Four ingests, one of them of a dated archive, a publisher and five readers, all at once."""

from __future__ import annotations

from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from copydesk.warehouse import connect
from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import Look, ingest, rows
from tests.warehouse.worker import quick_processes

RUNS = 4
ITEMS = 40
PAUSE = 0.2
"""Seconds between two looks of a reader: it is there for what it sees, not to take the cores."""


def looks(worker: int, number: int) -> list[Look]:
    """A worker's items; worker 0 reads an archive, whose records are older than all others."""
    at = number if worker else number - 1000
    shared = {"canonical_url": "https://example.org/shared"}
    return [
        *(Look(f"w{worker}-{item}", at, f"text {item} {number % 3}") for item in range(ITEMS)),
        Look("shared", at + worker / 10, f"state {number // 2}", fields=shared),
    ]


def work(home: Path, worker: int) -> None:
    lake = Lake.open(home / "lake")
    for number in range(RUNS):
        ingest(lake, f"w{worker}-{number}", looks(worker, number), batch_size=25)


def keep_publishing(home: Path, end: Event) -> None:
    lake = Lake.open(home / "lake")
    while not end.is_set():
        publish(home, lake=lake)


def read(home: Path, end: Event, answers: Queue[tuple[int, list[object]]]) -> None:
    times, wrong = 0, []
    while not end.wait(PAUSE):
        try:
            with connect(home, threads=1) as connection:
                stored_rows = connection.execute(
                    "SELECT (SELECT count(*) FROM ledger),"
                    " (SELECT coalesce(sum(items), 0) FROM runs),"
                    f" (SELECT count(*) FROM runs) * {ITEMS + 1},"
                    " (SELECT count(*) FROM articles), (SELECT count(*) FROM sightings)"
                ).fetchall()[0]
        except PublishError:
            if times:
                raise
            continue
        times += 1
        if (
            not stored_rows[0] == stored_rows[1] == stored_rows[2]
            or stored_rows[3] != stored_rows[4]
        ):
            wrong.append(stored_rows)
    answers.put((times, wrong))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ingests_a_publisher_and_readers(home: Path) -> None:
    lake = Lake.open(home / "lake")
    context = quick_processes()
    end, answers = context.Event(), context.Queue()
    ingests = [context.Process(target=work, args=(home, worker)) for worker in range(4)]
    publisher = context.Process(target=keep_publishing, args=(home, end))
    readers = [context.Process(target=read, args=(home, end, answers)) for _ in range(5)]
    for process in (*ingests, publisher, *readers):
        process.start()
    for process in ingests:
        process.join()
    end.set()
    observed = [answers.get() for _ in readers]
    for process in (publisher, *readers):
        process.join()
    assert [process.exitcode for process in (*ingests, publisher, *readers)] == [0] * 10
    assert all(times > 5 and not wrong for times, wrong in observed), observed
    publish(home, lake=lake)
    assert examine(home, lake=lake, deep=True) == []
    counted = "SELECT count(*), count(DISTINCT (run_id, item_id)) FROM ledger"
    assert rows(home, counted) == [(4 * RUNS * (ITEMS + 1),) * 2]
    assert rows(home, "SELECT count(*) FROM articles") == [(4 * ITEMS + 1,)]
    history = "SELECT text FROM revisions WHERE locator = 'shared' ORDER BY revision"
    # the archive's states come first, and the others' sightings lie among each other
    assert rows(home, history) == [("state 0",), ("state 1",), ("state 0",), ("state 1",)]
    grown = rows(home, "FROM revisions ORDER BY ALL")
    publish(home, lake=lake, rebuild=True)
    assert rows(home, "FROM revisions ORDER BY ALL") == grown
