"""Compute the model's features of a page: one row per block, columns named in ``columns()``.

Each is a share, a count or a flag with the same meaning in every language; words and class names
are additional evidence, never the only one. Rows are computed for the whole page at once.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.character_counts import (
    DENSE,
    DIGIT,
    END,
    EXTRA,
    LETTER,
    PAUSE,
    QUOTE,
    SPACE,
    SYMBOL,
    UNSPACED,
    UPPER,
)
from copydesk.tasks.cleaning.html.context_features import Columns, Surroundings
from copydesk.tasks.cleaning.html.declared_body import Declared
from copydesk.tasks.cleaning.html.layout import Floats
from copydesk.tasks.cleaning.html.native import native_features, native_surroundings, native_texts
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.text_features import (
    COLON,
    DESCRIBED,
    EARLIER,
    IMAGES,
    LENGTH,
    LINES,
    LINKED,
    LINKS,
    REPEATS,
    STRONG,
    TAG,
    TITLED,
    WORDS,
    in_body,
    measure,
)
from copydesk.tasks.cleaning.vocabulary import block_words, class_names

AROUND = (-3, -2, -1, 1, 2, 3)
"""Neighbours whose size and links are features of a block."""

_DATES = list(block_words.GROUPS).index("dates")
_PARAGRAPH = 80  # characters; headings, menu items and captions are mostly shorter


def _bit(number: int) -> int:
    return number.bit_length() - 1


def features(page: Page, declared: Declared) -> Floats:
    """Return the rows of all blocks (blocks x ``len(columns())``)."""
    # Columns are contiguous in memory, because everything reads columns.
    rows = np.empty((len(columns()), len(page)), np.float32).T
    if native_features is None or native_surroundings is None:
        _put(rows, _Table(page, declared).columns())
        return rows
    title, summary = _words(declared.title), _words(declared.description)
    texts = measure(page, title, summary)
    blocks = np.empty((7, len(page)), np.float32)
    around = columns()["marks:tag"]
    text, mass, headline = native_features.describe(
        texts.figures,
        texts.ends,
        in_body(page.text, declared),
        len(title),
        bool(summary),
        _DATES,
        around,
        blocks,
        rows.T,
    )
    marks, groups = class_names.LANDMARKS, len(class_names.GROUPS)
    native_surroundings.surround(page, blocks, text, mass, headline, marks, groups, rows.T[around:])
    return rows


def _words(text: str) -> frozenset[str]:
    if native_texts is not None:
        words: frozenset[str] = native_texts.words_of(text)
        return words
    return frozenset(block_words.words_of(text.lower()))


def _put(rows: Floats, table: Columns) -> None:
    """Write columns one after another."""
    at = 0
    for _, values in table:
        if values.ndim == 1:
            rows[:, at] = values
            at += 1
        else:
            width = values.shape[1]
            rows[:, at : at + width] = values
            at += width


class _Table:
    """The columns of one page without the compiled loops; shared results are computed once."""

    def __init__(self, page: Page, declared: Declared) -> None:
        self.page = page
        self.container = np.asarray(page.container)
        self.declared = declared
        self.title_words = _words(declared.title)
        self.summary = _words(declared.description)
        self.texts = measure(page, self.title_words, self.summary)
        figures = self.texts.figures
        self.length, self.linked, self.tag = figures[LENGTH], figures[LINKED], figures[TAG]
        self.link_share = self.linked / self.length
        self.said = self.texts.ends[2]
        self.heading = (self.tag >= class_names.TAGS["h1"]) & (self.tag <= class_names.TAGS["h6"])
        self.is_text = (self.length > _PARAGRAPH) & (self.link_share < 0.4)
        self.mass = self.length * self.is_text

    def columns(self) -> Columns:
        """Return all columns, each named after its group and a colon."""
        return [
            *self._of_text(),
            *self._of_words(),
            *self._of_place(),
            *self._of_surroundings(),
            *self._of_section(),
            *self._of_neighbours(),
        ]

    def _of_text(self) -> Columns:
        def count(bit: int) -> Floats:
            figures: Floats = self.texts.figures[_bit(bit)]
            return figures

        length = self.length
        spaces = count(SPACE)
        words = spaces + 1 + count(UNSPACED) / 2
        self.word_count = words
        flags = {"end": END, "quote": QUOTE, "pause": PAUSE, "letter": LETTER, "digit": DIGIT}
        return [
            ("text:length", length),
            ("text:words", words),
            ("text:word_length", (length - spaces) / words),
            ("text:upper", count(UPPER) / (count(LETTER) + 1)),
            ("text:letters", (count(LETTER) + np.float32(EXTRA) * count(DENSE)) / length),
            ("text:digits", count(DIGIT) / length),
            ("text:symbols", count(SYMBOL) / length),
            ("text:ends", count(END)),
            ("text:pauses", count(PAUSE)),
            ("text:sentence", length / (count(END) + 1)),
            ("text:quotes", count(QUOTE)),
            *self._last(flags),
            ("text:first_upper", (self.texts.ends[0] & UPPER > 0).astype(np.float32)),
            ("text:first_letter", (self.texts.ends[0] & LETTER > 0).astype(np.float32)),
            ("text:first_digit", (self.texts.ends[0] & DIGIT > 0).astype(np.float32)),
            ("text:colon", self.texts.figures[COLON]),
            ("text:lines", self.texts.figures[LINES]),
            ("text:link_share", self.link_share),
            ("text:links", self.texts.figures[LINKS]),
            ("text:strong", np.minimum(self.texts.figures[STRONG] / length, 1)),
            ("text:images", self.texts.figures[IMAGES]),
        ]

    def _last(self, flags: dict[str, int]) -> Columns:
        return [(f"text:last_{name}", self.texts.ends[1] & bit > 0) for name, bit in flags.items()]

    def _of_words(self) -> Columns:
        figures = self.texts.figures
        words = np.maximum(1, figures[WORDS])
        described = (
            figures[DESCRIBED] / words if self.summary else np.full(len(words), -1, np.float32)
        )
        size = np.float32(max(1, len(self.title_words)))
        self.title_share = figures[TITLED] / size
        self.title_like = self.title_share * np.minimum(1, size / words)
        columns: Columns = [
            ("words:repeats", figures[REPEATS]),
            ("words:earlier", figures[EARLIER]),
            ("words:described", described),
            ("words:declared_body", in_body(self.page.text, self.declared)),
            ("words:title_share", self.title_share),
            ("words:title_like", self.title_like),
        ]
        word_groups = self.said[:, None] >> np.arange(len(block_words.GROUPS)) & 1
        columns.append((" ".join(f"said:{name}" for name in block_words.GROUPS), word_groups))
        return columns

    def _of_place(self) -> Columns:
        size = len(self.page)
        index = np.arange(size, dtype=np.float32)
        text = float(self.length.sum(dtype=np.float64))
        mass = float(self.mass.sum(dtype=np.float64))
        before = np.cumsum(self.length) / text
        running = np.concatenate(([0], np.cumsum(self.mass)))
        self.text, self.all_mass = text, max(1.0, mass)
        like = self.title_like >= 0.7
        h1 = self.tag == class_names.TAGS["h1"]
        # The headline: an h1 like the title, or any block like it, or an h1.
        for candidates in (like & h1, like, h1):
            if candidates.any():
                at = int(np.argmax(candidates))
                break
        else:
            at = -1
        self.headline = at
        has_headline = at >= 0
        return [
            ("place:index", index / size),
            ("place:from_start", index),
            ("place:from_end", size - index),
            ("place:text_before", before),
            ("place:mass_before", running[:-1] / self.all_mass),
            ("place:mass_after", 1 - running[1:] / self.all_mass),
            ("place:blocks", np.full(size, size, np.float32)),
            ("place:text", np.full(size, text, np.float32)),
            ("place:mass_share", np.full(size, mass / text, np.float32)),
            ("place:after_title", index - at if has_headline else np.full(size, -999, np.float32)),
            (
                "place:text_after_title",
                before - before[at] if has_headline else np.full(size, -2, np.float32),
            ),
            *[
                (f"place:mass_within_{reach}", self._window(running, reach) / self.all_mass)
                for reach in (4, 12)
            ],
        ]

    def _window(self, running: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
        index = np.arange(len(self.page))
        low = np.maximum(0, index - reach)
        high = np.minimum(len(self.page), index + reach + 1)
        return running[high] - running[low]

    def _of_surroundings(self) -> Columns:
        """Return features of the blocks' surroundings; the Python version of ``surround``."""
        around = Surroundings(self.page, self._of_blocks(), self.text, self.all_mass, self.headline)
        return around.columns()

    def _of_blocks(self) -> Floats:
        """Return the values that the compiled ``surround`` sums, one row each."""
        ones = np.ones(len(self.page), np.float32)
        ends = self.texts.figures[_bit(END)]
        counted = [self.tag, self.length, self.linked, self.mass, ones, ends, self.heading]
        return np.array(counted, np.float32)

    def _of_section(self) -> Columns:
        size = len(self.page)
        index = np.arange(size)
        section = np.cumsum(self.heading)
        starts = np.concatenate(([0], np.flatnonzero(self.heading)))
        text = np.bincount(section, self.length)
        linked = np.bincount(section, self.linked)
        mass = np.bincount(section, self.mass)
        count = np.bincount(section)
        head = starts[section]
        none = section == 0
        heading_groups = np.where(none, 0, self.said[head])
        furniture = (heading_groups & ~(1 << _DATES)) > 0
        return [
            ("section:since", np.where(none, -1, index - head)),
            ("section:level", np.where(none, 0, self.tag[head])),
            ("section:furniture", furniture),
            ("section:head_links", np.where(none, -1, self.link_share[head])),
            ("section:head_length", np.where(none, 0, self.length[head])),
            ("section:text", text[section]),
            ("section:links", linked[section] / np.maximum(1, text[section])),
            ("section:mass", mass[section] / np.maximum(1, text[section])),
            ("section:blocks", count[section]),
        ]

    def _of_neighbours(self) -> Columns:
        size = len(self.page)
        names = ["length", "links", "tag", "end", "said"]
        reach = max(AROUND)
        padded = np.full((size + 2 * reach, len(names)), -1, np.float32)
        blocks = padded[reach : reach + size]
        blocks[:, 0], blocks[:, 1], blocks[:, 2] = self.length, self.link_share, self.tag
        blocks[:, 3], blocks[:, 4] = self.texts.ends[1] & END > 0, self.said > 0
        return [
            (
                " ".join(f"near:{step}_{name}" for name in names),
                padded[reach + step : reach + step + size],
            )
            for step in AROUND
        ]


@cache
def columns() -> dict[str, int]:
    """Return the columns' indexes by name, in order."""
    page = Page()
    boxes = page.containers
    boxes.tag, page.text = ["body"], ["a"]
    boxes.parent.append(-1)
    for column in (boxes.depth, boxes.groups, boxes.landmarks, boxes.key, page.container):
        column.append(0)
    for column in (page.linked, page.strong, page.links, page.inline, page.images):
        column.append(0)
    table = _Table(page, Declared()).columns()
    names = " ".join(name for name, _ in table).split()
    return {name: number for number, name in enumerate(names)}
