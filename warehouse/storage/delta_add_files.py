"""A sealed file becomes a file of a Delta table as it is: its rows are not written once more.

In a folder alone, by a second name for the same bytes; elsewhere, and where a table has other
columns than this release, rows are read and appended.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import TYPE_CHECKING, Any, Final

from copydesk.warehouse.storage.storage import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from deltalake.transaction import AddAction

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")
"""Run ids that are the same in a file's name and in the log, which holds addresses."""

_EXACT: Final = frozenset({"run_id", "article_id", "item_id", "sha256"})
"""Columns whose least and greatest values a Parquet footer has whole: short ASCII."""


def link(store: Store, table: str, run_id: str, sealed: Sequence[str]) -> list[AddAction] | None:
    """Give a run's sealed files names in a table's folder; None where their rows must be written.

    Again for the same run: they are the same files. Their time is made that of now, since upkeep
    deletes what is old and in no log.
    """
    if store.local is None or not _PLAIN.fullmatch(run_id):
        return None
    linked = []
    for number, file in enumerate(sealed):
        part = f".{number}" if number else ""  # no run's id has a dot
        target = store.local / "tables" / table / f"run-{run_id}{part}.parquet"
        if (action := _link(store.local / file, target)) is None:
            return None
        linked.append(action)
    return linked


def _link(source: Path, target: Path) -> AddAction | None:
    from deltalake.transaction import AddAction

    try:
        os.utime(source)
        with contextlib.suppress(FileExistsError):
            target.hardlink_to(source)
        status = target.stat()
    except OSError:  # a disk that has no second names, or another process has ended the run
        return None
    if (status.st_ino, status.st_dev) != (source.stat().st_ino, source.stat().st_dev):
        return None
    changed = int(status.st_mtime * 1000)
    return AddAction(target.name, status.st_size, {}, changed, True, _statistics(target))


def _statistics(file: Path) -> str:
    """Write what Delta's log says of a file, so that a deletion opens only those it concerns."""
    import pyarrow.parquet as pq

    footer = pq.read_metadata(file)
    told: dict[str, Any] = {"numRecords": footer.num_rows}
    least: dict[str, str] = {}
    most: dict[str, str] = {}
    for at, name in enumerate(footer.schema.names):
        if name not in _EXACT:
            continue
        groups = [
            footer.row_group(group).column(at).statistics for group in range(footer.num_row_groups)
        ]
        if groups and all(one is not None and one.has_min_max for one in groups):
            least[name] = min(one.min for one in groups)
            most[name] = max(one.max for one in groups)
    return json.dumps(told | {"minValues": least, "maxValues": most, "nullCount": {}})
