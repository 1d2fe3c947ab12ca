"""The model's view of a page: one row a block, columns named in ``columns()``.

Everything is a share, a count or a flag that means the same in every language; words and
class names are evidence beside it, never alone. Rows are computed for the whole page at once.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.cleaning.html import phrases, vocabulary
from tasks.cleaning.html.blocks import UNSEEN, Page
from tasks.cleaning.html.characters import (
    DIGIT,
    END,
    LETTER,
    PAUSE,
    QUOTE,
    SPACE,
    SYMBOL,
    UNSPACED,
    UPPER,
    character_counts,
)
from tasks.cleaning.html.declared import Declared
from tasks.cleaning.html.layout import LEVELS, Floats, Ints, layout

Columns = list[tuple[str, NDArray[Any]]]
"""Columns by name; of an array with two axes the names stand parted by spaces."""

AROUND = (-3, -2, -1, 1, 2, 3)
"""Neighbours whose size and links a block's row shows."""

_PARAGRAPH = 80  # characters; headings, items of menus and captions are mostly shorter
_LOOKED_AT = 300
_HEAD_OF_BLOCK = 60  # characters looked for in a declared body


_GROUP_OCTETS = (len(vocabulary.GROUPS) + 7) // 8
_MARKS = "article main nav footer header aside form figure table list hidden body dialog quote"


def _bits(values: Ints, numbers: Ints) -> NDArray[np.bool_]:
    """Part bits into columns (values x numbers)."""
    bits: NDArray[np.bool_] = values[:, None] >> numbers & 1 > 0
    return bits


def _bit(number: int) -> int:
    return number.bit_length() - 1


def features(page: Page, declared: Declared) -> Floats:
    """Give the rows of all blocks (blocks x ``len(columns())``)."""
    table = _Table(page, declared)
    # Columns are what everything reads: each lies in one piece.
    rows = np.empty((len(columns()), len(page)), np.float32).T
    at = 0
    for _, values in table.columns():
        if values.ndim == 1:
            rows[:, at] = values
            at += 1
        else:
            width = values.shape[1]
            rows[:, at : at + width] = values
            at += width
    return rows


class _Table:
    """The columns of one page; what several of them need is computed once."""

    def __init__(self, page: Page, declared: Declared) -> None:
        self.page = page
        self.container = np.asarray(page.container)
        self.layout, self.groups = layout(page)
        texts = page.text
        self.counts, self.first, self.last = character_counts(texts)
        self.length = np.array([len(text) for text in texts], np.float32)
        # Link and bold characters are counted before white space is joined.
        self.linked = np.minimum(np.asarray(page.linked, np.float32), self.length)
        self.link_share = self.linked / self.length
        self.tag = np.array(
            [vocabulary.TAGS.get(page.containers.tag[box], 0) for box in page.container], np.float32
        )
        self.lower = [text.lower() for text in texts]
        # Long blocks are neither furniture nor a headline: their words are not looked at.
        self.words = [phrases.WORD.findall(t) if len(t) <= _LOOKED_AT else [] for t in self.lower]
        self.said = np.array([phrases.word_groups(words) for words in self.words])
        self.declared = declared
        self.title_words = frozenset(phrases.WORD.findall(declared.title.lower()))
        self.heading = (self.tag >= vocabulary.TAGS["h1"]) & (self.tag <= vocabulary.TAGS["h6"])
        self.is_text = (self.length > _PARAGRAPH) & (self.link_share < 0.4)
        self.mass = self.length * self.is_text

    def columns(self) -> Columns:
        """Give all columns, each named after its group and a colon."""
        return [
            *self._of_text(),
            *self._of_words(),
            *self._of_place(),
            *self._of_landmarks(),
            *self._of_containers(),
            *self._of_siblings(),
            *self._of_section(),
            *self._of_neighbours(),
        ]

    def _of_text(self) -> Columns:
        def count(bit: int) -> Floats:
            return self.counts[:, _bit(bit)]

        length = self.length
        spaces = count(SPACE)
        words = spaces + 1 + count(UNSPACED) / 2
        self.word_count = words
        page = self.page
        flags = {"end": END, "quote": QUOTE, "pause": PAUSE, "letter": LETTER, "digit": DIGIT}
        return [
            ("text:length", length),
            ("text:words", words),
            ("text:word_length", (length - spaces) / words),
            ("text:upper", count(UPPER) / (count(LETTER) + 1)),
            ("text:letters", count(LETTER) / length),
            ("text:digits", count(DIGIT) / length),
            ("text:symbols", count(SYMBOL) / length),
            ("text:ends", count(END)),
            ("text:pauses", count(PAUSE)),
            ("text:sentence", length / (count(END) + 1)),
            ("text:quotes", count(QUOTE)),
            *self._last(flags),
            ("text:first_upper", (self.first & UPPER > 0).astype(np.float32)),
            ("text:first_letter", (self.first & LETTER > 0).astype(np.float32)),
            ("text:first_digit", (self.first & DIGIT > 0).astype(np.float32)),
            ("text:colon", np.array([t[-1] in ":：" for t in page.text], np.float32)),
            ("text:lines", np.array([t.count("\n") for t in page.text], np.float32)),
            ("text:link_share", self.link_share),
            ("text:links", np.asarray(page.links, np.float32)),
            ("text:strong", np.minimum(np.asarray(page.strong, np.float32) / length, 1)),
            ("text:images", np.asarray(page.images, np.float32)),
        ]

    def _last(self, flags: dict[str, int]) -> Columns:
        return [(f"text:last_{name}", self.last & bit > 0) for name, bit in flags.items()]

    def _of_words(self) -> Columns:
        seen: dict[str, int] = {}
        earlier = np.empty(len(self.lower), np.float32)
        for index, text in enumerate(self.lower):
            earlier[index] = seen.get(text, 0)
            seen[text] = seen.get(text, 0) + 1
        summary = frozenset(phrases.WORD.findall(self.declared.description.lower()))
        told = np.array(
            [len(summary.intersection(words)) / (len(words) or 1) for words in self.words],
            np.float32,
        )
        title = self.title_words
        shared = np.array(
            [len(title.intersection(words)) for words in self.words],
            np.float32,
        )
        distinct = np.array([len(words) or 1 for words in self.words], np.float32)
        self.title_share = shared / max(1, len(title))
        self.title_like = self.title_share * np.minimum(1, max(1, len(title)) / distinct)
        columns: Columns = [
            ("words:repeats", np.array([seen[text] for text in self.lower], np.float32)),
            ("words:earlier", earlier),
            ("words:described", told if summary else np.full(len(told), -1, np.float32)),
            ("words:declared_body", self._in_body()),
            ("words:title_share", self.title_share),
            ("words:title_like", self.title_like),
        ]
        said = self.said[:, None] >> np.arange(len(phrases.GROUPS)) & 1
        columns.append((" ".join(f"said:{name}" for name in phrases.GROUPS), said))
        return columns

    def _in_body(self) -> Floats:
        """Tell what the declared body has (1) or has not (0); -1 where there is none."""
        body = self.declared.body.lower()
        if not body:
            return np.full(len(self.lower), -1, np.float32)
        return np.array([text[:_HEAD_OF_BLOCK] in body for text in self.lower], np.float32)

    def _of_place(self) -> Columns:
        size = len(self.page)
        index = np.arange(size, dtype=np.float32)
        text = float(self.length.sum())
        mass = float(self.mass.sum())
        before = np.cumsum(self.length) / text
        running = np.concatenate(([0], np.cumsum(self.mass)))
        self.text, self.all_mass = text, max(1.0, mass)
        like = self.title_like >= 0.7
        h1 = self.tag == vocabulary.TAGS["h1"]
        # The headline: an h1 that reads like the title, else any block that does, else an h1.
        for found in (like & h1, like, h1):
            if found.any():
                at = int(np.argmax(found))
                break
        else:
            at = -1
        self.headline = at
        known = at >= 0
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
            ("place:after_title", index - at if known else np.full(size, -999, np.float32)),
            (
                "place:text_after_title",
                before - before[at] if known else np.full(size, -2, np.float32),
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

    def _of_landmarks(self) -> Columns:
        page = self.page
        marks = np.asarray(page.containers.landmarks)[self.container]
        inline = np.asarray(page.inline)
        # From the nearest source of a group to the farthest: what has not been met adds a hop.
        sources = np.empty((LEVELS + 2, len(page)), "<i8")
        sources[0] = inline
        sources[1:-1] = self.groups[self.layout.levels.T]
        sources[-1] = self._inherited()[self.container]
        np.bitwise_or.accumulate(sources, axis=0, out=sources)
        octets = sources.view(np.uint8).reshape(LEVELS + 2, len(page), 8)
        met = np.unpackbits(octets[:, :, :_GROUP_OCTETS], axis=2, bitorder="little")
        hops = LEVELS + 1 - met[:, :, : len(vocabulary.GROUPS)].sum(axis=0, dtype=np.int8)
        return [
            ("marks:tag", self.tag),
            (
                " ".join(f"marks:{name}" for name in _MARKS.split()),
                _bits(marks, np.arange(vocabulary.LANDMARKS)),
            ),
            ("marks:unseen", inline & UNSEEN > 0),
            (" ".join(f"class:{name}" for name in vocabulary.GROUPS), hops),
        ]

    def _inherited(self) -> Ints:
        """Give each container's groups and those of all above it."""
        groups = self.groups.tolist()
        parents = self.page.containers.parent
        for at in range(1, len(groups)):
            groups[at] |= groups[parents[at]]
        return np.asarray(groups)

    def _of_containers(self) -> Columns:
        place = self.layout
        ones = np.ones(len(self.page), np.float32)
        values = np.column_stack(
            [self.length, self.linked, self.mass, ones, self.counts[:, _bit(END)], self.heading]
        ).astype(np.float32)
        sums = place.sums(self.container, values)
        self.sums = sums
        columns: Columns = [
            ("boxes:depth", place.depth[self.container].astype(np.float32)),
            ("boxes:same", sums[self.container, 3]),
        ]
        # By container first: there are fewer of them than levels of blocks.
        blocks = np.maximum(1, sums[:, 3])
        told = np.column_stack(
            [
                sums[:, 0] / self.text,
                sums[:, 1] / np.maximum(1, sums[:, 0]),
                sums[:, 2] / self.all_mass,
                sums[:, 3],
                sums[:, 0] / blocks,
                sums[:, 4] / blocks,
                sums[:, 5] / blocks,
            ]
        )
        names = ["text", "links", "mass", "blocks", "mean", "ends", "headings"]
        for level in range(1, LEVELS):
            named = " ".join(f"boxes:{level}_{name}" for name in names)
            columns.append((named, told[place.levels[:, level]]))
        columns += self._of_core(sums)
        return columns

    def _of_core(self, sums: Floats) -> Columns:
        """Tell how far a block is from the deepest container with a share of all text mass."""
        place = self.layout
        columns: Columns = []
        for percent in (40, 60, 85):
            enough = sums[:, 2] >= percent / 100 * self.all_mass
            core = int(np.argmax(np.where(enough, place.depth, -1)))
            first, end = core, int(place.end[core])
            inside = (self.container >= first) & (self.container < end)
            hops = np.full(len(self.page), LEVELS, np.float32)
            for level in range(LEVELS - 1, -1, -1):
                at = place.levels[:, level]
                holds = (at <= first) & (place.end[at] >= end)
                hops[holds] = level
            columns.append((f"core:{percent}_inside", inside.astype(np.float32)))
            columns.append((f"core:{percent}_hops", hops))
        if self.headline >= 0:
            box = int(self.container[self.headline])
            share = np.ones(len(self.page), np.float32)
            for level in range(LEVELS - 1, -1, -1):
                at = place.levels[:, level]
                holds = (at <= box) & (place.end[at] > box)
                share[holds] = sums[at[holds], 0] / self.text
            columns.append(("core:with_headline", share))
        else:
            columns.append(("core:with_headline", np.full(len(self.page), -1, np.float32)))
        return columns

    def _of_siblings(self) -> Columns:
        place, sums = self.layout, self.sums
        boxes = self.page.containers
        key = np.asarray(boxes.key)
        _, number = np.unique(key, return_inverse=True)
        filled = (sums[:, 3] > 0).astype(np.float64)
        alike = np.bincount(number, filled)
        text = np.bincount(number, filled * sums[:, 0])
        linked = np.bincount(number, filled * sums[:, 1])
        told = np.column_stack([alike, text / np.maximum(1, alike), linked / np.maximum(1, text)])[
            number
        ]
        return [
            (
                " ".join(f"siblings:{level}_{name}" for name in ("alike", "mean", "links")),
                told[place.levels[:, level]],
            )
            for level in (0, 1, 2)
        ]

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
        said = np.where(none, 0, self.said[head])
        furniture = (said & ~(1 << list(phrases.GROUPS).index("dates"))) > 0
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
        own = padded[reach : reach + size]
        own[:, 0], own[:, 1], own[:, 2] = self.length, self.link_share, self.tag
        own[:, 3], own[:, 4] = self.last & END > 0, self.said > 0
        return [
            (
                " ".join(f"near:{step}_{name}" for name in names),
                padded[reach + step : reach + step + size],
            )
            for step in AROUND
        ]


@cache
def columns() -> dict[str, int]:
    """Number the columns by name, in order."""
    page = Page()
    boxes = page.containers
    boxes.parent, boxes.tag, boxes.depth = [-1], ["body"], [0]
    boxes.groups, boxes.landmarks, boxes.key = [0], [0], [0]
    page.text, page.container = ["a"], [0]
    page.linked, page.strong, page.links, page.inline, page.images = [0], [0], [0], [0], [0]
    named = _Table(page, Declared()).columns()
    names = " ".join(name for name, _ in named).split()
    return {name: number for number, name in enumerate(names)}
