"""The features of a copied text's lines by which its quality is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.tasks.cleaning.quality import CHOICE, choice_row, log_odds
from copydesk.tasks.cleaning.text.reading import Reading

FEATURES: Final = (*CHOICE, "text", "is_long", "title", "by_rules")
"""The order is part of the fitted function."""


def quality_row(
    reading: Reading, body: Sequence[int], article_chance: float | None, *, by_rules: bool
) -> list[float]:
    """Return the values of ``FEATURES`` for the text of ``body``.

    Args:
        reading: What the models say of the lines.
        body: The lines of the text.
        article_chance: The probability that the text is an article; None for a short one.
        by_rules: Whether rules chose the lines.
    """
    return [
        *choice_row(reading.chance, reading.shape.tokens, body, reading.is_body),
        0.0 if article_chance is None else log_odds(article_chance),
        float(article_chance is not None),
        log_odds(max(reading.titles.chances, default=0.0)),
        float(by_rules),
    ]
