"""Detect the language of a text, and of a page that declares one.

pycld2 (Compact Language Detector 2), not py3langid: on the fundus-dev pages (22 languages, first
2,000 characters) both identify every article's language; pycld2 takes 0.07 ms and 7 MB, py3langid
0.39 ms and 118 MB. Declarations there are wrong on 2 of 114 pages (Swahili and Zulu pages that
declare ``en``) and missing on 4, so the text decides.

Python 3.14 has no pycld2: CLD3 (cld3-py) is used there, the best that can be installed (``python -m
benchmarks.languages``; docs/model-card.md has the figures).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

# More text does not change the result: 600 and 1,000 characters agree on all 1,867 pages of the
# development sets, 500 and 1,000 on all but two, in two thirds and half of the time.
SAMPLE: Final = 600
# Fewer letters are a name or a heading; Chinese and Japanese need fewer.
MIN_LETTERS: Final = 20
MIN_CJK_LETTERS: Final = 6
# In longer text, counting letters costs more than it saves: the detector rejects text without any.
_LONG_ENOUGH: Final = 300
# CLD3 calls itself reliable from a probability of 0.7. In texts shorter than this it was then wrong
# in 39 of 766, and from 0.9 in 14 (the first 40 characters of daniel-dev and fundus-dev).
_CLD3_SURE: Final = 150
# Minimum share of the first language, in percent; below it the text is a mixture.
MIN_SHARE: Final = 60

# CLD2's withdrawn or private codes, and those of BCP 47.
_CURRENT_CODES: Final = {"iw": "he", "jw": "jv", "in": "id", "ji": "yi", "mo": "ro", "tl": "fil"}

# Languages that a few hundred words do not distinguish: the page's declaration decides.
_LOOK_ALIKE: Final = (
    frozenset({"no", "nb", "nn"}),
    frozenset({"hr", "bs", "sr", "sh", "cnr"}),
    frozenset({"id", "ms"}),
    frozenset({"fil", "tl"}),
    frozenset({"zh", "yue"}),
    frozenset({"fa", "prs"}),
    frozenset({"xh", "zu", "ss", "nr"}),
)

# CLD2 rejects invalid UTF-8: controls, surrogates, noncharacters. Characters beyond the first
# 65,536 (emoji, ancient scripts) do not indicate a language.
_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe-\U0010ffff]"
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_CJK: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")


def detect_language(text: str) -> str | None:
    """Return a text's primary language subtag (BCP 47); None if too short, mixed or unsure."""
    sample = text[:SAMPLE]
    if _has_astral(sample):
        sample = _REFUSED.sub(" ", sample)
    if len(sample) < _LONG_ENOUGH:
        letters = len(_LETTER.findall(sample))
        if letters < MIN_LETTERS and len(_CJK.findall(sample)) < MIN_CJK_LETTERS:
            return None
    code, share = DETECTOR(sample)
    if not code or share < MIN_SHARE:
        return None
    code = code.partition("-")[0]
    return _CURRENT_CODES.get(code, code)


def _has_astral(sample: str) -> bool:
    """Return whether a character needs two units of UTF-16 (ten times faster than a pattern)."""
    try:
        return len(sample.encode("utf-16-le")) > 2 * len(sample)
    except UnicodeEncodeError:  # a lone surrogate
        return True


def detect_with_cld2(sample: str) -> tuple[str, float]:
    """Return a text's first language and its share in percent; no language if CLD2 is unsure."""
    # Searching for rejected characters takes an eighth of the detection; few samples have them.
    answer = _ask_cld2(sample) or _ask_cld2(_REFUSED.sub(" ", sample))
    if answer is None:
        return "", 0.0
    reliable, _, details = answer
    code: str = details[0][1]
    return (code, details[0][2]) if reliable and code != "un" else ("", 0.0)


def _ask_cld2(sample: str) -> tuple[bool, int, tuple[tuple[Any, ...], ...]] | None:
    import pycld2  # type: ignore[import-untyped, import-not-found, unused-ignore]

    try:
        answer: tuple[bool, int, tuple[tuple[Any, ...], ...]] = pycld2.detect(
            sample, isPlainText=True
        )
    except pycld2.error:
        return None
    return answer


def detect_with_cld3(sample: str) -> tuple[str, float]:
    """Return the same from CLD3, whose share is that of a script."""
    import gcld3  # type: ignore[import-untyped, import-not-found, unused-ignore]

    # One per call, in 10 µs, because threads cannot share it.
    identifier = gcld3.NNetLanguageIdentifier(0, 4 * SAMPLE)
    [answer] = identifier.FindTopNMostFreqLangs(_REFUSED.sub(" ", sample), 1)
    sure = answer.is_reliable and (len(sample) >= _CLD3_SURE or answer.probability >= 0.9)
    return (answer.language, 100 * answer.proportion) if sure else ("", 0.0)


DETECTOR: Final[Callable[[str], tuple[str, float]]] = (
    detect_with_cld3 if sys.version_info >= (3, 14) else detect_with_cld2
)


def primary_subtag(declared: str | None) -> str | None:
    """Return ``de`` for ``de-AT``, ``de_AT`` or ``DE``; None for what is not a language tag."""
    return _subtag(declared) if declared else None


@lru_cache(maxsize=256)  # pages of a site declare the same language
def _subtag(declared: str) -> str | None:
    match = _TAG.match(declared.strip())
    if match is None:
        return None
    code = match.group().lower()
    return None if code in {"und", "mul", "zxx"} else _CURRENT_CODES.get(code, code)


def decide_language(text: str, declared: Iterable[str | None]) -> tuple[str | None, str]:
    """Return the language of a page's text and its source: ``text``, ``declared`` or nothing.

    The text decides; a declaration counts if the text is short or unsure, and between similar
    languages.
    """
    declared_codes = [code for tag in declared if (code := primary_subtag(tag))]
    detected = detect_language(text)
    if detected is None:
        return (declared_codes[0], "declared") if declared_codes else (None, "")
    for code in declared_codes:
        if code != detected and any(code in group and detected in group for group in _LOOK_ALIKE):
            return code, "declared"
    return detected, "text"
