"""The next version is built in the one that fell out of use, and never in one that is read."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import duckdb
import pytest

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.block_copy import copy, is_tried, is_unopened, leave_page_cache
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.versions import Serving
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import WHOLE, Look, ingest, rows, tables
from tests.warehouse.worker import killed_at_with_spare, quick_processes, work

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs leases")


@pytest.fixture(autouse=True)
def _small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copydesk.warehouse.publish.versions.WORTH_KEEPING", 0)


def inode(home: Path, name: str = "current.duckdb") -> int:
    return (home / "serving" / name).stat().st_ino


def grow(lake: Lake, home: Path, numbers: range, *, keep: int = 2) -> None:
    for number in numbers:
        looks = [Look(f"p{n}", number, f"text {n * (number % 3)}") for n in range(6)]
        ingest(lake, f"r{number}", [*looks, Look("bad", number, None)])
        assert publish(home, lake=lake, keep=keep).changed


def test_versions_that_nobody_reads_are_built_on(lake: Lake, home: Path) -> None:
    grow(lake, home, range(3))
    for number in range(3, 6):
        spare = inode(home, ".spare.duckdb")
        grow(lake, home, range(number, number + 1))
        assert inode(home) == spare
    assert Serving(home).versions() == [5, 6]
    assert rows(home, "SELECT base FROM publication") == [(5,)]
    grown = tables(home, WHOLE)
    assert examine(home, lake=lake) == []
    publish(home, lake=lake, rebuild=True, keep=2)
    assert tables(home, WHOLE) == grown
    assert Serving(home).spare.size() == 0  # what came of another root is not built on


def test_the_spare_becomes_the_newest_byte_for_byte(lake: Lake, home: Path) -> None:
    grow(lake, home, range(6))
    serving = Serving(home)
    newest, spare = serving.contents(6), serving.spare_contents()
    assert newest is not None
    assert spare is not None
    written = serving.written_since(spare, newest)
    assert written
    target, expected = home / "target", serving.path(6).read_bytes()
    old = (home / "serving" / ".spare.duckdb").read_bytes()
    assert old != expected
    assert serving.spare.level(target, serving.path(6), written)
    assert target.read_bytes() == expected
    (home / "serving" / ".spare.duckdb").write_bytes(old)
    assert not serving.spare.level(target, serving.path(6), ())  # a log that lacks blocks
    assert serving.written_since(newest, spare) is None


def test_another_duckdb_gets_full_copies_until_it_is_tried(
    lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_tried(duckdb.__version__), "add it once the tests of this file pass with it"
    assert not is_tried("2.1.0")
    copied: list[Path] = []

    def recorded(source: Path, target: Path) -> None:
        copied.append(source)
        copy(source, target)

    monkeypatch.setattr("copydesk.warehouse.publish.publish.copy", recorded)
    grow(lake, home, range(4))
    assert len(copied) == 2
    monkeypatch.setattr("copydesk.warehouse.publish.publish.is_tried", lambda _: False)
    grow(lake, home, range(4, 5))
    assert len(copied) == 3


def test_a_version_that_is_read_stays_as_it_is(lake: Lake, home: Path) -> None:
    grow(lake, home, range(3))
    spare = home / "serving" / ".spare.duckdb"
    reader = duckdb.connect(str(spare), read_only=True)  # as one that had opened version 1
    before = reader.execute("FROM revisions ORDER BY ALL").fetchall()
    read = inode(home, ".spare.duckdb")
    assert not is_unopened(spare)
    grow(lake, home, range(3, 5))
    assert read not in {inode(home), inode(home, ".spare.duckdb")}
    assert reader.execute("FROM revisions ORDER BY ALL").fetchall() == before
    reader.close()
    assert is_unopened(spare)
    os.link(spare, home / "backup.duckdb")  # as backups do that keep what has not changed
    assert not is_unopened(spare)


def test_going_back_and_on(lake: Lake, home: Path) -> None:
    from copydesk.warehouse.publish.publish import rollback

    grow(lake, home, range(4))
    rollback(home)
    ingest(lake, "resumed", [Look("resumed")])
    publish(home, lake=lake, resume=True)
    grow(lake, home, range(4, 6))
    grown = tables(home, WHOLE)
    publish(home, lake=lake, rebuild=True)
    assert tables(home, WHOLE) == grown


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five runs, and a spare beside the two versions that are kept."""
    home = tmp_path_factory.mktemp("grown") / "home"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("copydesk.warehouse.publish.versions.WORTH_KEEPING", 0)
        for number in range(5):
            work(home, number, keep=2)
    return home


@pytest.mark.slow
@pytest.mark.parametrize("step", ["copy", "take", "write", "close", "rename", "link", "swap"])
def test_killed_while_it_builds_on_the_spare(home: Path, grown: Path, step: str) -> None:
    shutil.copytree(grown, home, symlinks=True)
    process = quick_processes().Process(
        target=killed_at_with_spare, args=(home, 5, f"publish:{step}")
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    retained = Serving(home).versions()
    assert len(retained) >= 2
    assert rows(home, "SELECT count(*) FROM runs")[0][0] in {5, 6}
    work(home, 5, keep=2)
    lake = Lake.open(home / "lake")
    assert examine(home, lake=lake) == []
    observed = tables(home, WHOLE)
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert tables(home, WHOLE) == observed


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
