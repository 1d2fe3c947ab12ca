"""How fast copied text is cleaned, and what each stage costs.

``python -m benchmarks.copied_speed [--data ../shared/data] [--every 14]`` cleans one in so many
texts of ``copied-dev`` as a browser copies them, each round with nothing remembered of earlier
lines, and prints CPU ms a text: the least of some rounds, then by stage, then a profile.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq

from benchmarks.stages import Stages, print_stages
from copydesk.tasks.cleaning import clean, title
from copydesk.tasks.cleaning.html.model import Forest
from copydesk.tasks.cleaning.text import article, line_scores, lines, reading, selection

STAGES: Final[Stages] = (
    ("lines", article, "read_lines"),
    ("scores of the lines", article, "score_lines"),
    ("features of the lines", reading, "features second_rows"),
    ("models", Forest, "chance"),
    ("candidates for the title", reading, "candidates candidate_rows"),
    ("choice of lines and title", selection, "by_models"),
    ("rules", selection, "by_rules may_be_bare is_framed below_entries surely_other"),
    ("is it an article, how good", selection, "with_quality"),
    ("is it an article, how good", reading, "text_row"),
    ("repeats", article, "_repeats"),
    ("cuts", article, "_cuts"),
    ("authors and dates", article, "read_byline"),
    ("language", article, "_language"),
    ("access", article, "ending with_access"),
)
"""What cleaning consists of: a name, and the functions as their caller knows them."""


def forget() -> None:
    """Forget what is remembered of lines and titles."""
    line_scores._SHORT_SCORES.clear()
    for remembered in (lines._short_form, title._cached_key):
        remembered.cache_clear()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--every", type=int, default=14)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    table = pq.read_table(options.data / "copied-dev.parquet", columns=["browser", "url"])
    texts = [(row["browser"], row["url"]) for row in table.to_pylist()[:: options.every]]

    def clean_all() -> list[float]:
        forget()
        seconds = []
        for text, url in texts:
            started = time.thread_time()
            clean(text, media_type="text/plain", url=url)
            seconds.append(time.thread_time() - started)
        return seconds

    clean_all()  # loads the models
    times_ms = 1000 * np.array([clean_all() for _ in range(options.rounds)]).min(axis=0)
    letters = sum(len(text) for text, _ in texts) / len(texts)
    print(
        f"{len(texts)} texts of {letters / 1000:.1f} KB in the mean: CPU ms {times_ms.mean():.2f}"
    )
    print(f"median {np.median(times_ms):.2f}, p95 {np.percentile(times_ms, 95):.2f}")
    print_stages(STAGES, clean_all, len(texts), options.rounds)
    profile = cProfile.Profile(time.thread_time)
    profile.enable()
    clean_all()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(60)


if __name__ == "__main__":
    main()
