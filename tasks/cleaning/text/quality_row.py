"""The features of a copied text's lines by which its quality is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.tasks.cleaning.quality import choice_figures, log_odds
from copydesk.tasks.cleaning.text.reading import Reading

FEATURES: Final = ("precision", "recall", "title")
"""The order is part of the fitted function. The text's length, runs, span and share, and how
probably it is an article, say more on the sets fitted on, and mislead on a set left out."""


def quality_row(reading: Reading, body: Sequence[int]) -> list[float]:
    """Return the values of ``FEATURES`` for the text of ``body``.

    Args:
        reading: What the models say of the lines.
        body: The lines of the text.
    """
    figures = choice_figures(reading.chance, reading.shape.tokens, body, reading.is_body)
    figures["title"] = log_odds(max(reading.titles.chances, default=0.0))
    return [figures[name] for name in FEATURES]
