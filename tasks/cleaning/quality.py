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
from itertools import pairwise
from math import exp, log, log1p
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.line_loops import native_lines

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
    sums = choice_sums if native_lines is None else native_lines.choice_sums
    size, likely, total, doubt, model_size, runs = sums(
        chance.astype(np.float64),
        words.astype(np.float64),
        list(body),
        retained.astype(np.uint8),
        _DOUBTFUL,
    )
    total = max(total, 1e-9)
    return {
        "precision": log_odds(likely / max(size, 1e-9)),
        "recall": log_odds(likely / total),
        "doubt": min(doubt / total, 3.0),
        "runs": log1p(runs),
        "words": log1p(size),
        "ruled": (model_size - size) / max(model_size, size, 1.0),
    }


def choice_sums(
    chance: NDArray[np.float64],
    words: NDArray[np.float64],
    body: list[int],
    retained: NDArray[np.uint8],
    doubtful: float,
) -> tuple[float, ...]:
    """Return what a choice amounts to; the Python version of the compiled loop.

    Words of the text, and probable ones among them; probable and doubtful words of all parts; words
    of the model's choice; runs of parts.
    """
    expected = chance * words
    return (
        _total(words[body]),
        _total(expected[body]),
        _total(expected),
        _total(words[np.abs(chance - 0.5) < doubtful]),
        _total(words[retained > 0]),
        sum(after - before > 1 for before, after in pairwise([-2, *body])),
    )


def _total(values: NDArray[np.float64]) -> float:
    """Return the sum, added one by one, as in the compiled loop."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0
