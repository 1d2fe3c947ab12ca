"""How fast whole pages are cleaned, with metadata, beside the published extractors."""

from __future__ import annotations

import cProfile
import pstats
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from benchmarks.html_systems import PEERS, shipped
from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.html import article, page_analysis
from copydesk.tasks.cleaning.html.model import Forest
from copydesk.tasks.cleaning.html.native import native_blocks
from training.data import records

_FIELDS = import_module("copydesk.tasks.cleaning.metadata.reconcile")

STAGES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("bounds and parser", article, "parsed"),
    ("what the page says of itself", metadata, "gather"),
    ("blocks", page_analysis, "read"),
    ("features of the blocks", page_analysis, "features"),
    ("models", Forest, "chance"),
    (
        "choice: tables, code, short posts, last paragraph",
        article,
        "data_cells whole_tables tables_between with_code with_short_post with_next",
    ),
    ("title", _FIELDS, "choose_title"),
    ("language", _FIELDS, "decide_language"),
    ("authors", _FIELDS, "choose_authors"),
    ("dates", _FIELDS, "choose_dates"),
    ("other metadata", metadata, "reconcile"),
    ("rules: foreign passages", article, "foreign_passages"),
    ("rules: phrases, copies, bylines", article, "may_repeat rulings bylines repeats"),
    ("text and Markdown", article, "pieces_of body_text markdown"),
    ("is it an article, how good", article, "page_row page_chance is_refused quality_row"),
    ("access and reservations", article, "shown_access in_page with_access"),
    ("cuts", article, "_cuts"),
)
"""What cleaning consists of: a name, and the functions as their caller knows them."""


class _Stages:
    """CPU seconds of each stage, without those of the stages called in it."""

    def __init__(self) -> None:
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
            for stage, owner, names in STAGES:
                for name in names.split():
                    timed = self.timed(stage, getattr(owner, name))
                    stack.enter_context(patch.object(owner, name, timed))
            self._since = time.thread_time()
            yield
            self._switch()


def stage_table(pages: Sequence[tuple[str, str | None]], rounds: int = 3) -> None:
    """Print what each stage costs per page: the least of some rounds over all pages."""
    least: dict[str, float] = {}
    for _ in range(rounds):
        stages = _Stages()
        with stages.watched():
            for html, url in pages:
                shipped(html, url, "")
        for stage, seconds in stages.seconds.items():
            least[stage] = min(least.get(stage, seconds), seconds)
    print(f"\nCPU ms a page by stage; together {1000 * sum(least.values()) / len(pages):.2f}")
    for stage, seconds in sorted(least.items(), key=lambda item: -item[1]):
        print(f"{stage:52}{1000 * seconds / len(pages):8.3f}")


def speed(data: Path, count: int) -> None:
    """Time systems in turn on the same pages (CPU, one thread), ours by stage, with a profile."""
    pages = [(r["html"], r["url"]) for r in islice(records(data, "wcxb"), count)]
    before = _peak()  # most of it the reading of Parquet
    for html, url in pages[:3]:
        shipped(html, url, "")  # loads the models
    for html, url in pages:
        shipped(html, url, "")
    memory = _peak()
    systems = {"copydesk": shipped, **PEERS}
    times: dict[str, list[float]] = {name: [] for name in systems}
    for html, url in pages:
        for name, system in systems.items():
            # The lesser of two: other work on the machine only adds.
            times[name].append(min(system(html, url, "").seconds for _ in range(2)))
    base = np.array(times["copydesk"])
    print("compiled loops: " + ("yes" if native_blocks else "no"))
    print(f"{len(pages)} pages; at most {before:.0f} MB to load them, {memory:.0f} to clean them")
    print(f"{'':16}{'ms mean':>10}{'median':>10}{'p95':>10}{'mean/ours':>11}{'p95/ours':>10}")
    for name, seconds in times.items():
        times_ms = np.array(seconds) * 1000
        p95 = np.percentile(times_ms, 95)
        ratio = p95 / np.percentile(base * 1000, 95)
        print(
            f"{name:16}{times_ms.mean():10.2f}{np.median(times_ms):10.2f}{p95:10.2f}"
            f"{times_ms.mean() / (1000 * base.mean()):11.1f}{ratio:10.1f}"
        )
    stage_table(pages)
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for html, url in pages:
        shipped(html, url, "")
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(r"tasks/cleaning|lexbor", 40)


def _peak() -> float:
    """The most memory that this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
