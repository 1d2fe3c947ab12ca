"""What doctor finds on a Prefect server: slots, late runs, deployments of another home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from copydesk.flows.prefect_api.health import findings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOME = Path("/srv/articles/copydesk-data")


def deployment(name: str, home: Path = HOME, *, taken: int = 0, old: bool = False) -> Any:
    return SimpleNamespace(
        id=uuid4(), flow_id=UUID(int=1), name=name, tags=["copydesk"], paused=False,
        parameters={"home": str(home)},
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
