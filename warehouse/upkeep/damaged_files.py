"""Finds files of the lake that cannot be read: table logs, Parquet files, manifests of sealed runs.

Other checks read these files with SQL, which stops at the first damaged one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import duckdb

from copydesk.schemas.tables import TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.runs import sealing
from copydesk.warehouse.storage.duckdb_views import literals, scratch
from copydesk.warehouse.storage.storage import reason
from copydesk.warehouse.upkeep.finding import Finding

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake

_FROM_BACKUP: Final = "restore the file from a backup, or the lake from one"


def damaged_files(lake: Lake, *, deep: bool) -> list[Finding]:
    """List damaged files by kind; ``deep`` reads every column, otherwise only footers are read."""
    manifests = [*_damaged_manifests(lake)]
    logs, files = [], []
    for name in TABLES:
        try:
            files += lake.tables.files(name)
        except LakeError:
            logs += _damaged_log(lake, name)
    sealed = [file.path for file in lake.store.list(sealing.FOLDER)]
    files += [lake.store.uri(path) for path in sealed if path.endswith(".parquet")]
    return [
        *_finding(
            "table-log", "entries of a table's log cannot be read, which stops every command",
            logs, _FROM_BACKUP,
        ),
        *_finding(
            "sealed-manifest", "manifests of sealed runs cannot be read", manifests,
            f"{_FROM_BACKUP}; without one delete the manifest, and give the run's command again: "
            "its batches are there, and it is sealed again",
        ),
        *_finding(
            "table-file", "Parquet files of the lake cannot be read",
            _damaged_parquet(lake, files, deep=deep),
            f"{_FROM_BACKUP}; of a run that is not committed: copydesk runs drop RUN. What is "
            "published stays readable until it is published anew",
        ),
    ]  # fmt: skip


def _finding(check: str, says: str, paths: Sequence[str], mend: str) -> Iterator[Finding]:
    if paths:
        yield Finding(check, says, len(paths), paths[0], mend)


def _damaged_log(lake: Lake, table: str) -> list[str]:
    """List entries of a table's log that are no lines of JSON; the table where all are."""
    folder = f"tables/{table}/_delta_log"
    damaged = []
    for file in lake.store.list(folder):
        if file.path.endswith(".json"):
            try:
                for line in (lake.store.get(file.path) or b"").splitlines():
                    json.loads(line)
            except ValueError:
                damaged.append(lake.store.uri(file.path))
    return damaged or [lake.store.uri(folder)]


def _damaged_manifests(lake: Lake) -> Iterator[str]:
    for file in lake.store.list(sealing.FOLDER):
        if file.path.endswith(".json"):
            try:
                sealing.sealed_run(lake.store, file.path.rpartition("/")[2].removesuffix(".json"))
            except LakeError:
                yield lake.store.uri(file.path)


def _damaged_parquet(lake: Lake, files: Sequence[str], *, deep: bool) -> list[str]:
    """List the files that DuckDB cannot read."""
    damaged = []
    with scratch(lake.store) as connection:
        for file in files:
            names = literals([file])
            try:
                if deep:
                    relation = connection.sql(f"FROM read_parquet({names})")
                    for _ in relation.to_arrow_reader(2048):
                        pass
                else:
                    connection.execute(f"SELECT * FROM parquet_file_metadata({names})")  # noqa: S608
            except (duckdb.Error, UnicodeDecodeError, OSError) as error:
                damaged.append(f"{file} ({reason(error)})")
    return damaged
