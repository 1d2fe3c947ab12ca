"""Split many texts into words at once, and hash the words.

A word is a run of letters, marks and digits; in scripts without spaces it is one letter with its
marks. Words are compared by 64-bit hashes that ignore case, forms of digits, separators within
numbers and invisible characters, and that are equal on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.dedup import character_classes
from copydesk.tasks.dedup.character_classes import (
    BREAK,
    DIGIT,
    IGNORED,
    JOIN,
    MARK,
    SPACELESS,
    UPPER,
    WORD,
)

# An odd multiplier: its powers have inverses modulo 2**64 (Knuth's MMIX generator).
_BASE = 6364136223846793005
_INVERSE = pow(_BASE, -1, 1 << 64)
_PAD = "\n\n"
# Ligatures from PDFs; other compatibility characters are folded one by one.
_LIGATURES = (("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬀ", "ff"), ("ﬃ", "ffi"), ("ﬄ", "ffl"))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a batch of texts in reading order, one entry per word in each array.

    ``text`` is the index of the text in the batch, ``line`` counts the batch's lines. ``spaceless``
    marks letters of scripts without spaces; ``number`` marks words that begin with a digit;
    ``capital`` marks words of two or more letters with an initial capital, and ``name`` those of
    them that do not begin a sentence, line or quotation. ``kana`` marks Katakana, in which Japanese
    writes foreign names; ``numeral`` marks the characters in which Chinese writes numbers.
    """

    hashes: NDArray[np.uint64]
    text: NDArray[np.int64]
    line: NDArray[np.int64]
    spaceless: NDArray[np.bool_]
    number: NDArray[np.bool_]
    capital: NDArray[np.bool_]
    name: NDArray[np.bool_]
    kana: NDArray[np.bool_]
    numeral: NDArray[np.bool_]

    def select(self, mask: NDArray[np.bool_]) -> Words:
        """Return the words selected by ``mask``, numbered as if there were no others."""
        if mask.all():
            return self
        return Words(*(getattr(self, field.name)[mask] for field in fields(self)))


@lru_cache(maxsize=8)
def _powers(base: int, count: int) -> NDArray[np.uint64]:
    table = np.full(count, base, dtype=np.uint64)
    table[0] = 1
    return np.multiply.accumulate(table)


def words(texts: Sequence[str]) -> Words:
    """Split texts into words. Uses about 40 bytes per character: pass batches, not a corpus."""
    texts = [normal(text) for text in texts]
    lengths = np.fromiter((len(text) + len(_PAD) for text in texts), np.int64, len(texts))
    codes = character_classes.code_points(_PAD.join(texts) + _PAD)
    kinds = character_classes.classes()[codes]
    ends = np.cumsum(lengths)
    dropped = _dropped(kinds)
    if dropped.any():
        ends -= np.searchsorted(np.flatnonzero(dropped), ends)
        codes, kinds = codes[~dropped], kinds[~dropped]
    starts = _starts(kinds)
    size = 1 << max(17, len(codes).bit_length())
    letters = character_classes.letter_hashes()[codes]
    letters *= _powers(_BASE, size)[: len(codes)]
    sums = np.add.reduceat(letters, starts) if len(starts) else letters[:0]
    sums *= _powers(_INVERSE, size)[starts]
    first = kinds[starts]
    second = np.append(kinds, np.uint8(0))[starts + 1]
    capital = (first & UPPER != 0) & (second & WORD != 0)
    text = np.searchsorted(ends, starts, side="right")
    line = np.searchsorted(np.flatnonzero(codes == ord("\n")), starts)
    broken = np.zeros(len(starts) + 1, dtype=bool)
    broken[0] = True
    broken[np.searchsorted(starts, np.flatnonzero(kinds & BREAK))] = True
    return Words(
        hashes=character_classes.mixed(sums),
        text=text,
        line=line,
        spaceless=first & SPACELESS != 0,
        number=first & DIGIT != 0,
        capital=capital,
        name=capital & ~broken[:-1],
        kana=character_classes.katakana()[codes[starts]],
        numeral=character_classes.numerals()[codes[starts]],
    )


def normal(text: str) -> str:
    """Return a text in NFC, without ligatures."""
    if text.isascii():
        return text
    for ligature, letters in _LIGATURES:
        if ligature in text:
            text = text.replace(ligature, letters)
    return unicodedata.normalize("NFC", text)


def _dropped(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return a mask of invisible characters and of separators inside numbers ("4,726.68")."""
    digit = kinds & DIGIT != 0
    dropped: NDArray[np.bool_] = kinds & IGNORED != 0
    dropped[1:-1] |= (kinds[1:-1] & JOIN != 0) & digit[:-2] & digit[2:]
    return dropped


def _starts(kinds: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the positions at which words begin."""
    inside = kinds & WORD != 0
    spaceless = kinds & SPACELESS != 0
    start = inside.copy()
    start[1:] &= ~inside[:-1] | ((kinds[1:] & MARK == 0) & (spaceless[1:] | spaceless[:-1]))
    return np.flatnonzero(start)
