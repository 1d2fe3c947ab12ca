"""Files of backfills beside the lake's tables: plans, items of slices, and failures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.storage.duckdb_views import Snapshot, lake_errors, literals, scratch
from copydesk.warehouse.storage.storage import Store

if TYPE_CHECKING:
    from copydesk.warehouse.storage.lake_files import LakeFiles

FOLDER: Final = "_backfills"


class Backfills:
    """The stored state of one backfill, as bytes in the planner's format."""

    def __init__(self, store: Store, name: str) -> None:
        """Store which backfill it is; nothing is read or created yet."""
        self._store = store
        self._folder = f"{FOLDER}/{name}"

    def plan(self) -> bytes | None:
        """Read the plan; None when there is none."""
        return self._store.get(f"{self._folder}/plan.json")

    def keep_plan(self, data: bytes) -> None:
        """Store the plan, replacing any earlier one; the slices' items must be stored before."""
        self._store.put(f"{self._folder}/plan.json", data)
        checkpoint("backfill:plan")

    def host(self) -> str | None:
        """Read the name of the machine that worked on it last."""
        data = self._store.get(f"{self._folder}/host")
        return None if data is None else data.decode()

    def keep_host(self, host: str) -> None:
        """Store the name of the machine that works on it."""
        self._store.put(f"{self._folder}/host", host.encode())

    def items(self, part: str) -> bytes | None:
        """Read the items of a part; None when there are none."""
        return self._store.get(f"{self._folder}/{part}.json")

    def keep_items(self, part: str, data: bytes) -> None:
        """Store the items of a part."""
        self._store.put(f"{self._folder}/{part}.json", data)
        checkpoint("backfill:items")

    def failures(self) -> dict[int, str]:
        """Read failed slices' error messages by slice number."""
        errors = {}
        for file in self._store.list(f"{self._folder}/failed"):
            if (data := self._store.get(file.path)) is not None:
                number = int(file.path.rpartition("/")[2].removesuffix(".json"))
                errors[number] = str(json.loads(data)["error"])
        return errors

    def keep_failure(self, number: int, error: str, at: datetime) -> None:
        """Store a failed slice's error message."""
        data = json.dumps({"error": error, "at": at.isoformat()}, ensure_ascii=False)
        self._store.put(self._failure(number), data.encode())

    def forget_failure(self, number: int) -> None:
        """Delete a slice's error message: it is being retried, or done."""
        self._store.delete([self._failure(number)])

    def _failure(self, number: int) -> str:
        return f"{self._folder}/failed/{number:06}.json"


@dataclass(frozen=True, slots=True)
class SliceRun:
    """The last run of a slice, by start."""

    key: str
    run_id: str
    started_at: datetime
    finished_at: datetime
    items: int
    new: int
    revised: int
    rejected: int
    failed: int
    gone: int = 0

    @property
    def fates(self) -> dict[str, int]:
        """Item counts by the fates in a backfill's summary, without zeros."""
        names = ("new", "revised", "rejected", "failed", "gone")
        return {name: count for name in names if (count := getattr(self, name))}


def slice_runs(lake: LakeFiles, keys: Sequence[str]) -> dict[str, SliceRun]:
    """Find the last committed run of each slice, by its key."""
    with scratch(lake.store) as connection, lake_errors("read the runs"):
        Snapshot(connection, lake.tables)
        rows = connection.execute(
            f"""SELECT slice_key, run_id, started_at, finished_at, items, "new", revised, rejected,
                failed, gone
            FROM lake_runs WHERE run_id IN (SELECT run_id FROM counted)
                AND slice_key IN (SELECT unnest({literals(keys)}::VARCHAR[]))
            ORDER BY started_at, run_id"""  # noqa: S608
        ).fetchall()
    return {row[0]: SliceRun(*row) for row in rows}
