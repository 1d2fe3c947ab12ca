"""What each group of features and each rule is worth, measured out of fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.declared_body import declare
from copydesk.tasks.cleaning.html.features import columns
from copydesk.tasks.cleaning.html.rules import rulings
from training.data import Example, examples, f1, tokens
from training.train import exported, forest_of, train_blocks

FOLDS_TRIED = (0,)
"""One of the five, with fewer trees: differences below .002 are chance."""
TREES = 150

Chosen = list[NDArray[np.bool_]]


def ablate(data: Path) -> None:
    """Train without each group of columns in turn, then leave out each rule in turn."""
    pages = list(examples(data, ["wcxb", "fundus"]))
    tried = [page for page in pages if page.fold in FOLDS_TRIED]
    groups = sorted({name.split(":")[0] for name in columns()})
    print(f"{len(tried)} pages of folds {FOLDS_TRIED}; word F1 of wcxb and of fundus")
    whole = _choices(pages, tried, None)
    _print("all features, no rules", tried, whole)
    ruled = [_ruled(page, mask) for page, mask in zip(tried, whole, strict=True)]
    names = sorted({rule for page in ruled for _, rule in page})
    _print("with all rules", tried, _after(whole, ruled, lambda _: True))
    for name in names:
        _print(f"without {name}", tried, _after(whole, ruled, lambda r, n=name: r != n))
    for group in groups:
        _print(f"without {group}:", tried, _choices(pages, tried, group))


def _choices(pages: Sequence[Example], tried: Sequence[Example], without: str | None) -> Chosen:
    at = [number for name, number in columns().items() if name.split(":")[0] == without]
    saved = [page.rows[:, at].copy() for page in pages]
    for page in pages:
        page.rows[:, at] = 0
    forests = {}
    for fold in FOLDS_TRIED:
        model = train_blocks([page for page in pages if page.fold != fold], trees=TREES)
        forests[fold] = forest_of(exported(model, list(columns()), "blocks"), "blocks")
    # The choice itself reads a block's words: it stands on the whole rows.
    chances = [forests[page.fold].chance(page.rows) for page in tried]
    for page, values in zip(pages, saved, strict=True):
        page.rows[:, at] = values
    return [page.choice(chance) for page, chance in zip(tried, chances, strict=True)]


def _ruled(page: Example, mask: NDArray[np.bool_]) -> list[tuple[int, str]]:
    title = page.record["title"] or declare(page.evidence).title
    ruled = rulings(page.page, np.flatnonzero(mask).tolist(), title)
    return [(ruling.index, ruling.rule) for ruling in ruled]


def _after(
    whole: Chosen, ruled: Sequence[list[tuple[int, str]]], stands: Callable[[str], bool]
) -> Chosen:
    after = [mask.copy() for mask in whole]
    for mask, page in zip(after, ruled, strict=True):
        mask[[index for index, rule in page if stands(rule)]] = False
    return after


def _print(name: str, tried: Sequence[Example], masks: Chosen) -> None:
    scores: dict[str, list[float]] = {"wcxb": [], "fundus": []}
    for page, mask in zip(tried, masks, strict=True):
        text = "\n".join(page.page.text[index] for index in np.flatnonzero(mask))
        scores[page.source].append(f1(tokens(text), tokens(page.record["text"] or ""))[2])
    print(f"{name:28}" + "".join(f"{np.mean(values):9.4f}" for values in scores.values()))
