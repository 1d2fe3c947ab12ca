"""The trained decision trees, loaded once, evaluated by a compiled loop or with numpy.

All trees are oblivious (one split per level for all branches), so that a page's rows pass through
all trees at once: each split is evaluated once, and the results are the bits of the leaf indexes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.layout import Floats
from copydesk.tasks.cleaning.html.native import native_forest

DATA = "html_model.npz"


@dataclass(frozen=True)
class Forest:
    """Trees: ``column`` and ``border`` are (levels, trees), ``leaves`` (trees, 2**levels).

    A row's leaf index in a tree has bit ``level`` set if its value is above the border. ``names``
    are the training columns, in order.
    """

    column: NDArray[np.int64]
    border: Floats
    leaves: Floats
    bias: float
    names: tuple[str, ...]

    def chance(self, rows: Floats) -> Floats:
        """Return each row's probability (0 to 1)."""
        trees = self._trees if len(rows) and native_forest is not None else None
        if trees is not None:
            chance: Floats = trees.chance(np.ascontiguousarray(rows.T), self.bias)
            return chance
        bounded = np.minimum(np.maximum(self.bias + self._sums(rows), -30), 30)
        return (1 / (1 + np.exp(-bounded))).astype(np.float32)

    def _sums(self, rows: Floats) -> NDArray[np.float64]:
        """Return the sums of the leaves; the Python version of the compiled loop."""
        levels, trees = self.column.shape
        column, border, which = self._questions
        # Bits are collected in octets, which take an eighth of the memory of indexes.
        answers = (rows.T.take(column, axis=0) > border).view(np.uint8)
        octets = answers.take(which[0], axis=0)
        for level in range(1, levels):
            octets |= answers.take(which[level], axis=0) << np.uint8(level)
        leaf = octets.astype(np.intp)
        leaf += (np.arange(trees, dtype=np.intp) << levels)[:, None]
        sums: NDArray[np.float64] = self.leaves.ravel().take(leaf).sum(axis=0, dtype=np.float64)
        return sums

    @cached_property
    def _trees(self) -> Any:
        """Return the trees for the compiled loop; None if they do not fit it."""
        if native_forest is None:
            return None
        try:
            return native_forest.Trees(self.column, self.border, self.leaves)
        except ValueError:  # not rounded by ``on_grid``, as in training
            return None

    @cached_property
    def _questions(self) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
        """Return each distinct split once (trees share half of theirs), and its index by place."""
        questions = np.stack([self.column.ravel().astype(np.float64), self.border.ravel()])
        unique, number = np.unique(questions, axis=1, return_inverse=True)
        column, border = unique[0].astype(np.int64), unique[1].astype(np.float32)[:, None]
        return column, border, number.reshape(self.column.shape)


def on_grid(values: NDArray[Any]) -> NDArray[np.float32]:
    """Round to multiples of 2**-20, whose sums are exact in any order."""
    return (np.round(values * np.float64(1 << 20)) / (1 << 20)).astype(np.float32)


@cache
def forest(name: Literal["blocks", "pages"]) -> Forest:
    """Load one of the trained models from the package's data."""
    return load(files("copydesk.tasks.cleaning").joinpath("data", DATA), name)


def load(source: Traversable, name: Literal["blocks", "pages"]) -> Forest:
    """Load one of the models that training wrote to a file."""
    with source.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
        return Forest(
            column=data[f"{name}_column"].astype(np.int64),
            border=data[f"{name}_border"],
            leaves=on_grid(data[f"{name}_leaves"]),
            bias=float(on_grid(data[f"{name}_bias"])),
            names=tuple(data[f"{name}_names"].tolist()),
        )
