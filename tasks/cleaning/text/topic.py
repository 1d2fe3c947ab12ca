"""Measure how many of a line's words the article's other lines have, by all lines' probabilities.

A comment, a teaser or an appeal shares fewer rare words with the article than the article's own
paragraphs do, in any language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.line_loops import native_columns, native_lines
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import (
    Bools,
    Floats,
    all_terms,
    terms,
    window_means,
)

LONGEST_READ = 3_000
"""Maximum letters of a line whose terms are read, enough to tell its topic."""

_GRID = 1 << 12
"""Weights are multiples of 1 / 4,096, so that their sums are exact in any order of the terms."""

_REACHES = (2, 5)  # lines on both sides

TOPIC = ("topic", "topic_more", "topic_near_2", "topic_near_5", "topic_inside")
"""The columns of ``topic_columns``."""


@dataclass(frozen=True, slots=True)
class NumberedTerms:
    """The distinct terms of all lines: ``line[k]`` has the term with the number ``term[k]``.

    A line has the terms of its key, or of its text if that is too long for a key. ``numbers`` maps
    each term to its number.
    """

    term: NDArray[np.int64]
    line: NDArray[np.int64]
    numbers: dict[str, int]

    def flagged(self, text: str) -> Bools:
        """Return a mask of the terms in a text, by number."""
        if native_lines is None:
            return self.flagged_terms(terms(text))
        flags = np.zeros(len(self.numbers), np.uint8)
        native_lines.mark_terms(text.lower(), self.numbers, flags)
        return flags.view(np.bool_)

    def flagged_terms(self, words: set[str]) -> Bools:
        """Return a mask of the terms among some words, by number."""
        flags = np.zeros(len(self.numbers), np.bool_)
        flags[[number for word in words if (number := self.numbers.get(word)) is not None]] = True
        return flags


def number_terms(lines: Sequence[Line]) -> NumberedTerms:
    """Number the terms of all lines."""
    texts = [line.key or line.text[:LONGEST_READ].lower() for line in lines]
    numbers: dict[str, int] = {}
    if native_lines is None:
        term, line = _numbered(texts, numbers)
    else:
        bound = sum(map(len, texts)) * 4 // 3 + 1  # each letter in a pair, each third in a word
        term, line = np.empty(bound, np.int64), np.empty(bound, np.int64)
        count = native_lines.number_terms(texts, numbers, term, line)
        term, line = term[:count], line[:count]
    return NumberedTerms(term, line, numbers)


def _numbered(
    texts: Sequence[str], numbers: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    term: list[int] = []
    counts: list[int] = []
    for text in texts:
        words = dict.fromkeys(all_terms(text))
        term += [numbers.setdefault(word, len(numbers)) for word in words]
        counts.append(len(words))
    return np.array(term, np.int64), np.repeat(np.arange(len(texts)), counts)


def topic_columns(numbered: NumberedTerms, words: Floats, chance: Floats) -> list[Floats]:
    """Return the columns ``TOPIC``, given lines with their word counts and first probabilities.

    ``topic`` is the share of a line's terms, weighted by rarity, that the article's likely other
    lines have (-1 for a line without terms); the other columns compare it with the mean of the
    article, with the neighbours', and with the share that other lines have.
    """
    share, share_outside = _shares(numbered, chance)
    present = np.maximum(share, 0) * words
    mean = float((present * chance).sum() / max(1e-6, float((chance * words).sum())))
    of_present, of_words = window_means((present, words), _REACHES).reshape(2, -1, len(chance))
    near = of_present / (of_words + 1e-6)
    return [share, share - mean, *(near - mean), share - share_outside]


def _shares(numbered: NumberedTerms, chance: Floats) -> NDArray[np.float64]:
    """Return the shares of each line's terms that the likely, and the unlikely, lines have."""
    count = len(chance)
    term, line = numbered.term, numbered.line
    frequency = np.bincount(term)
    rarity = _on_grid(np.log((count + 1) / np.maximum(frequency, 1)))
    if native_columns is not None:
        shares = np.empty((2, count), np.float64)
        native_columns.topic_shares(term, line, rarity, frequency, chance, shares)
        return shares
    of_line = chance[line]
    likely = np.bincount(term, of_line) if len(term) else np.zeros(0)
    inside = likely[term] - of_line
    outside = (frequency - likely)[term] - (1 - of_line)
    weight = rarity[term]
    total = np.bincount(line, weight, count)
    shares = np.stack(
        [
            np.bincount(line, weight * _on_grid(np.minimum(1, part)), count) / (total + 1e-9)
            for part in (inside, outside)
        ]
    )
    shares[:, total == 0] = -1
    return shares


def _on_grid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    rounded: NDArray[np.float64] = np.round(values * _GRID) / _GRID
    return rounded
