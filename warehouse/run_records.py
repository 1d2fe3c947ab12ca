"""All runs of a lake, those that ended and those that did not, for people who look after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from schemas.quality import Profile, read_profiles
from schemas.tables import RUN_COUNTS, TABLES
from warehouse import sealing, staging
from warehouse.duck import Cut, explained, scratch, select
from warehouse.errors import LakeError

if TYPE_CHECKING:
    from warehouse.forms import OpenRun
    from warehouse.lake import Lake


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
            batches = staging.staged_batches(lake.store, record.run_id)
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
    sealed = sealing.sealed_run(lake.store, record.run_id)
    if sealed is not None:
        return dict(sealed.profiles)
    with scratch(lake.store) as connection, explained("read the runs"):
        Cut(connection, lake.tables)
        found = connection.execute(
            "SELECT profile FROM lake_runs WHERE run_id = ?", [record.run_id]
        ).fetchone()
    return read_profiles(found[0] if found else None)


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
        fates = {column.name: row[column.name] for column in RUN_COUNTS if row[column.name]}
        yield RunRecord(
            **{name: row[name] for name in _SAME},
            fates=fates,
            findings=tuple(row["warnings"] or ()),
        )


def _open(lake: Lake, run_id: str | None) -> Iterator[RunRecord]:
    for run in lake.unfinished():
        if run_id in (None, run.plan.run_id):
            yield _of_open(lake, run)


def _of_open(lake: Lake, run: OpenRun) -> RunRecord:
    plan = run.plan
    sealed = sealing.sealed_run(lake.store, plan.run_id) if run.sealed else None
    return RunRecord(
        run_id=plan.run_id,
        state="held" if run.held else "unfinished",
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
        staged=run.batches,
    )


_SAME = (
    *("run_id", "state", "flow", "source", "started_at", "finished_at", "slice_key", "counted"),
    *("items", "reason", "cleaner_version", "parameters", "host", "pid"),
)
"""Fields of a record that are columns of ``runs``."""
