"""How calibrated ``quality`` is: reliability tables, and a diagram.

``python -m benchmarks.quality --models DIR [--data ../shared/data] [--png quality.png]`` takes the
folder of ``training.quality``. **Folds**: each text's quality by a function that was fitted without
its fold of sites, and weights that saw none of its site. **Unseen**: a function fitted without its
whole set, for HTML with weights trained without it, too. ECE is the expected calibration error over
ten equal bins; ``band`` is what 95 % of samples of as many pages stay within if the score is
calibrated; ``sharp`` is the chance that a right text has the higher score of two.

The readings of one page (a browser's copy, inscriptis, w3m) are right or wrong together more often
than chance has it, so that they count for less than as many pages. The band is therefore drawn by
page: a Gaussian copula gives the readings of a page the correlation that is measured on all pages
of the form, out of fold. Independent draws would make the band too narrow, one draw a page too
wide.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from statistics import NormalDist
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.quality import Form
from training.data import FOLDS
from training.quality import fit
from training.quality_rows import QualityRow, gathered

BINS = 10
SAMPLES = 1000
_HALVINGS = 12
"""Steps of the search for the copula's correlation: enough for three digits."""
REAL = ("wcxb", "fundus", "daniel", "magic")
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """Texts with the quality that a function gave that was fitted without them."""

    rows: Sequence[QualityRow]
    quality: Values

    @property
    def right(self) -> Values:
        """Whether each is right (1) or not (0)."""
        return np.array([row.is_right for row in self.rows], np.float64)

    @property
    def pages(self) -> NDArray[np.int64]:
        """The number of each text's page."""
        numbers: dict[tuple[str, str, str], int] = {}
        keys = [(row.source, row.group, row.page) for row in self.rows]
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys])

    def of(self, stands: Callable[[QualityRow], bool]) -> Judged:
        """Return the texts for which ``stands`` is true."""
        chosen = [at for at, row in enumerate(self.rows) if stands(row)]
        return Judged([self.rows[at] for at in chosen], self.quality[chosen])


def out_of_fold(rows: Sequence[QualityRow], form: Form) -> Judged:
    """Judge the rows of the folds' weights, each by the rows of other sites."""
    parts = []
    for fold in range(FOLDS):
        logistic = fit([row for row in rows if row.fold != fold], form)
        chosen = [row for row in rows if row.fold == fold and row.regime == "folds"]
        parts.append((chosen, [logistic.probability(row.features) for row in chosen]))
    judged = [row for part, _ in parts for row in part]
    return Judged(judged, np.array([value for _, values in parts for value in values]))


def without_set(rows: Sequence[QualityRow], source: str, form: Form) -> Judged:
    """Judge a set's rows by a function that was fitted without it."""
    regimes = {row.regime for row in rows if row.source == source}
    regime = "unseen" if "unseen" in regimes else "folds"
    chosen = [row for row in rows if row.source == source and row.regime == regime]
    family = chosen[0].family
    logistic = fit([row for row in rows if row.family != family], form)
    return Judged(chosen, np.array([logistic.probability(row.features) for row in chosen]))


def calibration_error(quality: Values, right: Values) -> float:
    """Return the expected calibration error over equal bins."""
    gaps = np.bincount(bins(quality), quality - right, BINS)
    return float(np.abs(gaps).sum() / len(quality))


def bins(quality: Values) -> NDArray[np.int64]:
    """Return the number of each value's bin."""
    return np.minimum((quality * BINS).astype(np.int64), BINS - 1)


def band(judged: Judged, correlation: float) -> float:
    """Return the error that 95 % of samples stay within if the values are true probabilities.

    ``correlation`` is that of the normal variables behind two readings of one page.
    """
    draws = _draws(judged, correlation)
    errors = [calibration_error(judged.quality, right) for right in draws]
    return float(np.quantile(errors, 0.95))


def _draws(judged: Judged, correlation: float, seed: int = 1) -> Iterator[Values]:
    """Yield samples of right (1) and wrong (0) texts as their quality says."""
    random = np.random.default_rng(seed)
    normal, pages = NormalDist(), judged.pages
    limits = np.array([normal.inv_cdf(min(max(q, 1e-9), 1 - 1e-9)) for q in judged.quality])
    for _ in range(SAMPLES):
        of_page = random.standard_normal(pages.max() + 1)[pages]
        own = random.standard_normal(len(pages))
        value = np.sqrt(correlation) * of_page + np.sqrt(1 - correlation) * own
        yield (value < limits).astype(np.float64)


def page_correlation(judged: Judged) -> float:
    """Return the correlation of the normal variables behind two readings of one page.

    The product of their residuals, right less quality, is measured, for residuals are what the
    error adds up; the correlation looked for gives samples with the same mean product. It is 0
    where each page was read once.
    """
    readings = defaultdict(list)
    for at, page in enumerate(judged.pages.tolist()):
        readings[page].append(at)
    pairs = np.array([pair for of in readings.values() for pair in combinations(of, 2)])
    if not len(pairs):
        return 0.0
    goal = _residual_product(judged.quality, judged.right, pairs)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        drawn = islice(_draws(judged, middle), 20)
        mean = np.mean([_residual_product(judged.quality, right, pairs) for right in drawn])
        low, high = (middle, high) if mean < goal else (low, middle)
    return (low + high) / 2


def _residual_product(quality: Values, right: Values, pairs: NDArray[np.int64]) -> float:
    residuals = right - quality
    return float((residuals[pairs[:, 0]] * residuals[pairs[:, 1]]).mean())


def sharpness(quality: Values, right: Values) -> float:
    """Return the area under the ROC curve; nan where all are right, or none."""
    yes, no = quality[right > 0], quality[right == 0]
    if not len(yes) or not len(no):
        return float("nan")
    higher = (yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2
    return float(higher)


def line(name: str, judged: Judged, correlation: float) -> str:
    """Return a row of the summary."""
    quality, right = judged.quality, judged.right
    error, limit = calibration_error(quality, right), band(judged, correlation)
    mark = "" if error <= limit else "  outside"
    return (
        f"{name:24}{len(quality):7}{quality.mean():9.3f}{right.mean():9.3f}{error:9.4f}"
        f"{limit:9.4f}{sharpness(quality, right):9.3f}{mark}"
    )


def table(judged: Judged) -> list[str]:
    """Return the reliability table: for each bin its texts, their mean quality and share right."""
    numbers = bins(judged.quality)
    lines = []
    for number in range(BINS):
        within = numbers == number
        if within.any():
            quality, right = judged.quality[within].mean(), judged.right[within].mean()
            lines.append(
                f"  {number / BINS:.1f} to {(number + 1) / BINS:.1f}{within.sum():8}"
                f"{quality:9.3f}{right:9.3f}"
            )
    return lines


def draw(panels: Sequence[tuple[str, Judged]], path: Path) -> None:
    """Draw reliability diagrams, a panel each."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    columns = 3
    figure, axes = pyplot.subplots(
        -(-len(panels) // columns), columns, figsize=(12, 4 * -(-len(panels) // columns))
    )
    for axis, (name, judged) in zip(axes.flat, panels, strict=False):
        numbers = bins(judged.quality)
        points = [
            (judged.quality[numbers == n].mean(), judged.right[numbers == n].mean(), count)
            for n in range(BINS)
            if (count := int((numbers == n).sum()))
        ]
        axis.plot([0, 1], [0, 1], color="#999999", linewidth=1)
        for quality, right, count in points:
            spread = 1.96 * np.sqrt(max(quality * (1 - quality), 1e-4) / count)
            axis.errorbar(quality, right, yerr=spread, color="#1f5f8b", capsize=2)
            axis.scatter(quality, right, s=20 + 180 * count / len(numbers), color="#1f5f8b")
        error = calibration_error(judged.quality, judged.right)
        axis.set_title(f"{name}: {len(numbers)} texts, ECE {error:.3f}", fontsize=10)
        axis.set(xlim=(0, 1), ylim=(-0.02, 1.05), xlabel="quality", ylabel="share with F1 ≥ 0.9")
    for axis in list(axes.flat)[len(panels) :]:
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Print the tables and draw the diagram."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, required=True, help="folder that training wrote")
    parser.add_argument("--png", type=Path, help="draw the diagrams to this file")
    options = parser.parse_args()
    panels: list[tuple[str, Judged]] = []
    for form in get_args(Form):
        rows = gathered(form, options.models, options.data)
        pooled = out_of_fold(rows, form)
        real = pooled.of(lambda row: row.source in REAL)
        correlation = page_correlation(real)
        print(f"\n{form:24}{'texts':>7}{'quality':>9}{'right':>9}{'ECE':>9}{'band':>9}{'sharp':>9}")
        print(line("pooled, folds", pooled, correlation))
        print(line("pooled, real pages", real, correlation))
        for source in sorted({row.source for row in rows}):
            judged = pooled.of(lambda row, name=source: row.source == name)
            print(line(f"{source}, folds", judged, correlation))
        unseen = {source: without_set(rows, source, form) for source in REAL}
        for source, judged in unseen.items():
            print(line(f"{source}, unseen", judged, correlation))
        print(f"correlation of a page's readings: {correlation:.3f}")
        print("\n".join(["reliability, real pages, folds", *table(real)]))
        panels += [
            (f"{form}, folds", real),
            *((f"{form}, {n}, unseen", j) for n, j in unseen.items()),
        ]
        panels += [(f"{form}, all, folds", pooled)]
    if options.png:
        draw(panels, options.png)


if __name__ == "__main__":
    main()
