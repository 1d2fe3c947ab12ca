"""The questions of docs/questions.md, each with an answer that is known of made outlets."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from copydesk.schemas.plain_text import word_count
from copydesk.warehouse import connect
from tests.warehouse.query.made_outlets import FOUND_WORD, OUTLETS, Newsroom, Story, newsroom
from tests.warehouse.sample import hour

PAGE = Path(__file__).parents[3] / "docs" / "questions.md"
STATEMENTS = {
    int(section.partition(".")[0]): section.partition("```sql\n")[2].partition("```")[0]
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
}
STORIES = Newsroom().stories
COPIED = [(story, story.original) for story in STORIES if story.original is not None]
EDITED = [story for story in STORIES if story.edits]
GONE = [(story, story.gone_at) for story in STORIES if story.gone_at is not None]

Rows = list[tuple[Any, ...]]


def by_outlet(stories: Iterable[Story]) -> Counter[str]:
    return Counter(story.outlet for story in stories)


def now(story: Story) -> tuple[str, str]:
    """Title and text as they stand at the end."""
    return story.states[-1][1], story.states[-1][2]


def lags(outlet: str) -> list[float]:
    return [copy.at - first.at for copy, first in COPIED if copy.outlet == outlet]


def monday(story: Story) -> Any:
    day = hour(story.at).replace(tzinfo=None, hour=0)
    return day - timedelta(days=day.weekday())


def spread() -> Rows:
    counts = Counter(first.article_id for _, first in COPIED)
    top = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return [
        (article, count, sorted({"agency.example"} | {
            copy.outlet for copy, first in COPIED if first.article_id == article}))
        for article, count in top
    ]  # fmt: skip


def contexts() -> Rows:
    rows = []
    for story in STORIES:
        words = now(story)[1].split()
        for place, word in enumerate(words):
            if word.strip(".") == FOUND_WORD:
                before, after = words[max(place - 2, 0) : place], words[place + 1 : place + 3]
                rows.append((story.article_id, " ".join(before), FOUND_WORD, " ".join(after)))
    return rows


def together() -> Counter[tuple[str, str]]:
    pairs = (tuple(sorted(story.authors)) for story in STORIES if len(story.authors) == 2)
    return Counter((first, second) for first, second in pairs)


def of_authors() -> Mapping[str, set[str]]:
    outlets: dict[str, set[str]] = {}
    for story in STORIES:
        for author in story.authors:
            outlets.setdefault(author, set()).add(story.outlet)
    return outlets


def counted(counter: Mapping[Any, int]) -> Rows:
    return [(*key, count) if isinstance(key, tuple) else (key, count)
            for key, count in counter.items()]  # fmt: skip


def headlines() -> Rows:
    return [
        (story.article_id, before[1], after[1])
        for story in EDITED
        for before, after in zip(story.states, story.states[1:], strict=False)
        if before[1] != after[1]
    ]


ANSWERS: Mapping[int, Callable[[], Rows]] = {
    1: lambda: [
        (o, n, sum(word_count(now(s)[1]) for s in STORIES if s.outlet == o))
        for o, n in by_outlet(STORIES).items()
    ],
    2: lambda: [(o, OUTLETS[o], n) for o, n in by_outlet(STORIES).items()],
    3: lambda: counted(Counter(hour(s.at).date() for s in STORIES)),
    4: lambda: counted(Counter((c.outlet, o.outlet) for c, o in COPIED)),
    5: lambda: [(o, statistics.median(lags(o))) for o in by_outlet(c for c, _ in COPIED)],
    6: lambda: [(c.article_id, o.article_id) for c, o in COPIED if c.at - o.at <= 6],
    7: spread,
    8: lambda: [(o,) for o in OUTLETS if not lags(o)],
    9: lambda: [(o, len(lags(o)) / n) for o, n in by_outlet(STORIES).items()],
    10: lambda: [("agency.example", len({o.article_id for _, o in COPIED}))],
    11: lambda: [(c.article_id,) for c, o in COPIED if c.title != o.title],
    12: headlines,
    13: lambda: [(s.article_id, hour(at)) for s in EDITED for at, *_, told in s.edits if not told],
    14: lambda: [(o,) for o in OUTLETS if not by_outlet(EDITED)[o]],
    15: lambda: [(s.article_id, s.edits[0][0] - s.at) for s in EDITED],
    16: lambda: [(s.article_id, len(s.edits)) for s in EDITED],
    17: lambda: [(s.article_id, hour(at)) for s, at in GONE],
    18: lambda: [(s.article_id, at - s.at) for s, at in GONE],
    19: lambda: [(a, len(outlets)) for a, outlets in of_authors().items() if len(outlets) > 1],
    20: lambda: counted(together()),
    21: lambda: [(s.article_id,) for s in STORIES if not s.authors],
    22: lambda: counted(Counter((s.outlet, tag) for s in STORIES for tag in s.tags)),
    23: lambda: counted(
        Counter((monday(s), OUTLETS[s.outlet], tag) for s in STORIES for tag in s.tags)
    ),
    24: contexts,
    25: lambda: [
        (o, language, max(len(now(s)[1]) for s in STORIES if s.outlet == o),
         min(word_count(now(s)[1]) for s in STORIES if s.outlet == o))
        for o, language in OUTLETS.items()
    ],
    26: lambda: counted(Counter((s.outlet, kind) for s in STORIES for kind in s.reservations)),
    27: lambda: [
        (s.article_id,) for s in STORIES
        if not s.reservations and s.access in (None, "free") and (s.quality or 0) >= 0.9
    ],
    28: lambda: counted(Counter((s.outlet, s.access) for s in STORIES)),
}  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(newsroom(tmp_path_factory.mktemp("outlets"))) as connection:
        yield connection


def test_every_question_has_an_answer() -> None:
    assert set(STATEMENTS) == set(ANSWERS) == set(range(1, 29))
    assert len(COPIED) >= 4
    assert len(GONE) == 3
    assert len(headlines()) >= 5
    assert contexts()
    assert len(ANSWERS[26]()) == 2
    assert 0 < len(ANSWERS[27]()) < len(STORIES) / 4


@pytest.mark.parametrize("number", sorted(ANSWERS))
def test_answers(published: duckdb.DuckDBPyConnection, number: int) -> None:
    rows = published.execute(STATEMENTS[number]).fetchall()
    answer = ANSWERS[number]()
    assert len(rows) == len(answer)
    for row, known in zip(sorted(rows, key=repr), sorted(answer, key=repr), strict=True):
        for value, truth in zip(row, known, strict=True):
            if isinstance(truth, float):
                assert math.isclose(value, truth), (row, known)
            else:
                assert value == truth, (row, known)
