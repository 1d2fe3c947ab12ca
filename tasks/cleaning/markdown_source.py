"""Markdown files: front matter, title, and the text as a reader sees it."""

from __future__ import annotations

from datetime import datetime

from schemas.article import Article, Hints, Reject
from tasks.cleaning.text import clean_text


def clean_markdown(
    text: str,
    *,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
) -> Article | Reject:
    """Clean a Markdown document."""
    return clean_text(text, observed_at=observed_at, hints=hints)
