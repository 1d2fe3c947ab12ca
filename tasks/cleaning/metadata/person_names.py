"""Extract people's names from bylines in any language, without roles, organisations and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.metadata import cjk_names
from copydesk.tasks.cleaning.metadata.name_form import EDGES, is_like_a_name, tidy_name
from copydesk.tasks.cleaning.metadata.name_parts import (
    ALWAYS,
    COMMA,
    INSIDE,
    MAX_NAME_CHARS,
    SUFFIX,
    all_inverted,
    chunks,
    is_one_body,
    is_person,
    is_report_place,
    joined_pieces,
)
from copydesk.tasks.cleaning.metadata.timestamps import find_date
from copydesk.tasks.cleaning.vocabulary.bylines import (
    CASELESS,
    by_words,
    every_word,
    introduced_later,
    joins,
    key,
    match_not_by,
    names_editor,
    says_by,
    until_others,
    without_by,
    without_credited,
)
from copydesk.tasks.cleaning.vocabulary.name_words import (
    is_body,
    is_date_word,
    is_degree,
    is_label,
    is_role,
    keys_of_nobody,
    without_roles,
)

# Longer text is a paragraph, not a byline.
MAX_BYLINE_CHARS: Final = 400
MAX_NAMES: Final = 30

_DASH: Final = re.compile(r"(?<!\s)\s+[-–—~]+\s+|(?:(?<!\s)\s+)?[–—]\s*$")
_BRACKET: Final = re.compile(r"[(\[{（【<]")
_WRAPPED: Final = "()[]{}（）【】<> \t\n"
_BRACKETS: Final = re.compile(r"(?:(?<!\s)\s+)?[(\[{（【<][^)\]}）】>]{0,80}(?:[)\]}）】>]|$)")
_ADDRESS: Final = re.compile(
    r"\S+@\S+\.\w+|https?:\S+|www\.\S+|\S+\.(?:com|org|net)/\S*|(?<!\w)@\w+"
)
# "Jane Roe", "Jane Q. Roe": no further checks needed.
_SIMPLE: Final = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.)?(?: [A-Z][a-z]+){1,2}")
_BY_INSIDE: Final = re.compile(
    rf"^.{{0,60}}?(?<!\w)({'|'.join(sorted(INSIDE))})\s*:?\s+(?=\S)", re.I | re.S
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
    listed: bool = False,
    visible: bool = False,
) -> tuple[Author, ...]:
    """Return the distinct names of a byline or an author field, in order.

    ``houses`` are the names of the site and its publisher, which are not authors. ``roles_too``
    accepts a role or a desk if the text has no other name. ``listed`` is for fields of libraries
    and journals, which put the surname first; ``visible`` is for visible text, which may have a
    place after the names.
    """
    if len(text) > MAX_BYLINE_CHARS:
        return ()
    return _read_names(text, tuple(houses), language, roles_too, listed, visible)


@lru_cache(maxsize=1024)  # a page repeats its authors in several places
def _read_names(
    text: str,
    houses: tuple[str, ...],
    language: str | None,
    roles_too: bool,
    listed: bool = False,
    visible: bool = False,
) -> tuple[Author, ...]:
    house_keys = _keys(houses)
    if (name := _simple(text, language)) is not None:
        name_key = key(name)
        return (
            ()
            if name_key in house_keys or name_key in keys_of_nobody()
            else (Author(name, person=True),)
        )
    by_key: dict[str, Author] = {}
    for part in _parts(text, language, listed=listed, visible=visible):
        name = tidy_name(part, language)
        name_key = key(name)
        if (
            not name_key
            or name_key in house_keys
            or name_key in keys_of_nobody()
            or name_key in by_key
        ):
            continue
        if is_like_a_name(name):
            by_key[name_key] = Author(name, is_person(name))
            if len(by_key) == MAX_NAMES:
                break
    if not by_key and roles_too and not match_not_by(text):
        whole = tidy_name(_until_date(without_by(text.partition("\n")[0], language)))
        if (
            is_role(whole)
            and is_like_a_name(whole)
            and key(whole) not in {*keys_of_nobody(), *house_keys}
        ):
            return (Author(whole, person=False),)
    return tuple(by_key.values())


def _simple(text: str, language: str | None) -> str | None:
    """Return the name if the text is only one person's name, perhaps after "By"; otherwise None."""
    if match_not_by(text):
        return None
    name = without_by(text, language).strip()
    if len(name) > MAX_NAME_CHARS or _SIMPLE.fullmatch(name) is None:
        return None
    words = [word.rstrip(".") for word in name.lower().split(" ")]
    meaningful_words = every_word()
    if not meaningful_words.isdisjoint(words) or not INSIDE.isdisjoint(words) or match_not_by(name):
        return None
    if any(map(is_date_word, words)) or is_body(name):
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
    """Return the names in the line that says "By", or in the first line that names anyone.

    Other lines of a visible element are about something else: a biography, a date, buttons.
    """
    return _read_byline(text, tuple(houses), language, roles_too)


@lru_cache(maxsize=1024)  # a byline is read both as an element and as its block
def _read_byline(
    text: str, houses: tuple[str, ...], language: str | None, roles_too: bool
) -> tuple[Author, ...]:
    first: tuple[Author, ...] = ()
    skipped = introduced = False
    for line in _joined_lines(text, language):
        if skipped:
            skipped = False
            continue
        if match := match_not_by(line):
            skipped = match.end() == len(line)
            if skipped:
                continue
            line = introduced_later(line) or line  # noqa: PLW2901
        bare = without_by(line, language)
        if bare != line and not bare.strip(EDGES):
            introduced = True
            continue
        names = read_names(
            line, houses=houses, language=language, roles_too=roles_too, visible=True
        )
        if names and (introduced or bare != line):
            return names
        if not first or (any(a.person for a in names) and not any(a.person for a in first)):
            first = names
    return first


def _parts(text: str, language: str | None, *, listed: bool, visible: bool) -> Iterator[str]:
    """Yield the byline's parts between commas and joining words, without degrees and roles."""
    # Checking for a character first is much faster than running these patterns.
    if _BRACKET.search(text):
        text = without_credited(text, language)
        text = _BRACKETS.sub(" ", text) if not _is_bracket(text) else text.strip(_WRAPPED)
    if "@" in text or "/" in text or ":" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    others = False  # the previous line was only "Reviewed by"
    if (names := all_inverted(text, listed=listed, visible=visible)) is not None:
        yield from names
        return
    introduced = text if match_not_by(text) else without_by(text, language)
    for line in _joined_lines(introduced, language):
        if match := match_not_by(line):
            others = match.end() == len(line)
            later = introduced_later(line)
            if not later:
                yield from _names_of(line, language, visible=visible)
                continue
            line = later  # noqa: PLW2901
        if others:
            others = False
            continue
        whole = _until_date(until_others(without_by(line, language)))
        if (names := all_inverted(whole, listed=listed, visible=visible)) is not None:
            yield from names
            continue
        yield from _names_of(_DASH.split(whole, maxsplit=1)[0], language, visible=visible)


def _is_bracket(text: str) -> bool:
    """Return whether the whole text is in one pair of brackets: ``（记者 王敬照）``."""
    bare = text.strip()
    return _BRACKETS.fullmatch(bare) is not None and CASELESS.search(bare) is not None


def _names_of(line: str, language: str | None, *, visible: bool) -> Iterator[str]:
    """Yield the parts of a line; after a role only full names ("head of A, B and Jane Roe")."""
    if "," in line:
        line = SUFFIX.sub(r" \1", line)
    if is_body(line) and is_one_body(line, language):
        yield line
        return
    role, people = False, 0
    for behind, part in _pieces(line, language):
        if CASELESS.search(part):
            yield from _caseless(part, language)
            continue
        may_be_place = behind and people and (visible or people == 1)
        if may_be_place and is_report_place(part, only=people == 1):
            continue
        if is_degree(part) or is_label(part):
            continue
        if is_role(part):
            role = True
        elif not role or is_person(part):
            yield part
            people += is_person(part)


def _pieces(line: str, language: str | None) -> Iterator[tuple[bool, str]]:
    """Yield a line's parts, and whether each follows a comma or a bar, as a place does.

    Without those after a label of other people, up to the next label of authors.
    """
    others = started = False
    for barred, chunk in chunks(line):
        for piece in joined_pieces(chunk, language):
            if match_not_by(piece) or (started and names_editor(piece)):
                others = True
            elif others:
                others = not says_by(piece, language)
            if others:
                continue
            started = True
            parts = COMMA.split(without_by(piece, language))
            for number, part in enumerate(parts):
                if part:
                    yield number > 0 or (barred and len(parts) == 1), part


def _caseless(part: str, language: str | None) -> Iterator[str]:
    """Yield names in a script without capitals, without the roles beside them."""
    if is_degree(part) or is_label(part):
        return
    if cjk_names.CJK.search(part):
        yield from cjk_names.names_of(part, language)
    else:
        yield without_roles(part)


def _joined_lines(text: str, language: str | None) -> list[str]:
    """Join lines of a byline that continue in the next (", ", "and")."""
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
    """Remove a date and what follows it; if the line starts with the date, return what follows."""
    match = find_date(line)
    if match is not None:
        before, after = _without_date_words(line[: match.start]), line[match.end :]
        has_name = len(before.strip(EDGES)) >= 3 and not _is_date_label(before)
        line = before if has_name else after
    return _without_head(line)


def _without_date_words(before: str) -> str:
    """Remove the words that introduce a date: ``Ada Roe Published on`` becomes ``Ada Roe``."""
    words = before.split()
    if len(words) < 3 or not words[0][:1].isupper():
        return before
    end = len(words)
    while end > 1 and (words[end - 1].islower() or is_date_word(words[end - 1].casefold())):
        end -= 1
    return " ".join(words[:end]) if is_person(" ".join(words[:end])) else before


def _without_head(line: str) -> str:
    """Remove words that end in "by" (``Veröffentlicht von``), unless they are a given name."""
    match = _BY_INSIDE.match(line)
    if match is None:
        return line
    *head, joint = line[: match.end()].replace(":", " ").split()
    if len(head) > 3 or any(word[:1].isupper() for word in head[1:]):
        return line
    if joint.casefold() not in ALWAYS and not any(map(_introduces, head)):
        return line
    return line[match.end() :]


def _introduces(word: str) -> bool:
    bare = word.casefold().strip(".,")
    return is_date_word(bare) or bare in by_words()


def _is_date_label(text: str) -> bool:
    """Return whether a text labels a date: ``Updated on``, ``Published:``."""
    words = text.strip(EDGES).split()
    return len(words) <= 3 and not any(word[:1].isupper() for word in words[1:])
