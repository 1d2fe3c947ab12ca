"""Copies that are exact but for a byline: who wrote or edited it, or which agency sent it."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from copydesk.tasks.cleaning.metadata.person_names import read_names, says_by
from copydesk.tasks.cleaning.vocabulary.bylines import key
from copydesk.tasks.cleaning.vocabulary.name_words import is_agency

_LONGEST: Final = 160  # characters; a longer line is a paragraph
_AT_EDGES: Final = 3  # lines at the beginning and at the end among which bylines stand
_BRACKETS: Final = "()[]{}（）【】 \t—–-|•·*/"
_PARTS: Final = re.compile("[;；|/]")


@dataclass(frozen=True, slots=True)
class Story:
    """An article as it is compared."""

    title: str
    text: str
    authors: Sequence[str] = ()


def same_but_byline(first: Story, second: Story) -> bool:
    """Return whether titles and texts are the same once bylines at the edges are left out."""
    if _spaced(first.title) != _spaced(second.title):
        return False
    names = frozenset(key(name) for name in (*first.authors, *second.authors))
    return _without_bylines(first.text, names) == _without_bylines(second.text, names)


def _without_bylines(text: str, names: frozenset[str]) -> list[str]:
    lines = [spaced for line in text.split("\n") if (spaced := _spaced(line))]
    inner = range(_AT_EDGES, len(lines) - _AT_EDGES)
    return [line for at, line in enumerate(lines) if at in inner or not is_byline(line, names)]


def is_byline(line: str, names: Container[str] = ()) -> bool:
    """Return whether a line only says who wrote a text; ``names`` are keys of its authors.

    A name alone is one only if it is an author's or an agency's: it may as well be a heading.
    """
    bare = line.strip(_BRACKETS)
    if not bare or len(line) > _LONGEST:
        return False
    return all(
        _is_credit(part, names) or all(_is_credit(piece, names) for piece in part.split(","))
        for part in _PARTS.split(bare)
    )


def _is_credit(part: str, names: Container[str]) -> bool:
    part = part.strip(_BRACKETS)
    if not part or key(part) in names or is_agency(part):
        return True
    return says_by(part) and bool(read_names(part, roles_too=True, visible=True))


def _spaced(text: str) -> str:
    return " ".join(normalize("NFC", text).split())
