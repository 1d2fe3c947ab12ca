"""Text as readers see it, in any script: how many words it has, and without invisible characters.

Both are asked for by cleaning, gates, tables and hashes alike: a rule of their own in each would
make a Chinese article short in one place and long in another.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RUN: Final = re.compile(r"\w+")
_SHORT: Final = 300  # characters: arrays take longer to make than such a text to go through
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
"""Han and kana: each character counts as a word, as in the metrics of extraction."""

UNSPACED: Final = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x1AAF))
"""Thai, Lao, Burmese, Khmer and their kin: letters, but no space between words."""

LETTERS_A_WORD: Final = 3
"""Letters that a word has in those scripts, marks not counted: an estimate, without a dictionary
that knows where words end."""

_SHOWN_BY_NOBODY: Final = (
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2070)),
    *"\u3164\ufeff\uffa0\ufff9\ufffa\ufffb",
)
_JOINERS = "\u200c\u200d"
_HIDDEN: Final = re.compile(
    # Joiners belong to scripts and emoji: one of them, between two characters beyond ASCII.
    f"[{_JOINERS}]{{2,}}|(?<![^\\x00-\\x7f])[{_JOINERS}]|[{_JOINERS}](?![^\\x00-\\x7f])"
    f"|[{''.join(char for char in _SHOWN_BY_NOBODY if char not in _JOINERS)}]"
    # Flags of parts of countries are written in tags, behind a black flag.
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+|[\U000e0080-\U000e0fff]+"
)
_TAGS: Final = b"\xf3\xa0"  # how the characters of plane 14 begin in UTF-8
_FIXED_SPACES: Final = ("\u00a0", "\u2007", "\u202f")


def without_invisible(text: str) -> str:
    """Give the text without characters that show nothing: soft hyphens, zero-width marks, tags.

    Joiners stay inside words of scripts that write with them, and in emoji.
    """
    # To look for each is ten times as quick as the pattern, and most texts have none.
    if text.isascii() or not (
        any(char in text for char in _SHOWN_BY_NOBODY)
        or _TAGS in text.encode("utf-8", "surrogatepass")
    ):
        return text
    return _HIDDEN.sub("", text)


def as_shown(text: str) -> str:
    """Give the text as readers see it: nothing invisible, and plain spaces for no-break ones."""
    for space in () if text.isascii() else _FIXED_SPACES:
        if space in text:
            text = text.replace(space, " ")
    return without_invisible(text)


def word_count(text: str) -> int:
    """Count the words of a text in any script.

    Runs of letters, digits and their marks; each Han or kana character; in scripts that set no
    spaces between words, as many as such letters usually make.
    """
    import numpy as np

    if text.isascii() and len(text) < _SHORT:
        return len(_RUN.findall(text))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    if not len(codes):
        return 0
    kinds = _kinds()[np.minimum(codes, _BMP - 1)]
    beyond = codes >= _BMP
    if beyond.any():
        kinds[beyond] = [_kind(int(code)) for code in codes[beyond]]
    marks = kinds == _MARK
    if marks.any():
        codes, kinds = codes[~marks], kinds[~marks]  # they change no word
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
    """Give each character's kind, of the Basic Multilingual Plane."""
    import numpy as np

    return np.fromiter(map(_kind, range(_BMP)), np.uint8, _BMP)
