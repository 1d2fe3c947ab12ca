"""Signatures go with their texts: once a content, whoever brought it, and gone when it is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copydesk.warehouse.lake import Lake
from copydesk.warehouse.storage.duckdb_views import Snapshot, scratch
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from copydesk.warehouse.upkeep.erase import forget
from tests.dedup.made import article, text
from tests.warehouse.sample import Look, ingest

SIGNED = "SELECT run_id, shingles, signing, month FROM lake_signatures ORDER BY ALL"
COUNTED = "SELECT run_id, count(*) FROM lake_shingles GROUP BY ALL ORDER BY ALL"
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def look(place: str, seed: int, **fields: Any) -> Look:
    return Look(place, fields.pop("at", 0), text(article(seed, 3)), **fields)


def ask(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    with scratch(lake.store) as connection:
        snapshot = Snapshot(connection, lake.tables)
        for name in ("signatures", "shingles"):
            snapshot.view(name)
        return connection.execute(sql).fetchall()


def test_a_text_is_signed_once(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [look("a", 1), look("copy", 1), look("b", 2)], batch_size=1)
    ingest(lake, "r2", [look("late", 1, at=3), look("a", 2, at=3), look("c", 3)])
    signed = ask(lake, SIGNED)
    assert [row[0] for row in signed] == ["r1", "r1", "r2"]
    assert {(str(row[3]), row[2]) for row in signed} == {("2026-03-01", 1)}
    by_run = {run: sum(row[1] for row in signed if row[0] == run) for run in ("r1", "r2")}
    assert dict(ask(lake, COUNTED)) == by_run
    assert min(by_run.values()) > 5
    assert examine(home, lake=lake) == []


def test_another_version_of_signing_is_signed_anew(lake: Lake) -> None:
    ingest(lake, "r1", [look("a", 1)])
    lake.tables.update("signatures", "true", {"signing": "99"})
    ingest(lake, "r2", [look("a", 1, at=1)])
    assert [row[:3:2] for row in ask(lake, SIGNED)] == [("r1", 99), ("r2", 1)]


def test_what_is_forgotten_has_no_signature(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [look("gone", 1), look("shared", 2), look("stays", 3)])
    ingest(lake, "r2", [look("copy", 2)])
    everything = len(ask(lake, SIGNED))
    for locator in ("gone", "shared"):
        forget(home, lake=lake, now=NOW, article_id=Look(locator).article)
    assert (everything, len(ask(lake, SIGNED))) == (3, 2)
    assert examine(home, lake=lake) == []


def test_a_staged_batch_that_is_forgotten_is_not_signed(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [look("gone", 1)])
    forget(home, lake=lake, now=NOW, article_id=Look("gone").article)
    ingest(lake, "r2", [look("gone", 4), look("b", 2)])
    assert [row[0] for row in ask(lake, SIGNED)] == ["r2"]
    assert examine(home, lake=lake) == []


def test_compacted_signatures_are_the_same(lake: Lake, home: Path) -> None:
    for number in range(17):
        ingest(lake, f"r{number:02}", [look(f"p{number}", number)])
    before = ask(lake, SIGNED), ask(lake, COUNTED)
    completed = {(step.what, step.where) for step in maintain(lake, now=NOW)}
    assert {("files compacted", "signatures"), ("files compacted", "shingles")} <= completed
    assert (ask(lake, SIGNED), ask(lake, COUNTED)) == before
    assert examine(home, lake=lake) == []
