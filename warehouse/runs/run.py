"""A run of a lake, from its first batch to its end: its plan, batches, seal and verdict.

Each step can be repeated after a crash: finished work is detected and not done twice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.items import Fate
from copydesk.schemas.run_profile import Profile, write_profiles
from copydesk.schemas.tables import RUN_COUNTS, RUNS, TABLES
from copydesk.warehouse.errors import LakeError, RunEnded, RunHeld
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.runs import open_runs, sealing, staging
from copydesk.warehouse.runs import verdict as verdicts
from copydesk.warehouse.runs.erased_items import read_forgotten, without_forgotten
from copydesk.warehouse.runs.models import BatchFrames, Committed, RunPlan, Sealed, StagedBatch
from copydesk.warehouse.runs.profiles import past_profiles
from copydesk.warehouse.runs.verdict import Verdict
from copydesk.warehouse.storage.duckdb_views import Snapshot, lake_errors, scratch, select
from copydesk.warehouse.upkeep.erase_tables import erase_forgotten_from_run, erase_returned

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.lake_files import LakeFiles
    from copydesk.warehouse.storage.raw_files import Raw

RECLEAN: Final = "reclean"
"""The flow that cleans stored bytes again; its rows are readings, not sightings."""


class RunState(StrEnum):
    """State of a run; committed and abandoned are final."""

    UNFINISHED = "unfinished"
    HELD = "held"
    COMMITTED = "committed"
    ABANDONED = "abandoned"


class Run:
    """A run by its id. Its state is read once, on first use.

    Changes by other processes are seen by a new object (``Lake.run``) and by the steps themselves,
    which never repeat what is already in the lake.
    """

    def __init__(self, lake: LakeFiles, run_id: str) -> None:
        """Store which run it is; nothing is read or created yet."""
        self.run_id = run_id
        self._lake = lake
        self._past: dict[str, list[tuple[datetime, Profile]]] = {}

    def __reduce__(self) -> tuple[type[Run], tuple[LakeFiles, str]]:
        """Pickle without what was read in this process."""
        return type(self), (self._lake, self.run_id)

    @property
    def plan(self) -> RunPlan:
        """The plan; RunEnded when the run has ended, LakeError when it was not begun."""
        if self.open_plan is None:
            self.refuse_ended()
            raise LakeError(f"run {self.run_id} was not begun")
        return self.open_plan

    @cached_property
    def open_plan(self) -> RunPlan | None:
        """The plan; None when the run has ended or was not begun."""
        return open_runs.read_plan(self._lake.store, self.run_id)

    @cached_property
    def batches(self) -> list[StagedBatch]:
        """The staged batches in order; a resumed run does not read them again."""
        return staging.staged_batches(self._lake.store, self.run_id)

    @cached_property
    def sealed(self) -> Sealed | None:
        """What the run will add; None before it is sealed."""
        return sealing.sealed_run(self._lake.store, self.run_id)

    @cached_property
    def verdict(self) -> Verdict | None:
        """The quality gates' verdict; None before the run is judged."""
        return verdicts.read_verdict(self._lake.store, self.run_id)

    @cached_property
    def ended_row(self) -> dict[str, Any] | None:
        """The run's row in ``runs``; None before it has ended."""
        tables = self._lake.tables
        table = tables.open("runs")
        if table is None or table.transaction_version(self.run_id) is None:
            return None
        with scratch(self._lake.store) as connection, lake_errors("read the runs"):
            rows = select(RUNS, tables.addresses(table, "runs"))
            return _row(connection.sql(f"FROM ({rows}) WHERE run_id = ?", params=[self.run_id]))

    @cached_property
    def staged_raw(self) -> set[str]:
        """SHA-256 digests of the documents in the run's staged batches.

        Batches that other processes stage later are not included.
        """
        store = self._lake.store
        files = staging.files_of(self.batches, "raw_index")
        with scratch(store) as connection, lake_errors("read what is staged"):
            rows = select(TABLES["raw_index"], [store.uri(file) for file in files])
            digests = connection.execute(f"SELECT sha256 FROM ({rows})").fetchall()  # noqa: S608
        return {digest for (digest,) in digests}

    @property
    def held(self) -> bool:
        """Return whether the run waits to be released or dropped; it must not be resumed."""
        return self.verdict is not None and self.verdict.held

    @property
    def state(self) -> RunState:
        """The run's state."""
        if self.ended_row is not None:
            return RunState(self.ended_row["state"])
        return RunState.HELD if self.held else RunState.UNFINISHED

    def refuse_ended(self) -> None:
        """Raise RunEnded when the run has ended."""
        if self.ended_row is not None:
            raise RunEnded(f"run {self.run_id} is {self.state}; begin another under a new id")

    def stage(self, batch: int, frames: BatchFrames) -> StagedBatch:
        """Validate a batch and store it. A batch that is already staged is returned unchanged.

        Raises:
            InvalidBatch: rows break the tables' checks; nothing is stored.
        """
        lake = self._lake
        existing = staging.staged_batch(lake.store, self.run_id, batch)
        if existing is not None:
            return existing
        staged = self.staged_raw if frames.raw else set()
        self._look_again()
        _ = self.plan  # it has not ended
        if self.sealed is not None:
            raise LakeError(f"run {self.run_id} is sealed: no batch can be added to it")
        frames = without_forgotten(frames, read_forgotten(lake.store, lake.tables))
        unknown = self._unknown(frames.raw, staged)
        batch_record = staging.stage(lake.store, self.run_id, batch, frames, unknown_raw=unknown)
        if frames.raw:
            self.staged_raw = staged | {raw.sha256 for raw in frames.raw}
        return batch_record

    def end_planning(self, items: int) -> None:
        """Record that all batches of the run are planned, ``items`` in all."""
        self.open_plan = dataclasses.replace(self.plan, items=items, is_planning=False)
        open_runs.replace_plan(self._lake.store, self.open_plan)

    def seal(self) -> Sealed:
        """Compare the run with the lake and decide each item's fate; later calls return the same.

        Raises:
            RunEnded: the run was abandoned.
        """
        if self.sealed is not None:
            return self.sealed
        lake = self._lake
        if self.open_plan is not None:
            if self.open_plan.is_planning:
                raise LakeError(f"run {self.run_id} is not fully planned: repeat the same command")
            erase_forgotten_from_run(lake, self.run_id)
            with scratch(lake.store) as connection, lake_errors(f"seal run {self.run_id}"):
                snapshot = Snapshot(connection, lake.tables)
                rows = connection.sql("FROM lake_runs WHERE run_id = ?", params=[self.run_id])
                self.ended_row = _row(rows)
                if self.ended_row is None:
                    return self._seal(snapshot)
        if self.state is RunState.COMMITTED and (row := self.ended_row):
            return Sealed(self.run_id, {}, {"ledger": row["items"]}, fates_of(row), self._reasons())
        self.refuse_ended()
        raise LakeError(f"run {self.run_id} was not begun")

    def _seal(self, snapshot: Snapshot) -> Sealed:
        lake, recleans = self._lake, self.plan.flow == RECLEAN
        sealed, sealed_here = sealing.seal(
            lake.store,
            snapshot,
            self.run_id,
            self.batches,
            started_at=None if recleans else self.plan.started_at,
            recleans=recleans,
        )
        if sealed_here:
            self.verdict = None  # nobody judges what is not sealed
        self.sealed = sealed
        for source in () if recleans else sealed.profiles:
            self._past[source] = past_profiles(snapshot, source, slices=bool(self.plan.slice_key))
        erase_forgotten_from_run(
            lake, self.run_id
        )  # what was forgotten meanwhile; a held run may lie for long
        return sealed

    def past_profiles(self, source: str, *, limit: int) -> list[tuple[datetime, Profile]]:
        """Return profiles of the source's last committed runs with their start times, newest first.

        A run of a slice is compared with runs of slices, which may rightly be empty; others with
        the others.
        """
        if source not in self._past:
            with scratch(self._lake.store) as connection, lake_errors("read the runs"):
                snapshot = Snapshot(connection, self._lake.tables)
                slices = self.plan.slice_key is not None
                self._past[source] = past_profiles(snapshot, source, slices=slices)
        return self._past[source][:limit]

    def judge(self, verdict: Verdict) -> Verdict:
        """Store the gates' verdict on a sealed run and return the one in force, the first."""
        _ = self.plan  # it has not ended
        stands = self.verdict = verdicts.put_verdict(self._lake.store, verdict)
        return stands

    def release(self) -> Committed:
        """Commit a held run; the gates' findings are stored in its row as warnings."""
        if self.verdict is not None and self.verdict.held:
            self.verdict = dataclasses.replace(self.verdict, held=False, released=True)
            verdicts.replace_verdict(self._lake.store, self.verdict)
        return self.commit()

    def commit(self) -> Committed:
        """Make a sealed run visible. A repeated call completes an interrupted commit.

        Raises:
            RunEnded: the run was abandoned.
            RunHeld: a quality gate holds it.
        """
        already = self.ended_row is not None
        if not already:
            if self.verdict is not None and self.verdict.held:
                raise RunHeld(
                    f"run {self.run_id} is held ({'; '.join(self.verdict.findings)}); copydesk"
                    " runs release commits it, copydesk runs drop drops it"
                )
            try:
                self._append()
            except LakeError:
                self._look_again()
                if self.ended_row is None:
                    raise
                already = True  # another process was quicker, and cleaned up what we were reading
        row = self.ended_row or {}
        if row["state"] != RunState.COMMITTED:
            raise RunEnded(f"run {self.run_id} was abandoned: {row['reason']}")
        # what was forgotten since it was sealed: whoever forgot it may have looked before
        erase_returned(self._lake, run_id=self.run_id)
        self._clean_up()
        return Committed(self.run_id, fates_of(row), row["finished_at"], already)

    def abandon(self, reason: str) -> None:
        """End a run without its rows. Its id cannot be used again; a second call does nothing.

        Raises:
            RunEnded: the run is committed.
        """
        if self.ended_row is None:
            self._end(RunState.ABANDONED, Sealed(self.run_id, {}, {}, {}, {}), reason)
        if self.state is not RunState.ABANDONED:
            raise RunEnded(f"run {self.run_id} is committed")
        for name in sealing.ORDER:  # what a killed commit had appended, and nobody could see
            self._lake.tables.delete(name, f"run_id = '{self.run_id}'")
            checkpoint(f"abandon:{name}")
        self._lake.store.drop_folder(f"raw/{self.run_id}")
        self._clean_up()

    def _append(self) -> None:
        plan, sealed, lake = self.plan, self.sealed, self._lake
        if sealed is None:
            raise LakeError(f"run {self.run_id} is not sealed")
        for name in sealing.ORDER:
            if name in sealed.files:
                rows = partial(sealing.sealed_rows, lake.store, sealed, name)
                lake.tables.append(name, plan.run_id, rows, files=sealed.files[name])
                checkpoint(f"commit:{name}")
        self._end(RunState.COMMITTED, sealed, None)
        checkpoint("commit:runs")

    def _end(self, state: RunState, sealed: Sealed, reason: str | None) -> None:
        """Write the run's row. Both final states share one transaction name.

        A run ends in one way.
        """
        plan, verdict = self.plan, self.verdict
        row = {
            "run_id": plan.run_id,
            "state": state.value,
            "flow": plan.flow,
            "source": plan.source,
            "slice_key": plan.slice_key,
            "parameters": plan.parameters,
            "cleaner_version": plan.cleaner_version,
            "host": plan.host,
            "pid": plan.pid,
            "started_at": plan.started_at,
            "finished_at": datetime.now(UTC),
            "reason": reason,
            "items": sealed.items,
            **{fate.value: sealed.fates.get(fate.value, 0) for fate in Fate},
            "warnings": list(verdict.findings) if verdict and verdict.findings else None,
            "profile": write_profiles(sealed.profiles) if sealed.profiles else None,
            "released": verdict is not None and verdict.released,
        }
        table = pa.Table.from_pylist([row], arrow_schema(RUNS))
        if self._lake.tables.append("runs", plan.run_id, table.to_reader):
            self.ended_row = row
        else:
            self._look_again()  # it had ended, perhaps otherwise

    def _look_again(self) -> None:
        """Drop the cached state: another process may have changed the run."""
        read = (name for name, kind in vars(Run).items() if isinstance(kind, cached_property))
        for name in read:
            vars(self).pop(name, None)

    def _clean_up(self) -> None:
        """Delete an ended run's temporary files; the record that it is open goes last."""
        store = self._lake.store
        sealing.forget_sealed(store, self.run_id)
        checkpoint("clean:sealed")
        staging.forget_staged(store, self.run_id)
        checkpoint("clean:staged")
        verdicts.drop_verdict(store, self.run_id)
        open_runs.drop_plan(store, self.run_id)

    def _reasons(self) -> dict[str, int]:
        with scratch(self._lake.store) as connection, lake_errors("read the rejects"):
            Snapshot(connection, self._lake.tables).view("rejects", runs=[self.run_id])
            rows = connection.execute(
                "SELECT reason, count(*) FROM lake_rejects GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
        return dict(rows)

    def _unknown(self, documents: Sequence[Raw], staged: set[str]) -> list[Raw]:
        """Return the documents whose bytes neither the run nor the lake has, without repeats."""
        fresh = {raw.sha256: raw for raw in documents if raw.sha256 not in staged}
        if not fresh:
            return []
        with scratch(self._lake.store) as connection, lake_errors("read the index of raw bytes"):
            Snapshot(connection, self._lake.tables).view("raw_index")
            rows = connection.execute(
                "SELECT sha256 FROM lake_raw_index WHERE sha256 IN (SELECT unnest(?))",
                [list(fresh)],
            ).fetchall()
        stored = {digest for (digest,) in rows}
        return [raw for digest, raw in fresh.items() if digest not in stored]


def fates_of(row: Mapping[str, Any]) -> dict[str, int]:
    """Return the item counts of a row of ``runs`` by fate, without zeros."""
    return {column.name: row[column.name] for column in RUN_COUNTS if row[column.name]}


def _row(relation: duckdb.DuckDBPyRelation) -> dict[str, Any] | None:
    rows: list[dict[str, Any]] = relation.to_arrow_table().to_pylist()
    return rows[0] if rows else None
