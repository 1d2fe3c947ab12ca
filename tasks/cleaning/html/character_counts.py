"""Count each block's characters by class (letters, digits …), in any script, with one table.

The table has the classes of each character of the Basic Multilingual Plane as bits; characters
beyond it (emoji, rare ideographs) count as symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from copydesk.schemas.plain_text import by_category

UPPER, LETTER, DIGIT, SPACE, END, PAUSE, QUOTE, SYMBOL, UNSPACED = (1 << bit for bit in range(9))
DENSE = 1 << 9
CLASSES = 10

EXTRA = 1.5
"""Additional letters that a character of a dense script (Han, kana, Hangul) counts for: news uses
two fifths of the characters that English does, and blocks are measured by content."""

_ENDS = ".!?…。！？｡।॥؟۔։።᙮"
_PAUSES = ",،、，;；"
_SIGNS = "|/\\•·‣›»«‹*_#@&"
# Scripts without spaces between words: about two letters make a word.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF))
_IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_DENSE = (*_IDEOGRAPHS, (0x3040, 0x30FF), (0xAC00, 0xD7AF))


def _of_category(name: str) -> int:
    if name in ("Pi", "Pf"):
        return QUOTE
    upper = UPPER if name in ("Lu", "Lt") else 0
    kinds = {"L": LETTER | upper, "M": LETTER, "N": DIGIT, "Z": SPACE, "S": SYMBOL}
    return kinds.get(name[0], 0)


@cache
def _table() -> NDArray[np.uint16]:
    table = np.append(by_category(_of_category), SYMBOL).astype(np.uint16)
    table[[9, 10, 13]] = SPACE
    table[[0x22, 0x27]] = QUOTE
    for code in map(ord, _SIGNS):
        table[code] = table[code] or SYMBOL
    for char in _ENDS:
        table[ord(char)] |= END
    for char in _PAUSES:
        table[ord(char)] |= PAUSE
    return _with_scripts(table)


def _with_scripts(table: NDArray[np.uint16]) -> NDArray[np.uint16]:
    for first, last in _UNSPACED + _IDEOGRAPHS:
        table[first : last + 1] |= UNSPACED
    for first, last in _DENSE:
        span = table[first : last + 1]
        span[span & LETTER != 0] |= DENSE
    return table


@cache
def combined() -> tuple[NDArray[np.uint8], NDArray[np.uint16], NDArray[np.float64]]:
    """Return the index of each character's combination of classes, and the classes of each."""
    combinations, table = np.unique(_table(), return_inverse=True)
    has = combinations[:, None] >> np.arange(CLASSES) & 1
    return table.astype(np.uint8), combinations, has.astype(np.float64)


def character_counts(
    texts: Sequence[str],
) -> tuple[NDArray[np.float32], NDArray[np.uint16], NDArray[np.uint16]]:
    """Count the characters of each class: ``(blocks, CLASSES)``, classes by their bit.

    Also return the classes of each text's first and last character. No text may be empty.
    """
    joined = "".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    table, combinations, has = combined()
    kinds = table[np.minimum(codes, 0x10000)]
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths)
    starts = np.concatenate(([0], ends[:-1]))
    # Few combinations of classes exist: combinations are counted first, then classes.
    size = len(combinations)
    places = np.repeat(np.arange(0, len(texts) * size, size), lengths)
    places += kinds
    combination_counts = np.bincount(places, minlength=len(texts) * size).reshape(len(texts), size)
    counts = (combination_counts @ has).astype(np.float32)
    return counts, combinations[kinds[starts]], combinations[kinds[ends - 1]]
