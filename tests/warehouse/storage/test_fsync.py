"""What must be on the disk before something names it, so that a power cut takes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from copydesk.warehouse.lake import Lake
from copydesk.warehouse.storage import fsync
from tests.warehouse.sample import Look, frames, ingest, plan


class Disk:
    """Which files and folders were synced, as what they were then, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced: list[tuple[str, int]] = []
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._record)

    def _record(self, descriptor: int) -> None:
        self._fsync(descriptor)
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        self.synced.append((path.partition("#")[0], os.fstat(descriptor).st_size))

    def place(self, path: Path) -> int:
        """When a file was synced with the size that it has now."""
        result = (str(path), path.stat().st_size)
        assert result in self.synced, f"{path} was never synced whole"
        return self.synced.index(result)

    def place_of_name(self, path: Path, after: int) -> int:
        """When a file's name was synced, once its bytes were."""
        folders = [name for name, _ in self.synced]
        return folders.index(str(path.parent), after)


pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_manifest_comes_after_the_files_that_it_names(lake: Lake, home: Path, disk: Disk) -> None:
    lake.begin(plan("r1"))
    lake.run("r1").stage(0, frames("r1", 0, [Look("a"), Look("b", text=None)]))
    lake.run("r1").seal()
    root = home / "lake"
    for manifest in (root / "_staging/r1/000000.json", root / "_sealed/r1.json"):
        files = json.loads(manifest.read_text())["files"].values()
        names = [
            root / item for file in files for item in ([file] if isinstance(file, str) else file)
        ]
        assert len(names) > 3
        whole = disk.place(manifest)
        for file in names:
            assert disk.place_of_name(file, disk.place(file)) < whole
        assert disk.place_of_name(manifest, whole)


def test_runs_comes_after_all_that_the_run_brought(lake: Lake, home: Path, disk: Disk) -> None:
    ingest(lake, "r1", [Look("a"), Look("b", text=None)])
    before = len(disk.synced)
    ingest(lake, "r2", [Look("a", 1, "B"), Look("c", 1, None)])
    last = {}
    for table in sorted((home / "lake/tables").iterdir()):
        log = max((table / "_delta_log").glob("*.json"))
        added = [json.loads(line) for line in log.read_text().splitlines()]
        files = [log, *(table / row["add"]["path"] for row in added if "add" in row)]
        assert len(files) > 1, table.name
        last[table.name] = max(disk.place_of_name(file, disk.place(file)) for file in files)
        assert last[table.name] > before
    first_of_runs = next(
        index
        for index, (name, _) in enumerate(disk.synced)
        if index > before and "/tables/runs/" in name
    )
    others = [index for name, index in last.items() if name != "runs"]
    assert max(others) < first_of_runs <= last["runs"]
    raw = list((home / "lake/raw/r2").iterdir())
    assert all(disk.place_of_name(file, disk.place(file)) < min(others) for file in raw)


def test_a_retry_waits_for_what_a_killed_commit_appended(
    lake: Lake, home: Path, disk: Disk
) -> None:
    lake.begin(plan("r1"))
    lake.run("r1").stage(0, frames("r1", 0, [Look("a")]))
    lake.run("r1").seal()
    other = Lake.open(home / "lake")
    from functools import partial

    from copydesk.warehouse.runs import sealing

    sealed = sealing.sealed_run(other.store, "r1")
    assert sealed is not None
    other.tables.append("ledger", "r1", partial(sealing.sealed_rows, other.store, sealed, "ledger"))
    disk.synced.clear()
    lake.run("r1").commit()
    log = max((home / "lake/tables/ledger/_delta_log").glob("*.json"))
    assert disk.place(log) < disk.place(max((home / "lake/tables/runs/_delta_log").glob("*.json")))


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.json"
    assert fsync.write_new(path, b"one")
    assert not fsync.write_new(path, b"two")
    assert path.read_bytes() == b"one"
    fsync.write(path, b"three")
    assert path.read_bytes() == b"three"
    assert [item.name for item in path.parent.iterdir()] == ["file.json"]


def test_a_file_is_synced_while_other_work_goes_on(tmp_path: Path, disk: Disk) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"copied")
    with fsync.syncing(path):
        pass
    disk.place(path)
    done = []
    with pytest.raises(FileNotFoundError), fsync.syncing(tmp_path / "missing"):
        done.append("the block")
    assert done
