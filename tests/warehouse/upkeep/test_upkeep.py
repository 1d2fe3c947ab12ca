"""Maintenance, forgetting, plain files out, and lakes of other releases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from copydesk.schemas.ids import sha256
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.versions import Serving
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from copydesk.warehouse.upkeep.erase import forget
from tests.warehouse.sample import WHOLE, Look, frames, ingest, plan, rows, tables

SECRET = "a passage that somebody has the right to have removed"


def now() -> datetime:
    return datetime.now(UTC)


def anywhere(folder: Path, passage: bytes) -> list[str]:
    """Name the files below a folder that hold a passage, compressed or not."""
    from copydesk.warehouse.storage.raw_files import zstd

    collected = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".zst":
            data = zstd.decompress(data)
        elif path.suffix == ".parquet":
            data = repr(duckdb.execute(f"FROM '{path}'").fetchall()).encode()
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                data = repr(connection.execute("SELECT text FROM revisions").fetchall()).encode()
        if passage in data:
            collected.append(path.name)
    return collected


def test_compaction_changes_no_row(lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copydesk.warehouse.upkeep.compact._SMALL_FILES", 4)
    for number in range(4):
        ingest(lake, f"r{number:02}", [Look(f"p{number}", number, f"text {number}")])
    publish(home, lake=lake)
    before = tables(home, WHOLE)
    completed = {(step.what, step.where): step.number for step in maintain(lake, now=now())}
    assert completed[("files compacted", "ledger")] == 4
    assert len(lake.tables.files("ledger")) == 1
    assert examine(home, lake=lake, deep=True) == []
    publish(home, lake=lake, rebuild=True)
    assert tables(home, WHOLE) == before
    ingest(lake, "r99", [Look("p0", 99, "text 0")])  # transactions survive the checkpoint
    assert lake.run("r00").commit().already


def test_maintenance_spares_an_open_run(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", bytes_=b"one")])
    lake.begin(plan("r2"))
    lake.run("r2").stage(0, frames("r2", 0, [Look("b", bytes_=b"two")]))
    maintain(lake, now=now() + timedelta(days=99), retention=timedelta(0))
    lake.run("r2").seal()
    maintain(lake, now=now() + timedelta(days=99), retention=timedelta(0))
    lake.run("r2").commit()
    assert lake.raw(sha256(b"two")) == b"two"
    assert examine(home, lake=lake, deep=True) == []


def test_left_over_files_go_when_they_are_old(lake: Lake) -> None:
    ingest(lake, "r1", [Look("a")])
    for path in (
        "_staging/dead/000000-x.ledger.parquet",
        "_sealed/dead/x.parquet",
        "raw/dead/0.zst",
    ):
        lake.store.put(path, b"left over")
    assert maintain(lake, now=now()) == []
    completed = maintain(lake, now=now() + timedelta(days=8))
    assert sum(item.number for item in completed if "files" in item.what) == 3
    assert lake.store.list("_staging") == lake.store.list("_sealed") == []


def test_raw_bytes_have_a_retention(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", bytes_=b"one")])
    maintain(lake, now=now(), keep_raw=timedelta(days=30))
    assert lake.raw(sha256(b"one")) == b"one"
    maintain(lake, now=now() + timedelta(days=31), keep_raw=timedelta(days=30))
    assert lake.raw(sha256(b"one")) is None
    assert lake.store.list("raw") == []
    assert examine(home, lake=lake) == []


def test_forgetting_an_article(lake: Lake, home: Path) -> None:
    retained = Look("kept", 0, "to be kept")
    removed = Look("gone", 0, SECRET)
    ingest(lake, "r1", [retained, removed, Look("bad", 0, None)])
    publish(home, lake=lake)
    ingest(lake, "r2", [Look("gone", 1, SECRET + ", revised"), Look("more", 1, "more")])
    publish(home, lake=lake)
    assert len(anywhere(home, SECRET.encode())) > 4
    removal = forget(home, lake=lake, now=now(), article_id=removed.article, reason="court order 7")
    assert (removal.articles, removal.raw) == ((removed.article,), 2)
    assert anywhere(home, SECRET.encode()) == []
    assert Serving(home).versions() == [removal.version]
    assert rows(home, "SELECT locator FROM articles ORDER BY 1") == [("kept",), ("more",)]
    assert lake.raw(sha256(retained.body)) == retained.body
    assert examine(home, lake=lake, deep=True) == []
    again = ingest(lake, "r3", [Look("gone", 3, SECRET), Look("kept", 3, "to be kept")])
    assert again.fates == {"skipped": 1, "unchanged": 1}
    publish(home, lake=lake, rebuild=True)
    assert anywhere(home, SECRET.encode()) == []
    assert rows(home, "SELECT count(*) FROM ledger WHERE locator = 'gone'") == [(0,)]
    assert examine(home, lake=lake, deep=True) == []


def test_forgetting_while_a_run_is_open(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("gone", 0, SECRET), Look("kept", 0, "kept")])
    lake.begin(plan("r2"))
    lake.run("r2").stage(0, frames("r2", 0, [Look("gone", 1, SECRET + ", again")]))
    publish(home, lake=lake)
    forget(home, lake=lake, now=now(), url="file:gone")
    lake.run("r2").seal()
    lake.run("r2").commit()
    publish(home, lake=lake)
    assert rows(home, "SELECT text FROM articles") == [("kept",)]
    assert examine(home, lake=lake) == []
    assert anywhere(home / "lake", SECRET.encode()) == []


def test_forgetting_one_of_many_that_claim_an_address(lake: Lake, home: Path) -> None:
    shared = {"canonical_url": "https://example.org/section"}
    texts = {"a": SECRET, "b": "to be kept", "c": "kept too"}
    ingest(lake, "r1", [Look(locator, 0, text, fields=shared) for locator, text in texts.items()])
    publish(home, lake=lake)
    ((published,),) = rows(home, "SELECT article_id FROM articles WHERE locator = 'a'")
    forget(home, lake=lake, now=now(), article_id=published)
    assert anywhere(home, SECRET.encode()) == []
    assert rows(home, "SELECT count(*) FROM ledger WHERE locator = 'b'") == [(1,)]
    assert ingest(lake, "r2", [Look("a", 1, SECRET, fields=shared)]).fates == {"skipped": 1}


def test_forgetting_a_site(lake: Lake, home: Path) -> None:
    of_site = {"site": "Example News"}
    ingest(lake, "r1", [Look("a", 0, "A", fields=of_site), Look("b", 0, "B")])
    forget(home, lake=lake, now=now(), site="Example News")
    assert ingest(lake, "r2", [Look("c", 1, "C", fields=of_site)]).fates == {"skipped": 1}
    publish(home, lake=lake)
    assert rows(home, "SELECT text FROM articles") == [("B",)]
    page = {"canonical_url": "https://www.news.example/p"}  # a file of a page of the site
    ingest(lake, "r3", [Look("p", 2, "P", fields=page), Look("https://News.example/q", 2, "Q")])
    removal = forget(home, lake=lake, now=now(), site="news.example")
    assert len(removal.items) == 2
    again = [Look("p2", 3, "P", fields=page), Look("https://news.example/z", 3, None)]
    assert ingest(lake, "r4", again).fates == {"skipped": 2}
    with pytest.raises(LakeError, match="nothing of"):
        forget(home, lake=lake, now=now(), url="https://example.org/never-seen")
