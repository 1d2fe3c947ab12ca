"""Tell which kinds of characters a line has, as bits, by which rules and features skip looks."""

from __future__ import annotations

import re

DIGIT, LETTER, OTHER, WIDE, THIN, END, CLOSING = (1 << bit for bit in range(7))
"""Decimal digits; letters and figures like Ⅳ; anything but spaces and what is ``str.isalpha``; wide
and thin letters; ends of sentences, and quotes and brackets that close them."""

STAR, COLON, LABEL, BAR, POINT, OPENING, OWNER = (1 << bit for bit in range(7, 14))
"""Stars; colons; what ends a label; what separates links; arrows; "("; signs and rare letters of
which a note of rights has one."""

SIGNS = STAR | COLON | LABEL | BAR | POINT | OPENING | OWNER
"""All of the latter, which rules look for."""

ENDS, CLOSINGS = ".!?…。！？।॥؟۔։።၊။៕᙮", "'\"’”»›)]）」』】"
WIDE_LETTER = re.compile(r"[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]")
THIN_LETTER = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")

POINTS = frozenset("←‹⟵«»→›⟶")
_SIGNS = {
    END: ENDS,
    CLOSING: CLOSINGS,
    STAR: "*",
    COLON: ":：",
    LABEL: ":：|·–—",
    BAR: "|·•∙/»›>",
    POINT: POINTS,
    OPENING: "(",
    OWNER: "©®ⓒéÉżŻщЩξΞ断斷무版未",
}


class _Bits(dict[int, int]):
    """The bits of each character, by its code."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        bits = sum(bit for bit, signs in _SIGNS.items() if char in signs)
        bits |= DIGIT if char.isdecimal() else LETTER if char.isalnum() else 0
        bits |= 0 if char.isalpha() or char == " " else OTHER
        bits |= WIDE if WIDE_LETTER.match(char) else THIN if THIN_LETTER.match(char) else 0
        self[code] = bits
        return bits


BITS = _Bits()


def bits_of(text: str) -> int:
    """Return the bits of all of a text's characters."""
    bits = 0
    for char in set(text):
        bits |= BITS[ord(char)]
    return bits
