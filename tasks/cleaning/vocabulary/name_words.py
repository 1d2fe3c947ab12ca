"""Tell by its words what a part of a byline is: a role, a label, a degree, a house, a place."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

from copydesk.tasks.cleaning.vocabulary.bylines import byline_table, key
from copydesk.tasks.cleaning.vocabulary.date_labels import CHANGE, PUBLICATION, kind_of

# "MD", "E-RYT 200", "B.A." after a comma; without a comma only short ones, because a surname may be
# in capitals.
_DEGREE: Final = re.compile(
    r"^(?:[A-Z]\.?){2,6}(?:-[A-Z0-9]+)?[*®™]?(?:\s+\d+)?$|^[A-Z]-[A-Z]{2,5}\b"
)
_SHORT_DEGREE: Final = re.compile(r"^(?:[A-Z]\.?){2,3}[*®™]?$|^(?:[A-Z]\.){2,5}$")


def is_degree(part: str, *, after_comma: bool = True) -> bool:
    """Return whether a part of a byline is a degree: "MD", "Ph.D."."""
    part = part.strip()
    if part.casefold() in byline_table()["suffixes"] or is_agency(part):
        return False
    form = _DEGREE if after_comma else _SHORT_DEGREE
    return part.casefold() in byline_table()["credentials"] or bool(form.match(part))


@lru_cache(maxsize=2048)
def _has(part: str, table: str) -> bool:
    words = byline_table()[table]
    folded = part.casefold().split()
    if not words.isdisjoint(folded):
        return True
    return any(word.strip(".,:!?()").removesuffix("’s") in words for word in folded)


def is_role(part: str) -> bool:
    """Return whether a part of a byline is the author's role."""
    return _has(part, "roles")


def is_label(part: str) -> bool:
    """Return whether a part is a button's or a label's text."""
    return _has(part, "labels")


def is_house(name: str) -> bool:
    """Return whether a name is an organisation's, judged by its words."""
    return name.casefold().startswith("the ") or _has(name, "houses") or is_body(name)


def is_agency(name: str) -> bool:
    """Return whether a name is a news agency's: "AFP", "dpa"."""
    return name.casefold() in byline_table()["agencies"]


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    path = files("copydesk.tasks.cleaning") / "data" / "places.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def is_place(name: str) -> bool:
    """Return whether a name is a city's or a country's, in one of the languages of news."""
    return name.casefold() in _places()


@lru_cache(maxsize=1)
def _bodies() -> re.Pattern[str]:
    """Return a pattern for words that name a public body or society, alone or in compounds."""
    words = byline_table()["bodies"]
    whole = "|".join(re.escape(word) for word in words if not word.startswith("-"))
    ends = "|".join(re.escape(word[1:]) for word in words if word.startswith("-"))
    return re.compile(rf"(?<!\w)(?:(?:{whole})|\w{{3,40}}(?:{ends}))(?!\w)", re.I)


@lru_cache(maxsize=1024)
def is_body(name: str) -> bool:
    """Return whether a name is a public body's: "Ministry", "Bundesamt", "departementet"."""
    return _bodies().search(name) is not None


@lru_cache(maxsize=32)
def _house_follows(language: str | None) -> re.Pattern[str]:
    phrases = "|".join(map(re.escape, sorted(byline_table()["for_house"], key=len, reverse=True)))
    words = byline_table()["in_place.any"] | byline_table().get(f"in_place.{language}", frozenset())
    places = "|".join(map(re.escape, sorted(words)))
    return re.compile(rf"(?<!\s)\s++(?:(?i:{phrases})\s++(?=\S)|(?:{places})\s++(?=[^\W\d_a-z]))")


def house_follows(name: str, language: str | None) -> int:
    """Return where a name ends before "for the Daily Post" or "in Berlin"; 0 without such words."""
    match = _house_follows(language).search(name) if name.count(" ") > 2 else None
    return match.start() if match else 0


@lru_cache(maxsize=4096)
def is_date_word(word: str) -> bool:
    """Return whether a lower-case word announces a date of publication or change."""
    return len(word) > 3 and kind_of(word) in {PUBLICATION, CHANGE}


def without_roles(part: str) -> str:
    """Return a name without the roles beside it: ``김철수`` for ``김철수 기자``."""
    roles = byline_table()["roles"]
    return " ".join(word for word in part.split() if word.casefold() not in roles)


@lru_cache(maxsize=1)
def keys_of_nobody() -> frozenset[str]:
    """Return the keys of names that are no person: accounts, the whole newspaper."""
    return frozenset(key(word) for word in byline_table()["nobody"])
