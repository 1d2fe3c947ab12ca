"""Lines that are a date, in any language: told by digits and names of months, never parsed."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

_NUMERIC = re.compile(
    r"(?<!\d)(?:\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d{2})|\d{4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2})(?!\d)"
)
# Chinese, Japanese, Korean; "ngày 5 tháng 3" needs no rule, its month has a name.
_EASTERN = re.compile(r"\d{1,4}\s*[年년]\s*\d{1,2}\s*[月월](?:\s*\d{1,2}\s*[日일號号])?")
_EASTERN_DAY = re.compile(r"\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일號号]")
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:.h時时시]\s?\d{2}(?!\d)|\b\d{1,2}\s?[ap]\.?m\b", re.I)
# Not \w: the vowel signs of Burmese, Tamil or Hindi are no letters to ``re``.
_WORD = re.compile(r"\d+|[^\s\d.,;:/()\[\]|·•،।–—-]+")
LONGEST = 120
"""Letters of a line that is looked at; "Published on … by …, last updated on …" has 90."""


@lru_cache(maxsize=1)
def _months() -> tuple[frozenset[str], frozenset[str]]:
    text = files("tasks.cleaning").joinpath("data/months.txt").read_text(encoding="utf-8")
    names = frozenset(name for line in text.splitlines() for name in line.split() if len(name) > 2)
    # Languages inflect ("ožujka", "abenduaren"): five letters of a month's name are enough.
    return names, frozenset(name[:5] for name in names if len(name) >= 5)


def is_month(word: str) -> bool:
    """Tell whether a word is, or starts as, the name of a month or a day of the week."""
    names, starts = _months()
    return word in names or (len(word) >= 5 and word[:5] in starts)


def has_time(text: str) -> bool:
    """Tell whether a time of day stands in a short line."""
    return len(text) <= LONGEST and bool(_TIME.search(text))


def date_strength(text: str) -> float:
    """Say how much of a line is a date: 1 for a date alone, 0 for none.

    A date is a year and a month, a day and a month, or three numbers between dots; every
    further word makes the line less of a date, and a full stop makes it a sentence.
    """
    if len(text) > LONGEST or not any(char.isdigit() for char in text):
        return 0.0
    if _EASTERN.search(text) or _EASTERN_DAY.search(text):
        rest = len(_EASTERN_DAY.sub("", _EASTERN.sub("", text)).strip())
        return max(0.0, 1.0 - max(0, rest - 8) / 24)
    words = _WORD.findall(text.casefold())
    numbers = [int(word) for word in words if word.isdecimal() and len(word) <= 4]
    others = [word for word in words if not word.isdecimal()]
    months = [word for word in others if is_month(word)]
    short = all(len(word) <= 3 and word < "\u0250" for word in months)
    # Gregorian, Buddhist, Persian and Islamic years; a day of the month.
    year = any(1900 <= n <= 2100 or 2440 <= n <= 2600 or 1340 <= n <= 1450 for n in numbers)
    day = any(1 <= n <= 31 for n in numbers)
    # "das", "dem" and "mar" are months somewhere: a short name needs both a year and a day.
    named = bool(months) and ((year and day) if short else (year or day))
    if not (named or _NUMERIC.search(text)):
        # A calendar that nobody told us: a word or two, a day and a year, nothing else.
        return 0.8 if year and day and len(numbers) > 1 and 1 <= len(others) <= 2 else 0.0
    further = len(others) - len(months)
    if text.rstrip().endswith((".", "!", "?")) and further > 3:
        return 0.0
    return max(0.0, 1.0 - max(0, further - 2) / 8)
