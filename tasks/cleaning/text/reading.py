"""A copied text as the models see it: each line's chance, the choice, the title, the kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.tasks.cleaning.html.block_choice import best_choice
from copydesk.tasks.cleaning.text.features import Shape, features
from copydesk.tasks.cleaning.text.kind import text_row
from copydesk.tasks.cleaning.text.line_scores import Signs
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import Bools, Floats
from copydesk.tasks.cleaning.text.model import Models
from copydesk.tasks.cleaning.text.second import second_rows
from copydesk.tasks.cleaning.text.title_choice import Candidate, candidate_rows, candidates


@dataclass(frozen=True, slots=True)
class TitleChoice:
    """The candidates for the title with their chances, best first."""

    ranked: tuple[Candidate, ...]
    chances: tuple[float, ...]

    def chance_of(self, lines: Collection[int]) -> float:
        """Give the chance of the best candidate among some lines; a small one where none is."""
        for item, chance in zip(self.ranked, self.chances, strict=True):
            if item.line in lines:
                return max(chance, 0.001)
        return 0.001


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's lines with their chances to belong to the article, and those that are chosen."""

    shape: Shape
    rows: Floats
    chance: Floats
    kept: Bools
    titles: TitleChoice
    url: str | None

    def as_article(self, models: Models) -> float:
        """Give the chance that the text is an article."""
        row = text_row(
            self.shape,
            self.rows,
            self.chance,
            self.kept,
            max(self.titles.chances, default=0.0),
            self.url,
        )
        return float(models.texts.chance(np.array([list(row.values())], np.float32))[0])


def read(lines: Sequence[Line], signs: Sequence[Signs], url: str | None, models: Models) -> Reading:
    """Read the lines: what each is, which make the body, what may be the title."""
    rows, shape = features(lines, signs, url)
    chance = models.lines.chance(rows)
    chance = models.seconds.chance(second_rows(rows, shape.words, chance))
    kept = best_choice(chance, shape.tokens)
    return Reading(shape, rows, chance, kept, _titles(shape, rows, chance, kept, models), url)


def _titles(shape: Shape, rows: Floats, chance: Floats, kept: Bools, models: Models) -> TitleChoice:
    found = candidates(shape.lines, chance, shape.tokens)
    if not found:
        return TitleChoice((), ())
    table = candidate_rows(found, shape, rows, chance, np.flatnonzero(kept).tolist())
    chances = models.titles.chance(table)
    order = np.argsort(-chances, kind="stable").tolist()
    return TitleChoice(tuple(found[at] for at in order), tuple(float(chances[at]) for at in order))
