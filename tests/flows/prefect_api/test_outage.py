"""A site that is down, processes that are killed: what runs say, and that the next one starts."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.flows.prefect_api.test_serve import ask, served, until
from tests.flows.running import Cli, project
from tests.flows.test_web import HTML
from tests.servers.site import Page, Site

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
SOURCES = """[sources.city-news]
addresses = [{addresses}]
allow = ["{host}"]
delay = 0
"""


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Give the address of a receiver of messages on this machine, and what it has received."""
    received: list[dict[str, str]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", received
        server.shutdown()


class Served:
    """``copydesk serve`` of a folder, its server's API and its one deployment."""

    def __init__(self, cli: Cli) -> None:
        self.process = cli.start("serve", "--maintain", "")
        try:
            self.api: str = until(lambda: self.process.poll() or served(self.process.pid))
            # serve has said that it serves when its deployments are there
            path = f"/deployments/name/ingest/{project(cli)}.city-news"
            self.deployment = until(lambda: ask(self.api, path))
        except BaseException:
            self.kill()
            raise

    def begin(self, *retry_seconds: float) -> str:
        """Have the source read, now, with these waits; gives the flow run."""
        parameters = self.deployment["parameters"] | {"retry_seconds": retry_seconds}
        path = f"/deployments/{self.deployment['id']}/create_flow_run"
        created = until(
            lambda: ask(self.api, path, {"state": {"type": "SCHEDULED"}, "parameters": parameters})
        )
        return str(created["id"])

    def state(self, flow_run: str, *names: str) -> Any:
        """Wait for a flow run to come to a state of one of these types."""

        def reached() -> Any:
            answer = ask(self.api, f"/flow_runs/{flow_run}")
            return answer if answer["state"]["type"] in names else None

        return until(reached)

    def slots(self) -> int:
        limits = ask(self.api, f"/deployments/{self.deployment['id']}")["global_concurrency_limit"]
        return int(limits["active_slots"])

    def kill(self) -> str:
        """Kill everything at once; gives what it had said."""
        for process in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
            process.kill()
        return self.process.communicate()[1]


def attempts(cli: Cli) -> int:
    """Count the runs of the lake that are committed, published or not."""
    listed = json.loads(cli.ok("runs", "list", "--json"))
    return sum(run["state"] == "committed" for run in listed)


def documented_alert() -> dict[str, Any]:
    """Read the automation that the documentation gives."""
    page = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    (block,) = [part for part in page.split("```") if part.startswith("yaml\n# prefect automation")]
    automation: dict[str, Any] = yaml.safe_load(block.removeprefix("yaml\n"))
    return automation


def make_alert(api: str, url: str) -> None:
    """Make the documented automation, with a block that calls a webhook."""
    kind = until(lambda: ask(api, "/block_types/slug/custom-webhook"))
    of_kind = {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}}
    schema = until(lambda: ask(api, "/block_schemas/filter", of_kind))[0]
    sent_bytes = {"subject": "{{subject}}", "body": "{{body}}"}
    block = {"name": "alert", "block_type_id": kind["id"], "block_schema_id": schema["id"],
             "data": {"name": "alert", "url": url, "json_data": sent_bytes}}  # fmt: skip
    created = until(lambda: ask(api, "/block_documents/", block))
    automation = documented_alert()
    automation["actions"][0]["block_document_id"] = created["id"]
    until(lambda: ask(api, "/automations/", automation))


@pytest.mark.soak
def test_a_site_that_is_down_and_processes_that_are_killed_stop_no_later_run(
    tmp_path: Path, migrated: Path, webhook: tuple[str, list[dict[str, str]]]
) -> None:
    cli = Cli(tmp_path, migrated)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    addresses = ", ".join(f'"http://{host}/{n}/"' for n in (1, 2, 3))
    sources = tmp_path / "sources.toml"
    sources.write_text(SOURCES.format(addresses=addresses, host=host))
    url, received = webhook

    serving = Served(cli)
    try:
        make_alert(serving.api, url)
        failed = serving.begin(0.2)
        ended = serving.state(failed, "FAILED", "CRASHED", "COMPLETED")
        message = "city-news: 3 of 3 items failed: connection refused (127.0.0.1)"
        assert (ended["state"]["name"], ended["state"]["message"]) == ("Failed", message)
        assert ended["run_count"] == 1
        assert attempts(cli) == 2
        (alert,) = until(lambda: list(received))
        page = f"{serving.api.removesuffix('/api')}/runs/flow-run/{failed}"
        assert alert["subject"] == f"{project(cli)}.city-news: Failed"
        assert alert["body"] == f"{message} {page}"
        assert until(lambda: serving.slots() == 0)

        waiting = serving.begin(600)
        serving.state(waiting, "RUNNING")
        until(lambda: attempts(cli) == 3)  # it waits for its site
        assert until(lambda: serving.slots() == 1)
    finally:
        serving.kill()

    with Site({f"/{n}/": HTML.format(n=n) for n in (1, 2, 3)}) as site:
        host = site.url.removeprefix("http://")
        addresses = ", ".join(f'"{site.url}/{n}/"' for n in (1, 2, 3))
        sources.write_text(SOURCES.format(addresses=addresses, host=host))
        serving = Served(cli)
        try:
            closed = serving.state(waiting, "CRASHED")
            assert "process is gone" in closed["state"]["message"]
            completed = serving.state(
                serving.begin(), "FAILED", "CRASHED", "COMPLETED", "CANCELLED"
            )
            assert completed["state"]["name"] == "Completed: 3 new"
            assert until(lambda: serving.slots() == 0)
        finally:
            text_said = serving.kill()
    assert f"flow run closed: {closed['name']}" in text_said
    assert cli.refused == ""


def test_slots_that_nobody_holds_are_freed(cli: Cli) -> None:
    (cli.folder / "sources.toml").write_text('[sources.one]\naddress = "in/"\n')
    cli.ok("deploy", "--json")
    (cli.folder / "in").mkdir()
    (cli.folder / "in" / "a.txt").write_text("A title\n\nA paragraph that says enough of it.\n")
    cli.ingest("in")
    api = json.loads((cli.prefect_home / "copydesk-server.json").read_text())["api_url"]

    def slots() -> dict[str, Any]:
        result = ask(api, f"/deployments/name/ingest/{project(cli)}.one")[
            "global_concurrency_limit"
        ]
        assert isinstance(result, dict)
        return result

    for command in ("recover", "maintain"):
        ask(api, "/v2/concurrency_limits/increment", {"names": [slots()["name"]], "slots": 1})
        assert slots()["active_slots"] == 1
        completed = cli.run(command)
        assert completed.returncode == 0, completed.stderr
        assert f"slot freed: {project(cli)}.one\n" in completed.stderr
        assert slots()["active_slots"] == 0
    assert json.loads(cli.ok("recover", "--json")) == []


def test_a_backfill_that_is_not_whole_does_not_end_well(cli: Cli) -> None:
    nothing = cli.run("backfill", "raw/{date:%Y/%m/%d}/*.txt", "--from", "2026-01-01",
                      "--to", "2026-01-02")  # fmt: skip
    assert nothing.returncode == 1
    assert "matches no file of 2026-01-01 to 2026-01-02" in nothing.stderr
    with Site() as site:
        pages = "".join(
            f"<url><loc>{site.url}/{n}/</loc><lastmod>2026-01-0{n}</lastmod></url>" for n in (1, 2)
        )
        urlset = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>'
        site.add("/sitemap.xml", Page(urlset, media_type="text/xml"))
        site.add("/1/", HTML.format(n=1))
        host = site.url.removeprefix("http://")
        command = ("backfill", f"{site.url}/sitemap.xml", "--from", "2026-01-01",
                   "--to", "2026-01-02", "--allow-host", host)  # fmt: skip
        missing = cli.run(*command)
        assert missing.returncode == 1, missing.stderr
        assert "1 item not found (404, 410)" in missing.stderr
        states = [{"state": "done"}, {"state": "incomplete"}]
        assert cli.rows("select state from slices order by slice_key") == states
        site.add("/2/", HTML.format(n=2))
        again = cli.run(*command)
        assert again.returncode == 0, again.stderr
    assert cli.rows("select state from slices") == [{"state": "done"}] * 2
