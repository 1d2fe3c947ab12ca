"""Publishing: a new version of the DuckDB file, from the lake, beside the one that is read."""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.block_copy import blocks_of, copy
from copydesk.warehouse.publish.build import bring_up, finish
from copydesk.warehouse.publish.duplicates import Comparison, Edition, bring_up_copies
from copydesk.warehouse.publish.schema import (
    has_tables,
    layout_hash,
    make_layout,
    refresh_comments,
    refresh_views,
)
from copydesk.warehouse.publish.versions import FREE_SOME, Contents, Serving
from copydesk.warehouse.search.index import bring_up_search
from copydesk.warehouse.storage.duckdb_views import Cut, scratch, statements, writing
from copydesk.warehouse.storage.storage import reason

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""No room on the disk, in the user's quota, in the largest file that is allowed."""

_ROOM: Final = 1.3
"""Room that a version needs beside the last one, times its size: itself and what is put in."""

_BLOAT: Final = 2
"""Growth at which a version is built anew: copies take as long as the file is large.

Measured: 12 publishes that each replace 5 % of 10,000 articles make a file 1.9 times as large.
"""

_SMALL: Final = 64_000_000
"""Bytes below which nothing is gained by it."""

_UNPACKED: Final = 4
"""Size of a version built anew, times the lake's compressed rows (measured: 3.1)."""


@dataclass(frozen=True, slots=True)
class Publication:
    """The version that readers see. ``changed`` is False when there was nothing to publish.

    ``counts`` are rows by table.
    """

    version: int
    path: Path
    changed: bool
    counts: Mapping[str, int]


def publish(
    home: Path,
    *,
    lake: Lake | None = None,
    rebuild: bool = False,
    keep: int = 3,
    comparison: Comparison | None = None,
) -> Publication:
    """Publish what is committed: build beside, then swap. PublishError leaves the old version.

    ``lake`` defaults to the one below ``home``. ``rebuild`` starts from the lake alone;
    otherwise only what changed is put into what equals the last version. Of older versions
    ``keep`` stay, the new one included. After a rollback nothing is published until there are
    runs that the version left behind does not have, or a rebuild. ``comparison`` has the rules
    of near copies (``copydesk.tasks.dedup.rules.COPIES``); without it only equal texts are copies.
    """
    lake = lake or Lake.open(Path(home) / "lake", create=False)
    serving = Serving(home)
    with serving.lock(), _explained(serving):
        current = serving.current()
        base = None if current is None else serving.contents(current)
        held = serving.held()
        seen = base if held is None or rebuild else serving.contents(held)
        rules = None if comparison is None else comparison.version
        same = base is not None and base.compared == rules
        as_today = seen is not None and seen.layout == layout_hash() and _usable(seen, lake)
        if base and seen and same and as_today and not (rebuild or _news(lake, seen)):
            return Publication(base.version, serving.path(base.version), False, base.counts)
        if base is not None and (rebuild or not _usable(base, lake) or _bloated(serving, base)):
            base = None
        contents = _build(serving, lake, base, comparison)
        path = serving.install(serving.building(), contents)
        serving.hold(None)
        serving.prune(keep)
        checkpoint("publish:prune")
    return Publication(contents.version, path, True, contents.counts)


def rollback(home: Path, version: int | None = None) -> Publication:
    """Let readers see a kept version again: ``version``, or the one before the current."""
    serving = Serving(home)
    with serving.lock(), _explained(serving):
        kept, current = serving.versions(), serving.current()
        older = [number for number in kept if current is not None and number < current]
        target = version if version is not None else (older[-1] if older else None)
        if target is None or target not in kept:
            raise PublishError(
                f"there is no version {target if target is not None else 'before the current one'}"
                f" in {serving.folder}; kept are {', '.join(map(str, kept)) or 'none'}"
            )
        contents = serving.contents(target)
        serving.hold(kept[-1] if target != kept[-1] else None)
        serving.point_to(target)
    counts = contents.counts if contents is not None else {}
    return Publication(target, serving.path(target), target != current, counts)


def _build(
    serving: Serving, lake: Lake, base: Contents | None, comparison: Comparison | None
) -> Contents:
    """Build the next version in the folder's building file and close it."""
    target = serving.building()
    if base is None:
        serving.require_space(_lake_size(lake) * _UNPACKED)
    else:
        _begin(serving, base, target)
        checkpoint("publish:copy")
    rules = None if comparison is None else comparison.version
    current = serving.current()
    edition = Edition(
        version=max(serving.versions(), default=0) + 1,
        now=datetime.now(UTC),
        previous=None
        if current is None or (base is not None and base.version == current)
        else serving.path(current),
        anew=base is None or base.compared != rules,
        signed=serving.folder / "signed",
    )
    writes: list[tuple[int, int]] = []
    with writing(lake.store, target, None if base is None else writes) as connection:
        if base is None:
            make_layout(connection)
        else:
            refresh_views(connection, base.layout)
            refresh_comments(connection)
        cut = Cut(connection, lake.tables)
        bring_up(connection, cut)
        bring_up_copies(connection, lake.tables, comparison, edition)
        bring_up_search(connection)
        contents = finish(
            connection,
            version=edition.version,
            base=None if base is None else base.version,
            lake=lake.identity,
            compared=rules,
            now=edition.now,
        )
    checkpoint("publish:close")
    if base is not None:
        return dataclasses.replace(
            contents,
            dense=base.dense,
            root=base.root,
            base=base.version,
            written=tuple(sorted(blocks_of(writes))),
        )
    dense = target.stat().st_size / max(contents.counts["revisions"], 1)
    return dataclasses.replace(contents, dense=dense, root=edition.version)


def _begin(serving: Serving, base: Contents, target: Path) -> None:
    """Put ``base`` at ``target``, to be brought up: the spare where it can be had, else a copy."""
    spare, path = serving.spare_contents(), serving.path(base.version)
    size = path.stat().st_size
    written = None if spare is None else serving.written_since(spare, base)
    if written is not None:
        serving.require_space(int(size * (_ROOM - 1)))
        if serving.spare.level(target, path, written):
            return
        target.unlink(missing_ok=True)
    serving.spare.drop()
    serving.require_space(int(size * _ROOM))
    copy(path, target)


def _usable(contents: Contents, lake: Lake) -> bool:
    """Tell whether a version can be brought up: of this lake and this release's layout."""
    return has_tables(contents.layout) and contents.lake == lake.identity


def _bloated(serving: Serving, contents: Contents) -> bool:
    """Tell whether rows that were replaced have left more room empty in a version than is used."""
    size = serving.path(contents.version).stat().st_size
    dense = (contents.dense or size) * contents.counts["revisions"]
    return size > _SMALL and size > _BLOAT * dense


def _news(lake: Lake, contents: Contents) -> bool:
    """Tell whether the lake holds more than times of sight beyond a version."""
    with scratch(lake.store) as connection:
        cut = Cut(connection, lake.tables)
        known = set(contents.counted) | set(contents.others)
        runs = {run for (run,) in connection.execute("SELECT run_id FROM committed").fetchall()}
        counted = {run for (run,) in connection.execute("SELECT run_id FROM counted").fetchall()}
        lacking = sorted(runs - known)
        if set(contents.counted) - counted:  # replaced by a newer run of their slice
            return True
        if not lacking:
            return False
        for name in ("ledger", "observations"):
            cut.view(name, runs=lacking)
        if connection.execute("FROM lake_observations LIMIT 1").fetchall():
            return True
        connection.execute("CREATE OR REPLACE TEMP TABLE looks AS FROM lake_ledger")
        if connection.execute(
            "FROM looks WHERE observed_at < ? OR fate IN ('new', 'revised', 'duplicate') LIMIT 1",
            [contents.seen_until],
        ).fetchall():
            return True  # without a look at all that was ever seen
        cut.view("ledger", runs=sorted(known))
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
    """Turn what DuckDB and the disk say into a PublishError; the old version is whole."""

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
            full = next((told for told in map(os.strerror, _FULL) if told in cause), None)
            then = FREE_SOME if full else "the version before is unchanged"
            raise PublishError(f"cannot publish to {folder}: {full or cause}; {then}") from error
