"""The lake: what runs observed, in append-only Delta tables below one root.

A run goes begin, stage (batch by batch, in any process), seal, commit. Each step may be killed
and called again: what was done is found and not done twice. Nothing of a run can be seen before
its row in ``runs``, which is written last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.items import Fate
from copydesk.schemas.run_profile import Profile, write_profiles
from copydesk.schemas.tables import RUN_COUNTS, RUN_ID, RUNS, TABLES
from copydesk.warehouse.errors import LakeError, RunEnded, RunHeld
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.runs import sealing, staging
from copydesk.warehouse.runs.erased_items import read_forgotten, without_forgotten
from copydesk.warehouse.runs.models import (
    BatchFrames,
    Committed,
    OpenRun,
    RunPlan,
    Sealed,
    StagedBatch,
)
from copydesk.warehouse.runs.open_runs import drop_plan, open_plans, read_plan, write_plan
from copydesk.warehouse.runs.profiles import past_profiles
from copydesk.warehouse.runs.verdict import Verdict, drop_verdict, let_go, put_verdict, read_verdict
from copydesk.warehouse.storage import version as formats
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.duckdb_views import Cut, explained, scratch, select, statements
from copydesk.warehouse.storage.raw_files import Raw, read_raw
from copydesk.warehouse.storage.storage import Store
from copydesk.warehouse.upkeep.erase_tables import erase_returned, keep_out

RECLEAN: Final = "reclean"
"""The flow whose runs read kept bytes again; their rows are readings, and no sightings."""


class Lake:
    """A lake at a root: a folder, or an object store's address (``s3://bucket/prefix``)."""

    def __init__(self, store: Store, identity: str, version: int) -> None:
        """Take a lake that is known to be there; use ``open``."""
        self.store = store
        self.identity = identity
        self.version = version
        self.tables = Tables(store)
        self._staged_raw: dict[str, set[str]] = {}

    def __reduce__(self) -> tuple[type[Lake], tuple[Store, str, int]]:
        """Go to another process without what is open or remembered in this one."""
        return type(self), (self.store, self.identity, self.version)

    @classmethod
    def open(
        cls,
        root: str | Path,
        *,
        storage_options: Mapping[str, str] | None = None,
        create: bool = True,
        outdated: bool = False,
    ) -> Self:
        """Open the lake, or make it; LakeError when it is missing or of a newer release.

        Also when it has to be migrated before it can be read, unless ``outdated`` is true.
        """
        store = Store(root, storage_options)
        record = store.get(formats.RECORD)
        if record is None:
            if not create:
                raise LakeError(
                    f"there is no lake at {store.root}; copydesk ingest PATH makes one, and --home"
                    " or --lake names another place"
                )
            store.put_new(formats.RECORD, formats.new_record())
            record = store.get(formats.RECORD) or b""
        version, identity = formats.read_record(store.root, record, outdated=outdated)
        return cls(store, identity, version)

    def begin(self, run: RunPlan) -> None:
        """Record that a run is open. Again with the same id: it is resumed by this process.

        RunEnded when the id was used by a run that ended.
        """
        if not re.fullmatch(RUN_ID.pattern or "", run.run_id):
            raise LakeError(f"not a run id: {run.run_id!r}")
        self._refuse_ended(run.run_id)
        if self.version < formats.newest():  # an older release would misread what follows
            formats.raise_version(self.store, formats.newest(), self.identity)
            self.version = formats.newest()
        write_plan(self.store, run)

    def latest_items(self, source: str) -> pa.Table:
        """Give each item of a source as it was last seen, for planning.

        Columns: ``locator, item_id, observed_at, fate, reason, fingerprint, article_id,
        content_hash, raw_sha256, cleaner_version, how, failed_in, of_slice``. Those from
        ``article_id`` to ``how`` are of its last reading, where later runs found it unchanged or
        failed to read it; ``failed_in`` is the listing that named what failed, where it is known;
        ``of_slice`` says that a backfill's slice saw it last.
        """
        with scratch(self.store) as connection, explained("read the ledger"):
            Cut(connection, self.tables).view("ledger")
            return connection.sql(
                statements("history/latest_items"), params={"source": source}
            ).to_arrow_table()

    def stage(self, run_id: str, batch: int, frames: BatchFrames) -> StagedBatch:
        """Check a batch and keep it. A batch that is there already is given back unchanged.

        InvalidBatch names the rows that break the tables' checks; then nothing is kept.
        """
        found = staging.staged_batch(self.store, run_id, batch)
        if found is not None:
            return found
        self._plan(run_id)
        if sealing.sealed_run(self.store, run_id) is not None:
            raise LakeError(f"run {run_id} is sealed: no batch can be added to it")
        frames = without_forgotten(frames, read_forgotten(self.store, self.tables))
        kept = staging.stage(
            self.store, run_id, batch, frames, unknown_raw=self._unknown(run_id, frames.raw)
        )
        self._staged_raw[run_id].update(raw.sha256 for raw in frames.raw)
        return kept

    def staged_raw(self, run_id: str) -> set[str]:
        """Give the digests of bytes that need not be given again: the run's batches have them.

        As far as this object knows: batches that others stage meanwhile are not asked for.
        """
        if run_id not in self._staged_raw:
            self._staged_raw[run_id] = self._digests(run_id)
        return self._staged_raw[run_id]

    def staged(self, run_id: str) -> list[StagedBatch]:
        """List the batches that are kept, in order: what a resumed run need not read again."""
        return staging.staged_batches(self.store, run_id)

    def seal(self, run_id: str) -> Sealed:
        """Compare the run with the lake and settle each item's fate. Once: later calls read it.

        RunEnded when the run was abandoned.
        """
        found = sealing.sealed_run(self.store, run_id)
        if found is not None:
            return found
        row = self._ended_row(run_id)
        if row is not None and row["state"] == "committed":
            fates = {column.name: row[column.name] for column in RUN_COUNTS if row[column.name]}
            return Sealed(run_id, {}, {"ledger": row["items"]}, fates, self._reasons(run_id))
        recleans = self._plan(run_id).flow == RECLEAN
        keep_out(self, run_id)
        sealed = sealing.seal(
            self.store, self.tables, run_id, self.staged(run_id), recleans=recleans
        )
        keep_out(self, run_id)  # what was forgotten meanwhile; a run that is held may lie for long
        return sealed

    def plan(self, run_id: str) -> RunPlan | None:
        """Give the plan of an open run; None when it has ended or was not begun."""
        return read_plan(self.store, run_id)

    def judge(self, verdict: Verdict) -> Verdict:
        """Keep what the gates said of a sealed run, once; gives the verdict that stands."""
        self._plan(verdict.run_id)
        return put_verdict(self.store, verdict)

    def verdict(self, run_id: str) -> Verdict | None:
        """Give the verdict on an open run; None when it was not judged."""
        return read_verdict(self.store, run_id)

    def past_profiles(
        self, source: str, *, most: int, slices: bool = False
    ) -> list[tuple[datetime, Profile]]:
        """Give what the source's last committed runs brought, newest first, by their start.

        ``slices`` asks for runs of slices, and else for the others.
        """
        return past_profiles(self.store, self.tables, source, most=most, slices=slices)

    def release(self, run_id: str) -> Committed:
        """Commit a run that is held; what was found of it stands in its row as warnings."""
        let_go(self.store, run_id)
        return self.commit(run_id)

    def commit(self, run_id: str) -> Committed:
        """Make a sealed run visible. A retry of a killed commit completes it.

        RunEnded when the run was abandoned, RunHeld when a gate holds it.
        """
        row = self._ended_row(run_id)
        already = row is not None
        if row is None:
            verdict = self.verdict(run_id)
            if verdict is not None and verdict.held:
                raise RunHeld(
                    f"run {run_id} is held ({'; '.join(verdict.findings)}); copydesk runs release"
                    " commits it, copydesk runs drop gives it up"
                )
            try:
                self._append(run_id)
            except LakeError:
                if self.state(run_id) is None:
                    raise
                already = True  # another process was quicker, and cleaned up what we were reading
            row = self._ended_row(run_id) or {}
        if row["state"] != "committed":
            raise RunEnded(f"run {run_id} was abandoned: {row['reason']}")
        # what was forgotten since it was sealed: whoever forgot it may have looked before
        erase_returned(self, run_id=run_id)
        self._clean_up(run_id)
        fates = {column.name: row[column.name] for column in RUN_COUNTS if row[column.name]}
        return Committed(run_id, fates, row["finished_at"], already)

    def abandon(self, run_id: str, reason: str) -> None:
        """End a run without its rows; its id is used up. Nothing happens if it was abandoned.

        RunEnded when it is committed.
        """
        if self.state(run_id) is None:
            nothing = Sealed(run_id, {}, {}, {}, {})
            self._end(self._plan(run_id), "abandoned", nothing, reason)
        row = self._ended_row(run_id) or {}
        if row["state"] != "abandoned":
            raise RunEnded(f"run {run_id} is committed")
        for name in sealing.ORDER:  # what a killed commit had appended, and nobody could see
            self.tables.delete(name, f"run_id = '{run_id}'")
            checkpoint(f"abandon:{name}")
        self.store.drop_folder(f"raw/{run_id}")
        self._clean_up(run_id)

    def unfinished(self) -> list[OpenRun]:
        """List the runs that were begun and have no terminal row, oldest first.

        ``plan.host`` and ``plan.pid`` let the caller tell whether one is still alive.
        """
        return [
            OpenRun(
                plan,
                len(self.staged(plan.run_id)),
                sealing.sealed_run(self.store, plan.run_id) is not None,
                self.verdict(plan.run_id),
            )
            for plan in open_plans(self.store)
            if self.state(plan.run_id) is None
        ]

    def state(self, run_id: str) -> str | None:
        """Tell how a run ended: ``committed``, ``abandoned``, or None while it has not."""
        row = self._ended_row(run_id)
        return None if row is None else str(row["state"])

    def raw(self, sha256: str) -> bytes | None:
        """Read a document's bytes as they came; None when the lake does not have them."""
        with scratch(self.store) as connection, explained("read the index of raw bytes"):
            Cut(connection, self.tables).view("raw_index")
            found = connection.execute(
                'SELECT file, "offset", length FROM lake_raw_index WHERE sha256 = ? LIMIT 1',
                [sha256],
            ).fetchone()
        if found is None:
            return None
        file, offset, length = found
        return read_raw(self.store, file=file, offset=offset, length=length, digest=sha256)

    def _append(self, run_id: str) -> None:
        plan = self._plan(run_id)
        sealed = sealing.sealed_run(self.store, run_id)
        if sealed is None:
            raise LakeError(f"run {run_id} is not sealed")
        for name in sealing.ORDER:
            if name in sealed.files:
                rows = partial(sealing.sealed_rows, self.store, sealed, name)
                self.tables.append(name, run_id, rows, files=sealed.files[name])
                checkpoint(f"commit:{name}")
        self._end(plan, "committed", sealed, None)
        checkpoint("commit:runs")

    def _end(self, plan: RunPlan, state: str, sealed: Sealed, reason: str | None) -> None:
        """Write the terminal row. One transaction for both states: a run ends in one way."""
        verdict = self.verdict(plan.run_id)
        row = {
            "run_id": plan.run_id,
            "state": state,
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
        }
        table = pa.Table.from_pylist([row], arrow_schema(RUNS))
        self.tables.append("runs", plan.run_id, table.to_reader)

    def _ended_row(self, run_id: str) -> dict[str, Any] | None:
        table = self.tables.open("runs")
        if table is None or table.transaction_version(run_id) is None:
            return None
        with scratch(self.store) as connection, explained("read the runs"):
            rows = select(RUNS, self.tables.addresses(table, "runs"))
            ended: pa.Table = connection.sql(
                f"FROM ({rows}) WHERE run_id = ?", params=[run_id]
            ).to_arrow_table()
        found: list[dict[str, Any]] = ended.to_pylist()
        return found[0] if found else None

    def _reasons(self, run_id: str) -> dict[str, int]:
        with scratch(self.store) as connection, explained("read the rejects"):
            Cut(connection, self.tables).view("rejects", runs=[run_id])
            found = connection.execute(
                "SELECT reason, count(*) FROM lake_rejects GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
        return dict(found)

    def _refuse_ended(self, run_id: str) -> None:
        if state := self.state(run_id):
            raise RunEnded(f"run {run_id} is {state}; begin another under a new id")

    def _plan(self, run_id: str) -> RunPlan:
        plan = read_plan(self.store, run_id)
        if plan is None:
            self._refuse_ended(run_id)
            raise LakeError(f"run {run_id} was not begun")
        return plan

    def _clean_up(self, run_id: str) -> None:
        """Delete what an ended run no longer needs; the record that it is open goes last."""
        sealing.forget_sealed(self.store, run_id)
        checkpoint("clean:sealed")
        staging.forget_staged(self.store, run_id)
        checkpoint("clean:staged")
        drop_verdict(self.store, run_id)
        drop_plan(self.store, run_id)
        self._staged_raw.pop(run_id, None)

    def _unknown(self, run_id: str, documents: Sequence[Raw]) -> list[Raw]:
        """Choose the documents whose bytes neither the run nor the lake has, each once."""
        known = self.staged_raw(run_id)
        fresh = {raw.sha256: raw for raw in documents if raw.sha256 not in known}
        if not fresh:
            return []
        with scratch(self.store) as connection, explained("read the index of raw bytes"):
            Cut(connection, self.tables).view("raw_index")
            found = connection.execute(
                "SELECT sha256 FROM lake_raw_index WHERE sha256 IN (SELECT unnest(?))",
                [list(fresh)],
            ).fetchall()
        there = {digest for (digest,) in found}
        return [raw for digest, raw in fresh.items() if digest not in there]

    def _digests(self, run_id: str) -> set[str]:
        files = staging.files_of(self.staged(run_id), "raw_index")
        with scratch(self.store) as connection, explained("read what is staged"):
            rows = select(TABLES["raw_index"], [self.store.uri(file) for file in files])
            found = connection.execute(f"SELECT sha256 FROM ({rows})").fetchall()  # noqa: S608
        return {digest for (digest,) in found}
