"""``copydesk diff``: two revisions of a published article, word by word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from copydesk.flows.cli import app
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.warehouse.sample import Look, ingest

STATES = (
    "The harbour opens on Monday at nine.\n\nThe mayor speaks.",
    "The harbour opens on Tuesday at nine.\n\nThe mayor speaks.",
    "The harbour opens on Tuesday at nine.\n\nThe mayor speaks.\n\nA band plays in the evening.",
    "The harbour opens on Tuesday at nine.\n\nThe mayor speaks.",
)
ARTICLE = Look("a").article


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    lake = Lake.open(home / "lake")
    for number, text in enumerate(STATES):
        ingest(lake, f"r{number}", [Look("a", number, text), Look("b", number, "never changes")])
    publish(home, lake=lake, comparison=COPIES)
    return home


def run(home: Path, *arguments: str, status: int = 0) -> str:
    completed = CliRunner().invoke(app, ["diff", *arguments, "--home", str(home)])
    assert completed.exit_code == status, completed.output
    return completed.output


def test_the_newest_beside_the_one_before(home: Path) -> None:
    assert run(home, ARTICLE[:8]) == (
        "file:a\n"
        "revision 3 of 2026-03-01 02:00 to 4 of 2026-03-01 03:00 UTC: "
        "reverted, 23.1% of the words changed (+0 -6)\n\n"
        "…\nThe mayor speaks.\n[-A band plays in the evening.-]\n"
    )


def test_any_two(home: Path) -> None:
    output = run(home, "file:a", "--from", "1", "--to", "3")
    assert "opens on [-Monday-]{+Tuesday+} at nine." in output
    assert "{+A band plays in the evening.+}" in output


def test_as_json(home: Path) -> None:
    reported = json.loads(run(home, ARTICLE, "--to", "2", "--json"))
    assert (reported["kind"], reported["words_added"], reported["words_removed"]) == (
        "correction",
        1,
        1,
    )
    assert reported["from"] == {"revision": 1, "valid_from": "2026-03-01T00:00:00+00:00"}
    assert {"op": "added", "text": "Tuesday"} in reported["paragraphs"][0]


def test_an_article_that_never_changed(home: Path) -> None:
    assert "file:b has one revision" in run(home, "file:b")
    assert "null\n" in run(home, "file:b", "--json")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["file:nowhere"], "there is no article file:nowhere"),
        (["file:a", "--to", "9"], "has revisions 1 to 4, not 9"),
        (["file:a", "--from", "3", "--to", "2"], "--from 3 is not before --to 2"),
    ],
)
def test_what_cannot_be_shown(home: Path, arguments: list[str], says: str) -> None:
    assert says in run(home, *arguments, status=1)
