"""What is deployed, from a file of sources."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from copydesk.flows.prefect_api.deployment_owners import DeployError, ServerDeployment, claim
from copydesk.flows.prefect_api.deployment_specs import (
    SLOW_QUEUE,
    Deployment,
    deployments,
    prefect_yaml,
)
from copydesk.flows.workspace import Workspace
from copydesk.schemas.sources import SettingsError, SourcesFile, parse_sources

SOURCES = """
[sources.harbour]
address = "https://blog.harbour.example/"
schedule = "*/5 * * * *"
tags = ["local", "en"]
[sources.exports]
address = "exports/"
"""
ROOT = Path(__file__).parents[3]


def test_each_source_has_its_schedule_its_tags_and_one_run_at_a_time() -> None:
    planned = deployments(
        parse_sources(SOURCES),
        file=Path("/srv/sources.toml"),
        workspace=Workspace(Path("/srv/data"), "s3://l"),
    )
    by_name = {deployment.full_name: deployment for deployment in planned}
    harbour = by_name["ingest/data.harbour"]
    assert (harbour.cron, harbour.tags) == ("*/5 * * * *", ("copydesk", "local", "en"))
    assert harbour.parameters == {
        "request": {"source": "harbour", "sources_file": "/srv/sources.toml"},
        "home": "/srv/data",
        "lake": "s3://l",
        "retry_seconds": [15.0, 30.0, 60.0, 120.0],
    }
    assert harbour.collision == "CANCEL_NEW"
    assert by_name["ingest/data.exports"].cron is None
    assert by_name["ingest/data.exports"].collision == "ENQUEUE"
    assert by_name["backfill/data.backfill"].queue == SLOW_QUEUE
    assert by_name["maintain/data.maintain"].cron == "30 3 * * *"
    assert set(by_name) == {
        *("ingest/data.harbour", "ingest/data.exports", "ingest/data.by-hand"),
        *("publish/data.publish", "maintain/data.maintain", "backfill/data.backfill"),
    }


def test_the_project_s_own_prefect_yaml_is_what_deploy_writes() -> None:
    planned = deployments(
        SourcesFile(project="copydesk"),
        file=Path("sources.toml"),
        workspace=Workspace(Path("copydesk-data")),
    )
    assert (ROOT / "prefect.yaml").read_text(encoding="utf-8") == prefect_yaml(planned)


def test_the_yaml_says_all_that_the_deployments_do() -> None:
    planned = deployments(
        parse_sources(SOURCES), file=Path("s.toml"), workspace=Workspace(Path("d"))
    )
    read = yaml.safe_load(prefect_yaml(planned))["deployments"]
    assert [row["name"] for row in read] == [row.project_name for row in planned]
    assert read[0]["schedules"] == [{"cron": "*/5 * * * *", "timezone": "UTC"}]
    assert read[0]["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    (maintain,) = [row for row in read if row["name"] == "d.maintain"]
    assert "concurrency_limit" not in maintain  # it frees the slots of the others
    assert all(row["parameters"]["retry_seconds"] for row in read)
    assert "schedules" not in read[1]


def test_deployed_flows_try_again_have_an_end_and_typed_parameters() -> None:
    from prefect.flows import load_flow_from_entrypoint
    from prefect.utilities.callables import parameter_schema

    planned = deployments(SourcesFile(), file=Path("s.toml"), workspace=Workspace(Path("d")))
    for entrypoint in sorted({deployment.entrypoint for deployment in planned}):
        flow = load_flow_from_entrypoint(entrypoint)
        assert flow.name == entrypoint.rpartition(".")[2]
        assert flow.timeout_seconds and not flow.retries, entrypoint  # it tries again inside
        schema = parameter_schema(flow)
        for deployment in planned:
            if deployment.entrypoint == entrypoint:
                assert set(deployment.parameters) <= set(schema.properties)
    backfill = parameter_schema(load_flow_from_entrypoint("copydesk.flows.deployed.backfill"))
    assert backfill.properties["first"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert backfill.properties["parallel"]["maximum"] == 16
    assert backfill.definitions["By"]["enum"] == ["day", "month", "archive"]


def test_a_schedule_that_is_none_is_named() -> None:
    from copydesk.flows.prefect_api.deploy import serve

    wrong = Deployment("ingest", "harbour", "data", "", {}, "61 * * * *")
    with pytest.raises(DeployError, match="is not a cron schedule"):
        serve([wrong], Path("data"), at_once=1)


def test_a_deployment_s_name_begins_with_the_project() -> None:
    def names(text: str, home: str) -> set[str]:
        planned = deployments(
            parse_sources(text), file=Path("s.toml"), workspace=Workspace(Path(home))
        )
        return {deployment.full_name for deployment in planned}

    assert "ingest/wire.harbour" in names(f'project = "wire"\n{SOURCES}', "/srv/data")
    assert "ingest/50-of-a-b.harbour" in names(SOURCES, "/srv/50% of a b!")
    assert "ingest/copydesk.harbour" in names(SOURCES, "/srv/###")
    assert "ingest/articles.harbour" in names(SOURCES, "/srv/articles/copydesk-data")
    for wrong in ("a/b", "", "a.b", "x" * 61):
        with pytest.raises(SettingsError, match="project"):
            parse_sources(f'project = "{wrong}"\n{SOURCES}')


def on_server(name: str, home: str | None, *, paused: bool = False) -> ServerDeployment:
    return ServerDeployment(uuid4(), name, home, paused)


def test_a_plan_claims_the_deployments_of_its_own_home_alone() -> None:
    planned = deployments(
        parse_sources(SOURCES), file=Path("s.toml"), workspace=Workspace(Path("/srv/data"))
    )
    old = on_server("ingest/harbour", "/srv/data", paused=True)
    gone = on_server("ingest/data.gone", "/srv/data")
    existing = [
        old,
        gone,
        on_server("ingest/data.exports", "/srv/data"),  # planned, and its own
        on_server("ingest/exports", "/srv/other"),  # of another home, of an earlier release
        on_server("ingest/other.gone", "/srv/other"),
        on_server("ingest/by-hand", None),  # of a person
    ]
    claimed = claim(planned, existing, Path("/srv/data"))
    assert claimed.superseded == {"ingest/data.harbour": old}
    assert claimed.unplanned == (gone,)
    taken = on_server("ingest/data.harbour", "/elsewhere/data")
    with pytest.raises(DeployError, match="belongs to the home /elsewhere/data"):
        claim(planned, [*existing, taken], Path("/srv/data"))
