"""All runs of a lake, ended or not, for the people who operate it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from copydesk.schemas.items import REFUSED
from copydesk.schemas.run_profile import Profile, read_profiles
from copydesk.schemas.tables import TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.runs import staging
from copydesk.warehouse.runs.run import Run, fates_of
from copydesk.warehouse.storage.duckdb_views import Snapshot, lake_errors, scratch, select

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Problem:
    """An item that produced no article, and why."""

    fate: str
    reason: str
    locator: str
    url: str
    detail: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The most frequent failure of a run: its reason, the host, and one example's detail."""

    reason: str
    host: str
    detail: str


HOST_GIVEN_UP: Final = "host_failing"
"""Reason of items that were not requested because their host kept failing; other failures say
why."""


def main_failure(lake: Lake, run_id: str) -> Failure | None:
    """Return the most frequent failure of a committed run; None when no item failed."""
    with scratch(lake.store) as connection, lake_errors("read the ledger"):
        Snapshot(connection, lake.tables).view("ledger", runs=[run_id])
        row = connection.execute(
            """SELECT coalesce(reason, ''), lower(regexp_extract(url, $host, 1)) AS host,
                coalesce(min(detail), '')
            FROM lake_ledger WHERE fate = 'failed'
            GROUP BY 1, 2 ORDER BY coalesce(reason, '') = $stopped, count(*) DESC, 1, 2 LIMIT 1""",
            {"host": _HOST, "stopped": HOST_GIVEN_UP},
        ).fetchone()
    return None if row is None else Failure(*row)


_HOST: Final = r"^https?://(?:[^/?#@]*@)?(\[[^\]/]*\]|[^/?#:@]*)"
"""Matches an address's host, without user, password and port."""


def problems(lake: Lake, run_id: str, *, limit: int) -> list[Problem]:
    """List at most ``limit`` items of a committed run that were refused, rejected or failed.

    The first item of each reason comes first, so that rare reasons are listed beside frequent ones.
    """
    with scratch(lake.store) as connection, lake_errors("read the ledger"):
        Snapshot(connection, lake.tables).view("ledger", runs=[run_id])
        rows = connection.execute(
            """SELECT fate, coalesce(reason, ''), locator, url, coalesce(detail, '')
            FROM lake_ledger WHERE fate IN ('rejected', 'failed') OR reason IN (SELECT unnest(?))
            ORDER BY row_number() OVER (PARTITION BY fate, reason ORDER BY locator), fate, reason
            LIMIT ?""",
            [sorted(REFUSED), limit],
        ).fetchall()
    return [Problem(*row) for row in rows]


def problems_of(lake: Lake, run_id: str, reasons: Collection[str]) -> list[Problem]:
    """List the items of a committed run that failed for one of these reasons."""
    with scratch(lake.store) as connection, lake_errors("read the ledger"):
        Snapshot(connection, lake.tables).view("ledger", runs=[run_id])
        rows = connection.execute(
            """SELECT fate, reason, locator, url, coalesce(detail, '')
            FROM lake_ledger WHERE fate = 'failed' AND reason IN (SELECT unnest(?))
            ORDER BY detail""",
            [sorted(reasons)],
        ).fetchall()
    return [Problem(*row) for row in rows]


def skipped(lake: Lake, run_id: str) -> dict[str, int]:
    """Count the items of a committed run that were skipped, by reason."""
    with scratch(lake.store) as connection, lake_errors("read the ledger"):
        Snapshot(connection, lake.tables).view("ledger", runs=[run_id])
        rows = connection.execute(
            "SELECT coalesce(reason, ''), count(*) FROM lake_ledger WHERE fate = 'skipped' "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    return dict(rows)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run. ``state`` is committed, abandoned, held or unfinished.

    ``counted`` is False when another run of the slice counts instead. For an unfinished run,
    ``items`` is the planned number and ``staged`` the number of finished batches.
    """

    run_id: str
    state: str
    flow: str
    source: str
    started_at: datetime
    finished_at: datetime | None = None
    slice_key: str | None = None
    counted: bool = False
    items: int = 0
    fates: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    reason: str | None = None
    cleaner_version: str | None = None
    parameters: str = "{}"
    host: str = ""
    pid: int = 0
    staged: int | None = None

    @property
    def seconds(self) -> float | None:
        """Its duration in seconds; None before it has ended."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A reason why items of a run produced no article: their number and an example."""

    reason: str
    items: int
    example: str
    detail: str


def run_records(lake: Lake, *, run_id: str | None = None) -> list[RunRecord]:
    """List the runs, newest first; with ``run_id`` only that one."""
    records = [*_open(lake, run_id), *_ended(lake, run_id)]
    by_id = {
        record.run_id: record for record in records
    }  # a run that ended meanwhile is listed as ended
    return sorted(by_id.values(), key=lambda one: (one.started_at, one.run_id), reverse=True)


def run_record(lake: Lake, run_id: str) -> RunRecord:
    """Return a run; LakeError when there is none of that id."""
    records = run_records(lake, run_id=run_id)
    if not records:
        raise LakeError(f"there is no run {run_id}; copydesk runs list lists the runs")
    return records[0]


def rejections(lake: Lake, record: RunRecord) -> list[Rejection]:
    """Count a run's rejects by reason; also for held and unfinished runs."""
    with scratch(lake.store) as connection, lake_errors("read the rejects"):
        if record.state == "committed":
            Snapshot(connection, lake.tables).view("rejects", runs=[record.run_id])
        else:
            batches = lake.run(record.run_id).batches
            files = [lake.store.uri(file) for file in staging.files_of(batches, "rejects")]
            connection.execute(
                f"CREATE TEMP VIEW lake_rejects AS {select(TABLES['rejects'], files)}"
            )
        rows = connection.execute(
            "SELECT reason, count(*), min_by(url, locator), min_by(detail, locator)"
            " FROM lake_rejects GROUP BY reason ORDER BY 2 DESC, 1"
        ).fetchall()
    return [Rejection(*row) for row in rows]


def profiles_of(lake: Lake, record: RunRecord) -> dict[str, Profile]:
    """Return a run's profiles by source.

    Empty for an unfinished run and one of an early release.
    """
    run = lake.run(record.run_id)
    if run.sealed is not None:
        return dict(run.sealed.profiles)
    return read_profiles(run.ended_row["profile"] if run.ended_row else None)


def _ended(lake: Lake, run_id: str | None) -> Iterator[RunRecord]:
    with scratch(lake.store) as connection, lake_errors("read the runs"):
        Snapshot(connection, lake.tables)
        table = connection.sql(
            "SELECT *, run_id IN (SELECT run_id FROM counted) AS counted FROM lake_runs"
            " WHERE run_id = coalesce($only, run_id)",
            params={"only": run_id},
        ).to_arrow_table()
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        yield RunRecord(
            **{name: row[name] for name in _SAME},
            fates=fates_of(row),
            findings=tuple(row["warnings"] or ()),
        )


def _open(lake: Lake, run_id: str | None) -> Iterator[RunRecord]:
    for run in lake.unfinished():
        if run_id in (None, run.plan.run_id):
            yield _of_open(run)


def _of_open(run: Run) -> RunRecord:
    plan, sealed = run.plan, run.sealed
    return RunRecord(
        run_id=plan.run_id,
        state=run.state.value,
        flow=plan.flow,
        source=plan.source,
        started_at=plan.started_at,
        finished_at=run.verdict.judged_at if run.verdict and run.held else None,
        slice_key=plan.slice_key,
        items=sealed.items if sealed is not None else plan.items or 0,
        fates=sealed.fates if sealed is not None else {},
        findings=run.verdict.findings if run.verdict is not None else (),
        cleaner_version=plan.cleaner_version,
        parameters=plan.parameters,
        host=plan.host,
        pid=plan.pid,
        staged=len(run.batches),
    )


_SAME = (
    *("run_id", "state", "flow", "source", "started_at", "finished_at", "slice_key", "counted"),
    *("items", "reason", "cleaner_version", "parameters", "host", "pid"),
)
"""Fields of a record that are columns of ``runs``."""
