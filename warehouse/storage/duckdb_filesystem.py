"""How DuckDB reads a bucket: what it asks of each file before it reads is asked of the bucket once.

Left to itself it asks for a file's size and time with every statement: 500 of the 855 requests of
a small run.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from obstore.fsspec import FsspecStore

_OF_OPEN_RUNS: Final = ("_staging/", "_sealed/")

_MOST: Final = 10_000
"""Files that are remembered: a lake has a few a run, before it is compacted."""


class LakeFiles(FsspecStore):
    """A bucket's files as fsspec has them.

    A table's file never changes under its name; those of open runs are written anew where what
    they hold is forgotten.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As ``FsspecStore``."""
        super().__init__(*arguments, **options)
        self._known: dict[str, dict[str, Any]] = {}

    async def _info(self, path: str, **options: Any) -> dict[str, Any]:
        found = self._known.get(path)
        if found is None:
            found = await super()._info(path, **options)
            if found["type"] == "file" and not any(part in path for part in _OF_OPEN_RUNS):
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[path] = found
        return found

    def modified(self, path: str) -> datetime:
        """Give the time of a file."""
        at: datetime = self.info(path)["last_modified"]
        return at
