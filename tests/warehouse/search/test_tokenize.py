"""Texts cut by their bytes are cut as the macro cuts them, which cuts queries."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.warehouse.search import index, tokenize
from copydesk.warehouse.search.tokenize import cut

ALPHABET = (
    st.characters(codec="utf-8"),
    st.sampled_from(
        "aZß9 .-\n\0é\u0301\u0489\ufe0f\u0ba3\u0bbeк中文字ひがカー한국ไทย་༎\U00020000\U0001f600"
    ),
)
"""Anything, and often what is treated apart: marks, Tamil vowel signs, scripts without spaces."""


@given(texts=st.lists(st.text(st.one_of(*ALPHABET)), min_size=1, max_size=4))
def test_words_are_those_of_the_macro(macros: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    requested = [
        macros.execute("SELECT search_plain(?), search_words(?)", [text, text]).fetchall()[0]
        for text in texts
    ]
    lengths = [len(plain.encode()) + 1 for plain, _ in requested]
    octets = "".join(f"{plain}\n" for plain, _ in requested).encode()
    starts, codes, words = cut(macros, np.frombuffer(octets, dtype=np.uint8))
    ends = np.searchsorted(starts, np.cumsum([0, *lengths]))
    collected = [words.take(codes[first:end]).to_pylist() for first, end in pairwise(ends)]
    assert collected == [expected for _, expected in requested]


built = pytest.mark.skipif(tokenize.native is None, reason="the loops were not compiled here")


@built
@given(text=st.lists(st.text(st.one_of(*ALPHABET)), max_size=6).map(" ".join))
def test_compiled_loops_cut_as_numpy_does(macros: duckdb.DuckDBPyConnection, text: str) -> None:
    octets = np.frombuffer(f"{text}\n".encode(), dtype=np.uint8)
    starts, codes, words = cut(macros, octets)
    expected = tokenize._cut_by_numpy(macros, octets)
    assert starts.tolist() == expected[0].tolist()
    assert words.take(codes).to_pylist() == expected[2].take(expected[1]).to_pylist()


@built
@given(
    lengths=st.lists(st.tuples(*3 * [st.integers(0, 5)]), min_size=1, max_size=5),
    terms=st.lists(st.integers(1, 70_000), min_size=1, max_size=12),
    seed=st.integers(0, 2**32 - 1),
)
def test_compiled_loops_make_the_postings_of_numpy(
    lengths: list[tuple[int, int, int]], terms: list[int], seed: int
) -> None:
    until = np.cumsum(lengths).reshape(-1, 3).T.copy()
    codes = np.random.default_rng(seed).integers(0, len(terms), until[-1, -1]).astype(np.int32)
    numbers = np.array(terms, dtype=np.int32)  # words may share a term
    made = index._postings_compiled(numbers, codes, until)
    expected = index._postings(numbers, codes, until)
    assert made.keys() == expected.keys()
    for name, column in made.items():
        assert column.tolist() == expected[name].tolist(), name


def test_letters_that_are_left_as_they_are_are_composed(
    macros: duckdb.DuckDBPyConnection,
) -> None:
    letters = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
    texts = [*letters, *(unicodedata.normalize("NFD", letter) for letter in letters)]
    ((changed,),) = macros.execute(
        "SELECT list(text) FROM (SELECT unnest(?) AS text)"
        " WHERE search_nfc(text) <> nfc_normalize(text)",
        [texts],
    ).fetchall()
    assert changed is None
