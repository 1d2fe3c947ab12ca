"""Write superscripts in plain text, so that 10⁶ does not become 106."""

from __future__ import annotations

from typing import Final

RAISED_DIGITS: Final = str.maketrans(
    "0123456789+-\u2212\u2013=()",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾",
)
_BETWEEN: Final = frozenset(",.; \u00a0\n\t*†‡§")


def raised(text: str, before: str) -> str:
    """Return a superscript's text for its place after the text ``before``.

    Digits and signs become raised characters, so that they do not merge with a word or number.
    Others (1st, M.) and notes in brackets stay unchanged.
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
