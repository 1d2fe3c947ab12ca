"""What is deployed, from a file of sources."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from copydesk.flows.prefect_api.deployment_specs import (
    SLOW_QUEUE,
    Deployment,
    deployments,
    prefect_yaml,
)
from copydesk.flows.workspace import Workspace
from copydesk.schemas.sources import SourcesFile, parse_sources

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
    harbour = by_name["ingest/harbour"]
    assert (harbour.cron, harbour.tags) == ("*/5 * * * *", ("copydesk", "local", "en"))
    assert harbour.parameters == {
        "request": {"source": "harbour", "sources_file": "/srv/sources.toml"},
        "home": "/srv/data",
        "lake": "s3://l",
        "retry_seconds": [15.0, 30.0, 60.0, 120.0],
    }
    assert harbour.collision == "CANCEL_NEW"
    assert by_name["ingest/exports"].cron is None
    assert by_name["ingest/exports"].collision == "ENQUEUE"
    assert by_name["backfill/backfill"].queue == SLOW_QUEUE
    assert by_name["maintain/maintain"].cron == "30 3 * * *"
    assert set(by_name) == {
        *("ingest/harbour", "ingest/exports", "ingest/by-hand"),
        *("publish/publish", "maintain/maintain", "backfill/backfill"),
    }


def test_the_project_s_own_prefect_yaml_is_what_deploy_writes() -> None:
    planned = deployments(
        SourcesFile(), file=Path("sources.toml"), workspace=Workspace(Path("copydesk-data"))
    )
    assert (ROOT / "prefect.yaml").read_text(encoding="utf-8") == prefect_yaml(planned)


def test_the_yaml_says_all_that_the_deployments_do() -> None:
    planned = deployments(
        parse_sources(SOURCES), file=Path("s.toml"), workspace=Workspace(Path("d"))
    )
    read = yaml.safe_load(prefect_yaml(planned))["deployments"]
    assert [row["name"] for row in read] == [row.name for row in planned]
    assert read[0]["schedules"] == [{"cron": "*/5 * * * *", "timezone": "UTC"}]
    assert read[0]["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    (maintain,) = [row for row in read if row["name"] == "maintain"]
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
    from copydesk.flows.prefect_api.deploy import DeployError, serve

    wrong = Deployment("ingest", "harbour", "", {}, "61 * * * *")
    with pytest.raises(DeployError, match="is no cron schedule"):
        serve([wrong], at_once=1)
