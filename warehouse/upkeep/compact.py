"""Upkeep of a lake: fewer and larger files, and nothing kept that nobody needs."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from deltalake.exceptions import CommitFailedError, DeltaError

from copydesk.schemas.tables import TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.runs import open_runs, sealing, staging, verdict
from copydesk.warehouse.runs.run import Run
from copydesk.warehouse.storage.delta_tables import writer_properties
from copydesk.warehouse.storage.duckdb_views import Cut, listed, scratch
from copydesk.warehouse.storage.storage import Stored, reason
from copydesk.warehouse.upkeep.erase import Elsewhere, complete
from copydesk.warehouse.upkeep.erase_tables import erase_returned

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake
    from copydesk.warehouse.publish.duplicates import Comparison

RETENTION: Final = timedelta(days=7)
"""Age at which files that no table names any more are deleted: longer than any run or publish."""

_LONGEST_BATCH: Final = timedelta(days=1)
"""From the first file of a batch to its manifest."""

_SMALL_FILES: Final = 16
"""Files at which a table is compacted: a DuckDB scan opens each of them, 1 ms a file."""

_FILE_SIZE: Final = 256 * 1024 * 1024
"""Size of compacted files: row groups are what readers skip by, so larger ones cost nothing."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """One thing that was done: what, to which table or folder, and to how many files or rows."""

    what: str
    where: str
    number: int


def maintain(
    lake: Lake,
    *,
    now: datetime,
    retention: timedelta = RETENTION,
    keep_raw: timedelta | None = None,
    comparison: Comparison | None = None,
    elsewhere: Elsewhere | None = None,
) -> list[Upkeep]:
    """Compact, write checkpoints, and delete what is left over; says what was done.

    Removals that broke off are completed first; ``comparison`` and ``elsewhere`` are those of
    ``forget``.

    Readers and runs may go on meanwhile: files are deleted when they have been out of use for
    ``retention``. ``keep_raw`` deletes raw files that were written longer ago; without it they
    stay for ever.
    """
    done = [
        Upkeep(
            "removals that were completed",
            "all",
            len(complete(lake, comparison=comparison, elsewhere=elsewhere)),
        ),
        Upkeep("items that were forgotten and came back", "all", erase_returned(lake)),
        *_abandoned_rows(lake),
        *_left_over(lake, now - retention),
        *_raw_files(lake, now, retention, keep_raw),
    ]
    for name in TABLES:
        done.extend(_tidy(lake, name, retention))
    return [one for one in done if one.number]


def _abandoned_rows(lake: Lake) -> Iterator[Upkeep]:
    """Delete rows of abandoned runs: what a commit had appended before it was given up."""
    with scratch(lake.store) as connection:
        Cut(connection, lake.tables)
        found = connection.execute(
            "SELECT run_id FROM lake_runs WHERE state = 'abandoned'"
        ).fetchall()
    if runs := [run for (run,) in found]:
        for name in sealing.ORDER:
            yield Upkeep(
                "rows of abandoned runs",
                name,
                lake.tables.delete(name, f"run_id IN ({listed(runs)})"),
            )


def _left_over(lake: Lake, before: datetime) -> Iterator[Upkeep]:
    """Delete files of runs that are not open: a process died while it cleaned up, or planned."""
    for plan in open_runs.open_plans(lake.store):
        if lake.run(plan.run_id).ended_row is not None:
            open_runs.drop_plan(lake.store, plan.run_id)
    open_now = {plan.run_id for plan in open_runs.open_plans(lake.store)}
    for folder in (staging.FOLDER, sealing.FOLDER, verdict.FOLDER):
        left = [
            file.path
            for file in lake.store.list(folder)
            if _run_of(file.path) not in open_now and file.modified < before
        ]
        lake.store.delete(left)
        yield Upkeep("files of ended runs", folder, len(left))
    for run in lake.unfinished():
        left = [file.path for file in _unnamed(lake, run) if file.modified < _of_open(run, before)]
        lake.store.delete(left)
        yield Upkeep("files of batches that broke off", run.plan.run_id, len(left))
    yield Upkeep("files half written", "all", lake.store.drop_temporary(before))


def _unnamed(lake: Lake, run: Run) -> list[Stored]:
    """List files of an open run that no manifest names: its process died before it wrote one."""
    run_id = run.run_id
    files = [
        file
        for folder in (staging.FOLDER, sealing.FOLDER, "raw")
        for file in lake.store.list(f"{folder}/{run_id}")
        if not file.path.endswith(".json")
    ]
    run = lake.run(run_id)  # as it is after its files were listed
    named = {file for batch in run.batches for file in batch.files.values()}
    sealed = run.sealed.files if run.sealed else {}
    named |= {file for several in sealed.values() for file in several}
    if run.ended_row is not None:
        return []  # it has ended meanwhile: the manifests are gone, the files in the tables
    return [file for file in files if file.path not in named]


def _of_open(run: Run, before: datetime) -> datetime:
    """Give the age of what may go of an open run: what its process writes now is no week old."""
    plan = run.plan
    if plan.host == socket.gethostname() and not _is_running(plan.pid):
        return before
    return min(before, datetime.now(UTC) - _LONGEST_BATCH)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _raw_files(
    lake: Lake, now: datetime, retention: timedelta, keep_raw: timedelta | None
) -> Iterator[Upkeep]:
    """Delete raw files that nothing names, and those that were written too long ago."""
    files = lake.store.list("raw")  # before the index: what is committed later is not in it
    open_now = {run.plan.run_id for run in lake.unfinished()}
    files = [file for file in files if _run_of(file.path) not in open_now]
    old = [file.path for file in files if keep_raw is not None and file.modified < now - keep_raw]
    if old:
        lake.tables.delete("raw_index", f"file IN ({listed(old)})")
        lake.store.delete(old)
    yield Upkeep("raw files past their time", "raw", len(old))
    with scratch(lake.store) as connection:
        Cut(connection, lake.tables).view("raw_index")
        found = connection.execute("SELECT DISTINCT file FROM lake_raw_index").fetchall()
    named = {file for (file,) in found} | set(old)
    left = [
        file.path for file in files if file.path not in named and file.modified < now - retention
    ]
    lake.store.delete(left)
    yield Upkeep("raw files that nothing names", "raw", len(left))


def _tidy(lake: Lake, name: str, retention: timedelta) -> Iterator[Upkeep]:
    table = lake.tables.open(name)
    if table is None:
        return
    try:
        if len(table.file_uris()) >= _SMALL_FILES:
            metrics = table.optimize.compact(
                target_size=_FILE_SIZE,
                max_concurrent_tasks=1,
                writer_properties=writer_properties(name),
            )
            yield Upkeep("files compacted", name, int(metrics.get("numFilesRemoved", 0)))
        table.create_checkpoint()
        lake.tables.settle(name)  # before the files go that it replaces
        hours = int(retention.total_seconds() // 3600)
        gone = table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
        yield Upkeep("files deleted", name, len(gone))
    except CommitFailedError:
        return  # a run was at work on it: the next upkeep finds the same
    except (DeltaError, OSError) as error:
        raise LakeError(f"cannot tidy the table {name}: {reason(error)}") from error


def _run_of(path: str) -> str:
    return path.split("/")[1].removesuffix(".json")
