"""The trained trees that copied text is read with; the trees of HTML pages evaluate them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np

from copydesk.tasks.cleaning.html.model import Forest, on_grid

DATA = "text_model.npz"
FORESTS = ("lines", "seconds", "titles", "texts")


@dataclass(frozen=True, slots=True)
class Models:
    """What a copied text is read with; benchmarks pass models that never saw the page.

    ``lines`` gives a line's chance to belong to the article, ``seconds`` the same once the
    chances of all lines are known, ``titles`` a candidate's to be the title, and ``texts`` a
    text's to be an article.
    """

    lines: Forest
    seconds: Forest
    titles: Forest
    texts: Forest


@cache
def shipped() -> Models:
    """Load the models of the package, once a process."""
    return load(files("copydesk.tasks.cleaning").joinpath("data", DATA))


def load(source: Traversable) -> Models:
    """Load the models that training wrote to a file."""
    with source.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
        forests = [
            Forest(
                column=data[f"{name}_column"].astype(np.int64),
                border=data[f"{name}_border"],
                leaves=on_grid(data[f"{name}_leaves"]),
                bias=float(on_grid(data[f"{name}_bias"])),
                names=tuple(data[f"{name}_names"].tolist()),
            )
            for name in FORESTS
        ]
    return Models(*forests)
