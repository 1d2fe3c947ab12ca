"""Compute the features of a copied text's lines: one row per line, columns named in ``columns()``.

Most measure layout, punctuation, repetition, position and neighbours, which mean the same in every
script; phrases and the words of the page's address are added.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.character_counts import (
    DIGIT,
    END,
    LETTER,
    PAUSE,
    QUOTE,
    SPACE,
    SYMBOL,
    UNSPACED,
    UPPER,
)
from copydesk.tasks.cleaning.line_loops import native_columns, native_lines
from copydesk.tasks.cleaning.text.line_scores import LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import (
    ADDRESSED,
    WINDOWS,
    Bools,
    Floats,
    address_terms,
    character_counts,
    heaviest,
    line_figures,
    near_flags,
    outside,
    repeats,
    shifted_rows,
    streaks,
    window_means,
)
from copydesk.tasks.cleaning.text.topic import number_terms
from copydesk.tasks.cleaning.vocabulary.block_words import BITS, GROUPS
from copydesk.tasks.cleaning.vocabulary.phrases import WEAKEST_FIRST

Columns = list[tuple[str, NDArray[np.generic]]]


PARAGRAPH = 120
"""Minimum size of a line that is running text whatever its ending; headings are mostly shorter."""

SENTENCE = 60
"""Minimum size of a line that is running text if it ends like a sentence."""

FURNITURE_WORDS = 24
"""Maximum words of a line whose words are looked up: furniture is short."""

_MARKS = re.compile(r"[@#]\w|https?:|www\.")


def features(
    lines: Sequence[Line], line_scores: Sequence[LineScore], url: str | None = None
) -> tuple[Floats, Shape]:
    """Return the features (lines x ``len(columns())``) and the measures they are made of."""
    shape = Shape(lines, line_scores, url)
    table = shape.columns()
    # Columns are contiguous in memory, because everything reads columns.
    rows = np.empty((len(table), len(lines)), np.float32)
    for at, (_, values) in enumerate(table):
        rows[at] = values
    return rows.T, shape


@cache
def columns() -> dict[str, int]:
    """Return the index of every column by its name."""
    from copydesk.tasks.cleaning.text.line_scores import score_lines
    from copydesk.tasks.cleaning.text.lines import read_lines
    from copydesk.tasks.cleaning.vocabulary.phrases import Vocabulary

    lines = read_lines("A line.\n\nAnother line.")
    names = [name for name, _ in Shape(lines, score_lines(lines, Vocabulary(())), None).columns()]
    return {name: at for at, name in enumerate(names)}


class Shape:
    """Measures of a text's lines that several columns share."""

    def __init__(
        self, lines: Sequence[Line], line_scores: Sequence[LineScore], url: str | None
    ) -> None:
        self.lines, self.line_scores, self.url = lines, line_scores, url
        figures, flags = line_figures(lines)
        self.length, self.size, self.words, self.gap, self.indent = figures
        self.terminal, self.marked, self.colon, self.may_have_address = flags
        self.scores = _score_figures(line_scores)
        self.score, self.date, *_, self.phrase, self.letters = self.scores
        self.prose = (self.size >= PARAGRAPH) | (self.terminal & (self.size >= SENTENCE))
        self.prose &= self.score > 0
        self.mass = np.where(self.prose, self.size, 0).astype(np.float32)
        self.counts = character_counts([line.text for line in lines])
        unspaced = self.counts[0][:, UNSPACED.bit_length() - 1]
        self.numbered = number_terms(lines)
        long = " ".join([line.text for line, prose in zip(lines, self.prose, strict=True) if prose])
        self.inside = self.numbered.flagged(long)
        self.tokens = np.maximum(1, self.counts[2][0] + unspaced)
        self.run = heaviest(np.where(self.prose, self.size, -4 - np.minimum(self.size, 40) * 0.4))

    def columns(self) -> Columns:
        """Return all columns as pairs of name and values; a name is ``group:column``."""
        return [
            *self._of_text(),
            *self._of_words(),
            *self._of_place(),
            *self._of_windows(),
            *self._of_neighbours(),
            *self._of_phrases(),
        ]

    def _of_text(self) -> Columns:
        counts, (first, last), (starts, uppers), _ = self.counts
        length = self.length

        def number(bit: int) -> Floats:
            column: Floats = counts[:, bit.bit_length() - 1]
            return column

        letters = number(LETTER)
        return [
            ("text:size", self.size),
            ("text:words", self.words),
            ("text:word_length", letters / np.maximum(1, starts)),
            ("text:letters", letters / length),
            ("text:upper", number(UPPER) / (letters + 1)),
            ("text:capitalised", uppers / np.maximum(1, starts)),
            ("text:digits", number(DIGIT) / length),
            ("text:symbols", number(SYMBOL) / length),
            ("text:symbol_count", number(SYMBOL)),
            ("text:unspaced", number(UNSPACED) / length),
            ("text:ends", number(END)),
            ("text:pauses", number(PAUSE)),
            ("text:pause_share", number(PAUSE) / np.maximum(1, self.words)),
            ("text:sentence", self.size / (number(END) + 1)),
            ("text:quotes", number(QUOTE)),
            ("text:spaces", number(SPACE)),
            ("text:terminal", self.terminal),
            ("text:last_end", last & END > 0),
            ("text:last_letter", last & LETTER > 0),
            ("text:first_upper", first & UPPER > 0),
            ("text:first_digit", first & DIGIT > 0),
            ("text:colon", self.colon),
            ("text:marked", self.marked),
            ("text:paragraph_lines", self._paragraph_lines()),
            ("text:gap", self.gap),
            ("text:gap_after", np.append(self.gap[1:], 9)),
            ("text:indent", self.indent),
            ("text:address", self._has_address()),
        ]

    def _has_address(self) -> Bools:
        has: Bools = self.may_have_address.copy()
        for at in np.flatnonzero(has).tolist():
            has[at] = _MARKS.search(self.lines[at].text[:ADDRESSED]) is not None
        return has

    def _paragraph_lines(self) -> Floats:
        numbers = np.array([line.paragraph for line in self.lines])
        counted: Floats = np.bincount(numbers)[numbers].astype(np.float32)
        return counted

    def _of_words(self) -> Columns:
        lines = self.lines
        times, earlier = repeats([line.key or line.text for line in lines])
        group_bits, with_group = self._groups()
        furniture = (with_group / self.words).astype(np.float32)
        shared, share_in_address, address_share = self._shares()
        script = self._script()
        return [
            ("words:repeats", times),
            ("words:earlier", earlier),
            ("words:shared_with_text", shared),
            ("words:address_share", address_share),
            ("words:in_address", share_in_address),
            ("words:script", script),
            ("said:furniture", furniture),
            *[(f"said:{name}", group_bits >> bit & 1) for name, bit in _GROUPS.items()],
        ]

    def _shares(self) -> tuple[Floats, Floats, Floats]:
        """Return three shares for each line; -1 is unknown.

        The shares are of its words that running text also has, of its words that the address also
        has, and of the address's words that the line has.
        """
        count = len(self.lines)
        term, line = self.numbered.term, self.numbered.line
        keyed = np.array([line.key != "" for line in self.lines], np.bool_)
        sizes = np.bincount(line, minlength=count)
        keyed &= sizes > 0
        sizes = np.maximum(sizes, 1)
        inside = np.bincount(line, self.inside[term], count) / sizes
        shared = np.where(keyed, inside, -1).astype(np.float32)
        words = address_terms(self.url)
        if not words:
            return shared, np.zeros(count, np.float32), np.full(count, -1, np.float32)
        common = np.bincount(line, self.numbered.flagged_terms(words)[term], count) * keyed
        return shared, (common / sizes).astype(np.float32), (common / len(words)).astype(np.float32)

    def _groups(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each short line's groups of furniture words (bits), and their number."""
        bits = np.zeros(len(self.lines), np.int64)
        counts = np.zeros(len(self.lines), np.int64)
        keys = [line.key for line in self.lines]
        short = self.words <= FURNITURE_WORDS
        if native_lines is not None:
            native_lines.furniture(keys, short.view(np.uint8), BITS, bits, counts)
            return bits, counts
        for at in np.flatnonzero(short).tolist():
            groups = [BITS[word] for word in keys[at].split() if word in BITS]
            for group in groups:
                bits[at] |= group
            counts[at] = len(groups)
        return bits, counts

    def _script(self) -> Floats:
        """Return whether each line is in the text's main script (1 or 0); -1 without letters."""
        blocks = self.counts[3]
        weight = np.where(self.prose, self.size, 1)
        has_letters = blocks >= 0
        if not has_letters.any():
            return np.zeros(len(self.lines), np.float32)
        main = int(np.argmax(np.bincount(blocks[has_letters], weight[has_letters])))
        return np.where(has_letters, blocks == main, -1).astype(np.float32)

    def _of_place(self) -> Columns:
        count = len(self.lines)
        index = np.arange(count, dtype=np.float32)
        mass = max(1.0, float(self.mass.sum()))
        before = np.cumsum(self.mass)
        text = np.cumsum(self.size)
        first, last = self.run
        distance = outside(index, first, last)
        low, high = self._usual()
        return [
            ("place:index", index),
            ("place:share", index / count),
            ("place:from_end", count - index),
            ("place:lines", np.full(count, count)),
            ("place:mass", np.full(count, mass)),
            ("place:mass_before", (before - self.mass) / mass),
            ("place:mass_after", 1 - before / mass),
            ("place:text_before", (text - self.size) / text[-1]),
            ("place:in_run", (index >= first) & (index < last)),
            ("place:from_run", distance),
            ("place:run_share", np.full(count, float(self.mass[first:last].sum()) / mass)),
            ("place:indent_more", self.indent - low),
            ("place:gap_more", self.gap - high),
        ]

    def _usual(self) -> tuple[float, float]:
        """Return the most frequent indent and gap of running text."""
        if not self.prose.any():
            return 0.0, 0.0
        indents = np.minimum(self.indent[self.prose], 60).astype(np.int64)
        gaps = np.minimum(self.gap[self.prose], 20).astype(np.int64)
        return float(np.argmax(np.bincount(indents))), float(np.argmax(np.bincount(gaps)))

    def _of_windows(self) -> Columns:
        values = {
            "mass": self.mass,
            "size": np.minimum(self.size, 400),
            "ends": self.terminal.astype(np.float32),
            "score": np.maximum(self.score, -4),
            "marked": self.marked.astype(np.float32),
            "date": self.date,
        }
        names = [f"around:{name}_{reach}" for name in values for reach in WINDOWS]
        return list(zip(names, window_means(list(values.values()), WINDOWS), strict=True))

    def _of_neighbours(self) -> Columns:
        neighbours = {
            "size": (self.size, (-3, -2, -1, 1, 2)),
            "score": (self.score, (-2, -1, 1, 2, 3)),
            "terminal": (self.terminal.astype(np.float32), (-1, 1)),
            "phrase": (self.phrase, (-1, 1)),
            "gap": (self.gap, (-1, 1, 2)),
            "date": (self.date, (-1, 1)),
        }
        names = [
            f"beside:{name}{step:+d}" for name, (_, steps) in neighbours.items() for step in steps
        ]
        steps = [(at, step) for at, (_, each) in enumerate(neighbours.values()) for step in each]
        values = np.array([value for value, _ in neighbours.values()], np.float32)
        names += (f"beside:{name}" for name in _STREAKS)
        return list(zip(names, (*shifted_rows(values, steps), *streaks(~self.prose)), strict=True))

    def _of_phrases(self) -> Columns:
        columns: Columns = [
            ("said:score", self.score),
            ("said:prose", self.scores[2]),
            ("said:phrase", self.phrase),
            ("said:letters", self.letters),
            ("said:date", self.date),
            ("said:time", self.scores[3]),
            ("said:shape", self.scores[4]),
        ]
        in_section = _IN_SECTION[:, self.phrase.astype(np.int64)] & (self.score < -1)
        *sections, dates = near_flags(np.vstack((in_section, self.date >= 0.5)))
        for name, figures in zip(_SECTIONS, sections, strict=True):
            columns += zip([f"{each}:{name}" for each in _NEAR], figures, strict=True)
        columns += [("since:date", dates[0]), ("count:date", dates[2])]
        return columns


_NEAR = ("since", "until", "count", "left")
_STREAKS = ("short_before", "short_after", "prose_before", "prose_after")
_GROUPS = {
    name: bit
    for bit, name in enumerate(GROUPS)
    if name in ("related", "advert", "credit", "act", "share")
}


_RANKS = {kind: rank for rank, kind in enumerate(WEAKEST_FIRST, 1)}
_SECTIONS = {
    "comments": ("comments", "form"),
    "actions": ("action", "label"),
    "related": ("related", "widget", "newsletter"),
    "share": ("share", "meta"),
    "site": ("navigation", "site", "legal"),
}
_IN_SECTION = np.array(
    [[False, *(kind in kinds for kind in WEAKEST_FIRST)] for kinds in _SECTIONS.values()]
)
_SHAPES = {
    "row_of_links": 1,
    "arrow": 2,
    "copyright": 3,
    "address": 4,
    "label_and_list": 5,
    "repeated_line": 6,
    "label": 7,
    "no_letters": 8,
    "time": 9,
    "date": 10,
}


def _score_figures(line_scores: Sequence[LineScore]) -> Floats:
    """Return seven figures of each line, a row each.

    They are ``score``, ``date``, ``prose``, ``time``, the number of the rule, the rank of the
    phrase and its letters.
    """
    figures = np.zeros((7, len(line_scores)), np.float32)
    if native_columns is not None:
        native_columns.fill_scores(line_scores, _RANKS, _SHAPES, figures)
        return figures
    for at, line_score in enumerate(line_scores):
        shape, match = _SHAPES.get(line_score.rule, 0), line_score.match
        figures[:5, at] = (
            line_score.score,
            line_score.date,
            line_score.prose,
            line_score.time,
            shape,
        )
        if match is not None:
            figures[5:, at] = _RANKS[match.kind], match.letters
    return figures
