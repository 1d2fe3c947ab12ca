"""What doctor finds on a Prefect server: slots, late runs, deployments of another home."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from copydesk.flows.prefect_api.health import findings
from tests.flows.prefect_api.test_serve import ask
from tests.flows.running import Cli, articles, project, write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOME = Path("/srv/articles/copydesk-data")


def deployment(
    name: str,
    home: Path = HOME,
    *,
    taken: int = 0,
    old: bool = False,
    pool: str | None = None,
) -> Any:
    return SimpleNamespace(
        id=uuid4(), flow_id=UUID(int=1), name=name, tags=["copydesk"], paused=False,
        parameters={"home": str(home)}, work_pool_name=pool,
        entrypoint=("flows" if old else "copydesk.flows") + ".deployed.ingest",
        global_concurrency_limit=SimpleNamespace(name="l", active_slots=taken, updated=NOW),
    )  # fmt: skip


class Server:
    """Answers as Prefect's client does."""

    def __init__(self, *deployments: Any, late_minutes: int | None = None) -> None:
        self.deployments = list(deployments)
        self.late_minutes = late_minutes

    def read_deployments(self, **_: Any) -> list[Any]:
        return self.deployments

    def read_flow(self, _: UUID) -> Any:
        return SimpleNamespace(name="ingest")

    def read_flow_runs(self, *, flow_run_filter: Any, **_: Any) -> list[Any]:
        names = flow_run_filter.state.name
        if names is None or names.any_ != ["Late"] or self.late_minutes is None:
            return []
        expected = NOW - timedelta(minutes=self.late_minutes)
        return [
            SimpleNamespace(
                name="run", deployment_id=row.id, expected_start_time=expected
            )
            for row in self.deployments
        ]  # fmt: skip


def checks(server: Server) -> dict[str, str]:
    return {row.check: row.example for row in findings(server, HOME, now=NOW, wait=0)}  # type: ignore[arg-type]


def test_a_server_on_which_all_is_well() -> None:
    own, other = deployment("articles.harbour"), deployment("wire.harbour", Path("/srv/wire"))
    assert checks(Server()) == {}
    assert checks(Server(own, other, late_minutes=5)) == {}


def test_each_problem_is_named() -> None:
    name = "articles.harbour"
    assert checks(Server(deployment(name, taken=1))) == {"stuck-slots": name}
    assert checks(Server(deployment(name), late_minutes=30)) == {
        "late-runs": f"ingest/{name} since 2026-03-01 11:30"
    }
    assert checks(Server(deployment(name, Path("/mnt/articles/copydesk-data")))) == {
        "other-home": f"ingest/{name} (/mnt/articles/copydesk-data)"
    }
    assert checks(Server(deployment("harbour", old=True))) == {"old-deployments": "ingest/harbour"}
    assert checks(Server(deployment("wire.a", Path("/srv/wire"), taken=1), late_minutes=30)) == {}


def test_late_runs_are_started_by_workers_of_their_own_pools() -> None:
    def mends(*deployments: Any) -> list[str]:
        server: Any = Server(*deployments, late_minutes=30)
        return [row.mend for row in findings(server, HOME, now=NOW, wait=0)]

    worker = "start copydesk serve, or a worker: prefect worker start --pool"
    wire, desk = deployment("articles.a", pool="wire"), deployment("articles.b", pool="desk")
    assert mends(deployment("articles.served")) == ["start copydesk serve"]
    assert mends(wire, deployment("articles.c", pool="wire")) == [f"{worker} wire"]
    assert mends(wire, desk) == [f"{worker} desk and prefect worker start --pool wire"]


@pytest.mark.slow
def test_a_real_server_s_problems_are_found_and_gone_when_mended(cli: Cli) -> None:
    (cli.folder / "sources.toml").write_text('[sources.one]\naddress = "in/"\n')
    cli.ok("ingest", write(cli.folder / "in", articles(1)))
    cli.ok("deploy")
    api = json.loads((cli.prefect_home / "copydesk-server.json").read_text())["api_url"]
    name = f"{project(cli)}.one"
    own = ask(api, f"/deployments/name/ingest/{name}")
    assert cli.ok("doctor") == ""
    due = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    late = {"type": "SCHEDULED", "name": "Late", "state_details": {"scheduled_time": due}}
    run = ask(api, f"/deployments/{own['id']}/create_flow_run", {"state": late})
    limit = own["global_concurrency_limit"]["name"]
    ask(api, "/v2/concurrency_limits/increment", {"names": [limit], "slots": 1})
    fields = ("flow_id", "entrypoint", "tags")
    other = {"name": f"{project(cli)}.two", "parameters": {"home": "/srv/other"}}
    strange = ask(api, "/deployments/", {field: own[field] for field in fields} | other)
    sick = cli.run("doctor")
    assert sick.returncode == 1
    for words in (
        f"late-runs: runs are due for more than 10 minutes (1, such as ingest/{name} since",
        f"stuck-slots: slots of deployments are taken and no run holds them, so that none starts "
        f"(1, such as {name})",
        f"other-home: deployments with the name of this project write to another home "
        f"(1, such as ingest/{project(cli)}.two (/srv/other))",
    ):
        assert words in sick.stdout
    cli.ok("recover")
    for path in (f"/flow_runs/{run['id']}", f"/deployments/{strange['id']}"):
        delete = urllib.request.Request(f"{api}{path}", method="DELETE")
        urllib.request.urlopen(delete, timeout=60).close()
    assert cli.ok("doctor") == ""
