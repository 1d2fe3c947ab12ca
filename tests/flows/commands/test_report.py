"""``copydesk report`` as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flows.running import Cli
from tests.report.desk import hostile


@pytest.fixture
def reader(tmp_path: Path) -> Cli:
    return Cli(tmp_path, tmp_path / "prefect")


def test_before_the_first_run_it_says_what_to_do(reader: Cli) -> None:
    completed = reader.run("report")
    assert completed.returncode == 1
    assert "copydesk ingest" in completed.stderr


def test_a_page_its_figures_and_a_source_that_is_not_there(reader: Cli) -> None:
    home = hostile(reader.folder / "copydesk-data")
    completed = reader.run("report", "--days", "9999", "--source", "wire", "-o", "page.html")
    assert (completed.returncode, completed.stderr) == (0, "Wrote page.html\n")
    page = (reader.folder / "page.html").read_text(encoding="utf-8")
    assert "Covers the last 9,999 days of wire." in page
    output = json.loads(reader.ok("report", "--json", "--home", home))
    assert output["figures"][0]["name"] == "articles"
    assert {source["health"] for section in output["sections"] for source in section["sources"]}
    completed = reader.run("report", "--source", "wier")
    assert completed.returncode == 1
    assert "there is no source wier; known are <script>" in completed.stderr
