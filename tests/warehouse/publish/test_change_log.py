"""What a version changed against the one before, however it was built."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse import Reader
from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish, rollback
from copydesk.warehouse.runs.verdict import Verdict
from tests.warehouse.sample import Look, frames, ingest, plan, rows

SINCE = "SELECT kind, locator, c.revision, c.change FROM changes_since(?) c"


def since(home: Path, version: int | str) -> list[tuple[str, str | None, int | None]]:
    """The changes as (kind, place, revision)."""
    reader = Reader(home)
    places = dict(
        reader.connection.execute("SELECT article_id, max(locator) FROM revisions GROUP BY 1")
        .fetchall()
    )  # fmt: skip
    answer = reader.changes_since(version)
    return [(row["kind"], places.get(row["article_id"]), row["revision"]) for row in answer.rows]


def test_what_two_versions_changed(home, lake):
    ingest(lake, "r1", [Look("a"), Look("b", text="Words of another story."), Look("x", 0, None)])
    publish(home, comparison=COPIES)
    assert since(home, 0) == since(home, "2020-01-01")
    assert sorted(since(home, 0)) == [("new", "a", 1), ("new", "b", 1)]
    ingest(
        lake, "r2",
        [Look("a", 1, "Changed text."), Look("c", 1, "Words of another story."),
         Look("b", 1, fate="gone")],
    )  # fmt: skip
    publish(home, comparison=COPIES)
    assert since(home, 1) == since(home, 1) == [
        ("copy", "c", None), ("gone", "b", None), ("new", "c", 1), ("revised", "a", 2)
    ]  # fmt: skip
    (change,) = rows(home, "SELECT \"change\" FROM changes_since(1) WHERE kind = 'revised'")
    assert change == ("rewrite",)
    assert since(home, 2) == []


def test_an_address_that_failed_is_not_gone_and_one_that_is_back_has_returned(home, lake):
    ingest(lake, "r1", [Look("a"), Look("b", text="Words of another story.")])
    publish(home)
    ingest(lake, "r2", [Look("a", 1, fate="gone"), Look("b", 1, fate="failed")])
    publish(home)
    ingest(lake, "r3", [Look("a", 2, fate="failed"), Look("b", 2, "More.")])
    publish(home)
    ingest(lake, "r4", [Look("a", 3)])
    publish(home)
    assert since(home, 1) == [("gone", "a", None), ("revised", "b", 2), ("returned", "a", None)]


def test_another_cleaner_is_no_revision(home, lake):
    body = b"<p>The same bytes.</p>"
    ingest(lake, "r1", [Look("a", 0, "Read so.", bytes_=body)])
    publish(home)
    ingest(lake, "r2", [Look("a", 1, "Read otherwise.", cleaner="2", bytes_=body)])
    publish(home)
    kinds = Counter(kind for kind, *_ in since(home, 1))
    assert kinds == {"recleaned": 1}


def test_runs_that_were_released_or_dropped(home, lake):
    ingest(lake, "r1", [Look("a")])
    publish(home)
    for name in ("r2", "r3"):
        lake.begin(plan(name))
        lake.run(name).stage(0, frames(name, 0, [Look(name, 1, f"Of {name}.")]))
        lake.run(name).seal()
        lake.run(name).judge(Verdict(name, True, ("too few",), datetime.now(UTC)))
    lake.run("r2").release()
    lake.run("r3").abandon("the site was down; too few")
    publish(home)
    answer = Reader(home).changes_since(1)
    runs = [(row["kind"], row["run_id"], row["detail"]) for row in answer.rows if row["detail"]
            or "run" in row["kind"]]  # fmt: skip
    assert runs == [
        ("run_dropped", "r3", "the site was down; too few"), ("run_released", "r2", None)
    ]  # fmt: skip


def test_a_rebuild_keeps_the_log_and_adds_what_was_not_published(home, lake):
    ingest(lake, "r1", [Look("a"), Look("b", text="Words of another story.")])
    publish(home)
    ingest(lake, "r2", [Look("a", 1, "Changed.")])
    publish(home)
    before = since(home, 0)
    assert publish(home, rebuild=True).version == 3
    assert since(home, 0) == before
    ingest(lake, "r3", [Look("b", 2, fate="gone"), Look("c", 2, "A third story.")])
    publish(home, rebuild=True)
    assert since(home, 2) == [("gone", "b", None), ("new", "c", 1)]


def test_a_log_that_begins_later_says_so(home, lake):
    ingest(lake, "r1", [Look("a")])
    path = publish(home).path
    path.chmod(0o755)
    with duckdb.connect(path) as connection:
        connection.execute("DROP TABLE changes")
    ingest(lake, "r2", [Look("b", 1, "Another.")])
    publish(home, rebuild=True)
    assert since(home, 1) == [("new", "b", 1)]
    for early in (0, "2020-01-01", datetime(2020, 1, 1)):
        with pytest.raises(WarehouseError, match="recorded since version 1"):
            Reader(home).changes_since(early)


def test_after_a_rollback_changes_come_again_and_none_is_missed(home, lake):
    for number, name in enumerate("abc"):
        ingest(lake, f"r{number}", [Look(name, number, f"Story {name}.")])
        publish(home)
    rollback(home, 1)
    assert Reader(home).changes_since(3).cursor == 1
    ingest(lake, "r9", [Look("d", 9, "Story d.")])
    publish(home, resume=True)
    assert [place for _, place, _ in since(home, 3)] == sorted("bcd", key=lambda name: Look(
        name).article)  # fmt: skip


def test_a_cursor_that_cannot_be_is_refused(home, lake):
    ingest(lake, "r1", [Look("a")])
    publish(home)
    for wrong in ("yesterday", 7, -1, "2026-13-01", "9" * 30):
        with pytest.raises(WarehouseError):
            Reader(home).changes_since(wrong)


PLACES, TEXTS = "abc", ("A", "B", "C", None)
LOOKS = st.lists(
    st.tuples(st.sampled_from(PLACES), st.integers(0, 3), st.sampled_from(TEXTS)),
    min_size=1, max_size=8,
)  # fmt: skip


def follow(home: Path, looks: list[tuple[str, int, str | None]], rebuilt: list[bool]) -> None:
    """Publish each look, and let a mirror follow the log."""
    lake = Lake.open(home / "lake", create=True)
    mirror: dict[str, str] = {}
    cursor: int | str = 0
    for number, ((place, at, text), rebuild) in enumerate(zip(looks, rebuilt, strict=True)):
        ingest(lake, f"r{number}", [Look(place, at, text)])
        publish(home, rebuild=rebuild)
        reader = Reader(home)
        answer = reader.changes_since(cursor)
        for row in list(answer.rows):
            if row["kind"] in {"new", "revised", "recleaned"}:
                (mirror[row["article_id"]],) = reader.connection.execute(
                    "SELECT content_hash FROM articles WHERE article_id = ?", [row["article_id"]]
                ).fetchone() or ("",)
            elif (row["kind"], row["detail"]) == ("gone", "removed"):
                del mirror[row["article_id"]]
        cursor = answer.cursor
        stored = reader.connection.execute("SELECT article_id, content_hash FROM articles")
        assert mirror == dict(stored.fetchall())


@pytest.mark.slow
def test_a_mirror_that_follows_the_log_has_what_the_tables_have(tmp_path):
    looks = [("a", 1, "A"), ("b", 1, "B"), ("a", 3, "B"), ("c", 0, None), ("a", 0, "C"),
             ("b", 2, None), ("c", 2, "A"), ("a", 3, "A")]  # fmt: skip
    follow(tmp_path, looks, [number % 3 == 2 for number in range(len(looks))])


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(LOOKS, st.data())
def test_a_mirror_that_follows_any_log_has_what_the_tables_have(tmp_path_factory, looks, data):
    rebuilt = [data.draw(st.booleans()) for _ in looks]
    follow(tmp_path_factory.mktemp("home"), looks, rebuilt)
