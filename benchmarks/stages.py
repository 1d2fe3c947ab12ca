"""What each stage of cleaning costs: CPU time of some functions, without that of those in them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Stages = Sequence[tuple[str, Any, str]]
"""A stage's name, the module or class that calls its functions, and their names there."""


class Stopwatch:
    """CPU seconds of each stage, without those of the stages called in it."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.seconds: dict[str, float] = defaultdict(float)
        self._running = ["the rest"]
        self._since = 0.0

    def _switch(self) -> None:
        now = time.thread_time()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, which counts for a stage."""

        def call(*arguments: Any, **options: Any) -> Any:
            self._switch()
            self._running.append(stage)
            try:
                return function(*arguments, **options)
            finally:
                self._switch()
                self._running.pop()

        return call

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Time the stages of what is called meanwhile."""
        with ExitStack() as stack:
            for stage, owner, names in self.stages:
                for name in names.split():
                    timed = self.timed(stage, getattr(owner, name))
                    stack.enter_context(patch.object(owner, name, timed))
            self._since = time.thread_time()
            yield
            self._switch()


def print_stages(
    stages: Stages, clean_all: Callable[[], object], count: int, rounds: int = 3
) -> None:
    """Print what each stage costs per document: the least of some rounds over all.

    Args:
        stages: What is timed.
        clean_all: Cleans all documents.
        count: The number of documents.
        rounds: How often they are cleaned.
    """
    least: dict[str, float] = {}
    for _ in range(rounds):
        stopwatch = Stopwatch(stages)
        with stopwatch.watched():
            clean_all()
        for stage, seconds in stopwatch.seconds.items():
            least[stage] = min(least.get(stage, seconds), seconds)
    print(f"\nCPU ms a document by stage; together {1000 * sum(least.values()) / count:.2f}")
    for stage, seconds in sorted(least.items(), key=lambda item: -item[1]):
        print(f"{stage:52}{1000 * seconds / count:8.3f}")
