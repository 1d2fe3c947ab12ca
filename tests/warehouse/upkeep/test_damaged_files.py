"""Damaged files of a lake are found, named, and mended where the data allow it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_locks import is_alive
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse import connect
from copydesk.warehouse.errors import LakeError, PublishError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.doctor import examine
from tests.dedup.made import article, text
from tests.flows.running import articles, write
from tests.warehouse.sample import Look, ingest


def run(home: Path, folder: Path, *, commit: bool = True) -> None:
    workspace, request = Workspace(home), IngestRequest((str(folder),), source="reports")
    with prepare(request, workspace, batch_size=50, now=datetime.now(UTC)) as prepared:
        for number in prepared.todo:
            clean_batch.fn(workspace, prepared.run_id, request, number)
        if commit:
            commit_run.fn(workspace, prepared.run_id, {})
        else:
            workspace.open_lake().run(prepared.run_id).seal()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a committed and published run, and one that is sealed."""
    folder = tmp_path_factory.mktemp("sound")
    run(folder / "home", write(folder / "in", articles(3)))
    home = folder / "home"
    publish(home, lake=Workspace(home).open_lake(), comparison=COPIES)
    run(home, write(folder / "more", articles(5)), commit=False)
    return folder


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flip(data: bytes) -> bytes:
    """Damage the pages, and leave the footer as it is."""
    start, end = 64, len(data) // 2
    return data[:start] + bytes(byte ^ 0xFF for byte in data[start:end]) + data[end:]


@pytest.mark.parametrize(
    ("pattern", "damage", "deep", "check"),
    [
        ("lake/tables/observations/*.parquet", cut, False, "table-file"),
        ("lake/tables/observations/*.parquet", flip, True, "table-file"),
        ("lake/tables/ledger/*.parquet", flip, True, "table-file"),
        ("lake/tables/observations/_delta_log/*.json", cut, False, "table-log"),
        ("lake/tables/runs/_delta_log/*.json", lambda data: bytes(len(data)), False, "table-log"),
        ("lake/_sealed/*.json", cut, False, "sealed-manifest"),
        ("lake/_sealed/*/*.observations.parquet", cut, False, "table-file"),
        ("serving/*.duckdb", cut, False, "serving-file"),
    ],
)
def test_a_damaged_file_is_found_and_named(
    sound: Path, tmp_path: Path, pattern: str, damage: object, deep: bool, check: str
) -> None:
    assert callable(damage)
    home = tmp_path / "home"
    shutil.copytree(sound / "home", home, symlinks=True)
    lake = Workspace(home).open_lake()
    assert examine(home, lake=lake, deep=True) == []
    file = sorted(home.glob(pattern))[-1]
    file.write_bytes(damage(file.read_bytes()))
    (finding,) = examine(home, lake=Workspace(home).open_lake(), deep=deep)
    assert finding.check == check
    assert finding.mend
    if check != "serving-file":
        assert file.name in finding.example


def within(data: bytes) -> bytes:
    """Change a number in the rows of an Arrow file, which has no check sums."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x01]) + data[middle + 1 :]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [("shingles", within), ("signatures", cut), ("signatures", lambda data: b"")],
)
def test_a_damaged_index_of_near_copies_is_found_and_made_anew(
    lake: Lake, home: Path, kind: str, damage: object
) -> None:
    assert callable(damage)
    looks = [Look(f"a{number}", 0, text(article(number, 4))) for number in range(3)]
    ingest(lake, "r1", looks)
    publish(home, lake=lake, comparison=COPIES)
    (segment,) = (home / "serving" / "signed" / kind).glob("*.arrow")
    assert examine(home, lake=lake, deep=True) == []
    segment.write_bytes(damage(segment.read_bytes()))
    (finding,) = examine(home, lake=lake, deep=True)
    assert (finding.check, finding.example) == ("signature-index", str(segment))
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert examine(home, lake=lake, deep=True) == []


def test_a_lock_that_cannot_be_locked_is_named(lake: Lake, home: Path) -> None:
    publish(home, lake=lake)
    lock, of_run = home / "serving" / "publish.lock", home / "locks" / "r1.lock"
    of_run.parent.mkdir()
    for path in (lock, of_run):
        path.write_bytes(b"\x00garbage")
    publish(home, lake=lake, rebuild=True)
    assert not is_alive(home, "r1")
    assert examine(home, lake=lake) == []
    lock.unlink()
    lock.mkdir()
    (finding,) = examine(home, lake=lake)
    assert (finding.check, finding.example) == ("lock-file", str(lock))
    with pytest.raises(PublishError, match="cannot write to"):
        publish(home, lake=lake, rebuild=True)
    lock.rmdir()
    publish(home, lake=lake, rebuild=True)


def test_a_run_whose_manifest_is_damaged_is_named_and_sealed_again(
    sound: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(sound / "home", home, symlinks=True)
    (manifest,) = (home / "lake" / "_sealed").glob("*.json")
    manifest.write_bytes(b"{")
    with pytest.raises(LakeError, match=manifest.name):
        run(home, sound / "more")
    manifest.unlink()
    run(home, sound / "more")
    publish(home, lake=Workspace(home).open_lake(), comparison=COPIES)
    with connect(home) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (5,)
    assert examine(home, lake=Workspace(home).open_lake(), deep=True) == []
