"""People's names out of a byline, in any language: no roles, houses, dates or addresses."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from tasks.cleaning.metadata.stamps import find_date, month_number

# The longest name in the truth of the development sets has 48 characters, six words.
MAX_NAME_CHARS: Final = 70
MAX_NAME_WORDS: Final = 7
# A by-line with more text is a paragraph.
MAX_BYLINE_CHARS: Final = 300
MAX_NAMES: Final = 30

_SPLIT: Final = re.compile(r"\s*(?:[;&|/•·●∙、，；｜／\n\t]|\s[+x×]\s)\s*")
_COMMA: Final = re.compile(r"\s*,\s*")
_DASH: Final = re.compile(r"\s+[-–—~]+\s+|\s*[–—]\s*$")
_BRACKETS: Final = re.compile(r"\s*[(\[{（【<][^)\]}）】>]{0,80}(?:[)\]}）】>]|$)")
_ADDRESS: Final = re.compile(
    r"\S+@\S+\.\w+|https?:\S+|www\.\S+|\S+\.(?:com|org|net)/\S*|(?<!\w)@\w+"
)
_DIGITS: Final = re.compile(r"\d")
_EDGES: Final = " \t\n,;:|/•·●–—-_*\"“”„«»›‹><+=#’‘'"
_CAPITALS: Final = re.compile(r"^(?:[A-Z]\.?){2,6}(?:-[A-Z0-9]+)?[*®™]?(?:\s+\d+)?$")
_CASELESS: Final = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u3040-\uffdc]")
_SUFFIX: Final = re.compile(r",\s*((?:Jr|Sr)\.?|II|III|IV)(?=$|[\s,;&])")
_POSSESSIVE: Final = re.compile(r"['’]s$")


class Author(NamedTuple):
    """A name and what kind it is."""

    name: str
    person: bool


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, frozenset[str]]:
    table = tomllib.loads(
        (files("tasks.cleaning") / "data" / "bylines.toml").read_text(encoding="utf-8")
    )
    words = ("by", "not_by", "roles", "nobody", "houses", "credentials", "suffixes")
    flat = {name: frozenset(w.casefold() for w in table[name]) for name in words}
    for group in ("by_in", "joins"):
        for language, joins in table[group].items():
            flat[f"{group}.{language}"] = frozenset(joins)
    return flat


@lru_cache(maxsize=32)
def _before_names(language: str | None) -> re.Pattern[str]:
    """Matches the words before names, at the start of a text."""
    vocabulary = _vocabulary()
    words = vocabulary["by"] | vocabulary.get(f"by_in.{language}", frozenset())
    longest_first = sorted(words, key=len, reverse=True)
    spaced = "|".join(re.escape(w) for w in longest_first if not _CASELESS.match(w))
    tight = "|".join(re.escape(w) for w in longest_first if _CASELESS.match(w))
    return re.compile(
        rf"\s*[-–—|•·✍]*\s*(?:(?:{spaced})(?:\s*[:：/]\s*|\s+(?![a-z])|\s*$)|(?:{tight})\s*(?:[:：/]\s*|\s+))",
        re.I,
    )


@lru_cache(maxsize=1)
def _not_by() -> re.Pattern[str]:
    words = sorted(_vocabulary()["not_by"], key=len, reverse=True)
    return re.compile(rf"\s*(?:{'|'.join(map(re.escape, words))})(?:[:：]|\s|$)\s*", re.I)


@lru_cache(maxsize=32)
def _joins(language: str | None) -> re.Pattern[str]:
    vocabulary = _vocabulary()
    words = vocabulary["joins.any"] | vocabulary.get(f"joins.{language}", frozenset())
    either = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?:^|\s+|,\s*)(?:{either})\s+", re.I)


_BY_INSIDE: Final = re.compile(
    r"^.{0,60}?\b(?:by|von|par|por|door|av|af|oleh|przez|от|від|di)\s*:?\s+(?=\S)", re.I | re.S
)


def says_by(text: str, language: str | None = None) -> bool:
    """Tell whether a text starts with the words before names ("By …", "Автор: …")."""
    return bool(_before_names(language).match(text))


def without_by(text: str, language: str | None = None) -> str:
    """Give the text without the words before names, said once or twice."""
    for _ in range(3):
        match = _before_names(language).match(text)
        if match is None or match.end() == 0:
            break
        text = text[match.end() :]
    return text


def read_names(
    text: str,
    *,
    houses: Iterable[str] = (),
    language: str | None = None,
    roles_too: bool = False,
) -> tuple[Author, ...]:
    """Give the names of a byline or an author field, in order, each once.

    ``houses`` are the names of the site and its publisher: they count as no author.
    ``roles_too`` lets a role stand for a name where the text has nothing else.
    """
    if len(text) > MAX_BYLINE_CHARS:
        return ()
    own = {_key(house) for house in houses}
    found: dict[str, Author] = {}
    for part in _parts(text, language):
        name = _tidy(part)
        key = _key(name)
        if not key or key in own or key in _nobody() or key in found or not _like_a_name(name):
            continue
        found[key] = Author(name, _is_person(name))
        if len(found) == MAX_NAMES:
            break
    whole = _tidy(without_by(text, language))
    if not found and roles_too and _is_role(whole) and _key(whole) not in _nobody():
        return (Author(whole, person=False),)
    return tuple(found.values())


def _parts(text: str, language: str | None) -> Iterator[str]:
    """The byline's parts between commas and joining words, credentials and roles left out."""
    text = _ADDRESS.sub(" ", _BRACKETS.sub(" ", text))
    others = False  # the line before said "Reviewed by" and no more
    for line in _joined_lines(without_by(text, language), language):
        if match := _not_by().match(line):
            others = match.end() == len(line)
            continue
        if others:
            others = False
            continue
        whole = _until_date(without_by(line, language))
        if (parts := _COMMA.split(whole)) and len(parts) == 2 and _inverted(parts):
            yield f"{parts[1]} {parts[0]}"
            continue
        yield from _names_of(_DASH.split(whole, maxsplit=1)[0], language)


def _names_of(line: str, language: str | None) -> Iterator[str]:
    """The parts of a line; after a role only whole names count ("head of A, B and Jane Roe")."""
    line = _SUFFIX.sub(r" \1", line)
    role = False
    for chunk in _SPLIT.split(line):
        for piece in _joins(language).split(chunk):
            for part in _COMMA.split(without_by(piece, language)):
                if _not_by().match(part):
                    return
                if not part or _is_credential(part):
                    continue
                if _CASELESS.search(part):
                    yield _without_roles(part)
                elif _is_role(part):
                    role = True
                elif not role or _is_person(part):
                    yield part


def _without_roles(part: str) -> str:
    """``김철수`` of ``김철수 기자``: without capitals or commas the role stands beside the name."""
    roles = _vocabulary()["roles"]
    return " ".join(word for word in part.split() if word.casefold() not in roles)


def _inverted(parts: list[str]) -> bool:
    """``Roe, Jane``: one word before the comma, one or two (initials) after it."""
    last, first = parts
    words = first.split()
    return (
        len(last.split()) == 1
        and 1 <= len(words) <= 2
        and last[:1].isupper()
        and first[:1].isupper()
        and not _is_credential(first)
        and not _is_role(first)
        and (len(words) == 1 or len(words[1].rstrip(".")) == 1)
    )


def _joined_lines(text: str, language: str | None) -> list[str]:
    """Lines of a byline's elements, joined where one goes on in the next (", ", "and")."""
    lines: list[str] = []
    for line in map(str.strip, text.split("\n")):
        if not line:
            continue
        open_ended = bool(lines) and (
            lines[-1].endswith((",", "&", ";"))
            or line[0] in ",&;"
            or bool(_joins(language).match(line + " "))
            or bool(re.search(rf"(?:{_joins(language).pattern})$", lines[-1] + " ", re.I))
        )
        if open_ended:
            lines[-1] += " " + line
        else:
            lines.append(line)
    return lines


def _until_date(line: str) -> str:
    """Cut a date and what follows; with the words before names after it, what comes first."""
    found = find_date(line)
    if found is not None:
        before = line[: found.start]
        after = line[found.end :]
        named = len(before.strip(_EDGES)) >= 3 and not _is_label(before)
        line = before if named else after
    if match := _BY_INSIDE.match(line):
        head = line[: match.end()].split()
        if len(head) <= 4 and not any(w[:1].isupper() for w in head[1:-1]):
            line = line[match.end() :]
    return line


def _is_label(text: str) -> bool:
    """``Updated on``, ``Published:``: words without a capital after the first."""
    words = text.strip(_EDGES).split()
    return len(words) <= 3 and not any(word[:1].isupper() for word in words[1:])


def _tidy(name: str) -> str:
    if digit := _DIGITS.search(name):
        name = name[: digit.start()]
        if month_number(name.strip(_EDGES)):
            return ""
    words = name.strip(_EDGES).split()
    shouted = all(word.isupper() for word in words)
    while len(words) > 2 and not shouted and _is_credential(words[-1]):
        words.pop()
    while len(words) > 1 and len(words[-1]) <= 4 and words[-1].isascii() and words[-1].islower():
        words.pop()  # "Jane Roe on"
    return unicodedata.normalize("NFC", " ".join(words).strip(_EDGES))


def _is_credential(part: str) -> bool:
    part = part.strip()
    if part.casefold() in _vocabulary()["suffixes"]:
        return False
    return part.casefold() in _vocabulary()["credentials"] or (
        bool(_CAPITALS.match(part)) and part not in {"AFP", "DPA", "APA", "ANSA", "EFE"}
    )


def _is_role(part: str) -> bool:
    """Tell whether a part between commas is what the author does, or where."""
    words = part.casefold().split()
    roles = _vocabulary()["roles"]
    return any(word.strip(".,:") in roles for word in words)


def _like_a_name(name: str) -> bool:
    if not 2 <= len(name) <= MAX_NAME_CHARS or len(name.split()) > MAX_NAME_WORDS:
        return False
    if name.endswith((".", "!", "?")) and not re.search(r"\b\w{1,4}\.$", name):
        return False
    return any(char.isalpha() for char in name)


def _is_person(name: str) -> bool:
    """Tell whether a name is a person's, as far as its form says: two words with capitals."""
    words = name.split()
    houses = _vocabulary()["houses"]
    if any(_POSSESSIVE.sub("", word.casefold().strip(".,")) in houses for word in words):
        return False
    if _CASELESS.search(name):
        return len(name) <= 40
    capitals = sum(word[:1].isupper() for word in words)
    return 2 <= len(words) <= 6 and capitals >= 2 and words[0][:1].isupper()


@lru_cache(maxsize=1)
def _nobody() -> frozenset[str]:
    return frozenset(_key(word) for word in _vocabulary()["nobody"])


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in folded if char.isalnum())
