"""Apply the models to a copied text: probabilities of lines, the choice of them, the title."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.tasks.cleaning.html.block_choice import best_choice
from copydesk.tasks.cleaning.text.features import Shape, features
from copydesk.tasks.cleaning.text.kind import text_row
from copydesk.tasks.cleaning.text.line_scores import LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import Bools, Floats
from copydesk.tasks.cleaning.text.model import Models
from copydesk.tasks.cleaning.text.second import corrected, second_rows
from copydesk.tasks.cleaning.text.title_choice import candidate_rows, candidates
from copydesk.tasks.cleaning.text.title_context import Candidate
from copydesk.tasks.cleaning.title import title_key

UNLIKELY = 0.01  # chance below which a candidate adds nothing to another


@dataclass(frozen=True, slots=True)
class TitleChoice:
    """The candidates for the title and their probabilities, best first."""

    ranked: tuple[Candidate, ...]
    chances: tuple[float, ...]

    def likeliest(self) -> tuple[Candidate | None, float]:
        """Return the likeliest title and its chance; each of its repetitions adds to the chance.

        A title that stands in the breadcrumbs, too, or above and below a picture, is as many
        candidates, each of which has a part of the chance.
        """
        against: dict[str, float] = {}
        for item, chance in zip(self.ranked, self.chances, strict=True):
            if against and chance < UNLIKELY:
                break
            key = title_key(item.text)
            against[key] = against.get(key, 1.0) * (1 - chance)
        if not against:
            return None, 0.0
        best = min(against, key=against.__getitem__)
        first = next(item for item in self.ranked if title_key(item.text) == best)
        return first, 1 - against[best]

    def chance_of(self, lines: Collection[int]) -> float:
        """Return the probability of the best candidate among some lines; at least 0.001."""
        for item, chance in zip(self.ranked, self.chances, strict=True):
            if item.line in lines:
                return max(chance, 0.001)
        return 0.001


@dataclass(frozen=True, slots=True)
class Reading:
    """The results of the models for a text.

    ``chance`` is each line's probability to belong to the article; ``is_body`` marks the chosen
    lines.
    """

    shape: Shape
    rows: Floats
    chance: Floats
    is_body: Bools
    titles: TitleChoice
    url: str | None

    def as_article(self, models: Models) -> float:
        """Return the probability that the text is an article."""
        row = text_row(
            self.shape,
            self.rows,
            self.chance,
            self.is_body,
            max(self.titles.chances, default=0.0),
            self.url,
        )
        return float(models.texts.chance(np.array([list(row.values())], np.float32))[0])


def read(
    lines: Sequence[Line], line_scores: Sequence[LineScore], url: str | None, models: Models
) -> Reading:
    """Apply the models to a text's lines."""
    rows, shape = features(lines, line_scores, url)
    chance = models.lines.chance(rows)
    second = models.seconds.chance(second_rows(rows, shape.words, chance, shape.numbered))
    chance = corrected(chance, second)
    is_body = best_choice(chance, shape.tokens)
    return Reading(shape, rows, chance, is_body, _titles(shape, rows, chance, is_body, models), url)


def _titles(
    shape: Shape, rows: Floats, chance: Floats, is_body: Bools, models: Models
) -> TitleChoice:
    title_candidates = candidates(shape.lines, chance, shape.tokens)
    if not title_candidates:
        return TitleChoice((), ())
    table = candidate_rows(title_candidates, shape, rows, chance, np.flatnonzero(is_body).tolist())
    chances = models.titles.chance(table)
    order = np.argsort(-chances, kind="stable").tolist()
    return TitleChoice(
        tuple(title_candidates[at] for at in order), tuple(float(chances[at]) for at in order)
    )
