from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.tasks.cleaning.text.features import columns, features
from copydesk.tasks.cleaning.text.line_scores import score_lines
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.measures import (
    address_terms,
    heaviest,
    shifted,
    streak,
    terms,
    windowed,
)
from copydesk.tasks.cleaning.text.second import SECOND, corrected, second_rows
from copydesk.tasks.cleaning.text.topic import number_terms
from copydesk.tasks.cleaning.vocabulary.phrases import shipped

TEXT = """Quay Gazette

Harbour news

Council keeps the old crane

The harbour board met on Tuesday and, after four hours, agreed to keep the old crane.

Ratsherr Ada Roe nannte den Kran „ein Stück der Stadt“.

Leave a Reply"""


def rows_of(text: str, url: str | None = None) -> np.ndarray:
    lines = read_lines(text)
    return features(lines, score_lines(lines, shipped()), url)[0]


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.sampled_from("aÄя国ก ٣3.,!?\n\t|*-:'“€"), min_size=1, max_size=200))
def test_every_line_of_any_text_has_a_finite_row(text: str) -> None:
    lines = read_lines(text)
    if lines:
        rows = rows_of(text, "https://quay.example/a-b")
        assert rows.shape == (len(lines), len(columns()))
        assert np.isfinite(rows).all()
        chance = np.full(len(lines), 0.5, np.float32)
        words = np.array([line.words for line in lines], np.float32)
        second = second_rows(rows, words, chance, number_terms(lines))
        assert second.shape == (len(lines), len(columns()) + len(SECOND))
        assert np.isfinite(second).all()


def test_rows_say_what_stands_in_the_address_and_in_the_text() -> None:
    rows = rows_of(TEXT, "https://quay.example/2026/council-keeps-old-crane.html")
    at = columns()
    assert rows[:, at["words:address_share"]].argmax() == 2
    assert rows[2, at["words:address_share"]] == 1.0
    assert rows[2, at["words:shared_with_text"]] > rows[1, at["words:shared_with_text"]]


def test_without_an_address_its_columns_say_so() -> None:
    rows = rows_of(TEXT)
    assert (rows[:, columns()["words:address_share"]] == -1).all()


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_the_heaviest_run_has_the_largest_sum(worth: list[float]) -> None:
    first, last = heaviest(np.array(worth))
    sums = [sum(worth[i:j]) for i in range(len(worth)) for j in range(i, len(worth) + 1)]
    assert sum(worth[first:last]) == pytest.approx(max(sums))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.integers(1, 12))
def test_windows_are_means_of_neighbours(values: list[float], reach: int) -> None:
    expected = [
        float(np.mean(values[max(0, i - reach) : i + reach + 1])) for i in range(len(values))
    ]
    assert windowed(np.array(values), reach) == pytest.approx(np.array(expected), abs=1e-4)


def test_neighbours_and_streaks() -> None:
    assert shifted(np.array([1.0, 2.0, 3.0]), -1).tolist() == [-1, 1, 2]
    assert shifted(np.array([1.0, 2.0, 3.0]), 5).tolist() == [-1, -1, -1]
    flags = np.array([True, True, False, True, False])
    assert streak(flags).tolist() == [0, 1, 2, 0, 1]


def test_terms_of_any_script() -> None:
    assert terms("The old crane") == {"the", "old", "crane"}
    assert "旧い"[:2] in terms("旧い橋の話")
    assert address_terms("https://quay.example/news/%D0%BA%D1%80%D0%B0%D0%BD-a") == {"news", "кран"}
    assert address_terms("http://[broken") == set()


def test_the_second_model_moves_a_line_in_its_direction_and_never_past_it() -> None:
    first = np.array([0.1, 0.5, 0.9, 0.7, 0.0, 1.0], np.float32)
    second = np.array([0.8, 0.5, 0.2, 0.7, 1.0, 0.0], np.float32)
    chance = corrected(first, second)
    assert (np.minimum(first, second) - 1e-6 <= chance).all()
    assert (chance <= np.maximum(first, second) + 1e-6).all()
    assert np.abs(chance - first)[[0, 2]].min() > 0.1
    assert abs(chance[3] - 0.7) < 1e-6
    assert chance[4] < 0.5 < chance[5]  # where both are sure, the first decides
