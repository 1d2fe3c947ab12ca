"""The notebook answers its ten questions, on tables made from the samples."""

from __future__ import annotations

import runpy
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from copydesk.schemas.article import Article, Reject
from copydesk.schemas.items import Item, RawDocument
from copydesk.tasks.cleaning import clean
from copydesk.tasks.ingest.batch import stage_documents
from copydesk.tasks.ingest.rows import Rows
from copydesk.tasks.sources.file_source import media_type_of
from copydesk.tasks.workers.pool import Task
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.runs.models import RunPlan
from tests.docs.examples import ROOT

NOTEBOOK = ROOT / "docs" / "ten_questions.py"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANSWERS = ("what", "weekly", "delays", "changed", "copied", "removed", "refused", "by_language",
           "typical", "runs")  # fmt: skip


class InThisProcess:
    """A cleaning pool without processes: the samples hang nothing."""

    def clean(self, tasks: Iterable[Task], _rules: object) -> Iterator[Article | Reject]:
        for task in tasks:
            yield clean(task.document, media_type=task.media_type, observed_at=task.observed_at)


def ingest(lake: Lake, run_id: str, documents: dict[str, bytes], at: datetime) -> None:
    rows = Rows(run_id, 0, "1")
    read = [
        RawDocument(Item("seeds", name, f"file:{name}", name), body, f"file:{name}", at,
                    media_type_of(name))
        for name, body in documents.items()
    ]  # fmt: skip
    lake.begin(RunPlan(run_id, "ingest", "seeds", at))
    stage_documents(lake, rows, read, cleaner=InThisProcess(), rules=None, keep_raw="none")
    lake.run(run_id).seal()
    lake.run(run_id).commit()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("notebook")
    samples = {path.name: path.read_bytes() for path in sorted((ROOT / "seeds").iterdir())}
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", samples, NOW)
    longer = samples["lighthouse.md"] + b"\n\nA later word: the keeper found the last page.\n"
    ingest(lake, "r2", {"lighthouse.md": longer}, NOW + timedelta(days=1))
    publish(home, lake=lake)
    return home


@pytest.fixture(scope="module")
def answers(home: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COPYDESK_HOME", str(home))
        _, result = runpy.run_path(str(NOTEBOOK))["app"].run()
    return {name: result[name] for name in ANSWERS}


def test_ten_questions_are_asked() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert [f"## {number}. " in text for number in range(1, 11)] == [True] * 10


def test_the_answers_are_those_of_the_samples(answers: dict[str, Any]) -> None:
    rows = {name: frame.to_dict("records") for name, frame in answers.items()}
    (what,) = rows["what"]
    assert (what["source"], what["articles"], what["copies"], what["revised"]) == ("seeds", 5, 1, 1)
    assert sum(row["articles"] for row in rows["weekly"]) == 2  # the others are older
    assert [(row["revision"], row["cause"]) for row in rows["changed"]] == [
        (1, "first"), (2, "content"),
    ]  # fmt: skip
    assert rows["changed"][1]["more_words"] == 9
    assert [(row["repeats"], row["relation"]) for row in rows["copied"]] == [("seeds", "exact")]
    assert {"comments", "repeated_title"} <= {row["kind"] for row in rows["removed"]}
    assert [(row["reason"], row["items"]) for row in rows["refused"]] == [("not_an_article", 1)]
    assert {row["language"]: row["articles"] for row in rows["by_language"]} == {"en": 4, "de": 1}
    assert [row["state"] for row in rows["runs"]] == ["committed", "committed"]
    assert rows["typical"][0]["word"].count(", ") == 9
    assert all(row["slowest_tenth"] >= row["fastest_tenth"] >= 0 for row in rows["delays"])
