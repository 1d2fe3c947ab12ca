"""Keys for comparing lines: their words, regardless of case and punctuation."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPACELESS: Final = re.compile(
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u312f\u3400-\u9fff\uf900-\ufaff]"
)


def line_words(line: str) -> list[str]:
    """Return the line's words, normalised in case, accents and invisible characters."""
    folded = unicodedata.normalize("NFKC", line).replace("\u00ad", "").casefold()
    return _WORD.findall(folded.replace("’", "'"))


def line_key(line: str) -> str:
    """Return the key that equal lines share; empty for a line of punctuation alone."""
    return " ".join(line_words(line))


def line_length(line: str) -> float:
    """Return the number of words; two letters of a script without spaces count as about one."""
    letters = len(_SPACELESS.findall(line))
    return len(line_words(_SPACELESS.sub(" ", line) if letters else line)) + letters / 2
