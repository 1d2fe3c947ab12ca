"""Operations that a test kills: the state before, the call, and what another process does.

Prefect is imported by the two that need it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from copydesk.tasks.dedup.rules import COPIES
from copydesk.tasks.workers.pool import clean_one
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.storage import version
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.version import Step, newest
from copydesk.warehouse.upkeep import compact
from copydesk.warehouse.upkeep.erase import forget
from copydesk.warehouse.upkeep.migrate import migrate
from tests.flows.running import articles, write
from tests.warehouse.sample import WITHOUT_ENDS, WITHOUT_RUNS, Look, frames, plan
from tests.warehouse.sample import ingest as ingest_looks
from tests.warehouse.worker import looks, work

ERASED = "always the same"
"""A text of every run of ``looks``: of the article that is forgotten."""

COUNTED = {"count": "SELECT count(*), sum(items) FROM runs"}
TIMELESS: Mapping[str, str] = {
    "articles": "SELECT locator, revision, title, text, cleaner_version FROM articles ORDER BY ALL",
    "revisions": "SELECT locator, revision, text, cause FROM revisions ORDER BY ALL",
    "sightings": "SELECT times FROM sightings ORDER BY ALL",
    "cuts": "SELECT kind, text FROM cuts ORDER BY ALL",
    "rejects": "SELECT locator, reason FROM rejects ORDER BY ALL",
    "ledger": "SELECT locator, fate FROM ledger ORDER BY ALL",
    "runs": 'SELECT flow, state, items, "new" FROM runs ORDER BY ALL',
    "slices": 'SELECT items, "new", state, runs FROM slices ORDER BY ALL',
}  # fmt: skip
"""For runs whose ids and times differ each time."""


class InProcess:
    """Cleans in the process that is killed: cleaning processes would take longer than the run."""

    @staticmethod
    def clean(tasks: Any, rules: Any = None) -> list[Any]:
        return [clean_one(task, rules) for task in tasks]

    def run(self, function: Callable[[Any], Any]) -> Any:
        return function(self)


@contextlib.contextmanager
def cleaning_here() -> Iterator[None]:
    from copydesk.flows import ingest as ingest_flow
    from copydesk.flows import reclean as reclean_flow

    def here() -> AbstractContextManager[InProcess]:
        return nullcontext(InProcess())

    with (
        patch.object(ingest_flow, "pool_here", here),
        patch.object(reclean_flow, "pool_here", here),
    ):
        yield


@dataclass(frozen=True)
class Operation:
    """``call`` is killed and given again; ``beside`` runs in another process, up to ``until``
    before the kill, and to its end after it. ``compared`` is what is the same in the end as where
    nobody was killed, ``seen`` what readers see as it was before or after a call,
    ``passes`` one of its fail points."""

    fill: Callable[[Path], None]
    call: Callable[[Path], None]
    beside: Callable[[Path], None] | None = None
    until: str = ""
    compared: Mapping[str, str] = field(default_factory=lambda: WITHOUT_ENDS)
    seen: Mapping[str, str] = field(default_factory=dict)
    around: Callable[[], AbstractContextManager[Any]] = nullcontext
    forgets: bool = False
    passes: str = "publish:swap"

    @property
    def looked_at(self) -> Mapping[str, str]:
        return self.seen or self.compared


def some_runs(home: Path, count: int = 3) -> None:
    for number in range(count):
        work(home, number, published=number == count - 1)


# migrate


def newer_release() -> AbstractContextManager[Any]:
    """A release that reads no lake of today before its stored rows are changed."""

    def name_sites(tables: Tables) -> None:
        tables.update("observations", "site IS NULL", {"site": "'Of old'"})

    step = Step(newest() + 1, "sites have their names", name_sites)
    return patch.object(version, "STEPS", (*version.STEPS, step))


def migrate_and_publish(home: Path) -> None:
    migrate(Lake.open(home / "lake", outdated=True))
    rebuild(home)


def rebuild(home: Path) -> None:
    publish(home, lake=Lake.open(home / "lake"), comparison=COPIES, rebuild=True)


# reclean


def older_readings(home: Path) -> None:
    lake = Lake.open(home / "lake")
    for number in range(2):
        texts = [*articles(5 + number).values()][number * 2 :]
        read = [
            Look(f"{place}.txt", number, f"{text} Share", bytes_=text.encode(), cleaner="0")
            for place, text in enumerate(texts, start=number * 2)
        ]
        ingest_looks(lake, f"run-{number:03}", read, started=number)
    publish(home, lake=lake, comparison=COPIES)


def reclean(home: Path) -> None:
    from copydesk.flows import reclean as reclean_flow
    from copydesk.flows.pipeline import commit_run
    from copydesk.flows.reclean_setup import prepare_reclean
    from copydesk.flows.requests import RecleanRequest
    from copydesk.flows.workspace import Workspace

    workspace, request, now = Workspace(home), RecleanRequest(), datetime.now(UTC)
    with (
        cleaning_here(),
        prepare_reclean(request, workspace, batch_size=3, now=now) as prepared,
    ):
        if prepared is not None:
            for number in prepared.todo:
                reclean_flow.reclean_batch.fn(workspace, prepared.run_id, request, number)
            commit_run.fn(workspace, prepared.run_id, {})
    publish(home, lake=workspace.open_lake(), comparison=COPIES)


# backfill


def days(home: Path) -> None:
    some_runs(home, 1)
    texts = list(articles(6).values())
    for number, text in enumerate(texts):
        write(home / "in", {f"2026/01/0{1 + number // 3}/{number}.txt": text})


def backfill(home: Path) -> None:
    from copydesk.tasks.backfill.slices import BackfillScope
    from tests.flows.slice_worker import begin, fill

    pattern = str(home / "in" / "{date:%Y/%m/%d}" / "*.txt")
    scope = BackfillScope(pattern, date(2026, 1, 1), date(2026, 1, 2))
    with cleaning_here():
        fill(home, begin(home, scope))


# maintain


def untidy(home: Path) -> None:
    """Leave much to compact, a run that is open, one given up in its commit, and old raw bytes."""
    lake = Lake.open(home / "lake")
    some_runs(home, 6)
    lake.begin(plan("run-open", started=40))
    lake.run("run-open").stage(0, frames("run-open", 0, looks(40)))
    (home / "lake/_staging/run-open/9-left.parquet").write_bytes(b"half")
    (home / "lake/_staging/run-ended").mkdir()
    (home / "lake/_staging/run-ended/0.parquet").write_bytes(b"left")
    lake.begin(plan("run-dropped", started=41))
    lake.run("run-dropped").stage(0, frames("run-dropped", 0, looks(41)))
    lake.run("run-dropped").seal()
    lake.run("run-dropped").abandon("nobody wants it")


def small_tables() -> AbstractContextManager[Any]:
    """A table of a few files is compacted as one of many is."""
    return patch.object(compact, "_SMALL_FILES", 3)


def maintain(home: Path) -> None:
    lake, now = Lake.open(home / "lake"), datetime.now(UTC)
    day = timedelta(days=1)
    compact.maintain(lake, now=now + day, retention=day / 24, keep_raw=day / 2, comparison=COPIES)
    publish(home, lake=lake, comparison=COPIES)


# forget


def forget_one(home: Path) -> None:
    forget(
        home, lake=Lake.open(home / "lake"), now=datetime(2026, 4, 1, tzinfo=UTC),
        article_id=Look("stays").article, comparison=COPIES, reason="takedown 17",
        elsewhere=lambda _: None,
    )  # fmt: skip


ingest = partial(work, number=7)
ORDERLESS = WITHOUT_RUNS | COUNTED
REMOVING = ORDERLESS | {"ledger": "SELECT item_id, observed_at FROM ledger ORDER BY ALL"}
"""Until a removal is complete, earlier ledger rows may still have the hash of the removed text."""

OPERATIONS: Mapping[str, Operation] = {
    "migrate": Operation(
        some_runs, migrate_and_publish, around=newer_release, passes="migrate:work"
    ),
    "reclean": Operation(older_readings, reclean, compared=TIMELESS, passes="plan:run"),
    "backfill": Operation(days, backfill, compared=TIMELESS, passes="backfill:plan"),
    "rebuild": Operation(some_runs, rebuild),
    "ingest, another at once": Operation(
        some_runs, ingest, partial(work, number=8), "commit:ledger", ORDERLESS
    ),
    "ingest, forget at once": Operation(
        some_runs, ingest, forget_one, "forget:cuts", ORDERLESS, REMOVING, forgets=True
    ),
    "forget, ingest at once": Operation(
        some_runs, forget_one, ingest, "seal:manifest", ORDERLESS, REMOVING, forgets=True
    ),
    "maintain": Operation(untidy, maintain, around=small_tables, passes="maintain:vacuum"),
}
