"""Lakes of other releases: read as they are, brought up, or refused; never misread."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from deltalake import write_deltalake

from copydesk.schemas.table_model import Column, ColumnType
from copydesk.schemas.tables import RUNS, TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.storage import version
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.version import Step, newest
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from copydesk.warehouse.upkeep.erase import forget
from copydesk.warehouse.upkeep.migrate import migrate
from tests.warehouse.sample import WHOLE, Look, frames, hour, ingest, plan, rows, tables

LATER = {
    "observations": ("markdown", "section", "tags", "image_url", "canonical_url", "evidence"),
    "cuts": ("score",),
    "rejects": ("evidence",),
    "ledger": ("detail", "how"),
    "raw_index": ("how",),
    "runs": tuple(column.name for column in RUNS.columns if column.nullable),
}
"""Columns without which the lake below is written."""


def made_by_an_older_release(home: Path) -> Lake:
    """Make a lake of version 1: without signatures, and without columns that came later."""
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, "A", fields={"section": "World"}), Look("b", 0, None)])
    ingest(lake, "r2", [Look("a", 1, "B"), Look("c", 1, "C")])
    for name, lacks in LATER.items():
        table = lake.tables.open(name)
        assert table is not None
        present = duckdb.sql(
            f"SELECT * EXCLUDE ({', '.join(lacks)}) FROM read_parquet({table.file_uris()})"
        ).to_arrow_table()
        folder = home / "lake" / "tables" / name
        shutil.rmtree(folder)
        write_deltalake(str(folder), present)
    for name in ("signatures", "shingles", "forgotten"):
        shutil.rmtree(home / "lake" / "tables" / name, ignore_errors=True)
    record = home / "lake" / "lake.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"format": 1}))
    return Lake.open(home / "lake", create=False)


def recorded(home: Path) -> int:
    return int(json.loads((home / "lake" / "lake.json").read_text())["format"])


def test_a_lake_of_an_older_release_goes_on(home: Path) -> None:
    lake = made_by_an_older_release(home)
    assert publish(home, lake=lake).changed
    result = "SELECT text, section, revision FROM articles ORDER BY 1"
    assert rows(home, result) == [("B", None, 2), ("C", None, 1)]
    assert rows(home, "SELECT score FROM cuts") == [(None,)] * 3
    assert (lake.version, recorded(home)) == (1, 1)  # what only reads changes nothing
    completed = ingest(
        lake, "r3", [Look("c", 2, "D", fields={"section": "Sea"}), Look("b", 2, None)]
    )
    assert completed.fates == {"revised": 1, "rejected": 1}
    assert (lake.version, recorded(home)) == (newest(), newest())
    publish(home, lake=lake)
    assert rows(home, result) == [("B", None, 2), ("D", "Sea", 2)]
    assert examine(home, lake=lake, deep=True) == []
    maintain(lake, now=plan("x").started_at)
    grown = tables(home, WHOLE)
    publish(home, lake=Lake.open(home / "lake"), rebuild=True)
    assert tables(home, WHOLE) == grown


def test_forgetting_in_a_lake_of_an_older_release(home: Path) -> None:
    lake = made_by_an_older_release(home)
    publish(home, lake=lake)
    assert forget(home, lake=lake, now=hour(9), url="file:a").raw == 2
    assert rows(home, "SELECT text FROM articles") == [("C",)]
    assert examine(home, lake=lake, deep=True) == []
    assert ingest(lake, "r3", [Look("a", 3, "A")]).fates == {"skipped": 1}


def test_migrating(home: Path) -> None:
    lake = made_by_an_older_release(home)
    assert [step.to for step in migrate(lake, dry_run=True).steps] == [2]
    assert recorded(home) == 1
    completed = migrate(lake)
    assert (completed.before, completed.after, recorded(home)) == (1, newest(), newest())
    assert Lake.open(home / "lake").identity == lake.identity
    assert migrate(lake).steps == []


def test_a_lake_that_would_be_misread_waits_for_its_migration(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = made_by_an_older_release(home)
    lake.begin(plan("open"))
    lake.run("open").stage(0, frames("open", 0, [Look("z")]))
    tries = []

    def work(tables: Tables) -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OSError("the power is off")
        tables.update("observations", "site IS NULL", {"site": "'Of old'"})

    later = Step(newest() + 1, "sites have their names", work)
    monkeypatch.setattr(version, "STEPS", (*version.STEPS, later))
    with pytest.raises(LakeError, match="copydesk migrate upgrades it"):
        Lake.open(home / "lake")
    old = Lake.open(home / "lake", outdated=True)
    with pytest.raises(LakeError, match=r"1 run not finished \(open\)"):
        migrate(old)
    old.run("open").abandon("it was begun by an older release")
    with pytest.raises(OSError, match="power"):
        migrate(old)
    assert recorded(home) == later.to - 1
    assert migrate(Lake.open(home / "lake", outdated=True)).after == later.to
    lake = Lake.open(home / "lake")
    publish(home, lake=lake)
    assert rows(home, "SELECT DISTINCT site FROM articles") == [("Of old",)]
    monkeypatch.undo()
    with pytest.raises(LakeError, match=rf"has version {later.to}, this copydesk knows {newest()}"):
        Lake.open(home / "lake")


@pytest.mark.parametrize("record", ["{}", "nothing", '{"format": "x", "id": "y"}', "[]"])
def test_a_record_that_says_no_version(home: Path, record: str) -> None:
    Lake.open(home / "lake")
    (home / "lake" / "lake.json").write_text(record)
    with pytest.raises(LakeError, match="does not say the lake's version"):
        Lake.open(home / "lake")


def test_a_column_that_is_added_later(
    lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    table = TABLES["rejects"]
    newer = dataclasses.replace(
        table, columns=(*table.columns, Column("score", ColumnType.REAL, "New.", nullable=True))
    )
    monkeypatch.setitem(TABLES, "rejects", newer)
    from copydesk.schemas.arrow import checks

    checks.cache_clear()
    ingest(lake, "r2", [Look("b", 1, None)])
    assert "score" in {field.name for field in lake.tables.open("rejects").schema().fields}
    monkeypatch.undo()
    checks.cache_clear()
    ingest(lake, "r3", [Look("c", 2, None)])  # an older release at the same lake
    publish(home, lake=lake)
    assert rows(home, "SELECT locator FROM rejects ORDER BY 1") == [("b",), ("c",)]


def test_a_column_that_old_files_lack_reads_as_null(lake: Lake, home: Path) -> None:
    """A lake whose observations were made before there was a section or a Markdown."""
    ingest(lake, "r1", [Look("a", 0, "A", fields={"section": "World"})])
    files = lake.tables.files("observations")
    present = duckdb.sql(f"SELECT * EXCLUDE (section, markdown) FROM read_parquet({files})")
    uri = str(home / "lake" / "tables" / "observations")
    write_deltalake(uri, present.to_arrow_table(), mode="overwrite", schema_mode="overwrite")
    ingest(lake, "r2", [Look("b", 0, "B", fields={"section": "World"})])
    publish(home, lake=lake)
    stored_rows = rows(home, "SELECT text, section FROM articles ORDER BY 1")
    assert stored_rows == [("A", None), ("B", "World")]
