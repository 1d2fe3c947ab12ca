"""The features of a page's text by which its quality is estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.quality import CHOICE, choice_row, log_odds

FEATURES: Final = (*CHOICE, "page", "alike", "declared")
"""The order is part of the fitted function."""


def quality_row(
    analysis: PageAnalysis,
    body: Sequence[int],
    figures: Mapping[str, float],
    page_chance: float,
    *,
    is_declared: bool,
) -> list[float]:
    """Return the values of ``FEATURES`` for the text of ``body``.

    Args:
        analysis: The page with its blocks, their chances and the choice among them.
        body: The blocks of the text, after all rules.
        figures: The page's own features.
        page_chance: The probability that the page is an article.
        is_declared: Whether the text is not the blocks' but the declared one.
    """
    return [
        *choice_row(analysis.chance, analysis.words, body, analysis.retained),
        log_odds(page_chance),
        figures["kept_alike"],
        float(is_declared),
    ]
