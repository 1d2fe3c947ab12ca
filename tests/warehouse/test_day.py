"""A day of real life: a feed asked every hour, copies elsewhere, and a backfill in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.doctor import examine
from tests.dedup.made import article, text
from tests.warehouse.publish.test_duplicates import COMPARED, NAMED
from tests.warehouse.sample import Look, hour, ingest, rows, tables

STORY, CRANE, FERRY = article(1), article(2), article(3)
CORRECTED = [STORY[0].replace("Mibelo", "Mibeli"), *STORY[1:]]
LONGER = [*CORRECTED, *article(4, 3)]


def harbour(at: int) -> list[Look]:
    """What the feed of the harbour's paper shows in an hour: three stories, the newest first."""
    story = STORY if at < 5 else CORRECTED if at < 9 else LONGER if at != 15 else CORRECTED
    title = "Harbour stays open" if at < 12 else "Harbour stays open all winter"
    output = [paper("story", story, at, title, published=0)]
    if at >= 3:
        output.append(paper("crane", CRANE, at, "The crane stays", published=3))
    if at >= 23:
        output.append(paper("ferry", FERRY, at, "More ferries", published=23))
    return output


def paper(place: str, paragraphs: list[str], at: int, title: str, *, published: float) -> Look:
    fields = {"published_at": hour(published), "site": "Harbour Paper"}
    return Look(f"harbour/{place}", at, text(paragraphs), title, "harbour", fields=fields)


def copy(source: str, place: str, paragraphs: list[str], at: int, published: float) -> Look:
    fields = {"published_at": hour(published), "site": source}
    title = f"{source} says: {place}"
    return Look(f"{source}/{place}", at, text(paragraphs), title, source, fields=fields)


COPIED = {
    4: [copy("coast", "harbour", STORY[1:], 4, 4)],  # without its first paragraph
    7: [copy("inland", "harbour", [*CORRECTED, *article(5, 1)], 7, 6)],  # with a note of its own
    13: [copy("valley", "briefly", CRANE[:3], 13, 13), copy("valley", "other", article(6), 13, 12)],
}
BACKFILL = [
    copy("agency", "ferries", FERRY, 18, -30),  # it had told of them the day before
    copy("agency", "winter", STORY, 18, -2),  # and was the first with the story
]


@pytest.mark.slow
def test_the_tables_tell_the_story(lake: Lake, home: Path) -> None:
    for at in range(24):
        ingest(lake, f"poll-{at:02}", harbour(at))
        for number, look in enumerate(COPIED.get(at, [])):
            ingest(lake, f"{look.source}-{at:02}-{number}", [look])
        if at == 18:
            ingest(lake, "backfill", BACKFILL)
        if at % 6 == 5:
            publish(home, lake=lake, comparison=COPIES)
    history = rows(
        home,
        "SELECT locator, revision, valid_from, change, reverted FROM revisions"
        " WHERE source = 'harbour' ORDER BY ALL",
    )
    assert history == [
        ("harbour/crane", 1, hour(3), None, False),
        ("harbour/ferry", 1, hour(23), None, False),
        ("harbour/story", 1, hour(0), None, False),
        ("harbour/story", 2, hour(5), "correction", False),
        ("harbour/story", 3, hour(9), "extension", False),
        ("harbour/story", 4, hour(12), "headline", False),
        ("harbour/story", 5, hour(15), "cut", False),
        ("harbour/story", 6, hour(16), "reverted", True),
    ]
    observed = rows(home, "SELECT locator, first_seen_at, last_seen_at FROM articles ORDER BY 1")
    assert ("harbour/story", hour(0), hour(23)) in observed
    assert ("coast/harbour", hour(4), hour(4)) in observed
    assert rows(home, NAMED) == [
        ("coast/harbour", "agency/winter", "near", True),
        ("harbour/ferry", "agency/ferries", "near", True),
        ("harbour/story", "agency/winter", "near", True),
        ("inland/harbour", "agency/winter", "near", True),
        ("valley/briefly", "harbour/crane", "contained", True),
    ]
    before = rows(
        home,
        "SELECT a.locator, o.locator FROM duplicate_history h"
        " JOIN articles a USING (article_id) JOIN articles o ON o.article_id = h.duplicate_of"
        " WHERE o.locator = 'harbour/story' ORDER BY ALL",
    )
    assert before == [("coast/harbour", "harbour/story"), ("inland/harbour", "harbour/story")]
    clusters = rows(home, "SELECT a.locator, c.copies, c.near, c.sources FROM duplicate_clusters c"
                    " JOIN articles a USING (article_id) ORDER BY ALL")  # fmt: skip
    assert clusters == [
        ("agency/ferries", 1, 1, ["agency", "harbour"]),
        ("agency/winter", 3, 3, ["agency", "coast", "harbour", "inland"]),
    ]
    assert rows(home, "SELECT count(*) FROM ledger") == [(24 + 21 + 1 + 4 + 2,)]
    assert rows(home, "SELECT fate, count(*) FROM ledger GROUP BY 1 ORDER BY 1") == [
        ("new", 9), ("revised", 5), ("unchanged", 38),
    ]  # fmt: skip
    assert examine(home, lake=lake) == []
    grown = tables(home, COMPARED)
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert tables(home, COMPARED) == grown
