"""The texts by which the estimate of quality is fitted and judged: rows, and their true F1.

A page is read by models that saw no page of its site (``folds``), and HTML also by models that saw
none of its set (``unseen``): both are what a page of a new site may meet. A page that does not hold
its true text (``training.data.HOLDS``), in HTML or as copied, says nothing of the reading of it.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Literal

import numpy as np

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning.html import quality_row as html_row
from copydesk.tasks.cleaning.html.article import clean_html
from copydesk.tasks.cleaning.html.model import load
from copydesk.tasks.cleaning.html.page_analysis import Models
from copydesk.tasks.cleaning.quality import RIGHT, Form
from copydesk.tasks.cleaning.text import model as text_model
from copydesk.tasks.cleaning.text import quality_row as text_row
from copydesk.tasks.cleaning.text.article import clean_text
from training.data import FOLDS, HOLDS, examples, f1, fold_of, tokens
from training.text_data import (
    BLOCKS,
    FORMS,
    CopiedPage,
    addressed,
    example,
    holds_truth,
    pages,
)
from training.text_data import FOLDS as TEXT_FOLDS

NAMES: dict[Form, tuple[str, ...]] = {"html": html_row.FEATURES, "text": text_row.FEATURES}

Regime = Literal["folds", "unseen"]

HTML_SETS = ("wcxb", "fundus", "daniel", "magic", "wordpress", "dressed")
ORIGINS = {"wordpress-dressed": "dressed", "magic-html": "magic"}
"""Sets of copied pages by the names of their HTML."""
MADE = 0.3
"""What a page of a WordPress made for this project weighs: all are alike."""
SIZE = 0.5
"""How a set's weight grows with its pages: with 1 the two large sets decide alone, and a
set left out is judged worse (WCXB as HTML: an error of .051 instead of .024)."""
FAMILIES = {"dressed": "wordpress"}
"""Sets made of the pages of another one, which is left out with them."""


@dataclass(frozen=True, slots=True)
class QualityRow:
    """A text: its features, and whether it is right; texts of one ``group`` share a fold."""

    source: str
    form: str
    regime: Regime
    group: str
    page: str
    features: tuple[float, ...]
    f1: float

    @property
    def is_right(self) -> bool:
        """Whether the word F1 is .9 or more."""
        return self.f1 >= RIGHT

    @property
    def family(self) -> str:
        """The set that it is left out with."""
        return FAMILIES.get(self.source, self.source)

    @property
    def fold(self) -> int:
        """The fold of its group."""
        return fold_of(self.group)


@dataclass(slots=True)
class Recorder:
    """Stands for the estimate, and keeps the last row that it was asked for."""

    rows: list[Sequence[float]] = field(default_factory=list)

    def probability(self, row: Sequence[float]) -> float:
        """Keep the row."""
        self.rows.append(row)
        return 0.0


def gathered(form: Form, models: Path, data: Path) -> list[QualityRow]:
    """Return the rows of a form; kept beside the models, for both programs that need them."""
    cache = models / f"quality-rows-{form}.pickle"
    newest = max(path.stat().st_mtime for path in models.glob("*.npz"))
    if cache.exists() and cache.stat().st_mtime > newest:
        names, rows = pickle.loads(cache.read_bytes())
        if names == NAMES[form]:
            return list(rows)
    rows = list(_html_rows(models, data) if form == "html" else _text_rows(models, data))
    cache.write_bytes(pickle.dumps((NAMES[form], rows)))
    return rows


def _html_rows(models: Path, data: Path) -> Iterator[QualityRow]:
    recorder = Recorder()

    def loaded(name: str) -> Models:
        path = models / f"{name}.npz"
        return Models(load(path, "blocks"), load(path, "pages"), recorder)

    by_fold = [loaded(f"fold-{fold}") for fold in range(FOLDS)]
    for source in HTML_SETS:
        name = FAMILIES.get(source, source)
        unseen = loaded(f"without-{name}") if (models / f"without-{name}.npz").exists() else None
        for number, page in enumerate(examples(data, [source])):
            if not page.holds_truth:
                continue
            regimes: dict[Regime, Models | None] = {
                "folds": by_fold[fold_of(page.group)],
                "unseen": unseen,
            }
            truth = tokens(str(page.record["text"] or ""))
            for regime, page_models in regimes.items():
                if page_models is None:
                    continue
                result = clean_html(page.record["html"], url=page.record["url"], models=page_models)
                if isinstance(result, Article):
                    score = f1(tokens(result.text), truth)[2]
                    row = tuple(recorder.rows[-1])
                    yield QualityRow(source, "html", regime, page.group, f"{number}", row, score)


def _text_rows(models: Path, data: Path) -> Iterator[QualityRow]:
    recorder = Recorder()
    by_fold = [
        replace(text_model.load(models / f"text-fold-{fold}.npz"), quality=recorder)
        for fold in range(TEXT_FOLDS)
    ]
    for page in _copied(data):
        recorder.rows.clear()
        page_models = by_fold[fold_of(page.group) % TEXT_FOLDS]
        result = clean_text(page.text, url=addressed(page), models=page_models)
        if isinstance(result, Article) and recorder.rows:
            score = f1(tokens(result.text), tokens(page.body))[2]
            if score < HOLDS and not _holds_truth(page):
                continue
            source = ORIGINS.get(page.source, page.source)
            row = tuple(recorder.rows[-1])
            yield QualityRow(source, page.form, "folds", page.group, page.page, row, score)


def _holds_truth(page: CopiedPage) -> bool:
    """Return whether the true text stands in what was copied: else no choice of lines is right."""
    read = example(page)
    return read is not None and holds_truth(read)


def _copied(data: Path) -> Iterator[CopiedPage]:
    """Yield copied article pages, in the forms of the real sets and of WordPress."""
    forms = (*FORMS, "text_main", "text_page")
    # Pages as blocks come behind those that were copied, and take most of the time.
    for page in takewhile(lambda page: page.form != BLOCKS, pages(data)):
        if page.kind == "article" and page.form in forms and page.body:
            yield page


def weights(rows: Sequence[QualityRow]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the rows' weights: a page counts once, however often it was read.

    A set that is n times as large as another one counts ``n ** SIZE`` times as much.
    """
    keys = [(row.source, row.group, row.page) for row in rows]
    times = Counter(keys)
    families = np.array([row.family for row in rows])
    values = np.array(
        [
            (MADE if row.family == "wordpress" else 1.0) / times[key]
            for row, key in zip(rows, keys, strict=True)
        ]
    )
    total = values.sum()
    for family in sorted(set(families)):
        values[families == family] *= values[families == family].sum() ** (SIZE - 1)
    return np.asarray(values * total / values.sum())
