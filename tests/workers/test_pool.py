"""Cleaning in real processes: order, time limits, crashes, and stopping in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import psutil
import pytest

from copydesk.schemas.article import Article, Reject, RejectReason
from copydesk.tasks.workers import pool as pool_module
from copydesk.tasks.workers.pool import Cleaner, CleaningPool, Task
from tests.servers.processes import cleaning

TITLE = "The report number {n} on the harbour and its visitors"
TEXT = (
    "Paragraph one of report {n} says that the harbour has seen many visitors this winter.\n\n"
    "Paragraph two of report {n} says that nobody complained about the weather or the prices."
)


def task(n: int) -> Task:
    return Task(f"{TITLE}\n\n{TEXT}".format(n=n).encode())


def test_results_stand_in_the_order_of_the_documents() -> None:
    with CleaningPool(2) as pool:
        results = pool.clean([*map(task, range(40)), Task(b"")])
    titles = [result.title for result in results[:-1] if isinstance(result, Article)]
    assert titles == [TITLE.format(n=n) for n in range(40)]
    assert isinstance(results[-1], Reject)
    assert results[-1].reason is RejectReason.EMPTY


def test_a_worker_that_is_killed_costs_nothing_but_time() -> None:
    line = "The sentence number {n} of a long report says nothing that is new, and it says it well."
    lines = ["A long report", *(line.format(n=n) for n in range(20_000))]
    long = Task("\n\n".join(lines).encode())
    with CleaningPool(1) as pool:
        pool.clean([task(0)])
        (child,) = cleaning(psutil.Process())
        killer = threading.Timer(0.2, child.kill)  # it cleans for a second or more
        killer.start()
        results = pool.clean([long, *map(task, range(40))])
        killer.join()
        assert not child.is_running()
    assert len(results) == 41
    assert all(isinstance(result, Article) for result in results)


def test_a_process_that_cannot_import_says_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "IMPORTED", ("copydesk.tasks.cleaning", "no_such_module"))
    with (
        CleaningPool(1) as pool,
        pytest.raises(BrokenProcessPool, match=r"cannot import .*'no_such_module'"),
    ):
        pool.clean([task(0)])


def test_processes_that_end_between_two_documents_are_replaced() -> None:
    with CleaningPool(1) as pool:
        pool.clean([task(0)])
        for child in cleaning(psutil.Process()):
            child.kill()
        assert all(isinstance(item, Article) for item in pool.clean(map(task, range(20))))


def test_a_closed_pool_ends_the_wait_for_it() -> None:
    pool = CleaningPool(1)
    ended: list[type[BaseException]] = []

    def work() -> None:
        try:
            pool.clean(map(task, range(20_000)))
        except CancelledError as error:
            ended.append(type(error))

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(0.5)
    pool.close()
    worker.join(timeout=30)
    assert ended == [CancelledError]
    with pytest.raises(CancelledError):
        pool.clean([task(0)])


@pytest.mark.slow
def test_a_document_over_its_time_is_a_reject_and_the_others_go_on() -> None:
    hostile = Task("\n".join(f"Line {n} of {n % 7}" for n in range(1_500_000)).encode())
    with CleaningPool(1, seconds=3) as pool:
        results = pool.clean([task(0), hostile, task(1)])
    assert [isinstance(result, Article) for result in results] == [True, False, True]
    assert isinstance(results[1], Reject)
    assert results[1].reason is RejectReason.TOO_SLOW
    assert "3 s" in results[1].detail


def titles(cleaner: Cleaner, *, tasks: list[Task]) -> tuple[int, list[str]]:
    """Give the process and the title or the reason of each document."""
    results = cleaner.clean(tasks)
    return os.getpid(), [
        result.title if isinstance(result, Article) else result.reason.value for result in results
    ]


def test_work_is_done_as_a_whole_in_another_process() -> None:
    with CleaningPool(1) as pool:
        process, result = pool.run(partial(titles, tasks=[task(0), Task(b""), task(1)]))
    assert process != os.getpid()
    assert result == [TITLE.format(n=0), "empty", TITLE.format(n=1)]


@pytest.mark.slow
def test_work_whose_process_is_ended_by_a_document_is_done_again_here() -> None:
    hostile = Task("\n".join(f"Line {n} of {n % 7}" for n in range(1_500_000)).encode())
    with CleaningPool(1, seconds=3) as pool:
        process, result = pool.run(partial(titles, tasks=[task(0), hostile, task(1)]))
    assert process == os.getpid()
    assert result == [TITLE.format(n=0), "too_slow", TITLE.format(n=1)]


def test_a_process_of_the_pool_ends_with_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import multiprocessing, os, signal, time\n"
        "from copydesk.tasks.workers.pool import CleaningPool\n"
        "def work(cleaner):\n"
        "    print(os.getpid(), flush=True)\n"
        "    os.kill(multiprocessing.parent_process().pid, signal.SIGKILL)\n"
        "    time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    CleaningPool(1).run(work)\n",
        encoding="utf-8",
    )
    ended = subprocess.run(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, check=False, timeout=120
    )
    assert ended.returncode == -signal.SIGKILL
    assert int(ended.stdout)  # its end was reached: the child, which held it open, has ended
