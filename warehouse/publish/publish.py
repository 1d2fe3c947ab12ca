"""Publishing: builds a new version of the DuckDB file from the lake, beside the one being read."""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.build import finish, take_runs, write_cuts, write_revisions
from copydesk.warehouse.publish.change_log import log_changes
from copydesk.warehouse.publish.duplicates import Comparison, NewVersion, update_copies
from copydesk.warehouse.publish.early_comparison import EarlyComparison, awaited, comparing
from copydesk.warehouse.publish.schema import (
    has_tables,
    layout_hash,
    make_layout,
    refresh_comments,
    refresh_views,
)
from copydesk.warehouse.publish.side_by_side import side_by_side
from copydesk.warehouse.publish.storage_format import StorageVersion, storage_version
from copydesk.warehouse.publish.version_copy import copy, leave_page_cache
from copydesk.warehouse.publish.versions import FREE_SOME, Contents, Rollback, Serving
from copydesk.warehouse.search.index import update_search_index
from copydesk.warehouse.storage.duckdb_views import Snapshot, scratch, statements, writing
from copydesk.warehouse.storage.fsync import syncing
from copydesk.warehouse.storage.storage import reason

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors for a full disk, an exhausted quota and the largest allowed file size."""

_ROOM: Final = 1.3
"""Free space that a new version needs, as a multiple of the last one's size."""

_BLOAT: Final = 2
"""Growth at which a version is rebuilt, since replaced rows leave empty space.

Measured: after 12 publishes that each replace 5 % of 10,000 articles a file is 1.9 times as large.
"""

_SMALL: Final = 64_000_000
"""File size in bytes below which a rebuild gains nothing."""

_AT_ONCE: Final = 20_000
"""Items of new runs up to which texts are compared and indexed while others are written: two or
three steps then share DuckDB's memory."""

_FEW: Final = 5_000
_MEMORY_OF_FEW: Final = "600MB"
"""Up to so many items DuckDB gets less memory, which it would fill with blocks that it reads once.
Fresh memory costs more than reading such a block again: into 500,000 articles a publish takes 3.0
CPU seconds instead of 3.3, and 0.9 GB instead of 1.5."""

_UNPACKED: Final = 4
"""Upper bound of a rebuilt version's size, as a multiple of the lake's files (measured: 3.1)."""


@dataclass(frozen=True, slots=True)
class Publication:
    """The version that readers see. ``changed`` is False when there was nothing to publish.

    ``counts`` are row counts by table. ``rolled_back_from`` is the version from which readers were
    sent back, while that lasts: nothing is published then.
    """

    version: int
    path: Path
    changed: bool
    counts: Mapping[str, int]
    rolled_back_from: int | None = None


def publish(
    home: Path,
    *,
    lake: Lake | None = None,
    rebuild: bool = False,
    keep: int = 3,
    comparison: Comparison | None = None,
    storage_version: StorageVersion | None = None,
    resume: bool = False,
) -> Publication:
    """Publish the committed runs: build a file beside the current one, then swap.

    After a rollback nothing is published until it is ended by ``resume``.

    Args:
        home: the folder given to ``copydesk --home``.
        lake: defaults to the lake below ``home``.
        rebuild: builds from the lake alone, instead of updating a copy of the last version.
        keep: number of versions that stay, the new one included.
        comparison: rules of near copies (``copydesk.tasks.dedup.rules.COPIES``); without them only
            equal texts are copies.
        storage_version: DuckDB's storage format, now and for later publishes of this home.
        resume: ends a rollback.

    Raises:
        PublishError: the version could not be built; the old one stays current.
    """
    lake = lake or Lake.open(Path(home) / "lake", create=False)
    serving = Serving(home)
    with serving.lock(), _explained(serving):
        current = serving.current()
        rollback = None if current is None else serving.rollback()
        if storage_version is not None:
            serving.choose_storage_version(storage_version)
        if current is not None and rollback is not None and not resume:
            return _still_rolled_back(serving, current, rollback, rebuild=rebuild)
        base = None if current is None else serving.contents(current)
        newest = base if rollback is None else serving.contents(rollback.left)
        if newest and not rebuild and _is_up_to_date(serving, lake, newest, comparison):
            if rollback is not None:
                serving.point_to(newest.version)
                serving.record_rollback(None)
            changed = rollback is not None
            return Publication(newest.version, serving.path(newest.version), changed, newest.counts)
        if base is not None and (rebuild or not _can_update(serving, lake, base)):
            base = None
        contents = _build(serving, lake, base, comparison)
        path = serving.install(serving.building(), contents)
        serving.record_rollback(None)
        serving.prune(keep)
        checkpoint("publish:prune")
    return Publication(contents.version, path, True, contents.counts)


def _still_rolled_back(
    serving: Serving, current: int, rollback: Rollback, *, rebuild: bool
) -> Publication:
    """Leave the version to which readers were sent back."""
    if rebuild:
        raise PublishError(
            f"readers were rolled back from version {rollback.left} to {current}, which stays until"
            " copydesk publish --resume; with --rebuild it builds from the lake alone"
        )
    contents = serving.contents(current)
    counts = contents.counts if contents is not None else {}
    return Publication(current, serving.path(current), False, counts, rollback.left)


def _is_up_to_date(
    serving: Serving, lake: Lake, contents: Contents, comparison: Comparison | None
) -> bool:
    """Return whether a version is as it would be built now."""
    rules = None if comparison is None else comparison.version
    return (
        contents.compared == rules
        and contents.layout == layout_hash()
        and contents.lake == lake.identity
        and storage_version(serving.path(contents.version)) is serving.storage_version()
        and not _news(lake, contents)
    )


def rollback(home: Path, version: int | None = None) -> Publication:
    """Make a stored version current again: ``version``, or the one before the current.

    It stays current, whatever runs commit, until ``publish`` is called with ``resume``.
    """
    serving = Serving(home)
    with serving.lock(), _explained(serving):
        versions, current = serving.versions(), serving.current()
        older = [number for number in versions if current is not None and number < current]
        target = version if version is not None else (older[-1] if older else None)
        if target is None or target not in versions:
            raise PublishError(
                f"there is no version {target if target is not None else 'before the current one'}"
                f" in {serving.folder}; there are {', '.join(map(str, versions)) or 'none'}"
            )
        contents = serving.contents(target)
        is_older = target != versions[-1]
        serving.record_rollback(Rollback(versions[-1], datetime.now(UTC)) if is_older else None)
        serving.point_to(target)
    counts = contents.counts if contents is not None else {}
    left = versions[-1] if is_older else None
    return Publication(target, serving.path(target), target != current, counts, left)


def _build(
    serving: Serving, lake: Lake, base: Contents | None, comparison: Comparison | None
) -> Contents:
    """Build the next version in a temporary file and close it."""
    target, current = serving.building(), serving.current()
    is_next = current is None or (base is not None and base.version == current)
    rules = None if comparison is None else comparison.version
    new_version = NewVersion(
        version=max(serving.versions(), default=0) + 1,
        now=datetime.now(UTC),
        previous=None if is_next or current is None else serving.path(current),
        rebuild_copies=base is None or base.compared != rules,
        signed=serving.folder / "signed",
    )
    published = () if base is None else (*base.counted, *base.others)
    with comparing(lake, comparison, new_version, published, most_items=_AT_ONCE) as early:
        fill = partial(_fill, serving, lake, base, comparison, target, new_version, early)
        if base is None:
            serving.require_space(_lake_size(lake) * _UNPACKED)
            return fill()
        _begin(serving, base, target)
        checkpoint("publish:copy")
        with syncing(target):  # a full copy takes as long to reach the disk as to be updated
            return fill()


def _fill(
    serving: Serving,
    lake: Lake,
    base: Contents | None,
    comparison: Comparison | None,
    target: Path,
    new_version: NewVersion,
    early: EarlyComparison | None,
) -> Contents:
    """Bring ``target``, a copy of ``base`` or a new file, up to date and close it."""
    version = serving.storage_version()
    with writing(lake.store, target, is_new=base is None, storage_version=version) as connection:
        if base is None:
            make_layout(connection)
        else:
            refresh_views(connection, base.layout)
            refresh_comments(connection)
        snapshot = Snapshot(connection, lake.tables)
        new_runs = take_runs(connection, snapshot)
        items = sum(new_runs.values())
        at_once = items <= _AT_ONCE
        if base is not None and items <= _FEW:
            connection.execute(f"SET GLOBAL memory_limit = '{_MEMORY_OF_FEW}'")
        with side_by_side(connection, at_once=at_once) as start:
            compared = awaited(connection, lake, comparison, new_version, new_runs, early, start)
            write_revisions(connection, snapshot)
            changed = connection.sql("SELECT article_id FROM changed").to_arrow_table()
            indexed = start(update_search_index, changed)
            write_cuts(connection)
            update_copies(connection, compared, comparison, new_version)
            log_changes(connection, new_version)
            indexed()
        contents = finish(
            connection,
            version=new_version.version,
            base=None if base is None else base.version,
            lake=lake.identity,
            compared=None if comparison is None else comparison.version,
            now=new_version.now,
        )
    checkpoint("publish:close")
    if base is not None:
        return dataclasses.replace(contents, dense=base.dense)
    dense = target.stat().st_size / max(contents.counts["revisions"], 1)
    return dataclasses.replace(contents, dense=dense)


def _begin(serving: Serving, base: Contents, target: Path) -> None:
    """Copy ``base`` to ``target``."""
    path = serving.path(base.version)
    serving.require_space(int(path.stat().st_size * _ROOM))
    for version in set(serving.versions()) - {base.version, serving.current()}:
        leave_page_cache(serving.path(version))
    copy(path, target)


def _can_update(serving: Serving, lake: Lake, contents: Contents) -> bool:
    """Return whether a version can be updated: this lake, this release's tables, not bloated.

    A file of another storage format is built anew.
    """
    written_as = storage_version(serving.path(contents.version))
    return (
        has_tables(contents.layout)
        and contents.lake == lake.identity
        and written_as is serving.storage_version()
        and not _bloated(serving, contents)
    )


def _bloated(serving: Serving, contents: Contents) -> bool:
    """Return whether a version has more empty space, left by replaced rows, than used space."""
    size = serving.path(contents.version).stat().st_size
    dense = (contents.dense or size) * contents.counts["revisions"]
    return size > _SMALL and size > _BLOAT * dense


def _news(lake: Lake, contents: Contents) -> bool:
    """Return whether the lake has more than new times of sighting beyond a version."""
    with scratch(lake.store) as connection:
        snapshot = Snapshot(connection, lake.tables)
        published_runs = set(contents.counted) | set(contents.others)
        ended = connection.execute("SELECT run_id FROM lake_runs WHERE state = 'abandoned'")
        if not published_runs.issuperset(run for (run,) in ended.fetchall()):
            return True  # a line of ``changes``
        runs = {run for (run,) in connection.execute("SELECT run_id FROM committed").fetchall()}
        counted = {run for (run,) in connection.execute("SELECT run_id FROM counted").fetchall()}
        lacking = sorted(runs - published_runs)
        if set(contents.counted) - counted:  # a newer run of their slice replaced them
            return True
        if not lacking:
            return False
        for name in ("ledger", "observations"):
            snapshot.view(name, runs=lacking)
        if connection.execute("FROM lake_observations LIMIT 1").fetchall():
            return True
        connection.execute("CREATE OR REPLACE TEMP TABLE looks AS FROM lake_ledger")
        if connection.execute(
            "FROM looks WHERE observed_at < ? OR fate IN ('new', 'revised', 'duplicate') LIMIT 1",
            [contents.seen_until],
        ).fetchall():
            return True  # decided without reading all earlier sightings
        snapshot.view("ledger", runs=sorted(published_runs))
        return bool(
            connection.execute(
                statements("publish/news"), {"until": contents.seen_until}
            ).fetchall()
        )


def _lake_size(lake: Lake) -> int:
    return sum(
        file.size
        for name in ("observations", "cuts", "ledger")
        for file in lake.store.list(f"tables/{name}")
        if file.path.endswith(".parquet")
    )


class _explained:  # noqa: N801  reads as a word in a with statement
    """Raise errors of DuckDB and the disk as PublishError; the old version is unchanged."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        self._serving.clear()
        if isinstance(error, duckdb.Error | OSError):
            folder, cause = self._serving.folder, reason(error)
            full = next((message for message in map(os.strerror, _FULL) if message in cause), None)
            advice = FREE_SOME if full else "the version before is unchanged"
            raise PublishError(f"cannot publish to {folder}: {full or cause}; {advice}") from error
