"""Texts of others in HTML pages of our own."""

from __future__ import annotations

from html import escape


def escaped(text: str) -> str:
    """Escape text; what no UTF-8 file can hold becomes a mark."""
    return escape(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "�"))


def shortened(text: str, length: int) -> str:
    """Cut a text to ``length`` characters, and say how long it is."""
    return text if len(text) <= length else f"{text[:length]} … ({len(text):,} characters)"
