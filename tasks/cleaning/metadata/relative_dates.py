"""Read dates relative to when the page was fetched: "3 days ago", "Yesterday at 10:30", "2 天前".

The phrases are data (``data/relative_dates.json``, from CLDR and news sites). Phrases in months and
years are not read, since they give no day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple
from unicodedata import normalize

from copydesk.tasks.cleaning.metadata.timestamps import western_digits
from copydesk.tasks.cleaning.vocabulary.phrases import SPACELESS

MAX_CHARS: Final = 70
"""Characters of a line that is looked at: "By Jane Roe · Updated 3 hours ago · 4 min read"."""

_NUMBER: Final = re.compile(r"\d{1,3}")
_NUMBERS: Final = re.compile(r"(?:(?<!\s)\s++)?(?<![\d:.,/])(\d{1,3})(?![\d:.,/])\s*")
_TOKEN: Final = re.compile(r"[^\s·•|,;()–—]+")
_TIME: Final = re.compile(
    r"(?<!\d)\d{1,2}\s?[:.h時时시点點]\s?(?:\d\d)?(?!\d)|\d\s?[ap]\.?m\b", re.I
)
_MAX_WORDS: Final = 6  # in one phrase
_ALONE: Final = 5  # maximum words beside a phrase without a number
_BESIDE: Final = 8  # maximum words beside a phrase with a number: a byline, a reading time
_LABEL_LETTERS: Final = 12  # maximum letters beside a date that stands alone: "Published"
_HOURS: Final = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1, "day": 24, "week": 168}


class RelativeDate(NamedTuple):
    """A day, and the position of its words in the text (characters).

    ``plain`` is true if a number or a time of day makes it a date: "today" alone may be a menu's.
    """

    day: date
    start: int
    end: int
    plain: bool


class _Forms(NamedTuple):
    ago: Mapping[str, tuple[float, int]]
    words: Mapping[str, int]
    spaceless: re.Pattern[str]


@lru_cache(maxsize=1)
def _forms() -> _Forms:
    path = files("copydesk.tasks.cleaning") / "data" / "relative_dates.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    ago = {
        form: (_HOURS[unit], number)
        for unit, forms in document["ago"].items()
        for form, number in forms.items()
    }
    words = document["words"]
    tight = sorted((f for f in (*ago, *words) if SPACELESS.search(f)), key=len, reverse=True)
    either = "|".join(re.escape(form).replace(r"\{n\}", "{n}") for form in tight)
    return _Forms(ago, words, re.compile(either))


def find_relative(text: str, observed_at: datetime) -> RelativeDate | None:
    """Return the day that a short line gives, in the time zone of ``observed_at``, or None."""
    if not 2 <= len(text) <= MAX_CHARS:
        return None
    plain = normalize("NFC", western_digits(text)).casefold()
    if len(plain) != len(text):
        return None
    number = _NUMBERS.search(plain)
    if number is not None and (relative := _with_number(plain, number, observed_at)) is not None:
        return relative
    return _in_words(plain, observed_at)


def is_relative_date(text: str, observed_at: datetime) -> bool:
    """Return whether a line is a relative date and hardly anything else: "Posted 3 hours ago"."""
    relative = find_relative(text, observed_at)
    if relative is None or not relative.plain:
        return False
    beside = _TIME.sub(" ", f"{text[: relative.start]} {text[relative.end :]}")
    return sum(map(str.isalpha, beside)) <= _LABEL_LETTERS


def _with_number(text: str, number: re.Match[str], observed_at: datetime) -> RelativeDate | None:
    forms = _forms()
    marked = f"{text[: number.start()]} {{n}} {text[number.end() :]}"
    count = int(number[1])
    form = _window(marked, forms.ago) or _tight(marked, forms)
    if form is None or "{n}" not in form or form not in forms.ago:
        return None
    before, _, after = form.partition("{n}")
    start = number.start() - len(before) if before else number.start(1)
    end = number.end() + len(after) if after else number.end(1)
    if len(_TOKEN.findall(text[: max(0, start)] + " " + text[end:])) > _BESIDE:
        return None
    hours, _ = forms.ago[form]
    return RelativeDate(_back(observed_at, hours * count), max(0, start), min(end, len(text)), True)


def _in_words(text: str, observed_at: datetime) -> RelativeDate | None:
    forms = _forms()
    form = _window(text, forms.ago) or _window(text, forms.words) or _tight(text, forms)
    if form is None or "{n}" in form:
        return None
    start = text.find(form)
    remainder = text[:start] + " " + text[start + len(form) :]
    timed = _TIME.search(remainder) is not None
    if len(_TOKEN.findall(_TIME.sub(" ", remainder))) > _ALONE:
        return None
    end = start + len(form)
    if form in forms.ago:
        hours, number = forms.ago[form]
        return RelativeDate(_back(observed_at, hours * number), start, end, True)
    return RelativeDate(_back(observed_at, 24 * forms.words[form]), start, end, timed)


def _window(text: str, forms: Mapping[str, object]) -> str | None:
    """Return the longest run of words that is a known phrase, or None."""
    words = [word.strip(".") or word for word in _TOKEN.findall(text)]
    for length in range(min(_MAX_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            form = " ".join(words[start : start + length])
            if form in forms:
                return form
    return None


def _tight(text: str, forms: _Forms) -> str | None:
    """Return a known phrase inside a word, for scripts without spaces, or None."""
    match = forms.spaceless.search(text) if SPACELESS.search(text) else None
    return match[0] if match else None


def _back(observed_at: datetime, hours: float) -> date:
    zoned = observed_at if observed_at.tzinfo else observed_at.replace(tzinfo=UTC)
    return (zoned - timedelta(hours=hours)).date()
