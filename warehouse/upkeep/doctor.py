"""Checks of the lake and the published file, and what to do when one fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from copydesk.schemas.ids import content_hash
from copydesk.schemas.tables import RUNS, TABLES
from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.publish.versions import Serving
from copydesk.warehouse.query.connect import connect
from copydesk.warehouse.runs import sealing
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.duckdb_views import Snapshot, scratch, select, statements
from copydesk.warehouse.storage.raw_files import is_pointer, read_raw
from copydesk.warehouse.storage.storage import reason
from copydesk.warehouse.upkeep.damaged_files import damaged_files
from copydesk.warehouse.upkeep.derived_files import damaged_index, unusable_locks
from copydesk.warehouse.upkeep.finding import Finding
from copydesk.warehouse.upkeep.removals import unfinished_removals

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake

_CHECK: Final = re.compile(
    r"^-- check: (?P<name>[\w-]+): (?P<says>.+)\n-- mend: (?P<mend>.+)\n", re.M
)

_OF_REMOVALS: Final = frozenset(
    {
        *("texts", "records", "orphan-text", "unsigned", "orphan-signature", "shingles"),
        *("rejects", "raw-index", "raw-bytes", "raw-files", "forgotten", "sealed-files"),
        *("published-runs", "published-ledger", "orphan-cuts", "signature-index"),
    }
)
"""Checks that fail in the middle of a removal, which deletes rows one table after another."""

_REBUILD: Final = "copydesk publish --rebuild"


def examine(home: Path, *, lake: Lake, deep: bool = False) -> list[Finding]:
    """Check the lake and the published file; returns no findings when all is well.

    ``deep`` also reads every file, and recomputes the hash of every text and raw document. Damaged
    files of the lake are reported alone, since the other checks cannot read them. While a removal
    is unfinished, checks that it disturbs are left out.
    """
    if damaged := damaged_files(lake, deep=deep):  # the other checks would stop at them
        return damaged
    unfinished = list(_unfinished_removals(lake))
    findings = list(_examine_lake(lake))
    findings.extend(unusable_locks(home))
    if deep:
        findings.extend(_examine_hashes(lake))
        findings.extend(damaged_index(home, lake))
    findings.extend(_examine_published(home, lake))
    if unfinished:
        findings = [finding for finding in findings if finding.check not in _OF_REMOVALS]
    return [*unfinished, *findings]


def _unfinished_removals(lake: Lake) -> Iterator[Finding]:
    removals = unfinished_removals(lake.store)
    if removals:
        since = f"{removals[0].requested_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(
            "removal",
            "a removal is unfinished",
            len(removals),
            f"that of {since} from {removals[0].home}",
            "copydesk maintain there, or the same copydesk forget again; until then"
            " copydesk doctor skips the checks that it affects",
        )


def _examine_lake(lake: Lake) -> Iterator[Finding]:
    with scratch(lake.store) as connection:
        Snapshot(connection, lake.tables)
        _all_rows(connection, lake.tables)
        # listed last: rows found above belong to runs that are open, or have ended by now
        runs = select(RUNS, lake.tables.files("runs"))
        ended = f"SELECT run_id FROM ({runs}) WHERE state = 'committed'"  # noqa: S608
        connection.execute(
            f"CREATE TEMP TABLE open_runs AS {ended} UNION SELECT unnest(CAST(? AS VARCHAR[]))",
            [[run.plan.run_id for run in lake.unfinished()]],
        )
        yield from _run_checks(connection, "upkeep/doctor_lake")
        yield from _lost_files(connection, lake)
    yield from _lost_sealed(lake)


def _examine_published(home: Path, lake: Lake) -> Iterator[Finding]:
    serving = Serving(home)
    current = serving.current()
    if current is None:
        if serving.versions():
            yield Finding(
                "serving-link",
                "there are versions, but none is current",
                1,
                str(serving.folder),
                _REBUILD,
            )
        return
    contents = serving.contents(current)
    if contents is None:
        yield Finding(
            "serving-contents",
            "the version's sidecar file is missing",
            1,
            serving.path(current).name,
            _REBUILD,
        )
    try:
        with connect(home) as connection:
            yield from _run_checks(connection, "upkeep/doctor_published")
            runs = connection.execute("SELECT run_id, items, state FROM runs").fetchall()
    except (duckdb.Error, PublishError) as error:
        yield Finding(
            "serving-file", "the current version cannot be read", 1, reason(error), _REBUILD
        )
        return
    with scratch(lake.store) as connection:
        Snapshot(connection, lake.tables)
        lake_runs = dict(connection.execute("SELECT run_id, items FROM lake_runs").fetchall())
    strange = [run for run, items, _ in runs if lake_runs.get(run) != items]
    if strange:
        yield Finding(
            "published-runs",
            "published runs differ from those of the lake",
            len(strange),
            strange[0],
            _REBUILD,
        )


def _examine_hashes(lake: Lake) -> Iterator[Finding]:
    with scratch(lake.store) as connection:
        snapshot = Snapshot(connection, lake.tables)
        for name in ("observations", "raw_index"):
            snapshot.view(name)
        wrong = 0
        example = ""
        rows = connection.sql(
            "SELECT article_id, title, text, content_hash FROM lake_observations"
            " WHERE text IS NOT NULL"
        ).to_arrow_reader(2048)
        for batch in rows:
            for row in batch.to_pylist():
                if content_hash(row["title"], row["text"]) != row["content_hash"]:
                    wrong, example = wrong + 1, str(row["article_id"])
        if wrong:
            yield Finding(
                "content-hash",
                "texts do not match their hashes",
                wrong,
                example,
                "copydesk reclean, which stores them again",
            )
        documents = connection.execute(
            'SELECT sha256, file, "offset", length FROM lake_raw_index'
        ).fetchall()
    bad = []
    for digest, file, offset, length in documents:
        if is_pointer(file):
            continue
        try:
            read_raw(lake.store, file=file, offset=offset, length=length, digest=digest)
        except Exception:
            bad.append(f"{file} at {offset}")
    if bad:
        yield Finding(
            "raw-bytes",
            "raw bytes cannot be read back",
            len(bad),
            bad[0],
            "restore the file from a backup; reclean needs it",
        )


def _all_rows(connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Create the views ``all_<name>`` of the rows of every run, committed or not."""
    for name, table in TABLES.items():
        connection.execute(f"CREATE TEMP VIEW all_{name} AS {select(table, tables.files(name))}")


def _run_checks(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[Finding]:
    """Run the checks of an SQL file; each selects the wrong rows, an example first."""
    parts = _CHECK.split(statements(name))
    for check, says, mend, sql in zip(*(iter(parts[1:]),) * 4, strict=True):
        rows = connection.execute(sql.strip().rstrip(";")).fetchall()
        if rows:
            yield Finding(check, says, len(rows), " ".join(map(str, rows[0])), mend)


def _lost_files(connection: duckdb.DuckDBPyConnection, lake: Lake) -> Iterator[Finding]:
    required_sizes = connection.execute(
        'SELECT file, max("offset" + length) FROM all_raw_index'
        " WHERE run_id IN (SELECT run_id FROM committed) GROUP BY file"
    ).fetchall()
    sizes = {file.path: file.size for file in lake.store.list("raw")}
    missing = [
        file for file, end in required_sizes if sizes.get(file, -1) < end and not is_pointer(file)
    ]
    if missing:
        yield Finding(
            "raw-files",
            "raw files are missing or truncated",
            len(missing),
            missing[0],
            "restore the file from a backup; reclean needs it",
        )


def _lost_sealed(lake: Lake) -> Iterator[Finding]:
    """Find unfinished runs whose sealed files are missing."""
    existing = {file.path for file in lake.store.list(sealing.FOLDER)}
    for run in lake.unfinished():
        sealed = run.sealed
        missing = [] if sealed is None else sorted(set(chain(*sealed.files.values())) - existing)
        if missing and lake.run(run.run_id).ended_row is None:
            yield Finding(
                "sealed-files",
                "a sealed run has lost files",
                len(missing),
                missing[0],
                f"copydesk runs drop {run.plan.run_id}",
            )
