"""Syncs a local Delta table's recent commits to disk, which deltalake itself does not do.

A version depends on those before it and on the files that they name, whoever wrote them: all
recent ones are synced.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from copydesk.warehouse.storage import fsync

_RECENT_SECONDS: Final = 600.0
"""Age from which the kernel has certainly written a file (it does after 30 s by default)."""


def settle(table: Path, root: Path, *, after: int) -> int:
    """Sync the table's recent versions later than ``after`` and return the newest version."""
    log = table / "_delta_log"
    since = time.time() - _RECENT_SECONDS
    newest, unsynced = after, []
    for path in log.iterdir() if log.is_dir() else ():
        version = _version(path)
        if "#" in path.name or (version is not None and version <= after):
            continue
        try:
            recent = path.stat().st_mtime >= since
        except FileNotFoundError:
            continue
        newest = max(newest, version if version is not None else after)
        if recent:
            unsynced.append(path)
            unsynced.extend(table / name for name in _added(path))
    fsync.sync_all(unsynced, root)
    return newest


def _version(path: Path) -> int | None:
    digits = path.name.partition(".")[0]
    return int(digits) if digits.isdigit() else None


def _added(entry: Path) -> Iterator[str]:
    """List the data files that a log entry adds."""
    if _version(entry) is None or entry.suffix != ".json":
        return
    try:
        lines = entry.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        if "add" in (action := json.loads(line)):
            yield unquote(action["add"]["path"])
