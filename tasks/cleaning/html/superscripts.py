"""Writes superscripts in plain text, so that 10⁶ does not become 106."""

from __future__ import annotations

from typing import Final

RAISED_DIGITS: Final = str.maketrans(
    "0123456789+-\u2212\u2013=()",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾",
)
_BETWEEN: Final = frozenset(",.; \u00a0\n\t*†‡§")


def raised(text: str, before: str) -> str:
    """Return a superscript's text as it stands after ``before``, the text in front of it.

    Digits and signs get their raised forms, so that they do not run into a word or a number.
    Others (1st, M.) and notes in brackets stay as they are.
    """
    last = before[-1:]
    if not (last.isalnum() or last in _AFTER):
        return text
    if not any(char.isdecimal() for char in text):
        return text
    if not all(ord(char) in RAISED_DIGITS or char in _BETWEEN for char in text):
        return text
    return text.translate(RAISED_DIGITS)


_AFTER: Final = frozenset(" \u00a0.,;:!?)]}»”’\"'%°")
