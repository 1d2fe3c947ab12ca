"""Recognise lines that are bylines and nothing else, and read the names in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from copydesk.tasks.cleaning.metadata.cjk_names import CJK, reporters
from copydesk.tasks.cleaning.metadata.person_names import Author, read_byline
from copydesk.tasks.cleaning.metadata.timestamps import find_date
from copydesk.tasks.cleaning.vocabulary import block_words
from copydesk.tasks.cleaning.vocabulary.bylines import (
    introduced_later,
    match_not_by,
    names_editor,
    says_by,
    until_others,
    without_correspondent,
)
from copydesk.tasks.cleaning.vocabulary.name_words import is_role

_REST: Final = 12
"""Maximum letters of a byline besides names, dates, roles and words like "by"."""
_REST_INTRODUCED: Final = 24
"""The same after "By": "By Ada Quay for The Harbour Post"."""
_CJK_CHARS: Final = 40
_INITIALS: Final = 4  # characters of a last word that ends in a full stop: "Jr.", "J."
_PIECES: Final = re.compile("[;|·•]")
_GROUPS: Final = list(block_words.GROUPS)
_BITS: Final = 1 << _GROUPS.index("byline") | 1 << _GROUPS.index("dates")


def is_byline(text: str, authors: Sequence[str], *, most: int = _REST) -> bool:
    """Return whether a line is some of these names, perhaps with "by", roles and a date.

    Args:
        text: The line.
        authors: Names, at least one of which the line must have.
        most: Maximum letters of other words.
    """
    folded = remainder = text.casefold()
    for author in authors:
        remainder = remainder.replace(author.casefold(), " ")
    if remainder == folded:
        return False
    date = find_date(remainder)
    if date is not None:
        remainder = remainder[: date.start] + remainder[date.end :]
    others = [word for word in block_words.WORD.findall(remainder) if not _of_byline(word)]
    return sum(map(len, others)) <= most and not remainder.rstrip().endswith((".", "!", "?"))


def _of_byline(word: str) -> bool:
    is_known = block_words.BITS.get(word, 0) & _BITS
    return bool(is_known) or word.isdecimal() or is_role(word)


def introduced_names(text: str, language: str | None) -> tuple[Author, ...]:
    """Return the names that a line introduces: after "By", after a label, as a reporter's."""
    if says_by(text, language):
        return read_byline(text, language=language)
    if match_not_by(text):
        later = introduced_later(text)
        return read_byline(later, language=language) if later else ()
    if len(text) <= _CJK_CHARS and CJK.search(text):
        return tuple(Author(name, person=True) for name in reporters([text], language))
    return ()


def is_introduced_byline(text: str, language: str | None) -> bool:
    """Return whether a line introduces people and says nothing else."""
    names = [author.name for author in introduced_names(text, language) if author.person]
    if not names:
        return False
    if match_not_by(text) or CJK.search(text):
        return len(text) <= 2 * _CJK_CHARS and not text.endswith(("。", "！", "？", "다."))
    pieces = [
        piece
        for piece in map(str.strip, _PIECES.split(until_others(text)))
        if not (match_not_by(piece) or names_editor(piece))
    ]
    bare = without_correspondent(" ".join(pieces))
    if bare.endswith(".") and len(bare.split()[-1]) > _INITIALS:
        return False
    ends = (bare, bare.rstrip("."))  # the stop is the name's or the line's
    return any(is_byline(end, names, most=_REST_INTRODUCED) for end in ends)
