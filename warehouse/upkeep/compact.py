"""Maintenance of a lake: compacts files and deletes what is no longer needed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from deltalake.exceptions import CommitFailedError, DeltaError

from copydesk.schemas.tables import TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.processes import is_running
from copydesk.warehouse.runs import open_runs, sealing, staging, verdict
from copydesk.warehouse.runs.run import Run
from copydesk.warehouse.storage.delta_tables import writer_properties
from copydesk.warehouse.storage.duckdb_views import Snapshot, listed, scratch
from copydesk.warehouse.storage.storage import Stored, reason
from copydesk.warehouse.upkeep.erase import ExternalRemoval, complete
from copydesk.warehouse.upkeep.erase_tables import erase_returned

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake
    from copydesk.warehouse.publish.duplicates import Comparison

RETENTION: Final = timedelta(days=7)
"""Age from which unreferenced files are deleted: longer than any run or publish takes."""

_LONGEST_BATCH: Final = timedelta(days=1)
"""Upper bound of the time from a batch's first file to its manifest."""

_SMALL_FILES: Final = 16
"""Number of files from which a table is compacted; a DuckDB scan takes 1 ms to open each."""

_FILE_SIZE: Final = 256 * 1024 * 1024
"""Size of compacted files in bytes; readers skip by row groups, so large files cost nothing."""


@dataclass(frozen=True, slots=True)
class UpkeepResult:
    """One finished task.

    What was done, to which table or folder, and the number of files or rows.
    """

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
    elsewhere: ExternalRemoval | None = None,
) -> list[UpkeepResult]:
    """Compact tables, write checkpoints and delete leftovers; returns what was done.

    Interrupted removals are completed first. Readers and runs may continue meanwhile.

    Args:
        lake: the lake.
        now: the current time.
        retention: age from which unused files are deleted.
        keep_raw: age from which raw files are deleted; None keeps them for ever.
        comparison: as for ``forget``.
        elsewhere: as for ``forget``.
    """
    tasks = [
        UpkeepResult(
            "removals completed",
            "all",
            len(complete(lake, comparison=comparison, elsewhere=elsewhere)),
        ),
        UpkeepResult("forgotten items that came back", "all", erase_returned(lake)),
        *_abandoned_rows(lake),
        *_left_over(lake, now - retention),
        *_raw_files(lake, now, retention, keep_raw),
    ]
    for name in TABLES:
        tasks.extend(_tidy(lake, name, retention))
    return [task for task in tasks if task.number]


def _abandoned_rows(lake: Lake) -> Iterator[UpkeepResult]:
    """Delete rows that an interrupted commit appended before its run was abandoned."""
    with scratch(lake.store) as connection:
        Snapshot(connection, lake.tables)
        rows = connection.execute(
            "SELECT run_id FROM lake_runs WHERE state = 'abandoned'"
        ).fetchall()
    if runs := [run for (run,) in rows]:
        for name in sealing.ORDER:
            yield UpkeepResult(
                "rows of abandoned runs",
                name,
                lake.tables.delete(name, f"run_id IN ({listed(runs)})"),
            )
            checkpoint("maintain:abandoned")


def _left_over(lake: Lake, before: datetime) -> Iterator[UpkeepResult]:
    """Delete files of runs that are not open: their process died during planning or cleanup."""
    for plan in open_runs.open_plans(lake.store):
        if lake.run(plan.run_id).ended_row is not None:
            open_runs.drop_plan(lake.store, plan.run_id)
    open_now = {plan.run_id for plan in open_runs.open_plans(lake.store)}
    for folder in (staging.FOLDER, sealing.FOLDER, verdict.FOLDER):
        unused = [
            file.path
            for file in lake.store.list(folder)
            if _run_of(file.path) not in open_now and file.modified < before
        ]
        lake.store.delete(unused)
        checkpoint("maintain:ended-runs")
        yield UpkeepResult("files of ended runs", folder, len(unused))
    for run in lake.unfinished():
        unused = [
            file.path for file in _unnamed(lake, run) if file.modified < _of_open(run, before)
        ]
        lake.store.delete(unused)
        checkpoint("maintain:batches")
        yield UpkeepResult("files of interrupted batches", run.plan.run_id, len(unused))
    yield UpkeepResult("half-written files", "all", lake.store.drop_temporary(before))


def _unnamed(lake: Lake, run: Run) -> list[Stored]:
    """List files of an open run that no manifest names; their process died before writing one."""
    run_id = run.run_id
    files = [
        file
        for folder in (staging.FOLDER, sealing.FOLDER, "raw")
        for file in lake.store.list(f"{folder}/{run_id}")
        if not file.path.endswith(".json")
    ]
    run = lake.run(run_id)  # read after its files were listed
    referenced = {file for batch in run.batches for file in batch.files.values()}
    sealed = run.sealed.files if run.sealed else {}
    referenced |= {file for several in sealed.values() for file in several}
    if run.ended_row is not None:
        return []  # it has ended meanwhile: its manifests are deleted, its files are in the tables
    return [file for file in files if file.path not in referenced]


def _of_open(run: Run, before: datetime) -> datetime:
    """Return the time before which an open run's unnamed files may be deleted.

    Its process may be alive on another machine and still be writing.
    """
    plan = run.plan
    if plan.host == socket.gethostname() and not is_running(plan.pid):
        return before
    return min(before, datetime.now(UTC) - _LONGEST_BATCH)


def _raw_files(
    lake: Lake, now: datetime, retention: timedelta, keep_raw: timedelta | None
) -> Iterator[UpkeepResult]:
    """Delete unreferenced raw files, and those older than ``keep_raw``."""
    files = lake.store.list("raw")  # listed before the index, which then includes all their rows
    open_now = {run.plan.run_id for run in lake.unfinished()}
    files = [file for file in files if _run_of(file.path) not in open_now]
    old = [file.path for file in files if keep_raw is not None and file.modified < now - keep_raw]
    if old:
        lake.tables.delete("raw_index", f"file IN ({listed(old)})")
        checkpoint("maintain:raw-rows")
        lake.store.delete(old)
    yield UpkeepResult("raw files past their retention", "raw", len(old))
    with scratch(lake.store) as connection:
        Snapshot(connection, lake.tables).view("raw_index")
        rows = connection.execute("SELECT DISTINCT file FROM lake_raw_index").fetchall()
    referenced = {file for (file,) in rows} | set(old)
    unused = [
        file.path
        for file in files
        if file.path not in referenced and file.modified < now - retention
    ]
    lake.store.delete(unused)
    checkpoint("maintain:raw-files")
    yield UpkeepResult("unreferenced raw files", "raw", len(unused))


def _tidy(lake: Lake, name: str, retention: timedelta) -> Iterator[UpkeepResult]:
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
            checkpoint("maintain:compact")
            yield UpkeepResult("files compacted", name, int(metrics.get("numFilesRemoved", 0)))
        table.create_checkpoint()
        checkpoint("maintain:checkpoint")
        lake.tables.settle(name)  # before deleting the files that it replaces
        hours = int(retention.total_seconds() // 3600)
        deleted = table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
        checkpoint("maintain:vacuum")
        yield UpkeepResult("files deleted", name, len(deleted))
    except CommitFailedError:
        return  # a run changed the table: the next maintenance tries again
    except (DeltaError, OSError) as error:
        raise LakeError(f"cannot compact the table {name}: {reason(error)}") from error


def _run_of(path: str) -> str:
    return path.split("/")[1].removesuffix(".json")
