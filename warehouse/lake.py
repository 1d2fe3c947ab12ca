"""The lake: what runs observed, in append-only Delta tables below one root.

``begin`` opens a run. Its other steps are methods of ``runs.run.Run``: stage (batch by batch, in
any process), seal, commit. Readers see nothing of it before its row in ``runs``, written last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pyarrow as pa

from copydesk.schemas.columns import RUN_ID
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.runs.models import RunPlan
from copydesk.warehouse.runs.open_runs import open_plans, write_plan
from copydesk.warehouse.runs.run import Run
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.duckdb_views import Snapshot, lake_errors, scratch, statements
from copydesk.warehouse.storage.raw_files import read_raw
from copydesk.warehouse.storage.storage import Store
from copydesk.warehouse.storage.version import (
    RECORD,
    new_record,
    newest,
    raise_version,
    read_record,
)


class Lake:
    """A lake below a root: a folder, or an object store's address (``s3://bucket/prefix``)."""

    def __init__(self, store: Store, identity: str, version: int) -> None:
        """Wrap an existing lake; callers use ``open``."""
        self.store = store
        self.identity = identity
        self.version = version
        self.tables = Tables(store)

    def __reduce__(self) -> tuple[type[Lake], tuple[Store, str, int]]:
        """Pickle without open handles and cached state."""
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
        """Open the lake, or create it.

        Raises:
            LakeError: it is missing and ``create`` is false, a newer release wrote it, or it has to
                be migrated first and ``outdated`` is false.
        """
        store = Store(root, storage_options)
        record = store.get(RECORD)
        if record is None:
            if not create:
                raise LakeError(
                    f"there is no lake at {store.root}; copydesk ingest PATH creates one, and"
                    " --home or --lake selects another"
                )
            store.put_new(RECORD, new_record())
            record = store.get(RECORD) or b""
        version, identity = read_record(store.root, record, outdated=outdated)
        return cls(store, identity, version)

    def begin(self, plan: RunPlan) -> Run:
        """Record that a run is open. A second call with the same id resumes it in this process.

        Raises:
            RunEnded: the id belongs to a run that has ended.
        """
        if not re.fullmatch(RUN_ID.pattern or "", plan.run_id):
            raise LakeError(f"not a run id: {plan.run_id!r}")
        run = self.run(plan.run_id)
        run.refuse_ended()
        if self.version < newest():  # an older release would misread what follows
            raise_version(self.store, newest(), self.identity)
            self.version = newest()
        run.open_plan = write_plan(self.store, plan)
        return run

    def latest_items(self, source: str) -> pa.Table:
        """Return the last sighting of each item of a source, for planning.

        Columns: ``locator, item_id, observed_at, fate, reason, fingerprint, article_id,
        content_hash, raw_sha256, cleaner_version, how, failed_in, of_slice``. Those from
        ``article_id`` to ``how`` come from its last successful reading, even when later runs found
        it unchanged or failed to read it; ``failed_in`` is the listing that named a failed item,
        where known; ``of_slice`` is true when a backfill's slice saw it last.
        """
        with scratch(self.store) as connection, lake_errors("read the ledger"):
            Snapshot(connection, self.tables).view("ledger")
            return connection.sql(
                statements("history/latest_items"), params={"source": source}
            ).to_arrow_table()

    def run(self, run_id: str) -> Run:
        """Return a run by its id. Its state is read on first use, once."""
        return Run(self, run_id)

    def unfinished(self) -> list[Run]:
        """List the runs that have begun and not ended, oldest first.

        ``plan.host`` and ``plan.pid`` let the caller check whether the process is still alive.
        """
        plans = open_plans(self.store)
        ended = self.tables.open("runs") if plans else None
        runs = []
        for plan in plans:
            if ended is None or ended.transaction_version(plan.run_id) is None:
                runs.append(run := self.run(plan.run_id))
                run.open_plan, run.ended_row = plan, None
        return runs

    def raw(self, sha256: str) -> bytes | None:
        """Read a document's bytes as they were received; None when the lake does not have them."""
        with scratch(self.store) as connection, lake_errors("read the index of raw bytes"):
            Snapshot(connection, self.tables).view("raw_index")
            row = connection.execute(
                'SELECT file, "offset", length FROM lake_raw_index WHERE sha256 = ? LIMIT 1',
                [sha256],
            ).fetchone()
        if row is None:
            return None
        file, offset, length = row
        return read_raw(self.store, file=file, offset=offset, length=length, digest=sha256)
