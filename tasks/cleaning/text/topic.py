"""Number the words of all lines, to ask which lines say the same as others or as the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import (
    TERM,
    UNSPACED_LETTER,
    Bools,
    terms,
)

LONGEST_READ = 3_000
"""Maximum letters of a line whose terms are read, enough to tell what it is about."""


@dataclass(frozen=True, slots=True)
class NumberedTerms:
    """The distinct terms of all lines: ``line[k]`` has the term with the number ``term[k]``.

    A line has the terms of its key, or of its text if that is too long for a key. ``numbers`` maps
    each term to its number.
    """

    term: NDArray[np.int64]
    line: NDArray[np.int64]
    numbers: dict[str, int]

    def flagged(self, text: str, *, spaced: bool) -> Bools:
        """Return a mask of the terms in a text, by number; ``spaced`` is passed to ``terms``."""
        flags = np.zeros(len(self.numbers), np.uint8)
        if native_lines is not None and spaced:
            native_lines.mark_terms(text.lower(), self.numbers, flags)
        else:
            self._flag(terms(text, spaced=spaced), flags)
        return flags.view(np.bool_)

    def flagged_terms(self, words: set[str]) -> Bools:
        """Return a mask of the terms among some words, by number."""
        flags = np.zeros(len(self.numbers), np.uint8)
        self._flag(words, flags)
        return flags.view(np.bool_)

    def _flag(self, words: set[str], flags: NDArray[np.uint8]) -> None:
        for word in words:
            if (number := self.numbers.get(word)) is not None:
                flags[number] = 1


def number_terms(lines: Sequence[Line]) -> NumberedTerms:
    """Number the terms of all lines."""
    texts = [line.key or line.text[:LONGEST_READ].lower() for line in lines]
    numbers: dict[str, int] = {}
    if native_lines is None:
        term, line = _numbered(texts, numbers)
    else:
        bound = sum(map(len, texts)) // 3 + 1
        term, line = np.empty(bound, np.int64), np.empty(bound, np.int64)
        count = native_lines.number_terms(texts, numbers, term, line)
        term, line = term[:count], line[:count]
    pairs = [
        (numbers.setdefault(word, len(numbers)), index)
        for index, text in enumerate(texts)
        if not text.isascii() and UNSPACED_LETTER.search(text)
        for word in terms(text)
        if len(word) == 2  # of scripts without spaces; the others are numbered
    ]
    if pairs:
        added = np.array(pairs, np.int64)
        term, line = np.append(term, added[:, 0]), np.append(line, added[:, 1])
    return NumberedTerms(term, line, numbers)


def _numbered(
    texts: Sequence[str], numbers: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    term: list[int] = []
    counts: list[int] = []
    for text in texts:
        words = dict.fromkeys(TERM.findall(text))
        term += [numbers.setdefault(word, len(numbers)) for word in words]
        counts.append(len(words))
    return np.array(term, np.int64), np.repeat(np.arange(len(texts)), counts)
