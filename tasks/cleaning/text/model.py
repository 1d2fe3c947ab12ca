"""Load the trained models of copied text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np

from copydesk.tasks.cleaning import quality
from copydesk.tasks.cleaning.html.model import Forest, on_grid
from copydesk.tasks.cleaning.quality import Estimator

DATA = "text_model.npz"
FORESTS = ("lines", "seconds", "titles", "texts")


@dataclass(frozen=True, slots=True)
class Models:
    """The models of copied text; benchmarks pass models that were not trained on their pages.

    ``lines`` gives each line's probability to belong to the article, ``seconds`` corrects it by the
    probabilities of the other lines, ``titles`` gives a candidate's probability to be the title,
    and ``texts`` the probability that a text is an article. Without ``quality`` none is
    estimated.
    """

    lines: Forest
    seconds: Forest
    titles: Forest
    texts: Forest
    quality: Estimator | None = None


@cache
def shipped() -> Models:
    """Load the models of the package, once per process."""
    models = load(files("copydesk.tasks.cleaning").joinpath("data", DATA))
    return replace(models, quality=quality.shipped("text"))


def load(source: Traversable) -> Models:
    """Load the models that training wrote to a file."""
    with source.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
        lines, seconds, titles, texts = [
            Forest(
                column=data[f"{name}_column"].astype(np.int64),
                border=data[f"{name}_border"],
                leaves=on_grid(data[f"{name}_leaves"]),
                bias=float(on_grid(data[f"{name}_bias"])),
                names=tuple(data[f"{name}_names"].tolist()),
            )
            for name in FORESTS
        ]
    return Models(lines, seconds, titles, texts)
