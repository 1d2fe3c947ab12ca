"""The second model of lines: its features, and how its probabilities correct the first model's.

Its features are the first model's probabilities of the line, its neighbours and the whole text.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.text.measures import (
    WINDOWS,
    Floats,
    heaviest,
    near_flags,
    outside,
    shifted_rows,
    window_means,
)
from copydesk.tasks.cleaning.text.topic import TOPIC, NumberedTerms, topic_columns

AROUND = (-3, -2, -1, 1, 2, 3)
"""Offsets of the neighbours whose probabilities are features."""

SHARE = 0.4
"""What the second model's log-odds weigh in the mean of both: alone it is better on other sites of
the sets that it learned from, and worse on sites of another kind."""


def corrected(chance: Floats, second: Floats) -> Floats:
    """Return the mean of both models' log-odds, as probabilities."""
    odds = (1 - SHARE) * _log_odds(chance) + SHARE * _log_odds(second)
    return (1 / (1 + np.exp(-odds))).astype(np.float32)


def second_rows(rows: Floats, words: Floats, chance: Floats, numbered: NumberedTerms) -> Floats:
    """Return the rows with the first model's probabilities of neighbours and whole text added."""
    count = len(chance)
    index = np.arange(count, dtype=np.float32)
    weight = (chance * words).astype(np.float64)
    hoped = max(1e-6, float(weight.sum()))
    sums = np.cumsum(weight)
    odds = _log_odds(chance)
    first, last = heaviest(odds * np.minimum(words, 60) ** 0.5)
    strict_first, strict_last = heaviest((odds - 1.5) * np.minimum(words, 60) ** 0.5)
    likely = chance > 0.5
    since_likely, until_likely, *_ = near_flags(likely[None])[0]
    means = window_means((chance, weight, words), WINDOWS)
    of_chance, of_weight, of_words = means.reshape(3, len(WINDOWS), count)
    parts = [
        chance,
        *shifted_rows(chance[None], [(0, step) for step in AROUND]),
        *of_chance,
        *(of_weight / (of_words + 1e-6)),
        since_likely,
        until_likely,
        (sums - weight) / hoped,
        1 - sums / hoped,
        np.full(count, hoped),
        np.full(count, hoped / float(words.sum())),
        np.full(count, chance.max()),
        outside(index, first, last),
        outside(index, strict_first, strict_last),
        np.full(count, float(weight[first:last].sum()) / hoped),
        *topic_columns(numbered, words, chance),
    ]
    table = np.empty((rows.shape[1] + len(parts), count), np.float32)  # contiguous columns
    table[: rows.shape[1]] = rows.T
    for at, part in enumerate(parts, rows.shape[1]):
        table[at] = part
    return table.T


SECOND = (
    "chance",
    *(f"chance{step:+d}" for step in AROUND),
    *(f"chance_within_{reach}" for reach in WINDOWS),
    *(f"words_within_{reach}" for reach in WINDOWS),
    "since_likely",
    "until_likely",
    "hoped_before",
    "hoped_after",
    "hoped",
    "hoped_share",
    "most",
    "from_run",
    "from_strict_run",
    "run_share",
    *TOPIC,
)
"""The columns that ``second_rows`` adds."""


def _log_odds(chance: Floats) -> NDArray[np.float64]:
    bounded = np.clip(chance, 0.002, 0.998).astype(np.float64)
    odds: NDArray[np.float64] = np.log(bounded / (1 - bounded))
    return odds
