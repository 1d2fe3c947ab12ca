"""Adds sealed Parquet files to a Delta table without writing their rows again.

This works in a local folder, by hard links. In object stores, and where a table's columns differ
from this release's, rows are read and appended.
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
"""Run ids that need no escaping in the log, which stores URL-encoded file names."""

_EXACT: Final = frozenset({"run_id", "article_id", "item_id", "sha256"})
"""Columns of short ASCII text, whose smallest and largest values a Parquet footer stores
untruncated."""


def link(store: Store, table: str, run_id: str, sealed: Sequence[str]) -> list[AddAction] | None:
    """Hard-link a run's sealed files into a table's folder; None where the rows must be written.

    Repeated calls for a run give the same files. Their modification time is set to now, since
    upkeep deletes old files that no log names.
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
    except OSError:  # no hard links on this disk, or another process has ended the run
        return None
    if (status.st_ino, status.st_dev) != (source.stat().st_ino, source.stat().st_dev):
        return None
    changed = int(status.st_mtime * 1000)
    return AddAction(target.name, status.st_size, {}, changed, True, _statistics(target))


def _statistics(file: Path) -> str:
    """Return the file's statistics for Delta's log as JSON.

    A deletion opens only files they match.
    """
    import pyarrow.parquet as pq

    footer = pq.read_metadata(file)
    statistics: dict[str, Any] = {"numRecords": footer.num_rows}
    least: dict[str, str] = {}
    greatest: dict[str, str] = {}
    for index, name in enumerate(footer.schema.names):
        if name not in _EXACT:
            continue
        groups = [
            footer.row_group(group).column(index).statistics
            for group in range(footer.num_row_groups)
        ]
        if groups and all(
            group_statistics is not None and group_statistics.has_min_max
            for group_statistics in groups
        ):
            least[name] = min(group_statistics.min for group_statistics in groups)
            greatest[name] = max(group_statistics.max for group_statistics in groups)
    return json.dumps(statistics | {"minValues": least, "maxValues": greatest, "nullCount": {}})
