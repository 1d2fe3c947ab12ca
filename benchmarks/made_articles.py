"""Made articles of 3 KB, as batches of a run: new ones, and changes of those before."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from copydesk.schemas.arrow import frame
from copydesk.schemas.ids import content_hash, item_id
from copydesk.tasks.ingest.batch import sign
from copydesk.warehouse.failpoints import watched
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import BatchFrames, RunPlan

START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 1_000
RUN, CHANGED, NEW = 5_000, 800, 200
"""A run looks at 5,000 items: 800 have another text, 200 are new.

Those that an earlier run changed and this one merely looks at have their first text back: revisions
too, and more of them the smaller the store (run 5: 1,426 of 10,000 articles, 909 of 100,000).
"""
STEPS = {
    "publish:copy": "find what changed, copy or update the file",
    "publish:take": "load the new runs",
    "publish:revisions": "derive revisions",
    "publish:write": "write changed articles",
    "publish:cuts": "write their cuts and sightings",
    "publish:log": "log what changed",
    "publish:segment": "compare new texts",
    "publish:merge": "compare new texts",
    "publish:compare": "compare new texts",
    "publish:copies": "assign copies",
    "publish:changes": "measure what revisions changed",
    "publish:search": "update the search index",
    "publish:checkpoint": "checkpoint",
    "publish:close": "close",
}
"""What a publish does up to each of its fail points; the rest is the swap."""

RUNS = 6
"""Runs, each published: three versions are kept, so that the last ones are as all later ones."""

QUERIES = {
    "count by day and site": "SELECT CAST(published_at AS DATE) AS day, site, count(*)"
    " FROM articles GROUP BY ALL ORDER BY ALL",
    "text search by LIKE": "SELECT count(*) FROM articles WHERE text LIKE '%harbour strike%'",
    "one article by address": "SELECT title FROM articles WHERE url = 'https://site-7.example/7'",
    "revisions of an article": "SELECT count(*) FROM revisions WHERE article_id = (SELECT"
    " article_id FROM revisions WHERE revision = 2 LIMIT 1)",
    "fates by run": "SELECT run_id, fate, count(*) FROM ledger GROUP BY ALL",
}


@dataclass
class Figures:
    """What was measured, by name: seconds, or megabytes."""

    rows: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        """Keep a figure, and show it at once: the larger sizes take minutes."""
        self.rows[name] = value
        sys.stderr.write(f"{name}: {value:,.2f}\n")

    @contextlib.contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note the seconds of a block: those that passed, and those of this process's cores."""
        start, cores = time.perf_counter(), time.process_time()
        yield
        self.add(name, time.perf_counter() - start)
        self.add(f"{name} (CPU)", time.process_time() - cores)

    @contextlib.contextmanager
    def weighed(self, name: str) -> Iterator[None]:
        """Note a block's seconds, megabytes that it wrote, and its own peak of resident memory."""
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew: proc(5)
        before = written()
        with self.timed(name):
            yield
        self.add(f"{name} (MB written)", (written() - before) / 1e6)
        self.note(f"{name} (peak MB)", peak_memory() / 1e6)

    @contextlib.contextmanager
    def stepped(self, name: str) -> Iterator[None]:
        """Note a publish: as a whole, and from each of its named moments to the next."""
        last = [time.perf_counter(), time.process_time()]

        def tell(moment: str) -> None:
            now = [time.perf_counter(), time.process_time()]
            step = f"{name}: {STEPS.get(moment, 'swap')}"
            self.add(step, now[0] - last[0])
            self.add(f"{step} (CPU)", now[1] - last[1])
            last[:] = now

        with self.weighed(name), watched(tell):
            yield

    def add(self, name: str, value: float) -> None:
        """Add to a figure."""
        self.note(name, self.rows.get(name, 0.0) + value)


def written() -> int:
    """Read how many bytes this process has caused to be written to disk."""
    return proc_number("io", "write_bytes:")


def peak_memory() -> int:
    """Read the peak of resident memory, in bytes, since it was last reset."""
    return 1024 * proc_number("status", "VmHWM:")


def proc_number(file: str, name: str) -> int:
    """Read a number that Linux says about this process."""
    lines = Path(f"/proc/self/{file}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def words() -> list[str]:
    """Make a vocabulary."""
    dice = random.Random(1)
    signs = "etaoinshrdlucmfwypvbgkjqxz"
    rare_words = ["".join(dice.choices(signs, k=dice.randint(2, 9))) for _ in range(20_000)]
    return ["harbour", "strike", *rare_words]


def article(number: int, version: int, vocabulary: Sequence[str]) -> tuple[str, str]:
    """Make an article's title and text of about 3 KB, the same for the same numbers."""
    # cubed: a few words are frequent and most are rare, as in a language
    places = np.random.default_rng((number, version)).random(470) ** 3 * len(vocabulary)
    text_words = [vocabulary[at] for at in places.astype(int).tolist()]
    text = "\n\n".join(" ".join(text_words[at : at + 47]) for at in range(10, 470, 47))
    return " ".join(text_words[:8]), text


def batch_frames(
    run_id: str, batch: int, items: Sequence[tuple[int, int]], at: datetime, lexicon: Sequence[str]
) -> BatchFrames:
    """Make a batch from (number, version) of articles."""
    observations, ledger, cuts = [], [], []
    for number, version in items:
        title, text = article(number, version, lexicon)
        site = f"site-{number % 50}"
        row: dict[str, Any] = {
            "run_id": run_id,
            "batch": batch,
            "item_id": item_id("bench", str(number)),
            "article_id": item_id("bench", str(number)),
            "source": "bench",
            "locator": str(number),
            "url": f"https://{site}.example/{number}",
            "observed_at": at,
            "content_hash": content_hash(title, text),
            "cleaner_version": "1",
        }
        ledger.append(row | {"fate": "read", "fingerprint": f"{version}"})
        published = START - timedelta(days=number % 365, minutes=number % 1440)
        observations.append(
            row
            | {
                "title": title,
                "text": text,
                "markdown": text,
                "site": site,
                "authors": [f"Author {number % 300}"],
                "published_at": published,
                "language": "en",
                "evidence": {"title": "json-ld", "published_at": "json-ld"},
            }
        )
        keys = ("run_id", "batch", "item_id", "article_id", "content_hash", "cleaner_version")
        cuts.extend(
            {key: row[key] for key in keys}
            | {"position": position, "kind": "related", "rule": "model", "score": 0.1,
               "text": text[position * 150 : position * 150 + 150]}
            for position in range(4)
        )  # fmt: skip
    signatures, shingles = sign(run_id, batch, observations)
    return BatchFrames(
        frame("observations", observations),
        frame("cuts", cuts),
        frame("rejects", []),
        frame("ledger", ledger),
        signatures=signatures,
        shingles=shingles,
    )


def run(
    lake: Lake, run_id: str, items: Sequence[tuple[int, int]], day: int, figures: Figures, name: str
) -> None:
    """Stage, seal and commit a run; the making of the rows is not counted."""
    lexicon = words()
    lake.begin(RunPlan(run_id, "benchmark", "bench", START + timedelta(days=day)))
    for batch, part in enumerate(parts(items)):
        frames = batch_frames(run_id, batch, part, START + timedelta(days=day), lexicon)
        with figures.timed(f"{name}: stage"):
            lake.run(run_id).stage(batch, frames)
    with figures.timed(f"{name}: seal"):
        lake.run(run_id).seal()
    with figures.timed(f"{name}: commit"):
        lake.run(run_id).commit()


def changes(articles: int, day: int) -> list[tuple[int, int]]:
    """Make a run's items, as (number, version): CHANGED have another text, NEW are new."""
    numbers = random.Random(2 + day).sample(range(articles), RUN - NEW)
    items = [(number, day if index < CHANGED else 0) for index, number in enumerate(numbers)]
    first = articles + (day - 1) * NEW
    return items + [(number, 0) for number in range(first, first + NEW)]


def ask(
    connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str], figures: Figures, name: str
) -> None:
    """Note the best of three times of each query."""
    for query, sql in queries.items():
        times = []
        for _ in range(3):
            start = time.perf_counter()
            connection.execute(sql).fetchall()
            times.append(time.perf_counter() - start)
        figures.note(f"{name}: {query}", min(times))


def parts(items: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    """Part items into batches."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def megabytes(folder: Path) -> float:
    """Add up the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
