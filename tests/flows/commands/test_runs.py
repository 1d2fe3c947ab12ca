"""Runs that a gate holds: judged once, listed, shown, released and dropped."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from copydesk.flows.cli import app
from copydesk.flows.pipeline import commit_or_hold
from copydesk.flows.run_locks import marked_alive
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.gates import Action, GateSettings
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import Look, frames, ingest, plan, rows

HOLD = {"": GateSettings(action=Action.HOLD)}
FOUND = "wire: rejected: 9 of 10 documents read were rejected (90%, the limit is 50%)"
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A lake with a committed run, one that is held and one that broke off."""
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, "one " * 30)])
    publish(home, lake=lake)
    lake.begin(plan("r2", started=1))
    looks = [Look(f"bad-{number}", 1, None) for number in range(9)] + [Look("good", 1, "good one")]
    lake.run("r2").stage(0, frames("r2", 0, looks))
    _, verdict = commit_or_hold(lake.run("r2"), gates=HOLD, now=NOW)
    assert verdict.held
    lake.begin(plan("r3", started=2))
    lake.run("r3").stage(0, frames("r3", 0, looks[:2]))
    return home


def runs(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["runs", *arguments, "--home", str(home)])


def read(home: Path, *arguments: str) -> Any:
    completed = runs(home, *arguments, "--json")
    assert completed.exit_code == 0, completed.stderr
    return json.loads(completed.stdout)


def test_runs_are_listed_with_their_state(home: Path) -> None:
    listed = read(home, "list")
    assert [(row["run_id"], row["state"], row["items"]) for row in listed] == [
        ("r3", "unfinished", 0),
        ("r2", "held", 10),
        ("r1", "committed", 1),
    ]
    assert listed[1]["fates"] == {"rejected": 9, "new": 1}
    assert [row["run_id"] for row in read(home, "list", "--state", "held")] == ["r2"]
    assert read(home, "list", "--source", "other") == []
    with marked_alive(home, "r3"):
        assert [row["run_id"] for row in read(home, "list", "--state", "running")] == ["r3"]
        assert "running" in runs(home, "drop", "r3").stderr
    table = runs(home, "list").stdout
    assert f"r2 {FOUND}" in table
    assert runs(home, "list", "--state", "lost").exit_code == 2


def test_a_run_is_shown_with_the_reasons(home: Path) -> None:
    output = read(home, "show", "r2")
    assert output["findings"] == [FOUND]
    assert output["rejected_for"] == [
        {
            "reason": "no_body",
            "items": 9,
            "example": "file:bad-0",
            "detail": "there is a title and nothing else",
        }
    ]
    assert output["profiles"]["wire"]["articles"] == 1
    text = runs(home, "show", "r2").stdout
    assert "no_body 9, such as file:bad-0: there is a title and nothing else" in text
    assert "copydesk runs release r2" in text
    assert read(home, "show", "r1")["state"] == "committed"
    with pytest.raises(CopydeskError, match="there is no run nine"):
        CliRunner().invoke(
            app, ["runs", "show", "nine", "--home", str(home)], catch_exceptions=False
        )


def test_a_held_run_is_released(home: Path) -> None:
    assert rows(home, "SELECT run_id FROM runs") == [("r1",)]
    assert read(home, "release", "r2")["fates"] == {"new": 1, "rejected": 9}
    assert rows(home, "SELECT run_id, len(warnings) FROM runs ORDER BY 1") == [
        ("r1", None),
        ("r2", 1),
    ]
    assert rows(home, "SELECT count(*) FROM rejects") == [(9,)]
    assert [row["state"] for row in read(home, "list", "--state", "held")] == []
    assert "not held" in runs(home, "release", "r3").stderr
    assert runs(home, "release", "r2").exit_code == 0
    assert runs(home, "drop", "r2").exit_code == 1


def test_a_run_is_dropped(home: Path) -> None:
    for run_id in ("r2", "r3"):
        assert read(home, "drop", run_id, "--reason", "the site was down")["state"] == "abandoned"
    lake = Lake.open(home / "lake")
    assert lake.unfinished() == []
    assert examine(home, lake=lake) == []
    log = "SELECT version, run_id FROM changes WHERE kind = 'run_dropped' ORDER BY 1"
    versions = [version for version, _ in rows(home, log)]
    assert [run_id for _, run_id in rows(home, log)] == ["r2", "r3"]
    assert versions[1] == versions[0] + 1
    output = read(home, "show", "r2")
    assert output["reason"].startswith("the site was down; wire: rejected: 9 of 10")
    assert runs(home, "release", "r2").exit_code == 1


def test_a_verdict_stands_when_the_commit_is_tried_again(home: Path) -> None:
    lake = Lake.open(home / "lake")
    _, again = commit_or_hold(lake.run("r2"), gates={}, now=NOW)
    assert again.held
    lake.run("r2").release()
    sealed, ended = commit_or_hold(lake.run("r2"), gates=HOLD, now=NOW)
    assert not ended.held
    assert sealed.fates == {"new": 1, "rejected": 9}


def test_a_slice_without_news_is_no_silence(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    for number in range(4):
        ingest(lake, f"r{number}", [Look(f"a{number}", number)], started=number)
    empty = [Look("listing", 5, fate="failed")]
    for run_id, slice_key, is_held in (("day", "2026-03-01", False), ("poll", None, True)):
        lake.begin(plan(run_id, slice_key=slice_key, started=5))
        lake.run(run_id).stage(0, frames(run_id, 0, empty))
        assert commit_or_hold(lake.run(run_id), gates=HOLD, now=NOW)[1].held is is_held
