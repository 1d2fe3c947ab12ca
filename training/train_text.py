"""Train the models of copied text: ``python -m training.train_text --data ../shared/data``.

Writes ``tasks/cleaning/data/text_model.npz``, the same bytes each time: one thread, fixed seeds,
pages in the order of their files. ``--folds DIR`` writes beside it one set of models for each
fold, trained on all the others, for benchmarks that must not see their own pages. With
``--without SET`` the pages of one set are left out of training; ``--check`` trains and says whether
the stored weights are the same to the bit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from catboost import CatBoostClassifier, Pool
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.block_choice import best_choice
from copydesk.tasks.cleaning.html.model import Forest
from copydesk.tasks.cleaning.text.features import Shape, columns
from copydesk.tasks.cleaning.text.kind import text_row
from copydesk.tasks.cleaning.text.model import DATA
from copydesk.tasks.cleaning.text.second import SECOND, corrected, second_rows
from copydesk.tasks.cleaning.text.title_choice import ALL_COLUMNS, candidate_rows, candidates
from copydesk.tasks.cleaning.text.topic import number_terms
from copydesk.tasks.cleaning.title import title_key
from training.text_data import (
    BLOCKS,
    FOLDS,
    CopiedPage,
    Example,
    addressed,
    example,
    holds_truth,
    pages,
)
from training.text_digest import features_digest
from training.text_guides import GUIDE, guides
from training.train import differences, drawn_rows, exported, forest_of

Arrays = dict[str, NDArray[Any]]
Rows = NDArray[np.float32]

SOURCES = {
    "wcxb": 1.5,
    "daniel": 0.7,
    "fundus": 2.5,
    "magic-html": 3.0,
    "wordpress": 0.3,
    "wordpress-dressed": 1.2,
    "transplant": 0.7,
    "made": 0.5,
}
"""What a page of each set weighs: small sets of many sites more, made pages less."""
SHARES = {"alone": 0.15, GUIDE: 0.5}
"""What a title and a body alone weigh, which teach that nothing need be cut, and what a guide
weighs beside the page that it is made of."""
RATES = {
    "browser": 80,
    "inscriptis": 50,
    "w3m": 50,
    "alone": 25,
    "text_main": 50,
    "text_page": 50,
    "flat": 50,
}
"""Of a hundred pages, those that are learned from in each form; small sets in every form."""
SMALL = frozenset({"fundus", "magic-html", "wordpress-dressed", "made"})
GUIDED = "browser"
"""The form of the pages that guides are made of: one is enough."""
KEEP_EASY = 12
"""One in so many of the lines far from the body is learned from, with so many times the weight."""
FAR = 8  # lines from the heaviest run
MOST_LINES = 80
"""Lines of a page that are learned from: drawn by lot from those of longer ones."""
WORDS_POWER = 0.8
"""A line weighs as its words to this power: the metric counts words, the reader lines."""
LINES: dict[str, Any] = {"iterations": 220, "depth": 6, "learning_rate": 0.12}
TITLES: dict[str, Any] = {"iterations": 200, "depth": 6, "learning_rate": 0.1}
TEXTS: dict[str, Any] = {"iterations": 300, "depth": 4, "learning_rate": 0.05}
KINDS = {"article": 2.0, "service": 0.3, "forum": 0.3, "documentation": 0.1}
"""A lost article is worse than a kept shop page (weight 1); the light ones may pass when their
text reads like an article."""


def learned_from(copied: CopiedPage) -> bool:
    """Return whether the models learn from a page; the same pages are drawn each time."""
    if copied.kind != "article" or copied.form == BLOCKS:
        return copied.form != "alone"
    if copied.source in SMALL:
        return copied.form != "alone"
    return crc32((copied.page + copied.form).encode()) % 100 < RATES.get(copied.form, 100)


def train_lines(pages: Sequence[Example], rows: Callable[[Example], Rows]) -> CatBoostClassifier:
    """Train a model of lines; all pages of a set have the same weight, its guides less."""
    random = np.random.default_rng(1)
    parts = [_drawn(page, rows(page), random) for page in pages]
    table, labels, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _fit(table, labels, weights, LINES)


def _drawn(
    page: Example, rows: Rows, random: np.random.Generator
) -> tuple[Rows, Rows, NDArray[np.float64]]:
    """Return the rows of a page that are learned from, their labels and weights."""
    weight = (page.words.astype(np.float64) + 1) ** WORDS_POWER
    share = SOURCES[page.copied.source] * SHARES.get(page.copied.form, 1.0)
    # Nearly all of a guide is the article's: without halves, every page would seem more so.
    is_body = page.labels >= 0.5
    halves = (is_body, ~is_body) if page.copied.form == GUIDE else (np.ones_like(is_body),)
    for half in halves:
        weight[half] *= 100 / len(halves) * share / max(weight[half].sum(), 1e-9)
    distance = np.abs(page.rows[:, columns()["place:from_run"]])
    easy = (page.labels < 0.05) & (distance > FAR)
    picked = drawn_rows(weight, easy, KEEP_EASY, MOST_LINES, random)
    return rows[picked], page.labels[picked], weight[picked]


class TextTraining:
    """Trains the models of titles and of kinds, from the chances of all pages' lines."""

    title_names = (*columns(), *(f"title:{name}" for name in ALL_COLUMNS))

    def __init__(self, pages: Sequence[Example], chances: Sequence[Rows]) -> None:
        self.pages: list[Example] = []
        self.rows: list[Rows | None] = []
        self.labels: list[Rows] = []
        self.texts: list[dict[str, float]] = []
        for page, chance in zip(pages, chances, strict=True):
            if page.copied.form == "alone":
                continue
            shape = Shape(page.lines, page.line_scores, addressed(page.copied))
            is_body = best_choice(chance, shape.tokens)
            title_candidates = candidates(page.lines, chance, shape.tokens)
            at = np.flatnonzero(is_body).tolist()
            rows = (
                candidate_rows(title_candidates, shape, page.rows, chance, at)
                if title_candidates
                else None
            )
            key = title_key(page.copied.title or "")
            self.pages.append(page)
            self.rows.append(rows)
            labels = [title_key(item.text) == key for item in title_candidates] if key else []
            self.labels.append(np.array(labels, np.float32))
            self.texts.append(text_row(shape, page.rows, chance, is_body, 0.0, shape.url))

    def train_titles(self, fold: int | None) -> CatBoostClassifier:
        """Train the model of titles on all folds but one, or on all (None)."""
        parts = []
        for page, rows, labels in zip(self.pages, self.rows, self.labels, strict=True):
            if rows is None or page.fold % FOLDS == fold or page.copied.kind != "article":
                continue
            if labels.any():
                share = SOURCES[page.copied.source]
                parts.append((rows, labels, np.full(len(labels), 100 * share / len(labels))))
        table, labels, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
        return _fit(table, labels, weights, TITLES)

    def add_title_chances(self, forests: Sequence[Forest]) -> None:
        """Add each text's best chance of a title, from the model of the other folds."""
        for page, rows, row in zip(self.pages, self.rows, self.texts, strict=True):
            if rows is not None:
                row["title"] = float(forests[page.fold % FOLDS].chance(rows).max())

    def train_texts(self, fold: int | None) -> CatBoostClassifier:
        """Train the model of kinds on all folds but one, or on all (None)."""
        used = [at for at, page in enumerate(self.pages) if page.fold % FOLDS != fold]
        kinds = [self.pages[at].copied.kind for at in used]
        labels = np.array([kind == "article" for kind in kinds], np.float32)
        weights = np.array([KINDS.get(kind, 1.0) for kind in kinds])
        table = np.array([list(self.texts[at].values()) for at in used], np.float32)
        return _fit(table, labels, weights, TEXTS)


def _fit(
    rows: Rows, labels: Rows, weights: NDArray[np.float64], settings: dict[str, Any]
) -> CatBoostClassifier:
    model = CatBoostClassifier(
        loss_function="CrossEntropy",
        bootstrap_type="Bernoulli",
        border_count=64,
        random_seed=1,
        thread_count=1,
        verbose=0,
        allow_writing_files=False,
        l2_leaf_reg=5.0,
        rsm=0.4,
        subsample=0.7,
        **settings,
    )
    model.fit(Pool(rows, labels, weight=weights))
    return model


def train_lines_twice(read: Sequence[Example], say: Callable[[str], None]) -> list[Arrays]:
    """Train both models of lines per fold, on all other folds, then on all pages."""
    learned = [
        page
        for page in read
        if page.copied.kind == "article" and page.copied.form != BLOCKS and holds_truth(page)
    ]
    stories = [page for page in learned if page.copied.form == GUIDED]
    made = guides(stories, seed=1)
    say(f"{len(read)} pages, {len(learned)} to learn lines from, and {len(made)} guides")

    def fitted(
        used: Sequence[Example], rows: Callable[[Example], Rows], names: Sequence[str], name: str
    ) -> list[Arrays]:
        models = []
        for fold in (*range(FOLDS), None):
            model = train_lines([page for page in used if page.fold % FOLDS != fold], rows)
            models.append(exported(model, names, name))
            say(f"{name}, fold {fold}")
        return models

    names = list(columns())
    lines = fitted([*learned, *made], lambda page: page.rows, names, "lines")
    chance = _first_chances(learned, lines)
    # Without guides, which have foreign lines wherever chance put them.
    second_names = [*names, *(f"second:{name}" for name in SECOND)]
    seconds = fitted(
        learned, lambda page: _second_rows(page, chance[id(page)]), second_names, "seconds"
    )
    return [{**first, **second} for first, second in zip(lines, seconds, strict=True)]


def _first_chances(pages: Sequence[Example], lines: Sequence[Arrays]) -> dict[int, Rows]:
    """Return each page's chances of the first model that did not learn from its fold."""
    forests = [forest_of(arrays, "lines") for arrays in lines]
    return {id(page): forests[page.fold % FOLDS].chance(page.rows) for page in pages}


def _second_rows(page: Example, chance: Rows) -> Rows:
    words = np.array([line.words for line in page.lines], np.float32)
    return second_rows(page.rows, words, chance, number_terms(page.lines))


def stored_lines(folds: Path, out: Path) -> list[Arrays]:
    """Read both models of lines per fold, and of all pages, as ``write`` wrote them."""
    models = []
    for path in (*(folds / f"text-fold-{fold}.npz" for fold in range(FOLDS)), out):
        with np.load(path, allow_pickle=False) as data:
            names = [name for name in data.files if name.startswith(("lines_", "seconds_"))]
            models.append({name: data[name] for name in names})
    return models


def finish(
    pages: Sequence[Example], lines: Sequence[Arrays], say: Callable[[str], None]
) -> list[Arrays]:
    """Train the models of titles and of kinds, and add them to those of lines."""
    folds = (*range(FOLDS), None)
    first = _first_chances(pages, lines)
    forests = [forest_of(arrays, "seconds") for arrays in lines[:FOLDS]]
    chances = [
        corrected(chance, forests[page.fold % FOLDS].chance(_second_rows(page, chance)))
        for page, chance in ((page, first[id(page)]) for page in pages)
    ]
    texts = TextTraining(pages, chances)
    say("candidates")
    titles = [
        exported(texts.train_titles(fold), TextTraining.title_names, "titles") for fold in folds
    ]
    say("titles")
    texts.add_title_chances([forest_of(arrays, "titles") for arrays in titles])
    names = list(texts.texts[0])
    kinds = [exported(texts.train_texts(fold), names, "texts") for fold in folds]
    say("texts")
    return [
        {**line_arrays, **title_arrays, **text_arrays}
        for line_arrays, title_arrays, text_arrays in zip(lines, titles, kinds, strict=True)
    ]


def main() -> None:
    """Read the sets, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folds", type=Path, help="write the folds' models to this folder, too")
    parser.add_argument("--without", default="", help="a set that is left out")
    parser.add_argument(
        "--lines",
        type=Path,
        help="take the models of lines from --out and this folder of --folds, train the others",
    )
    parser.add_argument(
        "--check", action="store_true", help="compare with the file of --out, write nothing"
    )
    parser.add_argument("--out", type=Path, default=Path("tasks/cleaning/data") / DATA)
    options = parser.parse_args()
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    selected = (page for page in pages(options.data) if learned_from(page))
    learned = [example(page) for page in selected if page.source != options.without]
    read = [page for page in learned if page is not None]
    lines = (
        stored_lines(options.lines, options.out) if options.lines else train_lines_twice(read, say)
    )
    models = finish(read, lines, say)
    if options.check:
        other = differences(models[-1], options.out)
        say(f"{options.out}: {', '.join(other) or 'nothing'} differs")
        raise SystemExit(bool(other))
    write(models, options.folds, options.out)
    say(f"wrote {options.out}, {options.out.stat().st_size:,} bytes")


def write(models: Sequence[Arrays], folds: Path | None, out: Path) -> None:
    """Write the models of the folds and those of all pages."""
    if folds:
        folds.mkdir(parents=True, exist_ok=True)
        for fold, arrays in enumerate(models[:FOLDS]):
            np.savez(folds / f"text-fold-{fold}.npz", **arrays)
    np.savez_compressed(out, **models[-1], digest=np.array(features_digest()))


if __name__ == "__main__":
    main()
