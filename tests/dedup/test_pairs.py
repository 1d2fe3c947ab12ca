from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.tasks.dedup.pairs import RULES, PairRules, PairSet, database, find_edges, settle
from copydesk.tasks.dedup.tables import EDGES, SHINGLES, SIGNATURES
from tests.dedup.made import article, content_hash, plain, rows, sentence, text
from tests.dedup.made_forms import FORMS, Filler, filled

Relations = dict[tuple[int, int], str]


def relations(edges: pa.Table) -> Relations:
    """Give the relation of each pair of numbered contents."""
    return {
        (int(row["content_hash_a"][16:], 16), int(row["content_hash_b"][16:], 16)): row["relation"]
        for row in edges.to_pylist()
    }


def compare(texts: dict[int, str], rules: PairRules = RULES) -> Relations:
    return relations(find_edges(rows(texts), rules=rules).edges)


def test_an_edited_copy_is_near() -> None:
    base = article(1)
    edited = [sentence(random.Random(9)), *base[:3], base[3].replace(" ba", " bo"), *base[4:]]
    assert compare({1: text(base), 2: text(edited), 3: text(article(2))}) == {
        (1, 2): "near",
        (2, 1): "near",
    }


def test_a_part_is_contained() -> None:
    base = article(1, 16)
    assert compare({1: text(base), 2: text(base[:5])}) == {(1, 2): "contains", (2, 1): "contained"}


def test_one_template_with_other_facts_is_no_copy() -> None:
    def report(numbers: list[int], city: str) -> str:
        return (
            f"The forecast for the city of {city} is for heavy rain with a high of {numbers[0]} "
            f"degrees and a low of {numbers[1]} degrees while winds from the north will reach "
            f"{numbers[2]} kilometres an hour in the afternoon and the chance of rain is put at "
            f"{numbers[3]} per cent. Drivers in {city} should take care on higher ground and check "
            "the conditions before they leave home in the morning. "
            "The outlook for the rest of the week remains mild with some sun in the west."
        )

    texts = {1: report([21, 12, 37, 50], "Oslo"), 2: report([9, 4, 19, 80], "Cork")}
    assert compare(texts) == {}
    assert compare(texts | {3: texts[1] + " We update this page every hour of the day."}) == {
        (1, 3): "near",
        (3, 1): "near",
    }


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_reports_that_fill_one_form_are_no_copies(form: Callable[[Filler], str]) -> None:
    reports = filled(form, 20)
    pairs = compare(dict(enumerate(reports, 1)))
    assert len(pairs) <= 2 * 2  # of 190 pairs: what is drawn may agree by chance
    copy = reports[0].replace("\n\n", "\n\nThe notice was sent to us by readers.\n\n", 1)
    parts = reports[1].split("\n\n")
    cut = "\n\n".join(parts[:-1]) if len(parts) > 3 else reports[1]
    copies = compare({1: reports[0], 2: copy, 3: reports[1], 4: cut + " "})
    assert {(1, 2), (3, 4)} <= set(copies)
    assert not {(1, 3), (2, 3), (2, 4)} & set(copies)


def test_copies_in_scripts_without_spaces() -> None:
    rng = random.Random(3)
    first, last = 0x4E00, 0x6000
    base = ["".join(chr(rng.randrange(first, last)) for _ in range(80)) + "。" for _ in range(8)]
    edited = [base[7], *base[:6]]
    assert set(compare({1: text(base), 2: text(edited)})) == {(1, 2), (2, 1)}


def test_short_texts_are_no_near_copies() -> None:
    line = "Nineteen words are too few to tell whether a text is the copy of another one or so"
    assert compare({1: line, 2: line + "."}) == {}


def test_scores_say_what_is_shared() -> None:
    base = article(1)
    row = find_edges(rows({1: text(base), 2: text(base[:6])})).edges.to_pylist()[0]
    assert 0.6 < row["jaccard"] < 0.9
    assert row["containment"] == row["numbers"] == row["names"] == 1.0
    assert row["shared"] > 20


def test_a_content_that_is_there_twice_counts_once() -> None:
    base = article(1)
    old = rows({1: text(base), 2: text(base[1:]), 3: text(article(2))})
    twice = pa.concat_tables([old[0], old[0]]), pa.concat_tables([old[1], old[1]])
    new = rows({2: text(base[1:])})
    pairs = find_edges(new, twice)
    assert pairs.edges.equals(find_edges(new, old).edges)
    assert set(relations(pairs.edges)) == {(1, 2), (2, 1)}
    assert pairs.edges.schema == EDGES


def test_nothing_against_nothing() -> None:
    empty = SIGNATURES.empty_table(), SHINGLES.empty_table()
    assert find_edges(empty).edges.equals(EDGES.empty_table())


def test_a_phrase_that_everybody_prints_does_not_count() -> None:
    notice = article(50, 4)
    texts = {number: text(plain(article(number, 3)) + notice) for number in range(1, 7)}
    assert len(compare(texts)) == 30
    assert compare(texts, replace(RULES, frequent=5)) == {}
    assert len(compare(texts, replace(RULES, frequent=6))) == 30


def corpus() -> dict[int, str]:
    """Give texts with near copies, parts, a phrase in many of them, and strangers."""
    rng = random.Random(11)
    texts: list[list[str]] = []
    notice = article(99, 4)
    for seed in range(4):
        base = article(seed, 7)
        texts += [base, base[1:], [*base[:5], sentence(rng)], base[:3]]
    texts += [plain(article(seed, 3)) + notice for seed in range(20, 26)]
    return {number: text(paragraphs) for number, paragraphs in enumerate(texts)}


TEXTS = corpus()
FEW = replace(RULES, frequent=4)
EVERYTHING = rows(TEXTS)
EXPECTED = find_edges(EVERYTHING, rules=FEW).edges


def test_the_corpus_has_something_to_find() -> None:
    assert len(EXPECTED) > 20
    assert {"near", "contains", "contained"} == set(EXPECTED["relation"].to_pylist())
    # The phrase is frequent in the end, but not in the beginning.
    assert len(find_edges(EVERYTHING).edges) > len(EXPECTED)


@settings(deadline=None, max_examples=6)
@given(
    order=st.permutations(sorted(TEXTS)),
    cuts=st.sets(st.integers(1, len(TEXTS) - 1), max_size=2),
    parts=st.integers(1, 3),
)
def test_any_split_into_runs_in_any_order_gives_the_same(
    order: list[int], cuts: set[int], parts: int
) -> None:
    stored = (SIGNATURES.empty_table(), SHINGLES.empty_table())
    edges = EDGES.empty_table()
    for first, last in pairwise([0, *sorted(cuts), len(order)]):
        new = rows({number: TEXTS[number] for number in order[first:last]})
        pairs = find_edges(new, stored, rules=FEW, parts=parts)
        edges = pa.concat_tables([settled(edges, pairs, stored), pairs.edges])
        stored = pa.concat_tables([stored[0], new[0]]), pa.concat_tables([stored[1], new[1]])
    in_order = [("content_hash_a", "ascending"), ("content_hash_b", "ascending")]
    assert edges.sort_by(in_order).equals(EXPECTED)


def settled(edges: pa.Table, result: PairSet, known: tuple[pa.Table, pa.Table]) -> pa.Table:
    """Weigh the edges again without the phrases that have just become frequent."""
    with database() as connection:
        connection.register("signatures", known[0])
        return settle(connection, edges, result.crowded, rules=FEW)


def test_a_content_hash_is_its_own() -> None:
    assert len({content_hash(number)[:16] for number in range(1000)}) == 1000
