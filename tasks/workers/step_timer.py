"""Where the processor's seconds go, by step, in the thread that does the steps one by one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Stopwatch:
    """CPU seconds of this thread by step; two looks at the kernel's clock cost 1 µs."""

    def __init__(self) -> None:
        """Begin with no steps."""
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what is done in the block."""
        begun = time.thread_time()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.thread_time() - begun

    def each(self, name: str, found: Iterable[T]) -> Iterator[T]:
        """Count what it takes to find each."""
        rest = iter(found)
        while True:
            with self.step(name):
                try:
                    one = next(rest)
                except StopIteration:
                    return
            yield one
