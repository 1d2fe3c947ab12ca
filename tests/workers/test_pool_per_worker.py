"""The pool of a cluster's worker: one for all its batches, gone when none comes."""

from __future__ import annotations

import multiprocessing
import threading

import psutil

from copydesk.schemas.article import Article
from copydesk.tasks.workers.pool_per_worker import SharedWorkerPool
from tests.servers.processes import cleaning
from tests.workers.test_pool import task


def test_batches_at_once_share_a_pool_that_ends_when_none_comes() -> None:
    lent = SharedWorkerPool(idle_seconds=0.2)
    with lent.lend(1) as first, lent.lend(1) as second:
        assert first is second
        assert isinstance(first.clean([task(1)])[0], Article)
    wait = threading.Event()
    for _ in range(300):
        if not lent.is_open and first.is_closed:
            break
        wait.wait(0.1)
    assert first.is_closed
    with lent.lend(1) as third:
        assert third is not first
        assert isinstance(third.clean([task(2)])[0], Article)
        third.close()


def in_daemon(answers: multiprocessing.SimpleQueue[tuple[bool, int]]) -> None:
    with SharedWorkerPool().lend(1) as pool:
        cleaned = pool.clean([task(1)])
        (child,) = cleaning(psutil.Process())
        answers.put((isinstance(cleaned[0], Article), child.pid))


def test_a_daemon_may_clean_and_leaves_no_process_behind() -> None:
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    process = context.Process(target=in_daemon, args=(answers,), daemon=True)
    process.start()
    process.join()
    assert process.exitcode == 0
    is_cleaned, child = answers.get()
    assert is_cleaned
    assert not psutil.pid_exists(child)
