from __future__ import annotations

import asyncio
import multiprocessing
from pathlib import Path

import pytest

from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.fetcher import Fetcher
from copydesk.tasks.sources.web.fetch.throttle import STALE, RateLimit, SharedPace
from tests.servers.site import FakeTime, Page, Site, policy_for


def test_turns_follow_one_another(tmp_path):
    pace = SharedPace(str(tmp_path))
    assert [pace.reserve("a", 100.0, 2.0) for _ in range(3)] == [0.0, 2.0, 4.0]
    assert pace.reserve("b", 100.0, 2.0) == 0.0
    assert pace.reserve("a", 200.0, 2.0) == 0.0
    pace.hold("a", 230.0)
    assert pace.reserve("a", 203.0, 2.0) == 27.0


@pytest.mark.parametrize("text", ["", "nonsense", repr(100.0 + 2 * STALE)])
def test_a_file_that_makes_no_sense_holds_nobody_up(tmp_path, text):
    pace = SharedPace(str(tmp_path))
    pace.reserve("a", 100.0, 2.0)
    for path in tmp_path.iterdir():
        path.write_text(text)
    assert pace.reserve("a", 100.0, 2.0) == 0.0


def test_two_guests_together_are_no_faster_than_one(tmp_path):
    clock = FakeTime()
    shared = SharedPace(str(tmp_path))
    with Site({"*": "x"}) as site:
        policy = policy_for(
            site, time=clock, rate_limit=RateLimit(3, 1, adapt=False), shared=shared
        )

        async def run():
            async with Fetcher(policy) as item, Fetcher(policy) as other:
                for number in range(3):
                    await item.fetch(f"{site.url}/{number}")
                    await other.fetch(f"{site.url}/{number}")

        before = clock.seconds
        asyncio.run(run())
        assert clock.seconds - before == 15.0


def test_what_a_host_asked_of_one_is_kept_by_the_other(tmp_path):
    clock = FakeTime()
    busy = Page(status=503, headers={"retry-after": "50"})
    with Site({"/busy": busy, "/": "x"}) as site:
        shared = SharedPace(str(tmp_path))
        policy = policy_for(
            site, time=clock, rate_limit=RateLimit(1, 1, adapt=False), shared=shared
        )

        async def run():
            async with Fetcher(policy) as item, Fetcher(policy) as other:
                with pytest.raises(FetchError):
                    await item.fetch(f"{site.url}/busy")
                await other.fetch(f"{site.url}/")

        asyncio.run(run())
        assert clock.slept[-1] == pytest.approx(50)


def reserve(folder: Path, times: int) -> None:
    pace = SharedPace(str(folder))
    for _ in range(times):
        pace.reserve("a", 1000.0, 1.0)


def test_processes_share_it(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=reserve, args=(tmp_path, 20)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert SharedPace(str(tmp_path)).reserve("a", 1000.0, 1.0) == 60.0
