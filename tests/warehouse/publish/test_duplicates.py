"""Copies in the published tables: found with each run, the same however the runs were dealt."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.schemas import published
from copydesk.tasks.dedup.revision_diff import ChangeKind
from copydesk.tasks.dedup.rules import COPIES, Copies
from copydesk.tasks.dedup.tables import Relation
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.version_copy import copy
from copydesk.warehouse.upkeep.doctor import examine
from copydesk.warehouse.upkeep.erase import forget
from tests.dedup.made import article, plain, text
from tests.warehouse.publish.test_order import PHASES, split
from tests.warehouse.sample import WITHOUT_RUNS, Look, frames, hour, ingest, plan, rows, tables

COMPARED = WITHOUT_RUNS | {
    "duplicate_edges": "FROM duplicate_edges ORDER BY ALL",
    "duplicate_clusters": "FROM duplicate_clusters ORDER BY ALL",
}
NAMED = (
    "SELECT a.locator, o.locator, d.relation, a.duplicate_of IS NOT NULL FROM duplicates d"
    " JOIN articles a USING (article_id) JOIN articles o ON o.article_id = d.duplicate_of"
    " ORDER BY ALL"
)
HISTORY = (
    "SELECT a.locator, h.version, o.locator FROM duplicate_history h"
    " JOIN articles a USING (article_id) LEFT JOIN articles o ON o.article_id = h.duplicate_of"
    " ORDER BY ALL"
)


def look(
    place: str, paragraphs: Sequence[str], *, at: float = 0, day: float | None = None, **more: Any
) -> Look:
    fields = {} if day is None else {"published_at": hour(24 * day)}
    return Look(place, at, text(list(paragraphs)), fields=fields, **more)


def test_vocabularies_are_those_of_the_comparison() -> None:
    assert set(published.RELATIONS) == {relation.value for relation in Relation}
    assert set(published.REVISION_CHANGES) == {kind.value for kind in ChangeKind}


def test_near_copies_name_what_they_repeat(lake: Lake, home: Path) -> None:
    story, other = article(1), article(2)
    looks = [
        look("story", story, day=2),
        look("edited", [*story[1:], other[0]], day=3),
        look("headline", story, day=4, title="Another headline"),
        look("same", story, day=5),
        look("brief", other[:3], day=6),
        look("whole", other, day=7),
        look("part", other[3:5], day=8),
        look("stranger", article(3), day=1),
    ]
    ingest(lake, "r1", looks, batch_size=3)
    publish(home, lake=lake, comparison=COPIES)
    assert rows(home, NAMED) == [
        ("edited", "story", "near", True),
        ("headline", "story", "near", True),
        ("part", "whole", "contained", True),
        ("same", "story", "exact", True),
        ("whole", "brief", "contains", False),
    ]
    assert rows(home, "SELECT copies, near FROM duplicate_clusters") == [(3, 2)]
    (scores,) = rows(
        home, "SELECT jaccard, containment, shared > 9 FROM duplicates WHERE relation = 'contains'"
    )
    assert 0 < scores[0] < scores[1] == 1
    assert scores[2]
    assert examine(home, lake=lake) == []


def test_runs_that_commit_at_once_miss_no_pair(lake: Lake, home: Path) -> None:
    story = article(1)
    ingest(lake, "r0", [look("other", article(5))])
    publish(home, lake=lake, comparison=COPIES)
    for number in range(3):  # none of them saw another's rows
        ingest(lake, f"r{number + 1}", [look(f"p{number}", story[number:], day=number)])
    publish(home, lake=lake, comparison=COPIES)
    assert [row[:2] for row in rows(home, NAMED)] == [("p1", "p0"), ("p2", "p0")]
    assert len(rows(home, "FROM duplicate_edges")) == 6


def test_a_run_that_commits_while_the_version_is_copied_misses_no_pair(
    lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = article(1)
    ingest(lake, "r0", [look("p0", story, day=1)])
    publish(home, lake=lake, comparison=COPIES)
    ingest(lake, "r1", [look("p1", story[1:], day=2)])

    def copied_late(source: Path, target: Path) -> None:
        ingest(lake, "r2", [look("p2", story[:-1], day=3)])
        copy(source, target)

    with monkeypatch.context() as patched:
        patched.setattr("copydesk.warehouse.publish.publish.copy", copied_late)
        publish(home, lake=lake, comparison=COPIES)
    assert [row[:2] for row in rows(home, NAMED)] == [("p1", "p0"), ("p2", "p0")]
    found = tables(home, COMPARED)
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert tables(home, COMPARED) == found


def test_a_late_arrival_takes_over_and_the_history_tells(lake: Lake, home: Path) -> None:
    story = article(1)
    ingest(lake, "r1", [look("b", story[1:], day=5), look("c", story[2:], day=6)])
    publish(home, lake=lake, comparison=COPIES)
    ids = rows(home, "SELECT locator, article_id FROM articles ORDER BY 1")
    ingest(lake, "r2", [look("a", story, at=9, day=1)])
    publish(home, lake=lake, comparison=COPIES)
    assert [row[:2] for row in rows(home, NAMED)] == [("b", "a"), ("c", "a")]
    assert rows(home, "SELECT locator, article_id FROM articles ORDER BY 1")[1:] == ids
    history = [("b", 2, "a"), ("c", 1, "b"), ("c", 2, "a")]
    assert rows(home, HISTORY) == history
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert rows(home, HISTORY) == history
    ingest(lake, "r3", [look("a", article(9), at=10, day=1)])
    publish(home, lake=lake, comparison=COPIES)
    assert rows(home, HISTORY) == [*history[:1], ("b", 4, None), *history[1:], ("c", 4, "b")]
    assert examine(home, lake=lake) == []
    forget(
        home, lake=lake, now=hour(99), article_id=Look("b").article, comparison=COPIES
    )  # what was taken down is not in the history either
    assert rows(home, HISTORY) == [("c", 2, "a"), ("c", 5, None)]
    assert rows(home, NAMED) == []


def test_other_rules_find_all_pairs_anew(lake: Lake, home: Path) -> None:
    story = article(1)
    ingest(
        lake, "r1", [look("a", story, day=1), look("b", [*story[:5], *plain(article(2, 3))], day=2)]
    )
    ingest(lake, "r2", [look("a", [*story, *article(3, 1)], at=1, day=1)])
    publish(home, lake=lake)
    assert rows(home, NAMED) == []
    assert publish(home, lake=lake, comparison=COPIES).changed
    assert rows(home, NAMED) == [("b", "a", "near", True)]
    assert rows(home, "SELECT change FROM revisions ORDER BY ALL") == [
        ("extension",), (None,), (None,),
    ]  # fmt: skip
    assert not publish(home, lake=lake, comparison=COPIES).changed
    strict = Copies(replace(COPIES.rules, jaccard=0.9, containment=2.0))
    assert publish(home, lake=lake, comparison=strict).changed
    assert rows(home, NAMED) == []
    assert rows(home, "FROM duplicate_edges") == []


def test_a_copy_with_another_byline_is_exact(lake: Lake, home: Path) -> None:
    story = article(1)
    looks = [
        look("a", ["By Ann Lee", *story], day=1), look("b", ["By Bo Dahl", *story], day=2),
        look("c", [*story, "(Reuters)"], day=3), look("d", ["No ferry today", *story], day=4),
    ]  # fmt: skip
    for number, item in enumerate(looks):
        ingest(lake, f"r{number}", [item])
        publish(home, lake=lake, comparison=COPIES)
    relations = "SELECT locator, relation, jaccard FROM duplicates JOIN articles USING (article_id)"
    grown = rows(home, relations + " ORDER BY 1")
    assert [row[:2] for row in grown] == [("b", "exact"), ("c", "exact"), ("d", "near")]
    assert {row[2] for row in grown[:2]} == {1.0}
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert rows(home, relations + " ORDER BY 1") == grown


def test_copies_are_found_across_cleaner_versions(lake: Lake, home: Path) -> None:
    story, foreign = article(1), article(9)[:2]
    old = [
        look(
            "a", [*story, *foreign], day=1, cleaner="2", bytes_=b"a"
        ),  # the old cleaner left more in
        look("e", article(2), day=1, cleaner="2"),
    ]
    ingest(lake, "r1", old)
    publish(home, lake=lake, comparison=COPIES)
    new = [
        look("b", story, at=1, day=2, cleaner="3", source="other"),
        look("f", article(2), at=1, day=2, cleaner="3.1", source="other"),
    ]
    ingest(lake, "r2", new)
    publish(home, lake=lake, comparison=COPIES)
    assert [row[:3] for row in rows(home, NAMED)] == [("b", "a", "near"), ("f", "e", "exact")]
    ingest(
        lake, "r3", [look("a", story, day=1, cleaner="3", bytes_=b"a")]
    )  # read again by the new one
    publish(home, lake=lake, comparison=COPIES)
    assert [row[:3] for row in rows(home, NAMED)] == [("b", "a", "exact"), ("f", "e", "exact")]
    assert rows(home, "SELECT count(*) FROM revisions") == [(4,)]
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert [row[:3] for row in rows(home, NAMED)] == [("b", "a", "exact"), ("f", "e", "exact")]


def test_a_phrase_counts_until_many_have_it(lake: Lake, home: Path) -> None:
    small = Copies(replace(COPIES.rules, frequent=4))
    phrase = article(99, 4)
    looks = [
        look(f"p{number}", [*plain(article(number, 2)), *phrase], day=number) for number in range(6)
    ]
    for number, item in enumerate(looks):
        ingest(lake, f"r{number}", [item])
        publish(home, lake=lake, comparison=small)
        names = len(rows(home, NAMED))
        assert names == (number if number < 4 else 0)
    grown = tables(home, COMPARED)
    publish(home, lake=lake, comparison=small, rebuild=True)
    assert tables(home, COMPARED) == grown


def test_a_text_that_two_runs_signed_makes_no_phrase_frequent_twice(lake: Lake, home: Path) -> None:
    small = Copies(replace(COPIES.rules, frequent=4))
    phrase, story = article(99, 4), article(50)
    looks = [look(f"p{number}", [*article(number, 2), *phrase], day=number) for number in range(3)]
    ingest(lake, "r1", [*looks[:2], look("a", [*story, *phrase]), look("b", [*story[1:], *phrase])])
    publish(home, lake=lake, comparison=small)
    shared = "SELECT shared FROM duplicates JOIN articles USING (article_id) WHERE locator = 'b'"
    before = rows(home, shared)
    for run in ("r2", "r3"):  # neither sees the other's signatures
        lake.begin(plan(run))
        lake.run(run).stage(0, frames(run, 0, [looks[2]]))
    for run in ("r2", "r3"):
        lake.run(run).seal()
    collected = []
    for run in ("r2", "r3"):
        lake.run(run).commit()
        publish(home, lake=lake, comparison=small)
        collected.append(rows(home, shared))
    assert collected[0] == collected[1] < before
    grown = tables(home, COMPARED)
    publish(home, lake=lake, comparison=small, rebuild=True)
    assert tables(home, COMPARED) == grown


@pytest.mark.parametrize("damage", [b"", b"ARROW1 and no more", None])
def test_what_is_looked_up_is_made_again_where_it_is_lost(
    lake: Lake, home: Path, damage: bytes | None
) -> None:
    ingest(lake, "r1", [look("a", article(1), day=1)])
    publish(home, lake=lake, comparison=COPIES)
    for path in list((home / "serving" / "signed").glob("*/*.arrow")):
        path.unlink()
        if damage is not None:
            path.write_bytes(damage)
    ingest(lake, "r2", [look("b", article(1)[1:], day=2)])
    publish(home, lake=lake, comparison=COPIES)
    assert rows(home, NAMED) == [("b", "a", "near", True)]
    assert len(list((home / "serving" / "signed").glob("*/*.arrow"))) == 2


def test_what_revisions_changed(lake: Lake, home: Path) -> None:
    story = article(1)
    states: list[tuple[str, list[str]]] = [
        ("A title", story),
        ("Another title", story),
        ("Another title", [*story, *article(2, 2)]),
        ("Another title", [story[0].upper(), *story[1:], *article(2, 2)]),
        ("Another title", article(3)),
        ("Another title", [*story, *article(2, 2)]),
    ]
    for number, (title, paragraphs) in enumerate(states):
        ingest(lake, f"r{number}", [look("a", paragraphs, at=number, title=title)])
        publish(home, lake=lake, comparison=COPIES)
    history = rows(home, "SELECT change, round(share_changed, 2) FROM revisions ORDER BY revision")
    assert [kind for kind, _ in history] == [
        None, "headline", "extension", "formatting", "rewrite", "reverted",
    ]  # fmt: skip
    assert [share for _, share in history][:4] == [None, 0.0, 0.11, 0.0]
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert rows(
        home, "SELECT change, round(share_changed, 2) FROM revisions ORDER BY revision"
    ) == history  # fmt: skip


BASES: Mapping[str, list[str]] = {name: article(seed) for seed, name in enumerate("xyz")}
TEXTS = {
    "x": BASES["x"],
    "x, edited": [*BASES["x"][1:], *BASES["y"][:1]],
    "x, again edited": [*BASES["x"][:5], *BASES["z"][:1]],
    "part of x": BASES["x"][:3],
    "y": BASES["y"],
    "y, edited": BASES["y"][1:],
    "both": [*BASES["x"], *BASES["y"]],
}
sightings = st.builds(
    look,
    st.sampled_from("abcde"),
    st.sampled_from(list(TEXTS.values())),
    at=st.integers(0, 5),
    day=st.none() | st.integers(1, 3),
    title=st.sampled_from(["A title", "Another"]),
)
histories = st.lists(
    sightings, min_size=2, max_size=10, unique_by=lambda look: (look.place, look.at)
)


def check(history: list[Look], dice: random.Random, splits: int) -> None:
    observed = []
    for number in range(splits):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            lake = Lake.open(home / "lake")
            for run, items in enumerate(split(history, dice)):
                ingest(lake, f"r{run}", items, batch_size=2)
                if number or dice.random() < 0.5:
                    publish(home, lake=lake, comparison=COPIES)
            publish(home, lake=lake, comparison=COPIES, rebuild=not number)
            assert examine(home, lake=lake) == []
            observed.append(tables(home, COMPARED))
    for other in observed[1:]:
        for name in COMPARED:
            assert other[name] == observed[0][name], name


@settings(max_examples=2, phases=PHASES, suppress_health_check=list(HealthCheck), derandomize=True)
@given(histories, st.randoms(use_true_random=False))
def test_any_split_in_any_order_names_the_same(history: list[Look], dice: random.Random) -> None:
    check(history, dice, 2)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=40, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(histories, st.randoms(use_true_random=False))
def test_any_split_of_many_histories(history: list[Look], dice: random.Random) -> None:
    check(history, dice, 3)
