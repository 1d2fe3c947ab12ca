"""Fit the estimate of quality: ``python -m training.quality --models DIR --data ../shared/data``.

Writes ``tasks/cleaning/data/quality.json``, the same bytes each time. DIR has the models that
``training.train --folds DIR --origins DIR`` and ``training.train_text --folds DIR`` write. To be
run again whenever the weights change; ``python -m benchmarks.quality`` says how calibrated it is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.quality import DATA, Form, Logistic
from training.quality_rows import NAMES, QualityRow, gathered, weights

RIDGE = 1.0
"""Weight of the penalty on the squared coefficients of standardised features, in pages."""
LOW, HIGH = 0.08, 0.97
"""Shares of right texts that the function ends at: some true texts are truncated or a notice, so
that the surest choice may count as wrong and a hopeless one as right. Without these ends such pages
make the function too flat: on magic-html, left out, its error is .104 instead of .089."""
_STEPS = 100
_DIGITS = 6


def fit(rows: Sequence[QualityRow], form: Form) -> Logistic:
    """Fit the logistic function by Fisher scoring, with a ridge penalty."""
    table = np.array([row.features for row in rows])
    right = np.array([row.is_right for row in rows], np.float64)
    weight = weights(rows)
    mean = np.average(table, axis=0, weights=weight)
    spread = np.sqrt(np.average((table - mean) ** 2, axis=0, weights=weight)) + 1e-9
    scaled = np.column_stack([np.ones(len(table)), (table - mean) / spread])
    coefficients = _fitted(scaled, right, weight)
    slopes = coefficients[1:] / spread
    return Logistic(
        NAMES[form],
        tuple(round(float(slope), _DIGITS) for slope in slopes),
        round(float(coefficients[0] - slopes @ mean), _DIGITS),
        LOW,
        HIGH,
    )


def _fitted(
    table: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    penalty = np.full(table.shape[1], RIDGE)
    penalty[0] = 1e-6
    coefficients = np.zeros(table.shape[1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-np.clip(table @ coefficients, -30, 30)))
        probable = LOW + (HIGH - LOW) * share
        slope = (HIGH - LOW) * share * (1 - share)
        variance = probable * (1 - probable)
        gradient = table.T @ (weight * slope * (right - probable) / variance)
        curvature = (table * (weight * slope**2 / variance)[:, None]).T @ table
        step = np.linalg.solve(
            curvature + np.diag(penalty), gradient - penalty * coefficients
        ).clip(-1, 1)
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-9:
            break
    return coefficients


def as_fields(logistic: Logistic) -> dict[str, Any]:
    """Return the function as the package's data have it."""
    return {
        "bias": logistic.bias,
        "low": logistic.low,
        "high": logistic.high,
        "weights": dict(zip(logistic.names, logistic.weights, strict=True)),
    }


def main() -> None:
    """Gather the rows, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, required=True, help="folder that training wrote")
    parser.add_argument("--out", type=Path, default=Path("tasks/cleaning/data") / DATA)
    options = parser.parse_args()
    fitted = {}
    for form in get_args(Form):
        rows = gathered(form, options.models, options.data)
        print(f"{form}: {len(rows)} texts, {np.mean([row.is_right for row in rows]):.3f} right")
        fitted[form] = as_fields(fit(rows, form))
    options.out.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
