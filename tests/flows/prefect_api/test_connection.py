"""Where the Prefect API comes from, and what it leaves behind."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import time
from pathlib import Path

import psutil
import pytest

from tests.flows.running import Cli, articles, write


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_without_a_server_a_run_brings_its_own_and_leaves_nothing(tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "prefect")
    inputs = write(tmp_path / "in", articles(1))
    completed = cli.anew("ingest", "--json", inputs)
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout)["fates"] == {"new": 1}
    assert cli.refused == ""
    written = {name.split("/")[0] for name in files_below(tmp_path)}
    assert written == {"in", "prefect", "copydesk-data"}
    below_home = {name.split("/")[0] for name in files_below(tmp_path / "copydesk-data")}
    assert below_home == {"lake", "serving", "prefect-server.log"}
    assert not [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if "copydesk.flows.prefect_api.ephemeral_server" in (process.info["cmdline"] or [])
        and (process.info["environ"] or {}).get("PREFECT_HOME") == str(cli.prefect_home)
    ]


@pytest.mark.slow
def test_a_run_s_own_server_deletes_old_flow_runs(tmp_path: Path, migrated: Path) -> None:
    cli = Cli(tmp_path, migrated)

    def flow_runs(change: str | None = None) -> set[str]:
        with contextlib.closing(sqlite3.connect(migrated / "prefect.db")) as database, database:
            if change is not None:
                database.execute(change)
            return {row[0] for row in database.execute("SELECT id FROM flow_run")}

    cli.anew("ingest", write(tmp_path / "in", articles(1)))
    old = flow_runs("UPDATE flow_run SET end_time = '2020-01-01 00:00:00.000000'")
    assert old
    cli.anew("ingest", write(tmp_path / "in", articles(40)))
    assert flow_runs()
    assert not old & flow_runs()


@pytest.mark.slow
def test_a_server_that_was_killed_is_started_again(tmp_path: Path, migrated: Path) -> None:
    cli = Cli(tmp_path, migrated)
    cli.ok("up", "--port", "0")
    record = migrated / "server.pid"
    killed = psutil.Process(int(record.read_text()))
    for process in (*killed.children(recursive=True), killed):
        process.kill()
    killed.wait(60)
    assert record.exists()
    try:
        assert "The Prefect server is up" in cli.run("up", "--port", "0").stderr
        assert int(record.read_text()) != killed.pid
    finally:
        cli.ok("down")


def is_server(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):  # it ended meanwhile
        return "copydesk.flows.prefect_api.ephemeral_server" in process.cmdline()
    return False


@pytest.mark.slow
def test_the_server_of_a_killed_run_ends_with_it(tmp_path: Path, migrated: Path) -> None:
    cli = Cli(tmp_path, migrated)
    process = cli.start("ingest", write(tmp_path / "in", articles(1)))
    family: list[psutil.Process] = []
    deadline = time.monotonic() + 60
    while not any(map(is_server, family)):
        assert time.monotonic() < deadline
        family = psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.05)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []


def test_an_api_that_was_set_and_does_not_answer_is_named(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        cli = Cli(tmp_path, tmp_path / "prefect", {"PREFECT_API_URL": url})
        completed = cli.run("ingest", write(tmp_path / "in", articles(1)))
    assert completed.returncode == 1
    assert url in completed.stderr
    assert "PREFECT_API_URL" in completed.stderr


def test_an_api_that_was_set_is_used(cli: Cli, tmp_path: Path) -> None:
    record = json.loads((cli.prefect_home / "copydesk-server.json").read_text())
    elsewhere = Cli(tmp_path, tmp_path / "prefect", {"PREFECT_API_URL": record["api_url"]})
    assert elsewhere.ingest(write(tmp_path / "in", articles(1)))["fates"] == {"new": 1}
    assert not (tmp_path / "copydesk-data" / "prefect-server.log").exists()
    assert not (tmp_path / "prefect" / "prefect.db").exists()


def test_up_says_that_it_is_up_already(cli: Cli) -> None:
    assert "was up already" in cli.run("up").stderr


def test_down_without_a_server_says_so(tmp_path: Path) -> None:
    completed = Cli(tmp_path, tmp_path / "prefect").run("down")
    assert (completed.returncode, completed.stderr) == (
        0,
        "No server started by copydesk up is running.\n",
    )
