"""Train the HTML model: ``python -m training.train --data ../shared/data``.

Writes ``tasks/cleaning/data/html_model.npz``, the same bytes each time: one thread, fixed
seeds, pages in the order of their files. ``--folds DIR`` writes, beside it, one model for each
fold, trained on all the others, and ``--origins DIR`` one for each set, trained without it: for
benchmarks that must not see their own pages, or none of their kind. ``--without daniel`` leaves a
set out altogether, ``--seed`` draws other numbers. ``--check`` trains and says whether the stored
weights are the same to the bit.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoostClassifier, Pool
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.features import columns
from copydesk.tasks.cleaning.html.layout import LEVELS
from copydesk.tasks.cleaning.html.model import DATA, Forest
from copydesk.tasks.cleaning.html.page_kind import page_row
from copydesk.tasks.cleaning.vocabulary.class_names import words
from training.data import FOLDS, Example, examples
from training.guides import guides

Arrays = dict[str, NDArray[Any]]
PageRows = tuple[dict[str, float], dict[str, float]]

BLOCKS: dict[str, Any] = {
    "iterations": 400,
    "depth": 6,
    "learning_rate": 0.085,
    "l2_leaf_reg": 5.0,
    "rsm": 0.4,
    "subsample": 0.7,
}
"""More trees or deeper ones gain less than .001 and cost their share of the time a page."""
PAGES: dict[str, Any] = {
    "iterations": 600,
    "depth": 3,
    "learning_rate": 0.03,
    "l2_leaf_reg": 6.0,
    "rsm": 0.5,
    "subsample": 0.7,
}
KEEP_EASY = 3
KEEP_EASY_OF_GUIDES = 9
"""One in so many of the surely foreign blocks is learned from, with so many times the weight."""
MOST_BLOCKS = 90
"""Blocks of a page that are learned from: drawn by lot from those of longer ones."""
GUIDES_SHARE = 0.5
"""What a guide weighs beside the page that it is made of."""
WORDS_POWER = 0.8
"""A block weighs as its words to this power: the metric counts words, the reader blocks."""
SOURCES = {"wcxb": 1.0, "fundus": 1.0, "daniel": 0.5, "magic": 1.0, "wordpress": 0.3}
"""Sets that the choice of blocks learns from, and what a page of each weighs."""
MORE_LIKELY = words(
    "kept_text kept_share kept_long kept_long_share kept_ends sure sure_text highest published "
    "author bylines in_article declares_article declares_recipe path_article"
)
LESS_LIKELY = words(
    "kept_links kept_money kept_alike kept_teased kept_runs doubt links link_blocks money shop "
    "cards comments images forms teased span_dates span_bylines declares_product "
    "declares_collection declares_forum declares_service path_product path_collection path_forum "
    "path_service path_documentation"
)
"""Features of pages that can only speak for an article, or only against it, else being equal: what
the model learns of one set's pages then holds for other sets more often."""
KIND_WEIGHTS = {"article": 2.0, "service": 0.1, "forum": 0.4, "documentation": 0.02}
"""A lost article is worse than a kept shop page (weight 1); the light ones may pass when their
text reads like an article."""
GUIDES_AS_ARTICLES = 2.0
"""What a guide weighs beside an article for the model of pages. Where that knows no article of WCXB
(modern, with boxes and lists), it doubts .06 of them, .17 without guides and ``MORE_LIKELY``."""
NO_ADDRESS = 0.6
"""Weight of each page once more without its address: saved files have none. With the address
alone, twice as many articles without one were refused as with it."""


def train_blocks(
    pages: Sequence[Example], *, trees: int = BLOCKS["iterations"], seed: int = 1
) -> CatBoostClassifier:
    """Train the model of blocks; all pages of a set have the same weight, its guides less."""
    random = np.random.default_rng(seed)
    parts = [_block_rows(page, random) for page in pages if page.holds_truth]
    rows, labels, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _fit(rows, labels, weights, {**BLOCKS, "iterations": trees, "random_seed": seed})


def _block_rows(
    page: Example, random: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Give the rows of a page that are learned from, their labels and weights."""
    keep_easy = KEEP_EASY_OF_GUIDES if page.is_guide else KEEP_EASY
    weight = (page.words + 1.0) ** WORDS_POWER
    weight *= 100 * SOURCES[page.source] / weight.sum()
    if page.is_guide:
        # Nearly all of a guide is the article's: without halves, every page would seem more so.
        is_body = page.labels >= 0.5
        for half in (is_body, ~is_body):
            total = max(weight[half].sum(), 1e-9)
            weight[half] *= 50 * GUIDES_SHARE * SOURCES[page.source] / total
    easy = (page.labels < 0.05) & (page.rows[:, columns()["core:40_inside"]] == 0)
    picked = drawn_rows(weight, easy, keep_easy, MOST_BLOCKS, random)
    rows = _disguised(page.rows[picked], list(columns()), random)
    return rows, page.labels[picked], weight[picked]


def drawn_rows(
    weight: NDArray[np.float64],
    easy: NDArray[np.bool_],
    keep_easy: int,
    most: int,
    random: np.random.Generator,
) -> NDArray[np.intp]:
    """Draw the rows of a page that are learned from, and change the weights (in place) to suit.

    One easy row in ``keep_easy`` is drawn and weighs as many; of the rest ``most`` rows at most.
    """
    drawn = random.random(len(weight)) < 1 / keep_easy
    weight[easy] *= keep_easy
    picked = np.flatnonzero(~easy | drawn)
    if len(picked) > most:
        weight *= len(picked) / most
        picked = np.sort(random.choice(picked, most, replace=False))
    return picked


def _disguised(
    rows: NDArray[np.float32], names: Sequence[str], random: np.random.Generator
) -> NDArray[np.float32]:
    """Remove the features of class names from some pages and those of words from others."""
    drawn = random.random(2) < 0.15
    if not drawn.any():
        return rows
    rows = rows.copy()
    for at, name in enumerate(names):
        if drawn[0] and name.startswith("class:"):
            rows[:, at] = LEVELS + 1
        if drawn[1] and name.startswith("said:"):
            rows[:, at] = 0
    return rows


def page_rows(pages: Sequence[Example], blocks: Sequence[Forest]) -> list[PageRows]:
    """Return each page's features with its address and without.

    ``blocks`` are the models of the folds: each page is read by one not trained on it.
    """
    rows = []
    for page in pages:
        analysis = page.analysis(blocks[page.fold])
        rows.append((page_row(analysis, page.record["url"]), page_row(analysis, None)))
    return rows


def train_pages(
    pages: Sequence[Example], rows: Sequence[PageRows], *, seed: int = 1
) -> CatBoostClassifier:
    """Train the model that tells articles from other pages."""
    table, labels, weights = [], [], []
    for page, both in zip(pages, rows, strict=True):
        for row, share in zip(both, (1.0, NO_ADDRESS), strict=True):
            table.append(list(row.values()))
            labels.append(float(page.kind == "article"))
            weight = KIND_WEIGHTS.get(page.kind, 1.0) * (GUIDES_AS_ARTICLES if page.is_guide else 1)
            weights.append(share * weight)
    signs = {**dict.fromkeys(MORE_LIKELY, 1), **dict.fromkeys(LESS_LIKELY, -1)}
    if unknown := signs.keys() - rows[0][0].keys():
        raise ValueError(f"no features of pages: {sorted(unknown)}")
    directions = [signs.get(name, 0) for name in rows[0][0]]
    settings = {**PAGES, "monotone_constraints": directions, "random_seed": seed}
    return _fit(np.array(table, np.float32), np.array(labels), np.array(weights), settings)


def _fit(
    rows: NDArray[Any], labels: NDArray[Any], weights: NDArray[Any], settings: dict[str, Any]
) -> CatBoostClassifier:
    model = CatBoostClassifier(
        loss_function="CrossEntropy",
        bootstrap_type="Bernoulli",
        border_count=64,
        thread_count=1,
        verbose=0,
        allow_writing_files=False,
        **settings,
    )
    model.fit(Pool(rows, labels, weight=weights))
    return model


def exported(model: CatBoostClassifier, names: Sequence[str], name: str) -> Arrays:
    """Turn a model into the arrays that ``Forest`` reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        document = json.loads(path.read_text())
    trees = document["oblivious_trees"]
    levels = max(len(tree["splits"]) for tree in trees)
    column = np.zeros((levels, len(trees)), np.int16)
    border = np.full((levels, len(trees)), np.inf, np.float32)  # never above: the bit stays 0
    leaves = np.zeros((len(trees), 1 << levels), np.float32)
    for number, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"]):
            column[level, number] = split["float_feature_index"]
            border[level, number] = split["border"]
        leaves[number, : len(tree["leaf_values"])] = tree["leaf_values"]
    scale, (bias,) = document["scale_and_bias"]
    return {
        f"{name}_column": column,
        f"{name}_border": border,
        f"{name}_leaves": leaves * np.float32(scale),
        f"{name}_bias": np.float32(bias),
        f"{name}_names": np.array(names),
    }


def forest_of(arrays: Arrays, name: str) -> Forest:
    """Make a model from exported arrays."""
    return Forest(
        column=arrays[f"{name}_column"].astype(np.int64),
        border=arrays[f"{name}_border"],
        leaves=arrays[f"{name}_leaves"],
        bias=float(arrays[f"{name}_bias"]),
        names=tuple(arrays[f"{name}_names"].tolist()),
    )


def folds(pages: Sequence[Example], seed: int) -> list[Arrays]:
    """Train one model of blocks per fold, on all other folds."""
    return [_blocks([page for page in pages if page.fold != fold], seed) for fold in range(FOLDS)]


def _blocks(pages: Sequence[Example], seed: int) -> Arrays:
    return exported(train_blocks(pages, seed=seed), list(columns()), "blocks")


def _kinds(
    pages: Sequence[Example],
    rows: Sequence[PageRows],
    seed: int,
    stands: Callable[[Example], bool] = lambda _: True,
) -> Arrays:
    """Train the model of kinds on the pages for which ``stands`` is true."""
    pairs = [(page, row) for page, row in zip(pages, rows, strict=True) if stands(page)]
    model = train_pages([page for page, _ in pairs], [row for _, row in pairs], seed=seed)
    return exported(model, list(rows[0][0]), "pages")


def differences(arrays: Arrays, path: Path) -> list[str]:
    """Return the names of the arrays in a file that training did not give to the bit."""
    with np.load(path, allow_pickle=False) as stored:
        names = sorted({*stored.files, *arrays} - {"digest"})
        same = {
            name
            for name in names
            if name in stored.files
            and name in arrays
            and np.asarray(arrays[name]).tobytes() == stored[name].tobytes()
        }
    return [name for name in names if name not in same]


def main() -> None:
    """Read the sets, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folds", type=Path, help="write the folds' models to this folder, too")
    parser.add_argument("--origins", type=Path, help="write models that miss a set each, too")
    parser.add_argument("--without", action="append", default=[], choices=sorted(SOURCES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--check", action="store_true", help="compare with the file of --out, write nothing"
    )
    parser.add_argument("--out", type=Path, default=Path("tasks/cleaning/data") / DATA)
    options = parser.parse_args()
    seed, started = options.seed, time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    def write(path: Path, arrays: Arrays) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **arrays)
        say(f"wrote {path}, {path.stat().st_size:,} bytes")

    sources = [source for source in SOURCES if source not in options.without]
    pages = list(examples(options.data, sources))
    # WordPress's pages are short stories of one make: guides of them are all alike.
    stories = [page for page in pages if page.holds_truth and page.source != "wordpress"]
    learned = [*pages, *guides(stories, seed)]
    others = list(examples(options.data, ["other"]))
    everything = [*learned, *others]
    say(f"{len(learned)} pages to learn blocks from, {len(everything)} to tell articles by")
    missing = folds(learned, seed)
    rows = page_rows(everything, [forest_of(arrays, "blocks") for arrays in missing])
    say("folds")
    arrays = {**_blocks(learned, seed), **_kinds(everything, rows, seed)}
    if options.check:
        other = differences(arrays, options.out)
        say(f"{options.out}: {', '.join(other) or 'nothing'} differs")
        raise SystemExit(bool(other))
    write(options.out, arrays)
    for fold, arrays in enumerate(missing if options.folds else ()):
        kinds = _kinds(everything, rows, seed, lambda page, fold=fold: page.fold != fold)
        write(options.folds / f"fold-{fold}.npz", {**arrays, **kinds})
    for origin in sources if options.origins else ():
        remaining = [page for page in learned if page.source != origin]
        kinds = _kinds(everything, rows, seed, lambda page, origin=origin: page.source != origin)
        write(options.origins / f"without-{origin}.npz", {**_blocks(remaining, seed), **kinds})


if __name__ == "__main__":
    main()
