"""``copydesk chrome``: what a site repeats, learned from the published tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from copydesk.flows.cli import app
from copydesk.tasks.cleaning.sites.repeated_lines import read_lines
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.dedup.made import article, text
from tests.warehouse.sample import Look, ingest

FOOT = ["Letters to the editor are welcome", "Share this story"]
SITE = {"site": "Coast Wire"}


def body(seed: int) -> str:
    return text([*article(seed, 3), *FOOT])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    lake = Lake.open(home / "lake")
    looks = [Look(f"p{seed}", 0, body(seed), fields=SITE) for seed in range(6)]
    copies = [Look(f"c{number}", 1, body(0), fields=SITE) for number in range(4)]
    ingest(lake, "r1", [*looks, *copies, Look("other", 0, body(9), fields={"site": "Inland"})])
    publish(home, lake=lake)
    return home


def run(home: Path, folder: Path, *arguments: str) -> tuple[list[dict[str, Any]], str]:
    table = ["--file", str(folder / "lines.toml")]
    completed = CliRunner().invoke(
        app, ["chrome", *arguments, *table, "--home", str(home), "--json"], catch_exceptions=False
    )
    assert completed.exit_code == 0, completed.output
    rows: list[dict[str, Any]] = json.loads(completed.stdout)
    return rows, completed.stderr


def test_lines_are_learned_adopted_pinned_and_forbidden(home: Path, tmp_path: Path) -> None:
    learned, _ = run(home, tmp_path, "Coast Wire")
    assert [(row["line"], row["stories"], row["of"], row["state"]) for row in learned] == [
        ("Letters to the editor are welcome", 6, 6, "learned, not adopted"),
        ("Share this story", 6, 6, "learned, not adopted"),
    ]
    assert not (tmp_path / "lines.toml").exists()
    adopted, reported = run(home, tmp_path, "coast wire", "--adopt")
    assert {row["state"] for row in adopted} == {"adopted"}
    assert "version 1" in reported
    more = ["--pin", "Print this page", "--forbid", "letters to the editor are welcome"]
    assert [(row["line"], row["state"]) for row in run(home, tmp_path, "Coast Wire", *more)[0]] == [
        ("Letters to the editor are welcome", "forbidden"),
        ("Share this story", "adopted"),
        ("Print this page", "pinned"),
    ]
    table = read_lines((tmp_path / "lines.toml").read_text())
    assert table.version == 2
    assert table.to_cut().keys == {"coast wire": {"share this story", "print this page"}}
    assert run(home, tmp_path)[0] == [
        {"site": "coast wire", "articles": 10, "cut lines": 2},
        {"site": "inland", "articles": 1, "cut lines": 0},
    ]
