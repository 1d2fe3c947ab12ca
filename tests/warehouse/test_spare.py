"""The next version is built in the one that fell out of use, and never in one that is read."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.sample import WHOLE, Look, ingest, rows, tables
from tests.warehouse.worker import killed_at_with_spare, work
from warehouse.doctor import examine
from warehouse.lake import Lake
from warehouse.publish import publish
from warehouse.serving import Serving
from warehouse.spare import copy, nobody_has

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs leases")


@pytest.fixture(autouse=True)
def _small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.serving.WORTH_KEEPING", 0)


def base(home: Path) -> object:
    return rows(home, "SELECT base FROM publication")[0][0]


def grow(lake: Lake, home: Path, numbers: range, *, keep: int = 2) -> None:
    for number in numbers:
        looks = [Look(f"p{n}", number, f"text {n * (number % 3)}") for n in range(6)]
        ingest(lake, f"r{number}", [*looks, Look("bad", number, None)])
        assert publish(home, lake=lake, keep=keep).changed


def test_versions_that_nobody_reads_are_built_on(lake: Lake, home: Path) -> None:
    grow(lake, home, range(3))
    assert base(home) == 2  # there was nothing but the last one to begin with
    grow(lake, home, range(3, 7))
    assert (base(home), Serving(home).versions()) == (4, [6, 7])
    grown = tables(home, WHOLE)
    assert examine(home, lake=lake) == []
    publish(home, lake=lake, rebuild=True, keep=2)
    assert tables(home, WHOLE) == grown
    assert Serving(home).spare.size() == 0  # what came of another root is not built on
    grow(lake, home, range(7, 8))
    assert base(home) == 8


def test_a_version_that_is_read_stays_as_it_is(lake: Lake, home: Path) -> None:
    grow(lake, home, range(3))
    spare = home / "serving" / ".spare.duckdb"
    reader = duckdb.connect(str(spare), read_only=True)  # as one that had opened version 1
    before = reader.execute("FROM revisions ORDER BY ALL").fetchall()
    assert not nobody_has(spare)
    grow(lake, home, range(3, 4))
    assert base(home) == 3
    grow(lake, home, range(4, 5))
    assert base(home) == 2
    assert reader.execute("FROM revisions ORDER BY ALL").fetchall() == before
    reader.close()
    assert nobody_has(spare)
    os.link(spare, home / "backup.duckdb")  # as backups do that keep what has not changed
    assert not nobody_has(spare)


def test_going_back_and_on(lake: Lake, home: Path) -> None:
    from warehouse.publish import rollback

    grow(lake, home, range(4))
    rollback(home)
    grow(lake, home, range(4, 6))
    grown = tables(home, WHOLE)
    publish(home, lake=lake, rebuild=True)
    assert tables(home, WHOLE) == grown


@pytest.mark.slow
@pytest.mark.parametrize("step", ["copy", "take", "write", "close", "rename", "link", "swap"])
def test_killed_while_it_builds_on_the_spare(home: Path, step: str) -> None:
    for number in range(5):
        work(home, number, keep=2)
    process = multiprocessing.get_context("forkserver").Process(
        target=killed_at_with_spare, args=(home, 5, f"publish:{step}")
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    kept = Serving(home).versions()
    assert len(kept) >= 2
    assert rows(home, "SELECT count(*) FROM runs")[0][0] in {5, 6}
    work(home, 5, keep=2)
    lake = Lake.open(home / "lake")
    assert examine(home, lake=lake) == []
    seen = tables(home, WHOLE)
    publish(home, lake=lake, rebuild=True)
    assert tables(home, WHOLE) == seen


def test_copying_is_exact(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == data
