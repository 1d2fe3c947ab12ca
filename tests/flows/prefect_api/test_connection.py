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

from copydesk.flows.prefect_api.connection import may_be_elsewhere
from copydesk.flows.prefect_api.heartbeats import do_not_wait_for_heartbeats
from tests.flows.running import Cli, articles, write


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def servers_of(prefect_home: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if "copydesk.flows.prefect_api.ephemeral_server" in (process.info["cmdline"] or [])
        and (process.info["environ"] or {}).get("PREFECT_HOME") == str(prefect_home)
    ]


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
    assert servers_of(cli.prefect_home) == []


@pytest.mark.slow
def test_a_run_s_own_server_deletes_old_flow_runs(tmp_path: Path, migrated: Path) -> None:
    cli = Cli(tmp_path, migrated)

    def flow_runs(change: str | None = None) -> set[str]:
        with contextlib.closing(sqlite3.connect(migrated / "prefect.db")) as database, database:
            if change is not None:
                database.execute(change)
            return {row[0] for row in database.execute("SELECT id FROM flow_run")}

    cli.ok("ingest", write(tmp_path / "in", articles(1)))
    old = flow_runs("UPDATE flow_run SET end_time = '2020-01-01 00:00:00.000000'")
    assert old
    cli.ok("ingest", write(tmp_path / "in", articles(40)))
    assert flow_runs()
    assert not old & flow_runs()


@pytest.mark.slow
def test_a_server_that_was_killed_is_started_again_and_used(tmp_path: Path, migrated: Path) -> None:
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
        assert cli.ingest(write(tmp_path / "in", articles(1)))["fates"] == {"new": 1}
        assert not (tmp_path / "copydesk-data" / "prefect-server.log").exists()
    finally:
        cli.ok("down")
    assert not record.exists()


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


def test_a_server_that_was_started_in_vain_ends(cli: Cli, tmp_path: Path) -> None:
    record = json.loads((cli.prefect_home / "copydesk-server.json").read_text())
    (tmp_path / "prefect.toml").write_text(f'api.url = "{record["api_url"]}"\n')
    elsewhere = Cli(tmp_path, tmp_path / "prefect")
    completed = elsewhere.anew("ingest", "--json", write(tmp_path / "in", articles(1)))
    assert json.loads(completed.stdout)["fates"] == {"new": 1}, completed.stderr
    assert (tmp_path / "copydesk-data" / "prefect-server.log").exists()
    assert servers_of(elsewhere.prefect_home) == []
    with contextlib.closing(sqlite3.connect(cli.prefect_home / "prefect.db")) as database:
        homes = [
            parameters for (parameters,) in database.execute("SELECT parameters FROM flow_run")
        ]
    assert any(str(tmp_path / "in") in str(parameters) for parameters in homes)


@pytest.mark.parametrize(
    ("name", "text", "elsewhere"),
    [
        ("home/profiles.toml", '[profiles.a]\nPREFECT_API_URL = "http://a/api"', True),
        ("home/profiles.toml", '[profiles.a]\nPREFECT_LOGGING_LEVEL = "INFO"', False),
        ("home/copydesk-server.json", "{}", True),
        ("prefect.toml", '[api]\nurl = "http://a/api"', True),
        ("pyproject.toml", '[tool.prefect.api]\nurl = "http://a/api"', True),
        (".env", "PREFECT_API_URL=http://a/api", True),
        ("notes.txt", "", False),
    ],
)
def test_no_server_is_started_before_the_settings_are_read_if_they_may_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, elsewhere: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / name).write_text(text)
    assert may_be_elsewhere() is elsewhere
    monkeypatch.setenv("PREFECT_API_URL", "http://b/api")
    assert may_be_elsewhere()


def test_the_end_of_a_flow_run_does_not_wait_for_its_heartbeats() -> None:
    from prefect import flow_engine

    for _ in range(2):
        do_not_wait_for_heartbeats()
        assert flow_engine._send_heartbeats.keywords == {"join_on_exit": False}
        assert flow_engine._send_heartbeats.func.__module__ == "prefect.flow_engine"


def test_up_says_that_it_is_up_already(cli: Cli) -> None:
    assert "was up already" in cli.run("up").stderr


def test_down_without_a_server_says_so(tmp_path: Path) -> None:
    completed = Cli(tmp_path, tmp_path / "prefect").run("down")
    assert (completed.returncode, completed.stderr) == (
        0,
        "No server started by copydesk up is running.\n",
    )
