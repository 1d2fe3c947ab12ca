"""Find what tells of the authors below an article: "Jane Roe is a reporter in Berlin"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from copydesk.tasks.cleaning.metadata.name_parts import is_person
from copydesk.tasks.cleaning.vocabulary.class_names import words
from copydesk.tasks.cleaning.vocabulary.phrases import line_key, shipped

_MOST_BLOCKS: Final = 4
_MOST_CHARS: Final = 600
_LEAST_REST: Final = 4
"""The article is at least this many times as long."""
_LABEL_CHARS: Final = 60
_LABEL: Final = re.compile(r"[^:：]{3,40}[:：]\s?")
_VERBS: Final = frozenset(
    words(
        "is was writes covers reports has lives works ist schreibt berichtet lebt arbeitet leitet "
        "est écrit couvre vit travaille es escribe cubre vive trabaja é escreve cobre trabalha è "
        "scrive lavora schrijft woont werkt är skriver bor er arbejder jobber on kirjoittaa "
        "työskentelee jest pisze mieszka je píše žije este scrie"
    )
)
"""What follows the name, in languages of news; in others a dash, a colon or "は" does."""
_FOLLOWS: Final = re.compile(r"(?:は|氏は|さんは|[：:，、（(／/｜|]|\s?[—–-]\s)")


def biographies(texts: Sequence[str], body: Sequence[int], authors: Sequence[str]) -> list[int]:
    """Return the body's last blocks that each begin with an author's name and say who that is.

    A label ("About the author:") may precede the name in the block or stand above it, as may the
    name. Blocks of more than 600 characters, and those of an article that is not much longer, stay.

    Args:
        texts: The blocks or lines of a page.
        body: The article's, in order.
        authors: The authors' names.
    """
    names = person_names(authors)
    if not names:
        return []
    found: list[int] = []
    for index in reversed(body[-_MOST_BLOCKS:]):
        if not _is_biography(texts[index], names) and not (found and _heads(texts[index], names)):
            break
        found.append(index)
    chars = sum([len(texts[index]) for index in found])
    if not found or sum([len(texts[index]) for index in body]) < (_LEAST_REST + 1) * chars:
        return []
    return found[::-1]


def person_names(authors: Sequence[str]) -> list[str]:
    """Return the names of persons among the authors, case folded."""
    return [name.casefold() for name in authors if is_person(name)]


def begins_biography(text: str, names: Sequence[str]) -> bool:
    """Return whether a block is an author's name (case folded), or begins with it and tells more.

    The name may have a line of its own.
    """
    first_line, _, _ = text.partition("\n")
    return first_line.casefold() in names or _is_biography(text, names)


def _is_biography(text: str, names: Sequence[str]) -> bool:
    if len(text) > _MOST_CHARS:
        return False
    folded = text.casefold()
    label = _LABEL.match(folded)
    for start in (0, label.end()) if label is not None and _is_label(label[0]) else (0,):
        for name in names:
            if folded.startswith(name, start):
                rest = folded[start + len(name) :]
                word = rest.split(maxsplit=1)[0] if rest.strip() else ""
                return _FOLLOWS.match(rest) is not None or (rest[:1] == " " and word in _VERBS)
    return False


def _is_label(text: str) -> bool:
    match = shipped().phrase(line_key(text))
    return match is not None and match.whole and match.kind == "widget"


def _heads(text: str, names: Sequence[str]) -> bool:
    """Return whether a block is only an author's name, or a label above one."""
    return len(text) <= _LABEL_CHARS and (text.casefold() in names or _is_label(text))
