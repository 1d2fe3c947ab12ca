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
    done = reader.run("report")
    assert done.returncode == 1
    assert "copydesk ingest" in done.stderr


def test_a_page_its_figures_and_a_source_that_is_not_there(reader: Cli) -> None:
    home = hostile(reader.folder / "copydesk-data")
    done = reader.run("report", "--days", "9999", "--source", "wire", "-o", "page.html")
    assert (done.returncode, done.stderr) == (0, "Wrote page.html\n")
    page = (reader.folder / "page.html").read_text(encoding="utf-8")
    assert "Covers the last 9,999 days of wire." in page
    shown = json.loads(reader.ok("report", "--json", "--home", home))
    assert shown["figures"][0]["name"] == "articles"
    assert {one["health"] for section in shown["sections"] for one in section["sources"]}
    done = reader.run("report", "--source", "wier")
    assert done.returncode == 1
    assert "there is no source wier; known are <script>" in done.stderr
