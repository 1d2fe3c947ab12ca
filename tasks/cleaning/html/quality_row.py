"""The features of a page's text by which its quality is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.quality import choice_figures

FEATURES: Final = ("precision", "recall", "doubt", "runs", "words", "ruled")
"""The order is part of the fitted function. The text's span and share of the page, how probably the
page is an article and how alike its blocks are say more on the sets fitted on, and mislead on a set
left out."""


def quality_row(analysis: PageAnalysis, body: Sequence[int]) -> list[float]:
    """Return the values of ``FEATURES`` for the text of ``body``.

    Args:
        analysis: The page with its blocks, their chances and the choice among them.
        body: The blocks of the text, after all rules.
    """
    figures = choice_figures(analysis.chance, analysis.words, body, analysis.retained)
    return [figures[name] for name in FEATURES]
