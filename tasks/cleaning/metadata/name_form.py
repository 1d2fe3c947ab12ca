"""The form of one name: what is cut from its end, and whether a text can be a name at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from copydesk.tasks.cleaning.metadata.name_parts import (
    MAX_NAME_CHARS,
    PARTICLES,
    has_capital,
    is_person,
)
from copydesk.tasks.cleaning.metadata.timestamps import month_number
from copydesk.tasks.cleaning.title import normal_title
from copydesk.tasks.cleaning.vocabulary.bylines import CASELESS
from copydesk.tasks.cleaning.vocabulary.name_words import (
    house_follows,
    is_body,
    is_date_word,
    is_degree,
)

MAX_NAME_WORDS: Final = 7
MAX_BODY_CHARS: Final = 120  # "Ministerio de Transportes, Movilidad y Agenda Urbana" has 52
MAX_BODY_WORDS: Final = 14

_DIGITS: Final = re.compile(r"(?<=\s)\d")
_WEEKDAY: Final = re.compile(
    r"(?<!\s)\s+(?:on\s+\w+day|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b.*", re.S
)
EDGES: Final = " \t\n,;:|/\\•·●–—-_*\"“”„«»›‹><+=#’‘'…→←↗↘➔➜➤➡⟶⇒▸►▶▪■□◆◇○◎★☆✎✍📝©®™@¶§"
_COUNTED: Final = re.compile(r"\d+\s+(?:\S+$|[a-z])")  # "2 weeks", "5 comments"
_INITIAL: Final = re.compile(r"\b\w{1,4}\.$")


def tidy_name(name: str, language: str | None = None) -> str:
    """Return a name without a weekday, a date, an employer, degrees or a button's word after it."""
    if "day" in name:
        name = _WEEKDAY.sub("", name)
    if (digit := _DIGITS.search(name)) and not _numbered(name, digit.start()):
        name = name[: digit.start()]
        if month_number(name.strip(EDGES)):
            return ""
    if (end := house_follows(name, language)) and is_person(name[:end].strip(EDGES)):
        name = name[:end]
    words = name.strip(EDGES).split()
    shouted = all(word.isupper() for word in words)
    while (
        len(words) > 2
        and not shouted
        and is_degree(words[-1], after_comma=False)
        and not is_body(words[-1])
    ):
        words.pop()
    while len(words) > 1 and _trails(words):
        words.pop()
    joined = " ".join(words)
    if not joined.isascii():
        joined = normal_title(joined)  # strips invisible characters
    return joined.strip(EDGES)


def _trails(words: Sequence[str]) -> bool:
    """Return whether the last word is not part of the name: ``Jane Roe on``."""
    last = words[-1]
    if last.islower():
        short = len(last) <= 4 and last.isascii()
        return short or (len(words) > 2 and is_person(" ".join(words[:-1])))
    return is_date_word(last.casefold().strip(EDGES))


def _numbered(name: str, at: int) -> bool:
    """Return whether digits belong to the name: ``France 24``, ``Hafenbund 90/Die Möwen``."""
    number = re.match(r"\d{1,3}(?![\d:.])", name[at:])
    before = name[:at].strip(EDGES)
    if number is None or not before or " " in before or month_number(before):
        return False
    following = name[at + number.end() :].strip()
    return not following or (
        following.lstrip("/ ")[:1].isupper() and not month_number(following.split()[0])
    )


def is_like_a_name(name: str) -> bool:
    """Return whether a text has the length and form of a name, a person's or an organisation's."""
    body = is_body(name) and not name[:1].islower()
    if not 2 <= len(name) <= (MAX_BODY_CHARS if body else MAX_NAME_CHARS):
        return False
    if len(name.split()) > (MAX_BODY_WORDS if body else MAX_NAME_WORDS):
        return False
    # "page.head.author", "Genre: history", a sentence.
    if ":" in name or ("." in name and " " not in name and len(name) > 20):
        return False
    if _COUNTED.match(name) or (not body and _is_phrase(name)):
        return False
    if name.endswith((".", "!", "?")) and not _INITIAL.search(name):
        return False
    return any(char.isalpha() for char in name)


def _is_phrase(name: str) -> bool:
    """Return whether several words are a phrase: most of them in lower case."""
    if CASELESS.search(name):
        return False
    words = name.split()
    small = sum(
        word[:1].islower() and word.casefold() not in PARTICLES and not has_capital(word)
        for word in words
    )
    return (len(words) > 1 and 2 * small >= len(words)) or "/ " in name
