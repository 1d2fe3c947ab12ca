"""What must be true of a lake and of the published file, and what to do where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
from copydesk.warehouse.storage.duckdb_views import Cut, scratch, select, statements
from copydesk.warehouse.storage.raw_files import read_raw
from copydesk.warehouse.storage.storage import reason
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
        *("published-runs", "published-ledger", "orphan-cuts"),
    }
)
"""Checks whose rows a removal deletes one table after the other."""

_REBUILD: Final = "copydesk publish --rebuild"


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing that is not as it must be: which check says so, of how many rows, an example."""

    check: str
    says: str
    rows: int
    example: str
    mend: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.check}: {self.says} ({self.rows}, such as {self.example}); mend: {self.mend}"


def examine(home: Path, *, lake: Lake, deep: bool = False) -> list[Finding]:
    """Check the lake and the published file; no findings mean that all is well.

    ``deep`` reads every text and every raw document and works out its hash anew. While a removal
    is unfinished, what it leaves half done is no finding of its own.
    """
    unfinished = list(_unfinished_removals(lake))
    findings = list(_examine_lake(lake))
    if deep:
        findings.extend(_examine_hashes(lake))
    findings.extend(_examine_published(home, lake))
    if unfinished:
        findings = [one for one in findings if one.check not in _OF_REMOVALS]
    return [*unfinished, *findings]


def _unfinished_removals(lake: Lake) -> Iterator[Finding]:
    found = unfinished_removals(lake.store)
    if found:
        since = f"{found[0].requested_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(
            "removal",
            "a removal is unfinished",
            len(found),
            f"that of {since} from {found[0].home}",
            "copydesk maintain there, or the same copydesk forget again; then copydesk doctor,"
            " which until then leaves out the checks that it disturbs",
        )


def _examine_lake(lake: Lake) -> Iterator[Finding]:
    with scratch(lake.store) as connection:
        Cut(connection, lake.tables)
        _all_rows(connection, lake.tables)
        # listed last: rows that were found above are of runs that are open or have ended by now
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
                "versions are there and none is current",
                1,
                str(serving.folder),
                _REBUILD,
            )
        return
    contents = serving.contents(current)
    if contents is None:
        yield Finding(
            "serving-contents",
            "nobody wrote down what the version holds",
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
        Cut(connection, lake.tables)
        there = dict(connection.execute("SELECT run_id, items FROM lake_runs").fetchall())
    strange = [run for run, items, _ in runs if there.get(run) != items]
    if strange:
        yield Finding(
            "published-runs",
            "published runs are not those of the lake",
            len(strange),
            strange[0],
            _REBUILD,
        )


def _examine_hashes(lake: Lake) -> Iterator[Finding]:
    with scratch(lake.store) as connection:
        cut = Cut(connection, lake.tables)
        for name in ("observations", "raw_index"):
            cut.view(name)
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
                "texts are not those that were hashed",
                wrong,
                example,
                "copydesk reclean, which stores them anew",
            )
        documents = connection.execute(
            'SELECT sha256, file, "offset", length FROM lake_raw_index'
        ).fetchall()
    bad = []
    for digest, file, offset, length in documents:
        try:
            read_raw(lake.store, file=file, offset=offset, length=length, digest=digest)
        except Exception:
            bad.append(f"{file} at {offset}")
    if bad:
        yield Finding(
            "raw-bytes",
            "raw documents cannot be read back",
            len(bad),
            bad[0],
            "restore the file from a backup; reclean needs it",
        )


def _all_rows(connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Make the views ``all_<name>``: rows of every run, visible or not."""
    for name, table in TABLES.items():
        connection.execute(f"CREATE TEMP VIEW all_{name} AS {select(table, tables.files(name))}")


def _run_checks(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[Finding]:
    """Run the checks of an SQL file: each gives the rows that are wrong, an example first."""
    parts = _CHECK.split(statements(name))
    for check, says, mend, sql in zip(*(iter(parts[1:]),) * 4, strict=True):
        rows = connection.execute(sql.strip().rstrip(";")).fetchall()
        if rows:
            yield Finding(check, says, len(rows), " ".join(map(str, rows[0])), mend)


def _lost_files(connection: duckdb.DuckDBPyConnection, lake: Lake) -> Iterator[Finding]:
    wanted = connection.execute(
        'SELECT file, max("offset" + length) FROM all_raw_index'
        " WHERE run_id IN (SELECT run_id FROM committed) GROUP BY file"
    ).fetchall()
    sizes = {file.path: file.size for file in lake.store.list("raw")}
    lost = [file for file, end in wanted if sizes.get(file, -1) < end]
    if lost:
        yield Finding(
            "raw-files",
            "raw files are gone or cut off",
            len(lost),
            lost[0],
            "restore the file from a backup; reclean needs it",
        )


def _lost_sealed(lake: Lake) -> Iterator[Finding]:
    """Find runs that are held or half committed and have lost what they would add."""
    there = {file.path for file in lake.store.list(sealing.FOLDER)}
    for run in lake.unfinished():
        sealed = run.sealed
        lost = [] if sealed is None else sorted(set(chain(*sealed.files.values())) - there)
        if lost and lake.run(run.run_id).ended_row is None:
            yield Finding(
                "sealed-files",
                "a sealed run has lost files",
                len(lost),
                lost[0],
                f"copydesk runs drop {run.plan.run_id}",
            )
