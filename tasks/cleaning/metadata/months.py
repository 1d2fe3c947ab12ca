"""Month names in the languages of news, and digits of other scripts."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Final
from unicodedata import normalize

_WORD: Final = re.compile(r"[^\s\d.,،]+")
_OTHER_DIGIT: Final = re.compile(r"[^\D0-9]")


@lru_cache(maxsize=1)
def _months() -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    path = files("copydesk.tasks.cleaning") / "data" / "month_numbers.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return document["unambiguous"], document["ambiguous"]


def western_digits(text: str) -> str:
    """Replace digits of other scripts by 0 to 9, one for one: ``٢٠٢٥`` becomes ``2025``."""
    if text.isascii() or not _OTHER_DIGIT.search(text):
        return text
    return "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in text)


@lru_cache(maxsize=4096)
def month_number(name: str, language: str | None = None) -> int | None:
    """Return the month (1 to 12) that a full or short name of one or two words means, or None."""
    plain, ambiguous = _months()
    for word in (name, name.partition(" ")[0], name.rpartition(" ")[2]):
        key = normalize("NFC", word.casefold().rstrip("."))
        forms = (key, key[1:]) if key[:1] == "ב" else (key,)  # "5 במרץ": in March
        for form in forms:
            if form in plain:
                return plain[form]
            if form in ambiguous:
                by_language = ambiguous[form]
                return by_language.get(language or "") or next(reversed(by_language.values()))
    return None


def in_two_words(text: str) -> re.Match[str] | None:
    """Find a date whose month has two words or dots: ``5 ມ.ນ. 2024``, ``Tháng Sáu 5, 2024``."""
    pattern, firsts = _two_words()
    if firsts.isdisjoint(_WORD.findall(text.casefold())):
        return None
    return pattern.search(text)


@lru_cache(maxsize=1)
def _two_words() -> tuple[re.Pattern[str], frozenset[str]]:
    """Return the pattern of such dates, and the months' first words for a faster first check."""
    plain, ambiguous = _months()
    names = [n for n in (*plain, *ambiguous) if not n.isascii() and (" " in n or "." in n)]
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pattern = re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})\s?(?P<name>{either})\.?,?\s(?P<year>\d{{4}})(?!\d)"
        rf"|(?P<name2>{either})\s(?P<day2>\d{{1,2}}),?\s(?P<year2>\d{{4}})(?!\d)",
        re.I,
    )
    return pattern, frozenset(_WORD.findall(name)[0] for name in names)
