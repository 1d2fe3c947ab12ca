"""People's names out of a byline, in any language: no roles, houses, dates or addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.metadata.timestamps import find_date, month_number
from copydesk.tasks.cleaning.vocabulary.bylines import (
    CASELESS,
    is_degree,
    is_house,
    is_label,
    is_role,
    joins,
    key,
    match_not_by,
    nobodies,
    says_by,
    told_words,
    without_by,
    without_roles,
)

# The longest name in the truth of the development sets has 48 characters, six words.
MAX_NAME_CHARS: Final = 70
MAX_NAME_WORDS: Final = 7
# A byline with more text is a paragraph.
MAX_BYLINE_CHARS: Final = 400
MAX_NAMES: Final = 30

_PARTED: Final = re.compile(r"[;&|•·●∙⋅、，；｜／\n\t/]|\s[+x×]")
_SPLIT: Final = re.compile(r"\s*(?:[;&|•·●∙⋅、，；｜／\n\t]|\s[+x×/]\s|(?<=\w\w\w)/(?=\w+\s))\s*")
_COMMA: Final = re.compile(r"(?:(?<!\s)\s+)?,\s*")
_DASH: Final = re.compile(r"(?<!\s)\s+[-–—~]+\s+|(?:(?<!\s)\s+)?[–—]\s*$")
_BRACKET: Final = re.compile(r"[(\[{（【<]")
_BRACKETS: Final = re.compile(r"(?:(?<!\s)\s+)?[(\[{（【<][^)\]}）】>]{0,80}(?:[)\]}）】>]|$)")
_ADDRESS: Final = re.compile(
    r"\S+@\S+\.\w+|https?:\S+|www\.\S+|\S+\.(?:com|org|net)/\S*|(?<!\w)@\w+"
)
_DIGITS: Final = re.compile(r"(?<=\s)\d")
_WEEKDAY: Final = re.compile(r"(?<!\s)\s+on\s+\w+day\b.*", re.S)
_EDGES: Final = " \t\n,;:|/•·●–—-_*\"“”„«»›‹><+=#’‘'"
_SUFFIX: Final = re.compile(r",\s*((?:Jr|Sr)\.?|II|III|IV)(?=$|\s*[,;&])")
_COUNTED: Final = re.compile(r"\d+\s+(?:\S+$|[a-z])")  # "2 weeks", "5 comments"
_IN_SECTION: Final = re.compile(r"^(\S+ \S+(?: \S+)?) in \w.*$")  # "Jane Roe in Harbour"
# "Jane Roe", "Jane Q. Roe": most names need no closer look.
_SIMPLE: Final = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.)?(?: [A-Z][a-z]+){1,2}")
_INITIAL: Final = re.compile(r"\b\w{1,4}\.$")
# Small words inside names.
_SMALL: Final = (
    "de del della di da do dos das du des la le van von vom zu zur den der het ten ter af av bin "
    "ibn ben al el y e i und"
)
_PARTICLES: Final = frozenset(_SMALL.split())
_INSIDE: Final = frozenset({"by", "von", "par", "por", "door", "av", "af", "oleh", "przez", "di"})
_BY_INSIDE: Final = re.compile(
    rf"^.{{0,60}}?\b(?:{'|'.join(sorted(_INSIDE))}|от|від)\s*:?\s+(?=\S)", re.I | re.S
)


__all__ = ["Author", "is_person", "read_byline", "read_names", "says_by", "without_by"]


class Author(NamedTuple):
    """A name, and whether it has the form of a person's."""

    name: str
    person: bool


def read_names(
    text: str,
    *,
    houses: Iterable[str] = (),
    language: str | None = None,
    roles_too: bool = False,
) -> tuple[Author, ...]:
    """Give the names of a byline or an author field, in order, each once.

    ``houses`` are the names of the site and its publisher: they count as no author.
    ``roles_too`` lets a role or a desk stand for a name where the text has nothing else.
    """
    if len(text) > MAX_BYLINE_CHARS:
        return ()
    return _read_names(text, tuple(houses), language, roles_too)


@lru_cache(maxsize=1024)  # a page names its authors in several places
def _read_names(
    text: str, houses: tuple[str, ...], language: str | None, roles_too: bool
) -> tuple[Author, ...]:
    own = _keys(houses)
    if (name := _simple(text, language)) is not None:
        name_key = key(name)
        return () if name_key in own or name_key in nobodies() else (Author(name, person=True),)
    found: dict[str, Author] = {}
    for part in _parts(text, language):
        name = _tidy(part)
        name_key = key(name)
        if not name_key or name_key in own or name_key in nobodies() or name_key in found:
            continue
        if _like_a_name(name):
            found[name_key] = Author(name, is_person(name))
            if len(found) == MAX_NAMES:
                break
    if not found and roles_too:
        whole = _tidy(_until_date(without_by(text.partition("\n")[0], language)))
        if is_role(whole) and _like_a_name(whole) and key(whole) not in {*nobodies(), *own}:
            return (Author(whole, person=False),)
    return tuple(found.values())


def _simple(text: str, language: str | None) -> str | None:
    """The name where a text is one person's, perhaps after "By", and nothing in it means more."""
    name = without_by(text, language).strip()
    if len(name) > MAX_NAME_CHARS or _SIMPLE.fullmatch(name) is None:
        return None
    words = [word.rstrip(".") for word in name.lower().split(" ")]
    if not told_words().isdisjoint(words) or not _INSIDE.isdisjoint(words) or match_not_by(name):
        return None
    return name


@lru_cache(maxsize=64)
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key(name) for name in names)


def read_byline(
    text: str,
    *,
    houses: Iterable[str] = (),
    language: str | None = None,
    roles_too: bool = False,
) -> tuple[Author, ...]:
    """Give the names of a visible element: of its line that says "By", else of its first name's.

    What other lines say is of something else: a biography, a date, buttons.
    """
    return _read_byline(text, tuple(houses), language, roles_too)


@lru_cache(maxsize=1024)  # a byline stands in an element and in its block
def _read_byline(
    text: str, houses: tuple[str, ...], language: str | None, roles_too: bool
) -> tuple[Author, ...]:
    first: tuple[Author, ...] = ()
    skipped = said = False
    for line in _joined_lines(text, language):
        if skipped:
            skipped = False
            continue
        if match := match_not_by(line):
            skipped = match.end() == len(line)
            continue
        rest = without_by(line, language)
        if rest != line and not rest.strip(_EDGES):
            said = True
            continue
        names = read_names(line, houses=houses, language=language, roles_too=roles_too)
        if names and (said or rest != line):
            return names
        if not first or (any(a.person for a in names) and not any(a.person for a in first)):
            first = names
    return first


def is_person(name: str) -> bool:
    """Tell whether a name is a person's, as far as its form says: two words with capitals."""
    if is_house(name) or is_role(name):
        return False
    if CASELESS.search(name):
        return len(name) <= 40
    words = name.split()
    capitals = sum(word[:1].isupper() for word in words)
    small = sum(word.casefold() in _PARTICLES for word in words if not word[:1].isupper())
    return 2 <= len(words) <= 6 and capitals >= 2 and capitals + small == len(words)


def _parts(text: str, language: str | None) -> Iterator[str]:
    """The byline's parts between commas and joining words, degrees and roles left out."""
    # A character is found in a fraction of the time that these patterns take.
    if _BRACKET.search(text):
        text = _BRACKETS.sub(" ", text)
    if "@" in text or "/" in text or ":" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    others = False  # the line before said "Reviewed by" and no more
    for line in _joined_lines(without_by(text, language), language):
        if match := match_not_by(line):
            others = match.end() == len(line)
            continue
        if others:
            others = False
            continue
        whole = _until_date(without_by(line, language))
        if len(pair := _COMMA.split(whole)) == 2 and _inverted(*pair):
            yield f"{pair[1]} {pair[0]}"
            continue
        yield from _names_of(_DASH.split(whole, maxsplit=1)[0], language)


def _names_of(line: str, language: str | None) -> Iterator[str]:
    """The parts of a line; after a role only whole names count ("head of A, B and Jane Roe")."""
    if "," in line:
        line = _SUFFIX.sub(r" \1", line)
    role = False
    for chunk in _SPLIT.split(line) if _PARTED.search(line) else (line,):
        for piece in joins(language).split(chunk) if " " in chunk else (chunk,):
            for part in _COMMA.split(without_by(piece, language)):
                if match_not_by(part):
                    return
                if not part or is_degree(part) or is_label(part):
                    continue
                if CASELESS.search(part):
                    yield without_roles(part)
                elif is_role(part):
                    role = True
                elif not role or is_person(part):
                    yield part


def _inverted(last: str, first: str) -> bool:
    """``Roe, Jane``: one word before the comma, one or two (initials) after it."""
    words = first.split()
    return (
        len(last.split()) == 1
        and 1 <= len(words) <= 2
        and last[:1].isupper()
        and first[:1].isupper()
        and not is_degree(first)
        and not is_role(first)
        and not is_house(last)
        and (len(words) == 1 or len(words[1].rstrip(".")) == 1)
    )


def _joined_lines(text: str, language: str | None) -> list[str]:
    """Lines of a byline's elements, joined where one goes on in the next (", ", "and")."""
    lines: list[str] = []
    joint = joins(language)
    for line in map(str.strip, text.split("\n")):
        if not line:
            continue
        goes_on = line[0] in ",&;" or bool(joint.match(f" {line} "))
        if lines and (
            goes_on or lines[-1].endswith((",", "&", ";")) or _ends_in_join(lines[-1], joint)
        ):
            lines[-1] += " " + line
        else:
            lines.append(line)
    return lines


def _ends_in_join(line: str, joint: re.Pattern[str]) -> bool:
    word = line.rpartition(" ")[2]
    return len(word) <= 6 and joint.fullmatch(f" {word} ") is not None


def _until_date(line: str) -> str:
    """Cut a date and what follows; with the words before names after it, what comes first."""
    found = find_date(line)
    if found is not None:
        before, after = line[: found.start], line[found.end :]
        named = len(before.strip(_EDGES)) >= 3 and not _is_date_label(before)
        line = before if named else after
    if match := _BY_INSIDE.match(line):
        head = line[: match.end()].split()
        if len(head) <= 4 and not any(word[:1].isupper() for word in head[1:-1]):
            line = line[match.end() :]
    return line


def _is_date_label(text: str) -> bool:
    """``Updated on``, ``Published:``: words without a capital after the first."""
    words = text.strip(_EDGES).split()
    return len(words) <= 3 and not any(word[:1].isupper() for word in words[1:])


def _tidy(name: str) -> str:
    if "day" in name:
        name = _WEEKDAY.sub("", name)
    if digit := _DIGITS.search(name):
        name = name[: digit.start()]
        if month_number(name.strip(_EDGES)):
            return ""
    if (section := _IN_SECTION.match(name)) and is_person(section[1]):
        name = section[1]
    words = name.strip(_EDGES).split()
    shouted = all(word.isupper() for word in words)
    while len(words) > 2 and not shouted and is_degree(words[-1], after_comma=False):
        words.pop()
    while len(words) > 1 and len(words[-1]) <= 4 and words[-1].isascii() and words[-1].islower():
        words.pop()  # "Jane Roe on"
    return unicodedata.normalize("NFC", " ".join(words).strip(_EDGES))


def _like_a_name(name: str) -> bool:
    if not 2 <= len(name) <= MAX_NAME_CHARS or len(name.split()) > MAX_NAME_WORDS:
        return False
    # "page.head.author", "Genre: history", a sentence.
    if ":" in name or ("." in name and " " not in name and len(name) > 20):
        return False
    if _COUNTED.match(name) or _is_phrase(name):
        return False
    if name.endswith((".", "!", "?")) and not _INITIAL.search(name):
        return False
    return any(char.isalpha() for char in name)


def _is_phrase(name: str) -> bool:
    """Tell whether several words are a phrase: most of them without a capital."""
    if CASELESS.search(name):
        return False
    words = name.split()
    small = sum(word[:1].islower() and word.casefold() not in _PARTICLES for word in words)
    return (len(words) > 1 and 2 * small >= len(words)) or "/ " in name
