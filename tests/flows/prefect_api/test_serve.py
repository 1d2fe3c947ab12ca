"""``copydesk serve`` and ``deploy`` on servers of their own."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.flows.running import Cli, articles, project, write

pytestmark = pytest.mark.slow


def ask(api: str, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{api}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def runs(api: str, *states: str) -> list[dict[str, Any]]:
    expected = {"flow_runs": {"state": {"type": {"any_": list(states)}}}}
    answer: list[dict[str, Any]] = ask(api, "/flow_runs/filter", expected)
    return answer


def ended_as(name: str, flow_runs: list[dict[str, Any]]) -> bool:
    return any(run["state"]["name"] == name for run in flow_runs)


SERVER = "copydesk.flows.prefect_api.ephemeral_server"


def served(process_id: int) -> str | None:
    """Find the API that a served process has started."""
    for child in psutil.Process(process_id).children(recursive=True):
        words = child.cmdline()
        if SERVER in words:
            return f"http://127.0.0.1:{words[words.index(SERVER) + 1]}/api"
    return None


def until(what: Any, seconds: float = 180) -> Any:
    end = time.monotonic() + seconds
    while True:
        try:
            if result := what():
                return result
        except OSError:
            pass  # the server is not there yet, or its database is busy
        assert time.monotonic() < end, what
        time.sleep(0.2)


def test_a_source_runs_by_its_schedule_with_nothing_but_one_process(
    tmp_path: Path, migrated: Path
) -> None:
    cli = Cli(tmp_path, migrated)
    folder = write(tmp_path / "in", articles(3))
    (tmp_path / "sources.toml").write_text(
        f'[sources.reports]\naddress = "{folder}"\nschedule = "* * * * * */5"\n'
        '[sources.gone]\naddress = "nowhere/"\n'
    )
    process = cli.start("serve")
    try:
        api = until(lambda: served(process.pid))
        planned = until(lambda: runs(api, "SCHEDULED"))
        assert all(run["deployment_id"] for run in planned)
        removed = until(lambda: ask(api, f"/deployments/name/ingest/{project(cli)}.gone"))
        at_once = {"state": {"type": "SCHEDULED"}}
        until(lambda: ask(api, f"/deployments/{removed['id']}/create_flow_run", at_once))
        until(lambda: ended_as("Completed: 3 new", runs(api, "COMPLETED")))
        waiting = until(lambda: runs(api, "SCHEDULED"))
        assert waiting  # the next ones; the source that is gone fails alone, and is tried again
        assert cli.rows("select count(*) n from articles") == [{"n": 3}]
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode in (0, 130), message
    assert "Serving; UI at http://127.0.0.1:" in message
    assert "INFO    | Flow run 'ingest reports' - Committed: 3 new" in message
    assert "Flow run 'ingest gone' - " in message
    assert cli.refused == ""


def test_deploy_makes_and_changes_deployments(cli: Cli) -> None:
    sources = cli.folder / "sources.toml"
    sources.write_text('[sources.one]\naddress = "in/"\nschedule = "0 5 * * *"\ntags = ["a"]\n')
    created = json.loads(cli.ok("deploy", "--json"))
    assert created["deployments"][0]["name"] == "one"
    api = json.loads((cli.prefect_home / "copydesk-server.json").read_text())["api_url"]
    (automation,) = ask(api, "/automations/filter", {})
    fields = ("name", "enabled", "trigger", "actions")
    former = automation | {"name": "copydesk: runs whose heart stopped have crashed"}
    ask(api, "/automations/", {field: former[field] for field in fields})
    sources.write_text('[sources.two]\naddress = "in/"\n')
    again = cli.run("deploy", "--prune")
    assert again.returncode == 0, again.stderr
    assert f"Deleted: ingest/{project(cli)}.one" in again.stderr
    two = ask(api, f"/deployments/name/ingest/{project(cli)}.two")
    assert two["entrypoint"] == "copydesk.flows.deployed.ingest"
    assert two["work_pool_name"] == "copydesk"
    assert two["job_variables"]["working_dir"] == str(cli.folder)
    names = [item["name"] for item in ask(api, "/automations/filter", {})]
    assert names == ["copydesk: mark runs without a heartbeat as crashed"]


def test_deployments_of_an_earlier_release_are_named_until_they_are_made_anew(cli: Cli) -> None:
    (cli.folder / "sources.toml").write_text('[sources.one]\naddress = "in/"\n')
    cli.ok("ingest", write(cli.folder / "in", articles(1)))
    cli.ok("deploy")
    api = json.loads((cli.prefect_home / "copydesk-server.json").read_text())["api_url"]
    item = ask(api, f"/deployments/name/ingest/{project(cli)}.one")
    old = {**item, "entrypoint": "flows.deployed.ingest", "name": "one", "paused": True}
    fields = ("name", "flow_id", "entrypoint", "tags", "parameters", "work_pool_name", "paused")
    ask(api, "/deployments/", {field: old[field] for field in fields})
    other = {"name": "other.one", "parameters": {"home": "/srv/other"}}  # of another project
    ask(api, "/deployments/", {field: (item | other)[field] for field in fields})
    for command in ("up", "recover"):
        assert "no worker can start them: ingest/one." in cli.run(command).stderr
    sick = cli.run("doctor")
    assert sick.returncode == 1
    assert "old-deployments: " in sick.stdout
    assert "copydesk deploy" in sick.stdout
    again = cli.run("deploy", "--prune")
    assert "Replaced: ingest/one, which" in again.stderr
    assert "other.one" not in again.stderr
    assert ask(api, "/deployments/name/ingest/other.one")["parameters"] == other["parameters"]
    assert ask(api, f"/deployments/name/ingest/{project(cli)}.one")["paused"]
    assert "no worker" not in cli.run("recover").stderr
    assert cli.ok("doctor") == ""


def test_deploy_without_a_server_says_what_to_do(tmp_path: Path) -> None:
    completed = Cli(tmp_path, tmp_path / "prefect").run("deploy")
    assert completed.returncode == 1
    assert "copydesk up" in completed.stderr
