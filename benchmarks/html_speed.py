"""How fast whole pages are cleaned, with metadata, beside the published extractors."""

from __future__ import annotations

import cProfile
import pstats
import resource
import time
from collections.abc import Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.html_systems import PEERS, shipped
from benchmarks.stages import Stages, print_stages
from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.html import article, page_analysis
from copydesk.tasks.cleaning.html.model import Forest
from copydesk.tasks.cleaning.html.native import native_blocks
from training.data import records

_FIELDS = import_module("copydesk.tasks.cleaning.metadata.reconcile")

STAGES: Final[Stages] = (
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
    ("rules: phrases, copies, bylines", article, "any_repeated rulings bylines repeats"),
    ("text and Markdown", article, "written"),
    ("is it an article, how good", article, "page_row page_chance is_refused quality_row"),
    ("access and reservations", article, "shown_access in_page with_access"),
    ("cuts", article, "_cuts"),
)
"""What cleaning consists of: a name, and the functions as their caller knows them."""


def stage_table(pages: Sequence[tuple[str, str | None]], rounds: int = 3) -> None:
    """Print what each stage costs per page."""

    def clean_all() -> None:
        for html, url in pages:
            shipped(html, url, "")

    print_stages(STAGES, clean_all, len(pages), rounds)


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
