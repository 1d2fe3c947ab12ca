"""Text copied from a page: title once, body whole, everything else cut with evidence."""

from __future__ import annotations

from tasks.cleaning.text.clean import clean_text

__all__ = ["clean_text"]
