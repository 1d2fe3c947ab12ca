"""Character classes for comparing texts: a table of all code points, applied to batches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Bits of a character's class.
WORD: Final = 1  # letters, marks, digits: the characters of words
DIGIT: Final = 2
UPPER: Final = 4
SPACELESS: Final = 8  # letter of a script without spaces between words
BREAK: Final = 16  # a capital after it need not begin a name: sentence and line ends, quotes
JOIN: Final = 32  # part of a number if between digits
IGNORED: Final = 64  # invisible
MARK: Final = 128  # combines with the character before it

_BLOCK: Final = 64
"""Code points folded together; most blocks have nothing to fold."""

# End of the assigned characters (Unicode 16), except tags, variation selectors and private use.
_SIZE: Final = 0x33480

# Scripts written without spaces between words: Unicode line-breaking classes ID and SA.
_SPACELESS_RANGES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # iteration mark, zero
    (0x3040, 0x312F),  # kana, Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),  # Yi
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAADF),
    (0xF900, 0xFAFF),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x323AF),
)
_BREAKS: Final = '.!?…:;。！？：；、؟۔।॥\n\r\u2028\u2029"“”„‟«»‹›「」『』《》〈〉([{)]}•·*|'
_JOINS: Final = ".,'’\u00a0\u202f٫٬"


_CLASSES: Final = (
    dict.fromkeys(("Ll", "Lm", "Lo"), WORD)
    | dict.fromkeys(("Lu", "Lt"), WORD | UPPER)
    | dict.fromkeys(("Mn", "Mc", "Me"), WORD | MARK)
    | {"Nd": WORD | DIGIT, "Cf": IGNORED}
)
"""Bits of a general category; the others have none."""

_VARIATION_SELECTORS: Final = slice(0xFE00, 0xFE10)


@lru_cache(maxsize=1)
def classes() -> NDArray[np.uint8]:
    """Return each code point's class; the last entry is for all code points beyond the table."""
    categories = map(unicodedata.category, map(chr, range(_SIZE + 1)))
    bits = (_CLASSES.get(category, 0) for category in categories)
    table = np.fromiter(bits, dtype=np.uint8, count=_SIZE + 1)
    table[_VARIATION_SELECTORS] = IGNORED
    table[_SIZE] = 0
    for first, last in _SPACELESS_RANGES:
        span = table[first : last + 1]
        span[(span & WORD != 0) & (span & DIGIT == 0)] |= SPACELESS
    for char in _BREAKS:
        table[ord(char)] |= BREAK
    for char in _JOINS:
        table[ord(char)] |= JOIN
    table.flags.writeable = False
    return table


@lru_cache(maxsize=1)
def katakana() -> NDArray[np.bool_]:
    """Return a mask of Katakana, including the prolonged sound mark."""
    return _marks([*range(0x30A1, 0x30FB), 0x30FC, *range(0x31F0, 0x3200), *range(0xFF66, 0xFFA0)])


@lru_cache(maxsize=1)
def numerals() -> NDArray[np.bool_]:
    """Return a mask of the characters with which Chinese and Japanese write numbers."""
    return _marks(ord(char) for char in "〇零一二三四五六七八九十百千万億兆亿萬两兩")


def _marks(codes: Iterable[int]) -> NDArray[np.bool_]:
    table = np.zeros(_SIZE + 1, dtype=bool)
    table[list(codes)] = True
    table.flags.writeable = False
    return table


def _folded(code: int) -> int:
    char = chr(code)
    if char.isdecimal():
        return ord("0") + unicodedata.decimal(char)
    for form in (unicodedata.normalize("NFKC", char).lower(), char.lower()):
        if len(form) == 1:
            return ord(form)
    return code


def _folds_to_itself(chars: str) -> bool:
    """Return whether each of these characters certainly does."""
    return (
        unicodedata.is_normalized("NFKC", chars)
        and chars.lower() == chars
        and not any(map(str.isdecimal, chars))
    )


@lru_cache(maxsize=1)
def letter_hashes() -> NDArray[np.uint64]:
    """Return a pseudo-random number per letter, equal for both cases and all forms of a digit.

    Characters outside words have 0, so that the sum over a range is the sum over its letters.
    """
    folded = np.arange(_SIZE + 1, dtype=np.uint64)
    for start in range(0, _SIZE + 1, _BLOCK):
        block = range(start, min(start + _BLOCK, _SIZE + 1))
        if not _folds_to_itself("".join(map(chr, block))):
            folded[start : block.stop] = [_folded(code) for code in block]
    table = mixed(folded + np.uint64(1))
    table[classes() & WORD == 0] = 0
    table.flags.writeable = False
    return table


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64-bit values evenly (the finaliser of splitmix64, Steele et al. 2014)."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the text's code points; those beyond the tables are replaced by the last entry."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.minimum(codes, np.uint32(_SIZE))
