"""Text copied from a page: title once, body whole, everything else cut with evidence."""

from __future__ import annotations

from copydesk.tasks.cleaning.text.article import clean_text

__all__ = ["clean_text"]
