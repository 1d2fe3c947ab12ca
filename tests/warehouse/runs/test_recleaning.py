"""Kept bytes read by a newer cleaner: every state shows its text, and nothing is seen again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from copydesk.warehouse.errors import RunHeld
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.runs.models import Committed
from copydesk.warehouse.runs.run import RECLEAN
from copydesk.warehouse.runs.verdict import Verdict
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import WITHOUT_RUNS, Look, frames, hour, ingest, plan, rows, tables

STATES = (
    "SELECT revision, text, cleaner_version, cause, is_current FROM revisions"
    " ORDER BY locator, revision"
)


def reclean(
    lake: Lake, run_id: str, looks: Sequence[Look], *, cleaner: str = "2", started: float = 50
) -> Committed:
    """Read each look again, a batch for each of them."""
    lake.begin(dataclasses.replace(plan(run_id, started=started), flow=RECLEAN))
    for number, look in enumerate(looks):
        read = dataclasses.replace(look, cleaner=cleaner)
        lake.run(run_id).stage(number, frames(run_id, number, [read]))
    lake.run(run_id).seal()
    return lake.run(run_id).commit()


def well(lake: Lake, home: Path) -> None:
    """The lake is as it must be, and a version brought up is one that is built anew."""
    assert examine(home, lake=lake, deep=True) == []
    brought_up = tables(home)
    publish(home, lake=lake, rebuild=True)
    assert tables(home) == brought_up


def test_every_state_shows_the_newest_text(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "one Share", bytes_=b"A"), Look("b", 0, "same", bytes_=b"B")])
    ingest(lake, "r2", [Look("a", 1, "two Share", bytes_=b"AA"), Look("b", 1, fate="unchanged")])
    publish(home, lake=lake)
    before = rows(home, "SELECT article_id, revision, valid_from, valid_to FROM revisions")
    sightings = rows(home, "FROM sightings ORDER BY ALL")
    completed = reclean(
        lake,
        "r3",
        [
            Look("a", 0, "one", bytes_=b"A"),
            Look("b", 0, "same", bytes_=b"B"),
            Look("a", 1, "two", bytes_=b"AA"),
        ],
    )
    assert completed.fates == {"recleaned": 2, "unchanged": 1}
    assert publish(home, lake=lake).changed
    after = rows(home, "SELECT article_id, revision, valid_from, valid_to FROM revisions")
    assert sorted(after) == sorted(before)
    assert rows(home, "FROM sightings ORDER BY ALL") == sightings
    assert sorted(rows(home, "SELECT revision, text, cleaner_version FROM revisions")) == [
        (1, "one", "2"),
        (1, "same", "2"),
        (2, "two", "2"),
    ]
    well(lake, home)


def test_a_reject_becomes_an_article_and_an_article_a_reject(lake: Lake, home: Path) -> None:
    ingest(
        lake,
        "r1",
        [
            Look("now", 0, None, bytes_=b"N"),
            Look("gone", 0, "was one", bytes_=b"G"),
            Look("stays", 0, "here", bytes_=b"S"),
        ],
    )
    ingest(lake, "r2", [Look("now", 1, fate="unchanged"), Look("gone", 1, fate="unchanged")])
    publish(home, lake=lake)
    read = [Look("now", 0, "found", bytes_=b"N"), Look("gone", 0, None, bytes_=b"G")]
    assert reclean(lake, "r3", read).fates == {"new": 1, "rejected": 1}
    publish(home, lake=lake)
    assert sorted(rows(home, "SELECT text FROM articles")) == [("found",), ("here",)]
    assert rows(home, "SELECT times FROM sightings JOIN articles USING (article_id)"
                      " WHERE text = 'found'") == [(2,)]  # fmt: skip
    assert rows(home, "SELECT articles FROM sources") == [(2,)]
    well(lake, home)


def test_bytes_that_are_gone_make_no_revision(lake: Lake, home: Path) -> None:
    """The first sighting cannot be read again; the cleaner that read both found no change."""
    ingest(lake, "r1", [Look("a", 0, "x", bytes_=b"1"), Look("b", 0, "x", bytes_=b"1")])
    ingest(lake, "r2", [Look("a", 1, "x", bytes_=b"2"), Look("b", 1, "y", bytes_=b"2")])
    reclean(lake, "r3", [Look("a", 1, "X", bytes_=b"2"), Look("b", 1, "Y", bytes_=b"2")])
    publish(home, lake=lake)
    stored_rows = rows(home, "SELECT locator, revision, text, valid_from, cause FROM revisions"
                       " ORDER BY locator, revision")  # fmt: skip
    assert stored_rows == [
        ("a", 1, "X", hour(0), "first"),
        ("b", 1, "x", hour(0), "first"),
        ("b", 2, "Y", hour(1), "content"),
    ]
    well(lake, home)


def test_what_changed_with_the_cleaner_is_told_by_reading_the_earlier_bytes(
    lake: Lake, home: Path
) -> None:
    first = [Look("page", 0, "p", bytes_=b"p1"), Look("chrome", 0, "c Share", bytes_=b"c1")]
    ingest(lake, "r1", first)
    later = [Look("page", 1, "p2", bytes_=b"p2"), Look("chrome", 1, "c", bytes_=b"c2")]
    ingest(lake, "r2", [dataclasses.replace(look, cleaner="2") for look in later])
    publish(home, lake=lake)
    causes = "SELECT locator, cause FROM revisions WHERE revision > 1 ORDER BY ALL"
    assert rows(home, causes) == [("chrome", "unknown"), ("page", "unknown")]
    reclean(lake, "r3", [first[0], dataclasses.replace(first[1], text="c")])
    publish(home, lake=lake)
    assert rows(home, causes) == [("page", "content")]
    assert rows(home, "SELECT count(*) FROM articles") == [(2,)]
    well(lake, home)


def test_the_same_bytes_under_a_newer_cleaner_are_no_revision(lake: Lake) -> None:
    ingest(lake, "r1", [Look("a", 0, "one Share", bytes_=b"A")])
    newer = [Look("a", 1, "one", bytes_=b"A", cleaner="2")]
    assert ingest(lake, "r2", newer).fates == {"unchanged": 1}
    reclean(lake, "r3", [Look("a", 1, "one!", bytes_=b"A")], cleaner="3")
    later = [Look("a", 2, "one!", bytes_=b"B", cleaner="3")]
    assert ingest(lake, "r4", later, started=60).fates == {"unchanged": 1}


def test_reading_again_is_no_sighting(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", 0, "in the slice", bytes_=b"A")], slice_key="day", started=1)
    reclean(lake, "r2", [Look("a", 0, "In the slice", bytes_=b"A")])
    ingest(lake, "r3", [Look("b", 0, "instead", bytes_=b"B")], slice_key="day", started=60)
    publish(home, lake=lake)
    assert rows(home, "SELECT text FROM articles") == [("instead",)]
    well(lake, home)


def test_the_order_of_commits_does_not_matter(tmp_path: Path) -> None:
    """A new page, a changed one, a reject and two cleanings, in orders of all kinds."""
    observed = []
    for number, order in enumerate([*permutations(range(4))][::7]):
        home = tmp_path / str(number)
        lake = Lake.open(home / "lake")
        runs = [
            lambda lake=lake: ingest(
                lake, "r1", [Look("a", 0, "x Share", bytes_=b"1"), Look("r", 0, None, bytes_=b"R")]
            ),
            lambda lake=lake: ingest(
                lake, "r2", [Look("a", 1, "y Share", bytes_=b"2"), Look("r", 1, fate="unchanged")]
            ),
            lambda lake=lake: reclean(
                lake, "r3", [Look("a", 0, "x", bytes_=b"1"), Look("r", 0, "read", bytes_=b"R")]
            ),
            lambda lake=lake: reclean(lake, "r4", [Look("a", 1, "Y", bytes_=b"2")], cleaner="10"),
        ]
        for index, item in enumerate(order):
            runs[item]()
            if index % 2:
                publish(home, lake=lake)
        publish(home, lake=lake)
        output = {**WITHOUT_RUNS, "ledger": "SELECT 1"}
        observed.append(tables(home, output))
        if len(observed) > 1:
            assert observed[-1] == observed[0], order
    assert rows(home, STATES) == [
        (1, "x", "2", "first", False),
        (2, "Y", "10", "content", True),
        (1, "read", "2", "first", True),
    ]


def held(run_id: str, *findings: str) -> Verdict:
    return Verdict(run_id, True, findings, datetime(2026, 3, 1, tzinfo=UTC))


def test_a_held_run_waits_and_is_released(lake: Lake, home: Path) -> None:
    lake.begin(plan("r1"))
    lake.run("r1").stage(0, frames("r1", 0, [Look("a", 0, "one")]))
    lake.run("r1").seal()
    lake.run("r1").judge(held("r1", "too many rejects"))
    assert lake.run("r1").judge(held("r1", "judged again")).findings == ("too many rejects",)
    with pytest.raises(RunHeld, match="too many rejects"):
        lake.run("r1").commit()
    (run,) = lake.unfinished()
    assert run.held
    ingest(lake, "r2", [Look("a", 1, "one"), Look("b", 1, "two")], started=1)
    publish(home, lake=lake)
    assert rows(home, "SELECT run_id FROM runs") == [("r2",)]
    assert examine(home, lake=lake) == []
    maintain(lake, now=datetime(2030, 1, 1, tzinfo=UTC))
    assert lake.run("r1").release().fates == {"new": 1}
    assert lake.run("r1").release().already
    publish(home, lake=lake)
    assert rows(home, "SELECT run_id, warnings FROM runs ORDER BY 1") == [
        ("r1", ["too many rejects"]),
        ("r2", None),
    ]
    assert rows(home, "SELECT times FROM sightings ORDER BY times DESC LIMIT 1") == [(2,)]
    assert lake.store.list("_held") == lake.unfinished() == []
    well(lake, home)


def test_a_held_run_is_dropped(lake: Lake, home: Path) -> None:
    lake.begin(plan("r1"))
    lake.run("r1").stage(0, frames("r1", 0, [Look("a", 0, "one")]))
    lake.run("r1").seal()
    lake.run("r1").judge(held("r1", "too many rejects"))
    lake.run("r1").abandon("dropped")
    assert lake.store.list("_held") == lake.store.list("raw") == lake.unfinished() == []
    assert examine(home, lake=lake) == []


def test_a_held_run_that_lost_its_files_is_found(lake: Lake, home: Path) -> None:
    lake.begin(plan("r1"))
    lake.run("r1").stage(0, frames("r1", 0, [Look("a", 0, "one")]))
    sealed = lake.run("r1").seal()
    lake.run("r1").judge(held("r1", "too many rejects"))
    assert examine(home, lake=lake) == []
    lake.store.delete(sealed.files["ledger"])
    (finding,) = examine(home, lake=lake)
    assert (finding.check, finding.mend) == ("sealed-files", "copydesk runs drop r1")
    lake.run("r1").abandon("lost")
    assert examine(home, lake=lake) == []


def test_a_run_keeps_its_profile(lake: Lake) -> None:
    looks = [Look("a", 0, "one two three"), Look("b", 0, None), Look("c", 0, fate="failed")]
    ingest(lake, "r1", looks)
    ingest(lake, "r2", [Look("d", 1, "word " * 30, source="other")], started=1)
    later = lake.begin(plan("r3", started=2))
    ((started, profile),) = later.past_profiles("wire", limit=5)
    assert started == hour(0)
    assert (profile.items, profile.answered, profile.articles, profile.rejected) == (3, 2, 1, 1)
    assert (profile.short, profile.words, profile.languages) == (1, 3, {"": 1})
    assert later.past_profiles("wir", limit=5) == []
