"""What Prefect is told of a run never has a password or a token, though the run uses them."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import pytest
from prefect import Flow

from copydesk.flows.prefect_api.deployment_specs import deployments
from copydesk.flows.prefect_api.redacted_flow import redact_record, redacted_flow
from copydesk.flows.prefect_api.run_log import JsonLines
from copydesk.flows.requests import IngestRequest
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.sources import SourcesFile
from tests.flows.running import Cli
from tests.flows.test_takedown import kept_by_prefect
from tests.servers.site import Page, Request, Site
from tests.warehouse.canaries import found_in

SECRET = "s3cr3t0123456789"
PAGE = """<!doctype html><html lang="en"><title>The crane</title><article><h1>The crane</h1>
<p>On Monday the crane at the old harbour was moved to the other side of the river.</p>
<p>In the evening the last of the ships was moored behind it, and nobody complained.</p></article>
"""


def test_parameters_are_stored_as_prefect_stores_them() -> None:
    @redacted_flow(name="any")
    def any_flow(**values: object) -> None:
        del values

    values = {
        "request": IngestRequest(("in/",), columns={"text": "body"}, allow_hosts=("a.example",)),
        "home": Path("data"),
        "day": date(2026, 3, 1),
        "seconds": (1.5, 2),
        "workers": None,
        "own": object(),
    }
    assert any_flow.serialize_parameters(values) == Flow.serialize_parameters(any_flow, values)


def test_a_token_in_an_address_is_used_and_told_to_nobody(cli: Cli) -> None:
    def feed(request: Request) -> Page:
        link = f"/crane?token={SECRET}&amp;p=1"
        entry = f"<item><title>The crane</title><link>{link}</link></item>"
        body = f"<rss><channel>{entry}</channel></rss>"
        return Page(body, media_type="application/rss+xml")

    path = f"/feed?auth_token={SECRET}"
    routes = {path: feed, f"/crane?token={SECRET}&p=1": PAGE}
    with Site(routes) as site:
        host = site.url.removeprefix("http://")
        address = f"{site.url}{path}"
        options = ("--allow-host", host)
        summary = cli.run("ingest", address, *options, "--json")
        assert summary.returncode == 0, summary.stderr
        assert '"new": 1' in summary.stdout
        assert site.asked(path)
        site.add(path, Page("out of order", status=500))
        failed = cli.run("ingest", address, "--source", "feed", *options)
        assert failed.returncode == 1
        days = ("--from", "2026-01-01", "--to", "2026-01-02")
        backfill = cli.run("backfill", address, *days, *options)
    rows = list(kept_by_prefect(cli))
    assert any(host in row for kind, row in rows if kind == "flow_runs")
    assert "credentials-removed" in "".join(row for _, row in rows)
    assert [(kind, row) for kind, row in rows if SECRET in row] == []
    written = "".join(run.stdout + run.stderr for run in (summary, failed, backfill))
    assert SECRET not in written
    assert found_in(cli.folder / "copydesk-data", {"secret": SECRET}) == {}
    parameters = cli.rows("select parameters from runs")
    assert all(host in str(row) for row in parameters)


def test_parameters_are_stored_without_credentials_and_passed_with_them() -> None:
    @redacted_flow(name="reads")
    def reads(request: IngestRequest, source: str) -> None: ...

    address = f"https://x.example/feed?token={SECRET}&p=1"
    request = IngestRequest((address,), storage_options={"secret": SECRET})
    for flow in (reads, reads.with_options(name="other")):
        stored = flow.serialize_parameters({"request": request, "source": address})
        assert SECRET not in str(stored)
        assert stored["source"] == "https://x.example/feed?p=1#credentials-removed"
        assert stored["request"]["storage_options"] == {"secret": "removed"}
    assert request.inputs == (address,)
    assert SECRET not in request.parameters() + request.label()
    assert SECRET not in str(CopydeskError(f"{address} does not answer"))


def test_a_source_with_a_token_is_described_without_it(tmp_path: Path) -> None:
    sources = SourcesFile.model_validate(
        {"sources": {"x": {"address": f"https://x.example/feed?token={SECRET}"}}}
    )
    planned = deployments(sources, file=tmp_path / "s.toml", workspace=Workspace(tmp_path))
    assert SECRET not in repr(planned)


@pytest.mark.parametrize("formatter", [logging.Formatter(), JsonLines()])
def test_records_and_tracebacks_name_no_credentials(formatter: logging.Formatter) -> None:
    address = f"https://anna:{SECRET}@x.example/feed"
    try:
        raise ValueError(address)
    except ValueError as error:
        exc_info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", 40, "", 0, "cannot read %s", (address,), exc_info)
    assert redact_record(record)
    line = formatter.format(record)
    assert SECRET not in line
    assert line.count("x.example") == 2
    assert "ValueError" in line
