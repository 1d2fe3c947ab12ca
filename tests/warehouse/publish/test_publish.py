"""What analysts see of what runs observed."""

from __future__ import annotations

import dataclasses
import os
import resource
import shutil
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pytest

from copydesk.schemas.published import PUBLISHED
from copydesk.schemas.published_views import ARTICLES, VIEWS
from copydesk.warehouse import Reader, connect
from copydesk.warehouse.errors import LakeError, PublishError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish, rollback
from copydesk.warehouse.publish.versions import Serving, rollback_notice
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import WHOLE, Look, hour, ingest, rows, tables
from tests.warehouse.worker import quick_processes

HISTORY = "SELECT text, valid_from, valid_to, reverted, is_current FROM revisions ORDER BY revision"


def test_revisions_of_an_article_that_goes_back(lake: Lake, home: Path) -> None:
    for number, text in enumerate(["A", "A", "B", "B", "A"]):
        ingest(lake, f"r{number}", [Look("a", number, text)])
    publish(home, lake=lake)
    assert rows(home, HISTORY) == [
        ("A", hour(0), hour(2), False, False),
        ("B", hour(2), hour(4), False, False),
        ("A", hour(4), None, True, True),
    ]
    assert rows(home, "SELECT revision, text, first_seen_at, last_seen_at FROM articles") == [
        (3, "A", hour(0), hour(4))
    ]
    assert rows(home, "SELECT times FROM sightings") == [(5,)]


def test_a_backfill_between_two_sightings(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    ingest(lake, "r2", [Look("a", 9, "A")])
    publish(home, lake=lake)
    ingest(lake, "r3", [Look("a", 4, "B")])
    assert publish(home, lake=lake).changed
    assert [row[:3] for row in rows(home, HISTORY)] == [
        ("A", hour(0), hour(4)),
        ("B", hour(4), hour(9)),
        ("A", hour(9), None),
    ]


def test_an_unchanged_look_before_the_first_moves_the_first(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 5, "A")])
    publish(home, lake=lake)
    ingest(lake, "r2", [Look("a", 2, "A")])
    assert publish(home, lake=lake).changed
    assert rows(home, "SELECT first_seen_at, last_seen_at FROM articles") == [(hour(2), hour(5))]


def test_items_that_were_not_read_again_carry_what_they_had(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A"), Look("b", 0, "B"), Look("c", 0, None)])
    again = [Look(locator, 3, fate="unchanged") for locator in "abc"]
    ingest(lake, "r2", [*again, Look("d", 3, "D")])
    publish(home, lake=lake)
    assert rows(home, "SELECT locator, last_seen_at FROM articles ORDER BY 1") == [
        ("a", hour(3)),
        ("b", hour(3)),
        ("d", hour(3)),
    ]


def test_a_rejected_item_is_not_seen_as_its_old_article(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    ingest(lake, "r2", [Look("a", 1, None)])
    ingest(lake, "r3", [Look("a", 2, fate="unchanged")])
    publish(home, lake=lake)
    assert rows(home, "SELECT text, last_seen_at FROM articles") == [("A", hour(0))]


def test_other_fields_change_without_a_revision(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A", fields={"tags": ["x"]})])
    ingest(lake, "r2", [Look("a", 1, "A", fields={"tags": ["x", "y"]})])
    publish(home, lake=lake)
    assert rows(home, "SELECT text, revision, tags FROM articles") == [("A", 1, ["x", "y"])]


def test_a_newer_cleaner_makes_no_revision(lake: Lake, home: Path) -> None:
    page = b"the page"
    ingest(lake, "r1", [Look("a", 0, "Text Share", bytes_=page)])
    ingest(lake, "r2", [Look("a", 2, fate="unchanged")])
    publish(home, lake=lake)
    ingest(lake, "r3", [Look("a", 0, "Text", bytes_=page, cleaner="10")])
    ingest(lake, "r4", [Look("a", 3, "Text Share", bytes_=page, cleaner="9")])
    publish(home, lake=lake)
    assert rows(home, HISTORY) == [("Text", hour(0), None, False, True)]
    ingest(lake, "r5", [Look("a", 4, "Other", bytes_=b"other page", cleaner="11")])
    publish(home, lake=lake)
    assert rows(home, "SELECT text, cause FROM revisions ORDER BY revision") == [
        ("Text", "first"),
        ("Other", "unknown"),
    ]


def test_exact_copies_name_what_they_repeat(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("late", 5, "copied", fields={"published_at": hour(2)})])
    ingest(lake, "r2", [Look("undated", 0, "copied"), Look("other", 0, "not copied")])
    publish(home, lake=lake)
    assert rows(home, "SELECT article_id, duplicate_of FROM articles WHERE duplicate_of > ''") == [
        (Look("undated").article, Look("late").article)
    ]
    ingest(lake, "r3", [Look("early", 9, "copied", fields={"published_at": hour(1)})])
    publish(home, lake=lake)
    assert rows(home, "SELECT DISTINCT duplicate_of, relation FROM duplicates") == [
        (Look("early").article, "exact")
    ]
    ingest(lake, "r4", [Look("early", 10, "edited", fields={"published_at": hour(1)})])
    publish(home, lake=lake)
    assert rows(home, "SELECT article_id, duplicate_of FROM duplicates") == [
        (Look("undated").article, Look("late").article)
    ]
    assert rows(home, "SELECT copies, sources FROM duplicate_clusters") == [(1, ["wire"])]


def test_a_slice_run_again_replaces_itself(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A"), Look("b", 0, "B")], slice_key="day", started=0)
    publish(home, lake=lake)
    again = [Look("a", 0, "A, mended"), Look("c", 0, "C")]
    ingest(lake, "r2", again, slice_key="day", started=1)
    assert publish(home, lake=lake).changed
    assert rows(home, "SELECT locator, text, revision FROM articles ORDER BY 1") == [
        ("a", "A, mended", 1),
        ("c", "C", 1),
    ]
    assert rows(home, "SELECT run_id, counted FROM runs ORDER BY 1") == [
        ("r1", False),
        ("r2", True),
    ]
    # one that was begun before, and is committed late, does not come back
    ingest(lake, "r0", [Look("a", 0, "A, old")], slice_key="day", started=0.5)
    publish(home, lake=lake)
    assert rows(home, "SELECT text FROM articles ORDER BY locator") == [("A, mended",), ("C",)]


def test_a_slice_run_again_that_found_nothing_new(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")], slice_key="day", started=0)
    ingest(lake, "r2", [Look("a", 0, fate="unchanged")], slice_key="day", started=1)
    publish(home, lake=lake)
    assert rows(home, "SELECT text FROM articles") == [("A",)]


def test_texts_that_were_dropped_come_back(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A"), Look("b", 0, "B")], slice_key="day", started=0)
    publish(home, lake=lake)
    ingest(lake, "r2", [Look("b", 0, "B")], slice_key="day", started=1)
    publish(home, lake=lake)
    assert rows(home, "SELECT text FROM articles") == [("B",)]
    ingest(lake, "r3", [Look("a", 5, "A")])  # its text lies in r1, which no longer counts
    publish(home, lake=lake)
    assert rows(home, "SELECT text, first_seen_at FROM articles ORDER BY 1") == [
        ("A", hour(5)),
        ("B", hour(0)),
    ]
    assert rows(home, "SELECT count(*) FROM cuts") == [(2,)]
    assert examine(home, lake=lake, deep=True) == []


def test_times_of_sight_alone_are_not_published(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    first = publish(home, lake=lake)
    assert (first.version, first.changed, first.counts["articles"]) == (1, True, 1)
    ingest(lake, "r2", [Look("a", 1, "A")])
    ingest(lake, "r3", [Look("a", 2, fate="unchanged")])
    assert publish(home, lake=lake) == type(first)(1, first.path, False, first.counts)
    ingest(lake, "r4", [Look("b", 3, "B")])
    assert publish(home, lake=lake).version == 2
    assert rows(home, "SELECT last_seen_at FROM articles ORDER BY 1") == [(hour(2),), (hour(3),)]


def test_the_same_failure_again_is_no_news(lake: Lake, home: Path) -> None:
    bad = Look("bad", 0, None), Look("lost", 0, fate="failed")
    ingest(lake, "r1", [Look("a", 0, "A"), *bad])
    assert publish(home, lake=lake).changed
    ingest(lake, "r2", [dataclasses.replace(look, at=1) for look in bad])
    assert not publish(home, lake=lake).changed
    ingest(lake, "r3", [Look("bad", 2, fate="failed"), Look("lost", 2, fate="failed")])
    assert publish(home, lake=lake).changed
    assert rows(home, "SELECT count(*) FROM ledger") == [(7,)]


def test_rebuilt_is_the_same(lake: Lake, home: Path) -> None:
    for number in range(4):
        looks = [Look(f"p{n}", number, f"text {n * (number % 3)}") for n in range(6)]
        ingest(lake, f"r{number}", [*looks, Look("bad", number, None)])
        publish(home, lake=lake)
    grown = tables(home, WHOLE)
    assert publish(home, lake=lake, rebuild=True).changed
    assert tables(home, WHOLE) == grown


def test_rollback(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    publish(home, lake=lake)
    with pytest.raises(PublishError, match="before the current one"):
        rollback(home)
    ingest(lake, "r2", [Look("a", 1, "wrong")])
    publish(home, lake=lake)
    assert rollback(home).version == 1
    assert rows(home, "SELECT text FROM articles") == [("A",)]
    assert not publish(home, lake=lake).changed  # nothing came that was not rolled back
    assert rows(home, "SELECT text FROM articles") == [("A",)]
    assert (rollback_notice(home) or "").startswith("Readers see version 1: they were rolled back")
    ingest(lake, "r3", [Look("a", 2, "right")])
    stays = publish(home, lake=lake)  # also when a schedule runs
    assert (stays.version, stays.changed, stays.rolled_back_from) == (1, False, 2)
    assert rows(home, "SELECT text FROM articles") == [("A",)]
    with pytest.raises(PublishError, match="--resume"):
        publish(home, lake=lake, rebuild=True)
    assert publish(home, lake=lake, resume=True).version == 3
    assert rows(home, "SELECT text FROM articles") == [("right",)]
    assert rollback_notice(home) is None
    with pytest.raises(PublishError, match="there are 1, 2, 3"):
        rollback(home, version=9)


def test_a_rollback_is_ended_where_nothing_came_since(lake: Lake, home: Path) -> None:
    for number in range(2):
        ingest(lake, f"r{number}", [Look(f"p{number}")])
        publish(home, lake=lake)
    assert rollback(home).version == 1
    resumed = publish(home, lake=lake, resume=True)
    assert (resumed.version, resumed.changed) == (2, True)
    assert Serving(home).current() == 2
    assert not publish(home, lake=lake).changed
    rollback(home)
    assert rollback(home, version=2).rolled_back_from is None
    assert rollback_notice(home) is None


def test_a_rollback_of_an_earlier_release_holds(lake: Lake, home: Path) -> None:
    for number in range(2):
        ingest(lake, f"r{number}", [Look(f"p{number}")])
        publish(home, lake=lake)
    rollback(home)
    (home / "serving" / "rolled-back.json").write_text('{"from": 2}')
    assert publish(home, lake=lake).rolled_back_from == 2


def test_old_versions_go_and_the_current_stays(lake: Lake, home: Path) -> None:
    for number in range(3):
        ingest(lake, f"r{number}", [Look(f"p{number}")])
        publish(home, lake=lake, keep=2)
    assert Serving(home).versions() == [2, 3]
    assert not list((home / "serving").glob(".building*"))


def test_readers_keep_their_version(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    publish(home, lake=lake)
    reader = Reader(home)
    assert not reader.refresh()
    old = duckdb.connect(str((home / "serving" / "current.duckdb").resolve()), read_only=True)
    for number in range(2):
        ingest(lake, f"s{number}", [Look(f"p{number}", 1, "B")])
        publish(home, lake=lake, keep=1)
    assert old.execute("SELECT count(*) FROM articles").fetchall() == [(1,)]
    assert reader.connection.execute("SELECT count(*) FROM articles").fetchall() == [(1,)]
    assert reader.refresh()
    assert reader.connection.execute("SELECT count(*) FROM articles").fetchall() == [(3,)]


def test_tables_columns_and_comments(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a")])
    publish(home, lake=lake)
    for table in (*PUBLISHED.values(), *VIEWS.values()):
        columns = rows(
            home,
            f"SELECT column_name, data_type, comment FROM duckdb_columns()"
            f" WHERE table_name = '{table.name}' AND database_name = 'warehouse'",
        )
        assert columns == [(c.name, c.kind.value, c.sentence) for c in table.columns]
    expected = (
        "article_id url source site title standfirst text authors published_at modified_at "
        "language section tags image_url word_count revision content_hash duplicate_of "
        "first_seen_at last_seen_at run_id cleaner_version"
    )
    assert set(expected.split()) <= set(ARTICLES.names)
    assert rows(home, "SELECT comment FROM duckdb_views() WHERE view_name = 'articles'") == [
        (ARTICLES.sentence,)
    ]


def test_nothing_is_published(home: Path) -> None:
    with pytest.raises(PublishError, match="nothing is published"):
        connect(home)
    with pytest.raises(LakeError, match="no lake"):
        publish(home)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a")])
    publish(home, lake=lake)
    ingest(lake, "r2", [Look("b")])
    (home / "serving").chmod(0o555)
    with pytest.raises(PublishError, match="cannot"):
        publish(home, lake=lake)
    (home / "serving").chmod(0o755)
    assert rows(home, "SELECT count(*) FROM articles") == [(1,)]


def test_a_folder_that_cannot_be_made(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a")])
    (home / "serving").write_text("a file")
    with pytest.raises(PublishError, match=r"cannot write to .*/serving: "):
        publish(home, lake=lake)


def test_no_room(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a")])
    publish(home, lake=lake)
    with pytest.raises(PublishError, match="MB are free"):
        Serving(home).require_space(10**18)


def test_another_lake_is_not_mixed_in(lake: Lake, home: Path, tmp_path: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    publish(home, lake=lake)
    other = Lake.open(tmp_path / "other")
    ingest(other, "r1", [Look("b", 0, "B")])
    publish(home, lake=other)
    assert rows(home, "SELECT text FROM articles") == [("B",)]


def publish_without_room(home: Path, room: int, reported: Connection) -> None:
    """Publish where no file may grow beyond ``room`` bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        publish(home)
    except (PublishError, LakeError) as error:
        reported.send(str(error))
    else:
        reported.send("published")


@pytest.mark.slow
@pytest.mark.parametrize("rebuild", [False, True])
def test_a_full_disk_leaves_the_old_version(lake: Lake, home: Path, rebuild: bool) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    publish(home, lake=lake)
    if rebuild:  # without what it holds, a version is built from the lake alone
        (home / "serving" / "warehouse-000001.json").unlink()
    ingest(lake, "r2", [Look("b", 1, "B")])
    here, present = Pipe()
    process = quick_processes().Process(target=publish_without_room, args=(home, 100_000, present))
    process.start()
    message = here.recv()
    process.join()
    assert "cannot publish" in message
    assert "the version before is unchanged" in message
    assert "free some space, then run copydesk publish" in message
    assert rows(home, "SELECT text FROM articles") == [("A",)]
    assert not list((home / "serving").glob(".building*"))
    publish(home, lake=lake)
    assert rows(home, "SELECT count(*) FROM articles") == [(2,)]


def test_an_article_is_gone_from_the_first_answer_until_it_is_back(lake: Lake, home: Path) -> None:
    asked = "SELECT locator, gone_at FROM articles ORDER BY 1"
    looks = [
        [Look("a", 0, "A story."), Look("b", 0, "Another story.")],
        [Look("a", 1, fate="gone"), Look("b", 1, fate="failed")],
        [Look("a", 2, fate="gone")],
        [Look("a", 3, "A story."), Look("b", 3, fate="gone")],
    ]
    gone = [(None, None), (hour(1), None), (hour(1), None), (None, hour(3))]
    for number, (batch, (of_a, of_b)) in enumerate(zip(looks, gone, strict=True)):
        ingest(lake, f"r{number}", batch)
        publish(home, lake=lake)
        assert rows(home, asked) == [("a", of_a), ("b", of_b)]
    assert rows(home, "SELECT gone_at FROM gone") == [(hour(3),)]
    grown = {name: rows(home, sql) for name, sql in WHOLE.items()}
    publish(home, lake=lake, rebuild=True)
    assert {name: rows(home, sql) for name, sql in WHOLE.items()} == grown


def test_the_lake_is_gone(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "A")])
    publish(home, lake=lake)
    shutil.rmtree(home / "lake")
    with pytest.raises(LakeError, match="no lake"):
        publish(home)
    assert not (home / "lake").exists()  # a drive may be mounted there again
    assert rows(home, "SELECT text FROM articles") == [("A",)]


def claims(*texts: str, at: float = 0, address: str = "story") -> list[Look]:
    """Pages that call one address their own."""
    fields = {"canonical_url": f"https://example.org/{address}"}
    return [Look(f"{address}-{n}", at, text, fields=fields) for n, text in enumerate(texts)]


def test_an_address_that_many_texts_claim_names_none_of_them(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", claims("one", "two"))
    publish(home, lake=lake)
    assert rows(home, "SELECT count(*) FROM articles") == [(1,)]  # it may be one that was edited
    third = Look("third", 1, "three", fields={"canonical_url": "https://example.org/story"})
    ingest(lake, "r2", [third, *claims("same", "same", "same", address="copies")])
    publish(home, lake=lake)
    stored_rows = rows(home, "SELECT text, revision FROM articles ORDER BY text")
    assert stored_rows == [("one", 1), ("same", 1), ("three", 1), ("two", 1)]
    assert rows(home, "SELECT count(*) FROM cuts") == [(4,)]
    ingest(lake, "r3", [Look("story-0", 2, "one, edited", fields=third.fields)])
    publish(home, lake=lake)
    assert rows(home, "SELECT text, revision FROM articles WHERE locator = 'story-0'") == [
        ("one, edited", 2)
    ]
    grown = tables(home, WHOLE)
    publish(home, lake=lake, rebuild=True)
    assert tables(home, WHOLE) == grown
    assert examine(home, lake=lake, deep=True) == []


def test_going_back_is_news_though_nothing_is_stored(lake: Lake, home: Path) -> None:
    tagged = {"tags": ["x"]}
    for number, look in enumerate(
        [Look("a", 0, "A"), Look("a", 1, "B"), Look("a", 2, "A"), Look("a", 3, "A", fields=tagged),
         Look("a", 4, "A")]
    ):  # fmt: skip
        ingest(lake, f"r{number}", [look])
        assert publish(home, lake=lake).changed, number
    assert rows(home, "SELECT revision, tags FROM articles") == [(3, None)]
