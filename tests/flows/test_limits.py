"""A home with an odd name, little address space, no shared locks: a sentence, no traceback."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.flows.workspace import Workspace, WorkspaceError
from copydesk.tasks.dedup.rules import COPIES
from copydesk.tasks.workers import pool
from copydesk.tasks.workers.pool import CleaningPool, WorkersUnavailable
from copydesk.warehouse import connect
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from tests.flows.running import Cli, articles, write
from tests.warehouse.sample import START


@pytest.mark.parametrize("name", ["50% off #1", 'it\'s "so"', "ü;~$x{y}"])
def test_a_home_with_an_odd_name_works(tmp_path: Path, name: str) -> None:
    from copydesk.flows.ingest import clean_batch
    from copydesk.flows.pipeline import commit_run
    from copydesk.flows.requests import IngestRequest
    from copydesk.flows.run_setup import prepare

    folder = write(tmp_path / "in", articles(2))
    workspace = Workspace(tmp_path / name)
    request = IngestRequest((str(folder),), source="reports")
    with prepare(request, workspace, batch_size=50, now=START) as prepared:
        for number in prepared.todo:
            clean_batch.fn(workspace, prepared.run_id, request, number)
        commit_run.fn(workspace, prepared.run_id, {})
    for rebuild in (False, True):
        publish(workspace.home, lake=workspace.open_lake(), rebuild=rebuild, comparison=COPIES)
    maintain(workspace.open_lake(), now=START)
    with connect(workspace.home) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (2,)
    assert examine(workspace.home, lake=workspace.open_lake(), deep=True) == []


@pytest.mark.parametrize("name", ["a?b", "a\\b", "a%20b", "a*", "a[1]", "a\nb", "a\x7f"])
def test_a_home_whose_name_is_misread_is_refused_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkspaceError, match="choose a folder"):
        Workspace(tmp_path / name)
    with pytest.raises(WorkspaceError, match="choose a folder"):
        Workspace(tmp_path, str(tmp_path / name))
    assert Workspace(tmp_path, "s3://bucket/a%20b?*").lake_root == "s3://bucket/a%20b?*"


def limited(kilobytes: int, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = shlex.join([sys.executable, "-m", "copydesk.flows.cli", *map(str, words)])
    return subprocess.run(
        ["sh", "-c", f"ulimit -v {kilobytes}; exec {command}"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_little_address_space_is_said_before_anything_aborts(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", articles(1))
    for kilobytes, command in ((1_000_000, "query"), (2_000_000, "ingest")):
        done = limited(kilobytes, command, folder, "--home", tmp_path / "home")
        assert done.returncode == 1
        assert "the address space is limited to" in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_locks_that_cannot_be_shared_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(pool, "ProcessPool", no_locks)
    with pytest.raises(WorkersUnavailable, match="writable /dev/shm"):
        CleaningPool(1)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "prefect")
    (tmp_path / "sources.toml").write_text("")
    for command in (
        ("ingest", write(tmp_path / "in", articles(1))),
        ("chrome", "--home", "/proc/x"),
    ):
        home = () if "--home" in command else ("--home", "/proc/none")
        done = cli.run(*command, *home)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("copydesk: ")
