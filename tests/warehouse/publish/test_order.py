"""However the same sightings come in runs, and in whatever order, the published tables agree."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from copydesk.schemas.ids import content_hash
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import Look, hour, ingest, rows, tables

CANONICAL = {"canonical_url": "https://example.org/shared"}

looks = st.builds(
    Look,
    place=st.sampled_from("abc"),
    at=st.integers(0, 5),
    text=st.sampled_from(["A", "B", "C", None]),
    fields=st.sampled_from([{}, {"tags": ["x"]}, CANONICAL, {"published_at": hour(1)}]),
)
histories = st.lists(looks, min_size=1, max_size=9, unique_by=lambda look: (look.place, look.at))


def split(history: list[Look], dice: random.Random) -> list[list[Look]]:
    """Deal the looks to runs, no item twice in one, and put the runs in any order."""
    runs: list[list[Look]] = []
    for look in dice.sample(history, len(history)):
        free = [run for run in runs if all(look.place != other.place for other in run)]
        if free and dice.random() < 0.6:
            dice.choice(free).append(look)
        else:
            runs.append([look])
    return dice.sample(runs, len(runs))


def revisions(history: Iterable[Look]) -> list[tuple[object, ...]]:
    """Work out the revisions in plain Python: (article, number, text, from, to, reverted)."""
    collected: list[tuple[object, ...]] = []
    read = [look for look in history if look.text is not None]
    shared = [look for look in read if look.fields == CANONICAL]
    latest = {look.place: look.text for look in sorted(shared, key=lambda look: look.at)}
    contested = {shared[0].article} if len(set(latest.values())) == 3 else set()

    def name(look: Look) -> str:
        if look.article not in contested:
            return look.article
        return sha256(f"{look.article}\x1ffile:{look.place}".encode()).hexdigest()[:32]

    by_article = sorted(
        read, key=lambda look: (name(look), look.at, content_hash(look.title, str(look.text)))
    )
    for article, sightings in groupby(by_article, key=name):
        states = [
            (text, next(iter(same)).at)
            for text, same in groupby(sightings, key=lambda look: look.text)
        ]
        for number, (text, start) in enumerate(states):
            end = hour(states[number + 1][1]) if number + 1 < len(states) else None
            reverted = text in [earlier for earlier, _ in states[:number]]
            collected.append((article, number + 1, text, hour(start), end, reverted))
    return collected


def check(history: list[Look], dice: random.Random) -> None:
    observed = []
    for every in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            lake = Lake.open(home / "lake")
            for number, run in enumerate(split(history, dice)):
                ingest(lake, f"r{number}", run, batch_size=2)
                if every:
                    publish(home, lake=lake)
            publish(home, lake=lake, rebuild=not every)
            assert examine(home, lake=lake) == []
            observed.append(tables(home))
    for name in observed[0]:
        assert observed[0][name] == observed[1][name], name
    columns = "article_id, revision, text, valid_from, valid_to, reverted"
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.open(Path(folder) / "lake")
        for number, run in enumerate(split(history, dice)):
            ingest(lake, f"r{number}", run)
        publish(Path(folder), lake=lake)
        stored_rows = rows(
            Path(folder), f"SELECT {columns} FROM revisions ORDER BY article_id, revision"
        )
        assert stored_rows == revisions(history)


# no shrinking: a try costs seconds, and the histories are short as they are
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=2, phases=PHASES, suppress_health_check=list(HealthCheck), derandomize=True)
@given(histories, st.randoms(use_true_random=False))
def test_any_split_in_any_order_gives_the_same_tables(
    history: list[Look], dice: random.Random
) -> None:
    check(history, dice)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=60, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(histories, st.randoms(use_true_random=False))
def test_any_split_of_many_histories(history: list[Look], dice: random.Random) -> None:
    check(history, dice)
