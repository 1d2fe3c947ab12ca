"""Features of a block's surroundings: landmarks, class names, its containers and their siblings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.layout import LEVELS, Floats, Ints, layout
from copydesk.tasks.cleaning.html.page import UNSEEN, Page
from copydesk.tasks.cleaning.vocabulary import class_names

Columns = list[tuple[str, NDArray[Any]]]
"""Columns by name; for two-dimensional arrays the names are separated by spaces."""

_GROUP_OCTETS = (len(class_names.GROUPS) + 7) // 8
_MARKS = "article main nav footer header aside form figure table list hidden body dialog quote"


def _bits(values: Ints, numbers: Ints) -> NDArray[np.bool_]:
    """Split bits into columns (values x numbers)."""
    bits: NDArray[np.bool_] = values[:, None] >> numbers & 1 > 0
    return bits


class Surroundings:
    """The columns of the compiled ``surround``, computed in Python.

    ``blocks`` are (7, blocks): tag, length, characters in links, mass, one, ends of sentences,
    heading or not. ``headline`` is the headline's block, or -1.
    """

    def __init__(self, page: Page, blocks: Floats, text: float, mass: float, headline: int) -> None:
        self.page = page
        self.blocks = blocks
        self.text, self.all_mass, self.headline = text, mass, headline
        self.container = np.asarray(page.container)
        self.layout, self.groups = layout(page)

    def columns(self) -> Columns:
        """Return the columns, each named after its group and a colon."""
        return [*self._of_landmarks(), *self._of_containers(), *self._of_siblings()]

    def _of_landmarks(self) -> Columns:
        page = self.page
        marks = np.asarray(page.containers.landmarks)[self.container]
        inline = np.asarray(page.inline)
        # From the nearest source of a group to the farthest; each level without one adds a hop.
        sources = np.empty((LEVELS + 2, len(page)), "<i8")
        sources[0] = inline
        sources[1:-1] = self.groups[self.layout.levels.T]
        sources[-1] = self._inherited()[self.container]
        np.bitwise_or.accumulate(sources, axis=0, out=sources)
        octets = sources.view(np.uint8).reshape(LEVELS + 2, len(page), 8)
        met = np.unpackbits(octets[:, :, :_GROUP_OCTETS], axis=2, bitorder="little")
        hops = LEVELS + 1 - met[:, :, : len(class_names.GROUPS)].sum(axis=0, dtype=np.int8)
        return [
            ("marks:tag", self.blocks[0]),
            (
                " ".join(f"marks:{name}" for name in _MARKS.split()),
                _bits(marks, np.arange(class_names.LANDMARKS)),
            ),
            ("marks:unseen", inline & UNSEEN > 0),
            (" ".join(f"class:{name}" for name in class_names.GROUPS), hops),
        ]

    def _inherited(self) -> Ints:
        """Return each container's groups combined with those of all containers above it."""
        groups = self.groups.tolist()
        parents = self.page.containers.parent.tolist()
        for at in range(1, len(groups)):
            groups[at] |= groups[parents[at]]
        return np.asarray(groups)

    def _of_containers(self) -> Columns:
        layout = self.layout
        values = self.blocks[1:].T
        sums = layout.sums(self.container, values)
        self.sums = sums
        columns: Columns = [
            ("boxes:depth", layout.depth[self.container].astype(np.float32)),
            ("boxes:same", sums[self.container, 3]),
        ]
        # Per container first, because there are fewer containers than levels of blocks.
        blocks = np.maximum(1, sums[:, 3])
        by_container = np.column_stack(
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
            column_names = " ".join(f"boxes:{level}_{name}" for name in names)
            columns.append((column_names, by_container[layout.levels[:, level]]))
        columns += self._of_core(sums)
        return columns

    def _of_core(self, sums: Floats) -> Columns:
        """Return each block's distance from the deepest container with a share of all text mass."""
        layout = self.layout
        columns: Columns = []
        for percent in (40, 60, 85):
            enough = sums[:, 2] >= percent / 100 * self.all_mass
            core = int(np.argmax(np.where(enough, layout.depth, -1)))
            first, end = core, int(layout.end[core])
            inside = (self.container >= first) & (self.container < end)
            hops = np.full(len(self.page), LEVELS, np.float32)
            for level in range(LEVELS - 1, -1, -1):
                at = layout.levels[:, level]
                holds = (at <= first) & (layout.end[at] >= end)
                hops[holds] = level
            columns.append((f"core:{percent}_inside", inside.astype(np.float32)))
            columns.append((f"core:{percent}_hops", hops))
        if self.headline >= 0:
            box = int(self.container[self.headline])
            share = np.ones(len(self.page), np.float32)
            for level in range(LEVELS - 1, -1, -1):
                at = layout.levels[:, level]
                holds = (at <= box) & (layout.end[at] > box)
                share[holds] = sums[at[holds], 0] / self.text
            columns.append(("core:with_headline", share))
        else:
            columns.append(("core:with_headline", np.full(len(self.page), -1, np.float32)))
        return columns

    def _of_siblings(self) -> Columns:
        layout, sums = self.layout, self.sums
        boxes = self.page.containers
        key = np.asarray(boxes.key)
        _, number = np.unique(key, return_inverse=True)
        filled = (sums[:, 3] > 0).astype(np.float64)
        alike = np.bincount(number, filled)
        text = np.bincount(number, filled * sums[:, 0])
        linked = np.bincount(number, filled * sums[:, 1])
        by_container = np.column_stack(
            [alike, text / np.maximum(1, alike), linked / np.maximum(1, text)]
        )[number]
        return [
            (
                " ".join(f"siblings:{level}_{name}" for name in ("alike", "mean", "links")),
                by_container[layout.levels[:, level]],
            )
            for level in (0, 1, 2)
        ]
