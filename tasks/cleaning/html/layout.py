"""Find the containers around a page's blocks that add text, and sum values over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.page import Page

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEVELS = 5
"""Containers used above a block, without those that add no text."""


@dataclass(slots=True)
class Layout:
    """The containers around each block, from the nearest outwards (``levels``: blocks x LEVELS).

    A chain of containers with the same blocks counts as one, its outermost.
    """

    levels: Ints
    parent: Ints
    end: Ints
    depth: Ints

    def sums(self, container: Ints, values: Floats) -> Floats:
        """Return the sums of the blocks' values (blocks x columns) over each whole container."""
        size = len(self.end)
        total = np.zeros((size + 1, values.shape[1]), np.float64)
        for column in range(values.shape[1]):
            total[1:, column] = np.bincount(container, values[:, column], size)
        np.cumsum(total, axis=0, out=total)
        return (total[self.end] - total[:-1]).astype(np.float32)


def layout(page: Page) -> tuple[Layout, Ints]:
    """Return the layout, and the groups (bits) of each of its containers."""
    boxes = page.containers
    size = len(boxes.parent)
    depth = boxes.depth.tolist()
    parents = boxes.parent.tolist()
    # Number of blocks and containers in each one; parents precede their children.
    block_counts = np.bincount(np.asarray(page.container), minlength=size).tolist()
    container_counts = [1] * size
    for at in range(size - 1, 0, -1):
        above = parents[at]
        block_counts[above] += block_counts[at]
        container_counts[above] += container_counts[at]
    ends = np.arange(size) + container_counts
    top = [0] * size
    groups = boxes.groups.tolist()
    for at in range(1, size):
        above = parents[at]
        if block_counts[at] == block_counts[above]:
            highest = top[above]
            top[at] = highest
            groups[highest] |= boxes.groups[at]
        else:
            top[at] = at
    tops = np.asarray(top)
    parent = np.asarray(parents)
    parent[0] = 0
    levels = np.empty((len(page), LEVELS), np.int64)
    at_level = tops[np.asarray(page.container)]
    for level in range(LEVELS):
        levels[:, level] = at_level
        at_level = tops[parent[at_level]]
    return Layout(levels, parent, ends, np.asarray(depth)), np.asarray(groups)
