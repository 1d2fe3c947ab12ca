"""Clean text copied from a page: find title and body, and cut everything else with evidence."""

from __future__ import annotations

from copydesk.tasks.cleaning.text.article import clean_text

__all__ = ["clean_text"]
