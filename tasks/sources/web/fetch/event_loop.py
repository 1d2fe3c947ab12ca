"""Run many fetches concurrently for a caller that takes one result after another."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

from copydesk.tasks.sources.web.fetch.fetcher import Fetcher, Policy

T = TypeVar("T")
R = TypeVar("R")

WINDOW = 96
"""Maximum results pending at once: enough to hide a slow host, few enough for memory."""

CLOSE_SECONDS = 5


class FetchLoop:
    """A fetcher with its own thread and event loop.

    Each process has one, because the request rate of a host and its robots.txt outlast a batch.
    """

    def __init__(self, policy: Policy) -> None:
        """Start the thread."""
        self.now = policy.time.now
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fetcher", daemon=True)
        self._thread.start()
        self.fetcher: Fetcher = self.wait(_make_fetcher(policy))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one coroutine and wait for its result."""
        return self._submit(work).result()

    def in_order(
        self, works: Iterable[T], work: Callable[[Fetcher, T], Coroutine[Any, Any, R]]
    ) -> Iterator[R]:
        """Run ``work`` for many arguments at once; yield the results in order."""
        waiting: deque[Future[R]] = deque()
        try:
            for argument in works:
                waiting.append(self._submit(work(self.fetcher, argument)))
                if len(waiting) >= WINDOW:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """Close the connections and end the thread."""
        if self._thread.is_alive() and not self._loop.is_closed():
            with contextlib.suppress(TimeoutError):  # a loop that hangs must not delay the exit
                self._submit(self.fetcher.__aexit__(None, None, None)).result(CLOSE_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=CLOSE_SECONDS)

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _make_fetcher(policy: Policy) -> Fetcher:
    return Fetcher(policy)


_fetch_loops: dict[tuple[int, Policy], FetchLoop] = {}
_lock = threading.Lock()


def fetch_loop_for(policy: Policy) -> FetchLoop:
    """Return this process's fetch loop for a policy; a forked process gets its own."""
    key = (os.getpid(), policy)
    with _lock:
        if key not in _fetch_loops:
            _fetch_loops[key] = FetchLoop(policy)
        return _fetch_loops[key]


@atexit.register
def close_fetch_loops() -> None:
    """Close every fetch loop of this process."""
    with _lock:
        keys = [key for key in _fetch_loops if key[0] == os.getpid()]
        fetch_loops = [_fetch_loops.pop(key) for key in keys]
    for fetch_loop in fetch_loops:
        fetch_loop.close()
