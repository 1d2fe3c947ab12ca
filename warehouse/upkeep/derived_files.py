"""Checks of files beside the lake that are made anew where lost: the signature index, and locks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from copydesk.warehouse.publish.signature_index import SignatureIndex
from copydesk.warehouse.publish.versions import Serving
from copydesk.warehouse.storage.duckdb_views import Snapshot, listed, scratch
from copydesk.warehouse.upkeep.finding import Finding

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake
    from copydesk.warehouse.publish.sorted_segments import SortedSegments


def damaged_index(home: Path, lake: Lake) -> Iterator[Finding]:
    """Find segments of the signature index that cannot be read, or have rows the lake lacks."""
    index = SignatureIndex(Serving(home).folder / "signed")
    damaged: list[Path] = []
    with scratch(lake.store) as connection:
        snapshot = Snapshot(connection, lake.tables)
        for name, segments in (("shingles", index.shingles), ("signatures", index.signatures)):
            snapshot.view(name)
            damaged += _damaged_segments(connection, f"lake_{name}", segments)
    if damaged:
        yield Finding(
            "signature-index",
            "files of the index of near copies are damaged, and copies may be missed",
            len(damaged),
            str(damaged[0]),
            "copydesk publish --rebuild, which makes it anew from the lake",
        )


def _damaged_segments(
    connection: duckdb.DuckDBPyConnection, lake_rows: str, segments: SortedSegments
) -> Iterator[Path]:
    for path, runs, batches in segments.contents():
        if batches is None:
            yield path
            continue
        reader = pa.RecordBatchReader.from_batches(segments.schema, batches)
        connection.register("segment", reader)
        names = ", ".join(segments.schema.names)
        try:
            strange = connection.execute(
                f"SELECT 1 FROM segment ANTI JOIN (SELECT {names} FROM {lake_rows}"  # noqa: S608
                f" WHERE run_id IN ({listed(sorted(runs))})) USING ({names}) LIMIT 1"
            ).fetchall()
        except (duckdb.Error, pa.ArrowException, OSError, UnicodeDecodeError):
            strange = [()]
        finally:
            connection.unregister("segment")
        if strange:
            yield path


def unusable_locks(home: Path) -> Iterator[Finding]:
    """Find lock files that nobody can lock; what is in them has no meaning."""
    locks = [Serving(home).folder / "publish.lock", *sorted((home / "locks").glob("*.lock"))]
    unusable = [path for path in locks if path.exists() and not _is_lockable(path)]
    if unusable:
        yield Finding(
            "lock-file",
            "lock files are no files that this user can write, which stops runs or publishing",
            len(unusable),
            str(unusable[0]),
            "delete it, or give it to the user who runs copydesk: it is made anew",
        )


def _is_lockable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK | os.W_OK)
