"""Word counts of text in any script, and text without invisible characters.

Cleaning, gates, tables and hashes share these functions, so that a text has the same length
everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from copydesk.schemas.native_loader import compiled

(native,) = compiled("copydesk.schemas._text_loops")

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings of text that spreadsheets run as a formula (OWASP, CSV injection)."""

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

_RUN: Final = re.compile(r"\w+")
_SHORT: Final = 300  # characters; for shorter texts arrays are slower, and the table is not made
_BEYOND_LATIN: Final = re.compile("[^\x00-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")
"""Characters that may be marks, or words by themselves."""
_OUTSIDE, _LETTER, _MARK, _IDEOGRAPH, _UNSPACED = range(5)
_BMP: Final = 1 << 16

IDEOGRAPHS: Final = (
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # iteration mark, zero
    (0x3041, 0x30FF),  # kana
    (0x3105, 0x312F),  # Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # kana of half width
    (0x1B000, 0x1B16F),
    (0x20000, 0x323AF),
)
"""Han and kana: each character counts as a word, as in extraction metrics."""

UNSPACED: Final = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x1AAF))
"""Thai, Lao, Burmese, Khmer and related scripts, which have no spaces between words."""

LETTERS_A_WORD: Final = 3
"""Estimated letters per word in those scripts, without marks; exact counts would need a
dictionary."""

_INVISIBLE: Final = (
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2070)),
    *"\u3164\ufeff\uffa0\ufff9\ufffa\ufffb",
)
_JOINERS = "\u200c\u200d"
# Joiners belong to scripts and emoji: one of them, between two characters beyond ASCII.
_STRAY_JOINERS: Final = f"[{_JOINERS}](?:[{_JOINERS}]+|(?<![^\\x00-\\x7f].)|(?![^\\x00-\\x7f]))"
_JOINER: Final = re.compile(_STRAY_JOINERS)
_OTHERS: Final = tuple(char for char in _INVISIBLE if char not in _JOINERS)
_HIDDEN: Final = re.compile(
    f"{_STRAY_JOINERS}|[{''.join(_OTHERS)}]"
    # Flags of parts of countries are written in tags, behind a black flag.
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+|[\U000e0080-\U000e0fff]+"
)
_FIXED_SPACES: Final = ("\u00a0", "\u2007", "\u202f")
_PLANE_14: Final = "\U000e0000"
_ASCII: Final = bytes(range(128))


def without_invisible(text: str) -> str:
    """Return the text without invisible characters: soft hyphens, zero-width marks, tags.

    Joiners stay inside words of scripts that use them, and in emoji.
    """
    return _without_hidden(text, _beyond_ascii(text))


def _beyond_ascii(text: str) -> frozenset[str]:
    """Return a text's characters beyond ASCII: most texts have few, and none that is hidden."""
    if text.isascii():
        return frozenset()
    octets = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return frozenset(octets.decode("utf-8", "surrogatepass"))


def _without_hidden(text: str, chars: frozenset[str]) -> str:
    """Remove what is hidden from a text with these characters beyond ASCII."""
    if max(chars, default="") >= _PLANE_14:
        return _HIDDEN.sub("", text)
    if not chars.isdisjoint(_JOINERS):
        text = _JOINER.sub("", text)
    for char in chars.intersection(_OTHERS):  # in a tenth of the pattern's time
        text = text.replace(char, "")
    return text


def as_shown(text: str) -> str:
    """Return the text without invisible characters and with plain spaces for no-break ones."""
    chars = _beyond_ascii(text)
    for space in chars.intersection(_FIXED_SPACES):
        text = text.replace(space, " ")
    return _without_hidden(text, chars)


def word_count(text: str) -> int:
    """Count the words of a text in any script.

    A word is a run of letters, digits and their marks, or a single Han or kana character. In
    scripts without spaces the number is estimated from the letters.
    """
    if len(text) < _SHORT and (text.isascii() or not _BEYOND_LATIN.search(text)):
        return len(_RUN.findall(text))
    if native is not None:
        words = native.word_count(text, _kinds(), LETTERS_A_WORD)
        return words if words >= 0 else _word_count(text)
    return _word_count(text)


def collapsed(text: str) -> str:
    """Return the text with each run of white space as one space, and none at the ends."""
    return " ".join(text.split()) if native is None else native.collapsed(text)


def _word_count(text: str) -> int:
    """Count by arrays, where loops are not compiled and for characters beyond the first plane."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    if not len(codes):
        return 0
    kinds = _kinds()[np.minimum(codes, _BMP - 1)]
    beyond = codes >= _BMP
    if beyond.any():
        kinds[beyond] = [_kind(int(code)) for code in codes[beyond]]
    marks = kinds == _MARK
    if marks.any():
        codes, kinds = codes[~marks], kinds[~marks]  # they do not affect word counts
    before = np.concatenate(([_OUTSIDE], kinds[:-1]))
    words = np.count_nonzero((kinds == _LETTER) & (before != _LETTER))
    words += np.count_nonzero(kinds == _IDEOGRAPH)
    unspaced = kinds == _UNSPACED
    if unspaced.any():
        edges = np.flatnonzero(np.diff(unspaced, prepend=False, append=False))
        words += int(np.sum(-(-(edges[1::2] - edges[::2]) // LETTERS_A_WORD)))
    return int(words)


def _kind(code: int) -> int:
    char = chr(code)
    category = unicodedata.category(char)
    if category[0] == "M" or category == "Cf":
        return _MARK
    if not (char.isalnum() or char == "_"):
        return _OUTSIDE
    if any(first <= code <= last for first, last in IDEOGRAPHS):
        return _IDEOGRAPH
    if category[0] == "L" and any(first <= code <= last for first, last in UNSPACED):
        return _UNSPACED
    return _LETTER


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of each character of the Basic Multilingual Plane, as ``_kind`` does."""
    import numpy as np

    kinds = by_category(
        lambda name: _MARK if name[0] == "M" or name == "Cf" else _LETTER * (name[0] in "LN")
    ).astype(np.uint8)
    kinds[ord("_")] = _LETTER
    letters = by_category(lambda name: name[0] == "L").astype(np.bool_)
    for kind, ranges, among in (
        (_UNSPACED, UNSPACED, letters),
        (_IDEOGRAPH, IDEOGRAPHS, kinds == _LETTER),
    ):
        for first, last in ranges:
            kinds[first : last + 1][among[first : last + 1]] = kind
    return kinds


def by_category(value_of: Callable[[str], int]) -> NDArray[np.int64]:
    """Return a value for each character of the Basic Multilingual Plane, from its category."""
    import numpy as np

    names = _categories()
    values = {name: value_of(name) for name in set(names)}
    return np.fromiter(map(values.__getitem__, names), np.int64, _BMP)


@cache
def _categories() -> list[str]:
    return list(map(unicodedata.category, map(chr, range(_BMP))))
