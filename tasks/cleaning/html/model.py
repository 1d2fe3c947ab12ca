"""The trained trees: read once, evaluated with numpy alone.

All trees are oblivious (one question a level for all branches), so that a page's rows go
through all trees at once: a level is one comparison of two arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.cleaning.html.layout import Floats

DATA = "html_model.npz"


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees: ``column`` and ``border`` are (levels, trees), ``leaves`` (trees, 2**levels).

    A row's leaf in a tree has bit ``level`` set where its value is above the border. ``names``
    are the columns that the trees were trained on, in order.
    """

    column: NDArray[np.int64]
    border: Floats
    leaves: Floats
    bias: float
    names: tuple[str, ...]

    def chance(self, rows: Floats) -> Floats:
        """Give each row's probability (0 to 1)."""
        levels, trees = self.column.shape
        size = 1 << levels
        by_column = np.ascontiguousarray(rows.T)
        leaf = np.empty((trees, len(rows)), np.int32)
        leaf[:] = (np.arange(trees, dtype=np.int32) * size)[:, None]
        for level in range(levels):
            above = by_column[self.column[level]] > self.border[level][:, None]
            leaf += above.astype(np.int32) << level
        score = self.leaves.ravel().take(leaf).sum(axis=0, dtype=np.float32) + self.bias
        chance: Floats = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        return chance


@cache
def forest(name: Literal["blocks", "pages"]) -> Forest:
    """Load one of the trained models from the package's data."""
    return load(files("tasks.cleaning").joinpath("data", DATA), name)


def load(source: Traversable, name: Literal["blocks", "pages"]) -> Forest:
    """Load one of the models that training wrote to a file."""
    with source.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
        return Forest(
            column=data[f"{name}_column"].astype(np.int64),
            border=data[f"{name}_border"],
            leaves=data[f"{name}_leaves"],
            bias=float(data[f"{name}_bias"]),
            names=tuple(data[f"{name}_names"].tolist()),
        )
