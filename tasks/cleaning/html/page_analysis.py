"""A page as the models see it: evidence, blocks, their features, probabilities, and the choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning import metadata, quality
from copydesk.tasks.cleaning.html.block_choice import best_choice
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.declared_body import Declared, declare
from copydesk.tasks.cleaning.html.features import columns, features
from copydesk.tasks.cleaning.html.layout import Floats
from copydesk.tasks.cleaning.html.model import Forest, forest
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.quality import Estimator


@dataclass(frozen=True, slots=True)
class Models:
    """The models to read a page with; benchmarks pass models that were not trained on the page.

    Without ``quality`` no article's quality is estimated.
    """

    blocks: Forest
    pages: Forest
    quality: Estimator | None = None


@cache
def shipped() -> Models:
    """Load the models of the package."""
    return Models(forest("blocks"), forest("pages"), quality.shipped("html"))


@dataclass(frozen=True)
class PageAnalysis:
    """A page as the models see it: its blocks, their features and probabilities, and the choice."""

    page: Page
    declared: Declared
    evidence: metadata.Evidence
    rows: Floats
    chance: Floats
    retained: NDArray[np.bool_]

    @cached_property
    def words(self) -> Floats:
        """Return the number of words of each block."""
        words: Floats = self.rows[:, self.column_numbers["text:words"]]
        return words

    @cached_property
    def word_counts(self) -> list[float]:
        """Return ``words`` as a list: sums over a few blocks are faster, and as exact (halves)."""
        counts: list[float] = self.words.tolist()
        return counts

    @cached_property
    def ends(self) -> NDArray[np.bool_]:
        """Return which blocks end with the punctuation of a sentence or quotation."""
        columns_by_name = self.column_numbers
        return (self.rows[:, columns_by_name["text:last_end"]] > 0) | (
            self.rows[:, columns_by_name["text:last_quote"]] > 0
        )

    @cached_property
    def has_code(self) -> bool:
        """Return whether the page has preformatted text."""
        return "pre" in set(self.page.containers.tag)

    def with_choice(self, retained: NDArray[np.bool_]) -> PageAnalysis:
        """Return the analysis with another choice of blocks; what was computed stays."""
        analysis = object.__new__(PageAnalysis)
        analysis.__dict__.update(self.__dict__, retained=retained)
        return analysis

    @property
    def column_numbers(self) -> Mapping[str, int]:
        """Return the columns' indexes by name."""
        return columns()


def read_page(tree: LexborHTMLParser, url: str | None, models: Models) -> PageAnalysis | None:
    """Read the blocks and choose among them; None if the page shows no text."""
    evidence = metadata.gather(tree, url)
    page = read(tree)
    if not len(page):
        return None
    declared = declare(evidence)
    rows = features(page, declared)
    chance = models.blocks.chance(rows)
    retained = best_choice(chance, rows[:, columns()["text:words"]])
    return PageAnalysis(page, declared, evidence, rows, chance, retained)
