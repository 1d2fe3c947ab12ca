"""Escapes foreign text for the HTML pages that copydesk writes."""

from __future__ import annotations

from html import escape


def escaped(text: str) -> str:
    """Escape text; characters that no UTF-8 file can hold become a replacement mark."""
    return escape(text.encode("utf-8", "replace").decode("utf-8").replace("\0", "�"))


def shortened(text: str, length: int) -> str:
    """Cut a text to ``length`` characters, followed by how long it was."""
    return text if len(text) <= length else f"{text[:length]} … ({len(text):,} characters)"
