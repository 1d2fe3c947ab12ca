"""How probable it is that a text is right: a word F1 of at least .9 against the true one.

A logistic function of what the models say of their own choice, fitted on pages that they had not
seen (``training/quality.py``); its coefficients are data beside the models' weights.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log, log1p
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

DATA: Final = "quality.json"
RIGHT: Final = 0.9
"""Word F1 from which a text counts as right."""
_EDGE: Final = 0.001
"""Probabilities closer to 0 and 1 than this count as this: a model is never surer."""
_DOUBTFUL: Final = 0.3
"""A block or line whose chance is so near to a half may as well be the article's as not."""
_DIGITS: Final = 3
_STEEPEST: Final = 30.0

Form = Literal["html", "text"]


class Estimator(Protocol):
    """What gives a text's quality by its row of features."""

    def probability(self, row: Sequence[float]) -> float:
        """Return the probability (0 to 1) that the text is right."""
        ...


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic function that ends at ``low`` and ``high``; ``names`` are the row's features."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    low: float = 0.0
    high: float = 1.0

    def probability(self, row: Sequence[float]) -> float:
        """Return the probability, rounded so that it is the same on every machine."""
        score = self.bias
        for weight, value in zip(self.weights, row, strict=True):
            score += weight * value
        share = 1 / (1 + exp(-min(max(score, -_STEEPEST), _STEEPEST)))
        return round(self.low + (self.high - self.low) * share, _DIGITS)


def log_odds(probability: float) -> float:
    """Return a probability's log-odds, which are finite."""
    bounded = min(max(probability, _EDGE), 1 - _EDGE)
    return log(bounded / (1 - bounded))


@cache
def shipped(form: Form) -> Logistic:
    """Load the function for a form of documents from the package's data, once a process."""
    path = files("copydesk.tasks.cleaning").joinpath("data", DATA)
    return read_logistic(json.loads(path.read_text(encoding="utf-8"))[form])


def read_logistic(fields: dict[str, object]) -> Logistic:
    """Read what the program that fits it wrote."""
    weights = fields["weights"]
    if not isinstance(weights, dict):
        raise TypeError("weights by feature")
    return Logistic(
        tuple(weights),
        tuple(map(float, weights.values())),
        *(float(str(fields[name])) for name in ("bias", "low", "high")),
    )


def choice_figures(
    chance: NDArray[Any], words: NDArray[Any], body: Sequence[int], retained: NDArray[np.bool_]
) -> dict[str, float]:
    """Return how sure the models are of a choice of blocks or lines, and how it lies, by name.

    Args:
        chance: Each part's chance to belong to the article.
        words: Each part's number of words.
        body: The parts of the text, in order, after all rules.
        retained: The parts that the model chose.
    """
    chance, words = chance.astype(np.float64), words.astype(np.float64)
    indexes = np.array(body, np.intp)
    expected = chance * words
    size, likely = float(words.take(indexes).sum()), float(expected.take(indexes).sum())
    total = max(float(expected.sum()), 1e-9)
    doubtful = np.abs(chance - 0.5) < _DOUBTFUL
    model_size = float(np.dot(words, retained))
    runs = int(np.count_nonzero(indexes[1:] - indexes[:-1] > 1)) + (len(indexes) > 0)
    return {
        "precision": log_odds(likely / max(size, 1e-9)),
        "recall": log_odds(likely / total),
        "doubt": min(float(np.dot(words, doubtful)) / total, 3.0),
        "runs": log1p(runs),
        "words": log1p(size),
        "ruled": (model_size - size) / max(model_size, size, 1.0),
    }
