"""What the report's queries find in a published file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse import connect
from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.query.report import SUBJECTS, Rows, gather
from tests.warehouse.sample import Look, hour, ingest

DAY = 24


def asked(home: Path, **scope: Any) -> Mapping[str, Rows]:
    with connect(home) as connection:
        return gather(connection, **{"now": hour(10 * DAY), **scope})


@pytest.fixture
def desk(lake: Lake, home: Path) -> Path:
    """Two sources: one is read twice and revised, the other repeats it and rejects."""
    words = "word " * 120
    ingest(lake, "r1", [Look("a", 0, "A " + words), Look("b", 0, "B"), Look("c", 0, None)])
    ingest(
        lake,
        "r2",
        [
            Look("a", DAY, "A2 " + words),
            Look("b", DAY, fate="unchanged"),
            Look("d", DAY, fate="failed"),
            Look("c", DAY, fate="unchanged"),
        ],
        started=DAY,
    )
    copies = [Look(locator, 2 * DAY, "B", source="echo") for locator in ("x", "y")]
    ingest(lake, "r3", [*copies, Look("z", 2 * DAY, None, source="echo")], started=2 * DAY)
    lake.begin(plan := _plan("r4", "echo"))
    lake.run(plan.run_id).abandon("the disk is full")
    publish(home, lake=lake, comparison=COPIES)
    return home


def _plan(run_id: str, source: str) -> Any:
    from copydesk.warehouse.runs.models import RunPlan

    return RunPlan(run_id, "ingest", source, hour(3 * DAY))


def test_items_articles_and_copies(desk: Path) -> None:
    rows = asked(desk)
    head = rows["headline"][0]
    assert {key: head[key] for key in ("articles", "copies", "sources", "revised")} == {
        "articles": 4, "copies": 2, "sources": 2, "revised": 1,
    }  # fmt: skip
    # an item that had not changed is still what it was: b gave an article, c none
    assert {row["fate"]: row["items"] for row in rows["funnel"]} == {
        "new": 1, "revised": 1, "duplicate": 2, "rejected": 2, "failed": 1,
    }  # fmt: skip
    assert rows["funnel_articles"] == [{"articles": 4, "originals": 2}]
    assert [(row["outlet"], row["original_outlet"], row["articles"]) for row in rows["pairs"]] == [
        ("echo", "wire", 2)
    ]
    cluster = rows["clusters"][0]
    assert (cluster["copies"], cluster["outlets"], cluster["outlet"]) == (2, ["echo"], "wire")
    assert [example["relation"] for example in cluster["examples"]] == ["exact", "exact"]
    assert [(row["class"], row["articles"]) for row in rows["lengths"]] == [(0, 3), (2, 1)]
    # "A words …" became "A2 words …": a few words, and the headline stayed
    assert [(row["change"], row["revisions"]) for row in rows["changes"]] == [("correction", 1)]
    assert rows["headlines"] == []
    assert [(row["kind"], row["passages"]) for row in rows["cuts"]] == [("share", 4)]


def test_sources_and_runs(desk: Path) -> None:
    rows = asked(desk)
    echo, wire = sorted(rows["sources"], key=lambda row: str(row["source"]))
    assert (echo["last_tried"], echo["last_rejected"], echo["abandoned_for"]) == (
        3, 1, "the disk is full",
    )  # fmt: skip
    # of the second run of wire, two items were tried: a, and d, which failed
    assert (wire["runs"], wire["last_tried"], wire["last_failed"]) == (2, 2, 1)
    assert wire["usual_rejected"] == pytest.approx(1 / 3)
    assert [row["run_id"] for row in rows["runs"]] == ["r4", "r3", "r2", "r1"]
    assert {row["fate"]: row["items"] for row in rows["run_days"]}["rejected"] == 2
    reasons = {row["reason"]: row["items"] for row in rows["rejects"]}
    assert reasons == {"no_body": 2, "failed": 1}


def test_headlines_that_changed(lake: Lake, home: Path) -> None:
    for number, title in enumerate(["One", "Two", "Two", "Three"]):
        ingest(lake, f"r{number}", [Look("a", number, "Text.", title)], started=number)
    publish(home, lake=lake, comparison=COPIES)
    rows = asked(home)
    assert [(row["title_before"], row["title"]) for row in rows["headlines"]] == [
        ("Two", "Three"), ("One", "Two"),
    ]  # fmt: skip
    assert [(row["change"], row["revisions"]) for row in rows["changes"]] == [("headline", 2)]


def test_a_source_and_a_time_alone(desk: Path) -> None:
    echo = asked(desk, sources=["echo"])
    assert {row["source"] for row in echo["sources"]} == {"echo"}
    assert {row["run_id"] for row in echo["runs"]} == {"r3", "r4"}
    assert echo["headline"][0]["articles"] == 2
    assert sum(row["items"] for row in echo["rejects"]) == 1
    late = asked(desk, since=hour(DAY + 1))
    assert late["headline"][0]["articles"] == 2
    assert sum(row["items"] for row in late["funnel"]) == 3


def test_an_unknown_source_is_named(desk: Path) -> None:
    with pytest.raises(WarehouseError, match="no source ehco; known are echo, wire"):
        asked(desk, sources=["ehco", "wire"])


def test_every_subject_of_an_empty_warehouse(lake: Lake, home: Path) -> None:
    publish(home, lake=lake, comparison=COPIES)
    rows = asked(home)
    assert set(rows) == set(SUBJECTS)
    assert rows["headline"][0]["articles"] == 0
    assert not any(rows[name] for name in ("days", "sources", "runs", "rejects", "cuts"))


def test_tables_of_another_release_are_told(desk: Path) -> None:
    file = (desk / "serving" / "current.duckdb").resolve()
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE OR REPLACE VIEW cuts AS SELECT 1 AS article_id")
    with pytest.raises(WarehouseError, match="copydesk publish rebuilds them"):
        asked(desk)
