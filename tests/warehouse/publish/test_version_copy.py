"""The next version is built in a copy of the current one, and never in one that is read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb

from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish, rollback
from copydesk.warehouse.publish.version_copy import copy, leave_page_cache
from copydesk.warehouse.publish.versions import Serving
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import WHOLE, Look, ingest, tables


def grow(lake: Lake, home: Path, numbers: range, *, keep: int = 2) -> None:
    for number in numbers:
        looks = [Look(f"p{n}", number, f"text {n * (number % 3)}") for n in range(6)]
        ingest(lake, f"r{number}", [*looks, Look("bad", number, None)])
        assert publish(home, lake=lake, keep=keep).changed


def test_a_version_that_is_read_stays_as_it_is(lake: Lake, home: Path) -> None:
    grow(lake, home, range(2))
    reader = duckdb.connect(str(Serving(home).path(1)), read_only=True)
    before = reader.execute("FROM revisions ORDER BY ALL").fetchall()
    grow(lake, home, range(2, 5))
    assert Serving(home).versions() == [4, 5]
    assert reader.execute("FROM revisions ORDER BY ALL").fetchall() == before
    reader.close()


def test_going_back_and_on(lake: Lake, home: Path) -> None:
    grow(lake, home, range(4))
    rollback(home)
    ingest(lake, "resumed", [Look("resumed")])
    publish(home, lake=lake, resume=True)
    grow(lake, home, range(4, 6))
    assert examine(home, lake=lake) == []
    grown = tables(home, WHOLE)
    publish(home, lake=lake, rebuild=True)
    assert tables(home, WHOLE) == grown


def test_what_an_earlier_release_stored_is_read_or_deleted(lake: Lake, home: Path) -> None:
    grow(lake, home, range(1))
    serving = Serving(home)
    sidecar = serving.path(1).with_suffix(".json")
    sidecar.chmod(0o644)
    more = {"root": 1, "base": None, "written": [3, 4]}
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | more))
    retired = [serving.folder / f".spare.{ending}" for ending in ("duckdb", "json")]
    for file in retired:
        file.write_bytes(b"{}")
    grow(lake, home, range(1, 2))
    assert not any(file.exists() for file in retired)
    assert serving.versions() == [1, 2]
    assert examine(home, lake=lake) == []


def test_copying_is_exact(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == data


def test_a_file_whose_pages_left_the_cache_is_read_as_before(tmp_path: Path) -> None:
    file = tmp_path / "version.duckdb"
    file.write_bytes(bytes(range(256)) * 4096)
    with file.open("rb") as reader:
        leave_page_cache(file)
        assert reader.read() == bytes(range(256)) * 4096
    leave_page_cache(tmp_path / "missing")
