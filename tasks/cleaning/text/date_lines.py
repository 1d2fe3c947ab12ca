"""Recognise lines that are dates, in any language, by digits and month names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from copydesk.tasks.cleaning.text.lines import ends_sentence

# Patterns that begin with one set of characters are found several times faster.
_NUMERIC = re.compile(
    r"\d(?<!\d\d)(?:\d?\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d{2})"
    r"|\d{3}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2})(?!\d)"
)
# Chinese, Japanese, Korean; "ngày 5 tháng 3" needs no rule, its month has a name.
_EASTERN = re.compile(r"\d{1,4}\s*[年년]\s*\d{1,2}\s*[月월](?:\s*\d{1,2}\s*[日일號号])?")
_EASTERN_DAY = re.compile(r"\d{1,2}\s*[月월]\s*\d{1,2}(?:\s*[日일號号]|,\s*\d{4})")
_TIME = re.compile(
    r"\d(?:(?<!\d\d)\d?\s?[:.h時时시]\s?\d{2}(?!\d)|(?<!\w\d)\d?\s?[ap]\.?m\b)", re.I
)
_UNKNOWN_MONTH = re.compile(
    r"(?<!\d)(?:\d{1,2}\.?\s[^\W\d_]\S*,?\s|[^\W\d_]\S*\s\d{1,2},?\s)(?:19|20|25|1[34])\d\d(?!\d)"
)
_FIGURES = re.compile(r"[%$€£¥₹₽]")  # a row of a table, not a byline
# Not \w: vowel signs of Burmese, Tamil or Hindi are not letters to ``re``.
_WORD = re.compile(r"\d+|[^\s\d.,;:/()\[\]|·•،।–—-]+")
LONGEST = 120
"""Maximum letters of a date line; "Published on … by …, last updated on …" has 90."""


@lru_cache(maxsize=1)
def _months() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names, and their first three letters."""
    data = files("copydesk.tasks.cleaning") / "data"
    tables = [data / "months.cldr.txt", data / "months.wordpress.txt"]  # an install may lack this
    text = "\n".join(table.read_text(encoding="utf-8") for table in tables if table.is_file())
    names = frozenset(name for line in text.splitlines() for name in line.split() if len(name) > 2)
    return names, frozenset(name[:3] for name in names)


def is_month(word: str) -> bool:
    """Return whether a word names a month or weekday, perhaps with a grammatical ending."""
    names, starts = _months()
    if word[:3] not in starts:
        return False
    # Basque, Finnish, Hungarian and Turkish add up to five letters ("abenduaren").
    return word in names or any(word[:-cut] in names for cut in range(1, min(6, len(word) - 5)))


def has_time(text: str) -> bool:
    """Return whether a short line has a time of day."""
    return len(text) <= LONGEST and _TIME.search(text) is not None


def _dates(months: Sequence[str], numbers: Sequence[int]) -> bool:
    """Return whether months and numbers are a date."""
    # "das", "dem" and "mar" are months in some language: a short name needs both a year and a day.
    short = all(len(word) <= 3 and word < "\u0250" for word in months)
    # Gregorian, Buddhist, Persian and Islamic years; a day of the month.
    year = any(1900 <= n <= 2100 or 2440 <= n <= 2600 or 1340 <= n <= 1450 for n in numbers)
    day = any(1 <= n <= 31 for n in numbers)
    return (year and day) if short else (year or day)


def date_strength(text: str) -> float:
    """Return how much of a line is a date, from 0 (no date) to 1 (only a date).

    A date is a month with a year or a day, or three numbers separated by dots, slashes or hyphens.
    Each word beside it lowers the value; a line that ends like a sentence is not a date.
    """
    if len(text) > LONGEST or _FIGURES.search(text):
        return 0.0
    if not text.isascii() and (_EASTERN.search(text) or _EASTERN_DAY.search(text)):
        other_letters = len(_EASTERN_DAY.sub("", _EASTERN.sub("", text)).strip())
        return max(0.0, 1.0 - max(0, other_letters - 8) / 24)
    words = _WORD.findall(text.casefold())
    numbers = [int(word) for word in words if len(word) <= 4 and word.isdecimal()]
    others = [word for word in words if not word.isdecimal()]
    months = [word for word in others if is_month(word)]
    if not ((months and _dates(months, numbers)) or _NUMERIC.search(text)):
        # For a language without a table: a day, a word and a year in a line of few words.
        if len(others) > 8 or all(n < 1300 for n in numbers) or ends_sentence(text):
            return 0.0
        return max(0.3, 0.9 - len(others) / 16) if _UNKNOWN_MONTH.search(text) else 0.0
    further = len(others) - len(months)
    if further > 3 and ends_sentence(text):
        return 0.0
    return max(0.0, 1.0 - max(0, further - 2) / 8)
