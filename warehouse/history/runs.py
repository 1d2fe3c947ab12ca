"""All runs of a lake, those that ended and those that did not, for people who look after them."""

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
from copydesk.warehouse.storage.duckdb_views import Cut, explained, scratch, select

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Problem:
    """An item that gave no article, and why."""

    fate: str
    reason: str
    locator: str
    url: str
    detail: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The most frequent failure of a run: a reason, the host that it concerns and one sentence."""

    reason: str
    host: str
    detail: str


STOPPED_ASKING: Final = "host_failing"
"""Follows from other failures of the host, which say why."""


def main_failure(lake: Lake, run_id: str) -> Failure | None:
    """Find why most of a committed run's failed items failed; None when none did."""
    with scratch(lake.store) as connection, explained("read the ledger"):
        Cut(connection, lake.tables).view("ledger", runs=[run_id])
        found = connection.execute(
            """SELECT coalesce(reason, ''), lower(regexp_extract(url, $host, 1)) AS host,
                coalesce(min(detail), '')
            FROM lake_ledger WHERE fate = 'failed'
            GROUP BY 1, 2 ORDER BY coalesce(reason, '') = $stopped, count(*) DESC, 1, 2 LIMIT 1""",
            {"host": _HOST, "stopped": STOPPED_ASKING},
        ).fetchone()
    return None if found is None else Failure(*found)


_HOST: Final = r"^https?://(?:[^/?#@]*@)?(\[[^\]/]*\]|[^/?#:@]*)"
"""Of an address, without a name, a password or a port."""


def problems(lake: Lake, run_id: str, *, most: int) -> list[Problem]:
    """List items of a committed run that were refused, rejected or failed.

    The first of each reason come first, so that a reason that is met once is seen beside one
    that is met a thousand times.
    """
    with scratch(lake.store) as connection, explained("read the ledger"):
        Cut(connection, lake.tables).view("ledger", runs=[run_id])
        found = connection.execute(
            """SELECT fate, coalesce(reason, ''), locator, url, coalesce(detail, '')
            FROM lake_ledger WHERE fate IN ('rejected', 'failed') OR reason IN (SELECT unnest(?))
            ORDER BY row_number() OVER (PARTITION BY fate, reason ORDER BY locator), fate, reason
            LIMIT ?""",
            [sorted(REFUSED), most],
        ).fetchall()
    return [Problem(*row) for row in found]


def problems_of(lake: Lake, run_id: str, reasons: Collection[str]) -> list[Problem]:
    """List the items of a committed run that failed for one of some reasons."""
    with scratch(lake.store) as connection, explained("read the ledger"):
        Cut(connection, lake.tables).view("ledger", runs=[run_id])
        found = connection.execute(
            """SELECT fate, reason, locator, url, coalesce(detail, '')
            FROM lake_ledger WHERE fate = 'failed' AND reason IN (SELECT unnest(?))
            ORDER BY detail""",
            [sorted(reasons)],
        ).fetchall()
    return [Problem(*row) for row in found]


def skipped(lake: Lake, run_id: str) -> dict[str, int]:
    """Count the items of a committed run that were skipped, by reason."""
    with scratch(lake.store) as connection, explained("read the ledger"):
        Cut(connection, lake.tables).view("ledger", runs=[run_id])
        found = connection.execute(
            "SELECT coalesce(reason, ''), count(*) FROM lake_ledger WHERE fate = 'skipped' "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    return dict(found)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. ``state`` is committed, abandoned, held or unfinished.

    ``counted`` is False where another run of the slice counts instead. ``items`` of an
    unfinished run are those planned, ``staged`` its batches that are done.
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
        """How long it took; None while it has not ended."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why items of a run gave no article: how many, and one of them."""

    reason: str
    items: int
    example: str
    detail: str


def run_records(lake: Lake, *, run_id: str | None = None) -> list[RunRecord]:
    """List the runs, newest first; ``run_id`` alone where one is given."""
    records = [*_open(lake, run_id), *_ended(lake, run_id)]
    once = {record.run_id: record for record in records}  # one that ended meanwhile: as it ended
    return sorted(once.values(), key=lambda one: (one.started_at, one.run_id), reverse=True)


def run_record(lake: Lake, run_id: str) -> RunRecord:
    """Find a run; LakeError when there is none."""
    found = run_records(lake, run_id=run_id)
    if not found:
        raise LakeError(f"there is no run {run_id}; copydesk runs list shows those that there are")
    return found[0]


def rejections(lake: Lake, record: RunRecord) -> list[Rejection]:
    """Count a run's rejects by reason, also of a run that is held or not finished."""
    with scratch(lake.store) as connection, explained("read the rejects"):
        if record.state == "committed":
            Cut(connection, lake.tables).view("rejects", runs=[record.run_id])
        else:
            batches = lake.run(record.run_id).batches
            files = [lake.store.uri(file) for file in staging.files_of(batches, "rejects")]
            connection.execute(
                f"CREATE TEMP VIEW lake_rejects AS {select(TABLES['rejects'], files)}"
            )
        found = connection.execute(
            "SELECT reason, count(*), min_by(url, locator), min_by(detail, locator)"
            " FROM lake_rejects GROUP BY reason ORDER BY 2 DESC, 1"
        ).fetchall()
    return [Rejection(*row) for row in found]


def profiles_of(lake: Lake, record: RunRecord) -> dict[str, Profile]:
    """Give what a run brought, by source; of an unfinished or an old run nothing is known."""
    run = lake.run(record.run_id)
    if run.sealed is not None:
        return dict(run.sealed.profiles)
    return read_profiles(run.ended_row["profile"] if run.ended_row else None)


def _ended(lake: Lake, run_id: str | None) -> Iterator[RunRecord]:
    with scratch(lake.store) as connection, explained("read the runs"):
        Cut(connection, lake.tables)
        found = connection.sql(
            "SELECT *, run_id IN (SELECT run_id FROM counted) AS counted FROM lake_runs"
            " WHERE run_id = coalesce($only, run_id)",
            params={"only": run_id},
        ).to_arrow_table()
    rows: list[dict[str, Any]] = found.to_pylist()
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
