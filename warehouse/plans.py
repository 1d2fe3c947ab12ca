"""A run's plan, batch by batch, beside what it stages: where a broken run goes on from."""

from __future__ import annotations

from warehouse.errors import LakeError
from warehouse.store import Store


class Plans:
    """The planned batches of one run, as bytes that the planner understands."""

    def __init__(self, store: Store, run_id: str) -> None:
        """Name the run; nothing is read or made yet."""
        self._store = store
        self._folder = f"_staging/{run_id}/plan"

    def put(self, number: int, data: bytes) -> None:
        """Keep a batch."""
        self._store.put(self._path(number), data)
        self._store.sync([self._path(number)])

    def get(self, number: int) -> bytes:
        """Read a batch; LakeError when there is none."""
        if (data := self._store.get(self._path(number))) is None:
            raise LakeError(
                f"the plan {self._path(number)} is gone from {self._store.root}: give the run up"
                " (copydesk runs drop), and ingest again"
            )
        return data

    def numbers(self) -> list[int]:
        """List the batches in order."""
        files = self._store.list(self._folder)
        return sorted(int(file.path.rpartition("/")[2].partition(".")[0]) for file in files)

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number:06}.json"
