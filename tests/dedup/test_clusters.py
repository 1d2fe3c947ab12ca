from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.tasks.dedup.clusters import ARTICLES, duplicates
from copydesk.tasks.dedup.tables import DUPLICATES, EDGES

Row = tuple[str, str, int | None, int]  # article, content, days of publication and first sight
Pair = tuple[str, str, str, float]  # contents a and b, relation of a to b, score

BACK = {"near": "near", "contained": "contains", "contains": "contained"}


def day(number: int | None) -> datetime | None:
    return None if number is None else datetime(2026, 11, number, tzinfo=UTC)


def assign(articles: list[Row], pairs: list[Pair]) -> dict[str, tuple[str, str]]:
    """Give what each article repeats, and how."""
    result = duplicates(articles_of(articles), edges_of(pairs)).to_pylist()
    return {row["article_id"]: (row["duplicate_of"], row["relation"]) for row in result}


def articles_of(articles: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "article_id": name,
                "content_hash": content,
                "published_at": day(published),
                "first_seen_at": day(observed),
            }
            for name, content, published, observed in articles
        ],
        schema=ARTICLES,
    )


def edges_of(pairs: list[Pair]) -> pa.Table:
    rows = []
    for a, b, relation, score in pairs:
        scores = dict.fromkeys(("jaccard", "containment", "numbers", "names"), score)
        for earlier, other, name in ((a, b, relation), (b, a, BACK[relation])):
            ends = {"content_hash_a": earlier, "content_hash_b": other, "relation": name}
            rows.append(ends | {"shared": 9} | scores)
    return pa.Table.from_pylist(rows, schema=EDGES)


def test_the_first_published_is_repeated_not_the_first_seen() -> None:
    articles: list[Row] = [("a", "A", 5, 5), ("b", "B", 2, 9), ("c", "C", None, 1)]
    pairs: list[Pair] = [("A", "B", "near", 0.9), ("A", "C", "near", 0.9), ("B", "C", "near", 0.9)]
    assert assign(articles, pairs) == {"a": ("b", "near"), "c": ("b", "near")}


def test_among_equals_the_first_seen_then_the_name() -> None:
    pairs: list[Pair] = [("A", "B", "near", 0.9)]
    assert assign([("a", "A", None, 3), ("b", "B", None, 2)], pairs) == {"a": ("b", "near")}
    assert assign([("a", "A", 1, 2), ("b", "B", 1, 2)], pairs) == {"b": ("a", "near")}


def test_equal_contents_are_exact_copies() -> None:
    assert assign([("a", "A", 1, 1), ("b", "A", 2, 2), ("c", "C", 3, 3)], []) == {
        "b": ("a", "exact")
    }
    row = duplicates(articles_of([("a", "A", 1, 1), ("b", "A", 2, 2)]), edges_of([])).to_pylist()[0]
    assert row["jaccard"] is None


def test_an_exact_copy_of_a_near_copy_repeats_the_same() -> None:
    articles: list[Row] = [("a", "A", 1, 1), ("b", "B", 2, 2), ("c", "B", 3, 3)]
    assert assign(articles, [("A", "B", "near", 0.9)]) == {"b": ("a", "near"), "c": ("a", "near")}


def test_copies_of_copies_make_no_chain() -> None:
    articles: list[Row] = [("a", "A", 1, 1), ("b", "B", 2, 2), ("c", "C", 3, 3), ("d", "D", 4, 4)]
    pairs: list[Pair] = [("A", "B", "near", 0.5), ("B", "C", "near", 0.5), ("C", "D", "near", 0.5)]
    assert assign(articles, pairs) == {"b": ("a", "near"), "d": ("c", "near")}


def test_the_nearest_representative_is_named() -> None:
    articles: list[Row] = [("a", "A", 1, 1), ("b", "B", 2, 2), ("c", "C", 3, 3)]
    pairs: list[Pair] = [("A", "C", "near", 0.3), ("B", "C", "near", 0.8)]
    assert assign(articles, pairs) == {"c": ("b", "near")}


def test_containment_is_named_and_merges_nothing() -> None:
    # A digest carries two stories, and each of them has a copy.
    articles: list[Row] = [
        ("digest", "D", 1, 1), ("one", "A", 2, 2), ("two", "B", 3, 3), ("copy", "C", 4, 4),
        ("again", "A", 5, 5),
    ]  # fmt: skip
    pairs: list[Pair] = [
        ("A", "D", "contained", 0.9), ("B", "D", "contained", 0.8), ("A", "C", "near", 0.6),
        ("C", "D", "contained", 0.7),
    ]  # fmt: skip
    assert assign(articles, pairs) == {
        "one": ("digest", "contained"),
        "two": ("digest", "contained"),
        "copy": ("one", "near"),
        "again": ("one", "exact"),
    }


def test_a_copy_of_a_shortened_copy_belongs_to_the_original() -> None:
    articles: list[Row] = [
        ("story", "O", 1, 1), ("short", "S", 2, 2), ("copy", "C", 3, 3), ("again", "S", 4, 4),
        ("more", "D", 5, 5),
    ]  # fmt: skip
    pairs: list[Pair] = [
        ("S", "O", "contained", 0.9), ("C", "S", "near", 0.8), ("C", "O", "contained", 0.7),
        ("D", "C", "near", 0.8), ("D", "S", "near", 0.6),
    ]  # fmt: skip
    assert assign(articles, pairs) == dict.fromkeys(
        ("short", "copy", "again", "more"), ("story", "contained")
    )
    result = duplicates(articles_of(articles), edges_of(pairs)).to_pylist()
    assert {row["article_id"]: row["jaccard"] for row in result} == {
        "short": 0.9, "copy": 0.7, "again": 0.9, "more": None,  # never compared with the whole
    }  # fmt: skip


def test_shortened_again_it_belongs_to_the_original() -> None:
    articles: list[Row] = [("story", "O", 1, 1), ("short", "S", 2, 2), ("flash", "F", 3, 3)]
    pairs: list[Pair] = [("S", "O", "contained", 0.9), ("F", "S", "contained", 0.9)]
    assert assign(articles, pairs) == dict.fromkeys(("short", "flash"), ("story", "contained"))


def test_what_came_first_is_contained_in_what_came_later() -> None:
    assert assign([("flash", "A", 1, 1), ("story", "B", 2, 2)], [("A", "B", "contained", 1.0)]) == {
        "story": ("flash", "contains")
    }


def test_a_late_arrival_takes_over() -> None:
    articles: list[Row] = [("b", "B", 2, 2), ("c", "C", 3, 3)]
    pairs: list[Pair] = [("B", "C", "near", 0.9)]
    assert assign(articles, pairs) == {"c": ("b", "near")}
    articles.append(("a", "A", 1, 30))
    pairs += [("A", "B", "near", 0.9), ("A", "C", "near", 0.9)]
    assert assign(articles, pairs) == {"b": ("a", "near"), "c": ("a", "near")}


def test_edges_of_contents_that_no_article_has_now_do_nothing() -> None:
    assert assign([("a", "A", 1, 1)], [("A", "Z", "near", 0.9)]) == {}
    assert duplicates(ARTICLES.empty_table(), EDGES.empty_table()).schema == DUPLICATES


NAMES = "ABCDEFG"
PAIRS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(
        lambda pair: pair[0] < pair[1]
    ),
    st.tuples(st.sampled_from(sorted(BACK)), st.sampled_from([0.2, 0.5, 0.9])),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.none() | st.integers(1, 4), st.integers(1, 4)
    ),
    min_size=1, max_size=10,
)  # fmt: skip


@settings(deadline=None, max_examples=15)
@given(rows=ROWS, pairs=PAIRS, mix=st.randoms(use_true_random=False))
def test_any_order_gives_the_same(
    rows: list[tuple[str, int | None, int]],
    pairs: dict[tuple[str, str], tuple[str, float]],
    mix: Random,
) -> None:
    articles: list[Row] = [
        (f"{number}{content}", content, published, observed)
        for number, (content, published, observed) in enumerate(rows)
    ]
    edges: list[Pair] = [(a, b, relation, score) for (a, b), (relation, score) in pairs.items()]
    expected = assign(articles, edges)
    mix.shuffle(articles)
    mix.shuffle(edges)
    assert assign(articles, edges) == expected
    for name, (other, relation) in expected.items():
        assert name != other
        if other in expected:
            # Only a part or a whole is a representative that repeats another itself.
            assert expected[other][1] in {"contained", "contains"}
        if relation == "near":
            ends = tuple(sorted((name[-1], other[-1])))
            assert pairs[ends[0], ends[1]][0] == "near"
