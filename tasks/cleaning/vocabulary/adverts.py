"""Labels above an advertisement, from ``data/adverts.toml``: "Article continues below"."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.title import title_key

BEGINNING: Final = 5
"""Characters by which most lines are told from labels."""
_MOST_CHARS: Final = 70
_UNSPACED: Final = ("ja", "ko", "th", "vi", "zh")
"""Languages that write no spaces between words, or within them: their labels consist of parts."""


class _Words(NamedTuple):
    advert: frozenset[str]
    onward: frozenset[str]
    place: frozenset[str]
    all: frozenset[str]
    parts: tuple[tuple[str, str], ...]
    """Parts with what they mean, longest first."""
    initials: frozenset[str]
    """First letters of the parts."""
    beginnings: frozenset[str]
    """First letters of the words, decomposed: ``BEGINNING`` of them or fewer."""
    part_beginnings: frozenset[str]
    """The same of the parts: one or two letters."""


@cache
def _words() -> _Words:
    path = files("copydesk.tasks.cleaning") / "data" / "adverts.toml"
    table: dict[str, dict[str, list[str]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    words = {
        meaning: frozenset(title_key(word) for each in by_language.values() for word in each)
        for meaning, by_language in table.items()
    }
    parts = {
        title_key(part).replace(" ", ""): meaning
        for meaning, by_language in table.items()
        for language in _UNSPACED
        for part in by_language.get(language, ())
    }
    longest_first = sorted(parts.items(), key=lambda item: (-len(item[0]), item[0]))
    every_word = frozenset().union(*words.values())
    return _Words(
        words["advert"],
        words["onward"],
        words["place"],
        every_word,
        tuple(longest_first),
        frozenset(part[0] for part in parts),
        _beginnings(every_word, BEGINNING),
        _beginnings(parts, 2),
    )


def _beginnings(words: Iterable[str], longest: int) -> frozenset[str]:
    decomposed = [unicodedata.normalize("NFD", word) for word in words]
    return frozenset(word[:size] for word in decomposed for size in range(1, longest + 1))


def may_begin_label(beginning: str) -> bool:
    """Return whether a label may begin like this (``BEGINNING`` characters, case folded)."""
    vocabulary = _words()
    first, space, _ = beginning.partition(" ")
    if not (first.isascii() and first.isalpha()):
        return True
    return first in (vocabulary.all if space else vocabulary.beginnings) or (
        first[:2] in vocabulary.part_beginnings
    )


def is_advert_label(text: str) -> bool:
    """Return whether a whole line is a label above an advertisement, in any language.

    It consists of the vocabulary's words alone, and names an advertisement, or says that the
    article continues below.
    """
    if len(text) > _MOST_CHARS:
        return False
    vocabulary = _words()
    first = text.partition(" ")[0]
    # Most lines end here.
    if (
        first.isascii()
        and first.isalpha()
        and (first := first.lower()) not in vocabulary.all
        and (first[0] not in vocabulary.initials or text.isascii())
    ):
        return False
    words = title_key(text).split()
    if vocabulary.all.issuperset(words):
        return _labels(
            not vocabulary.advert.isdisjoint(words),
            not vocabulary.onward.isdisjoint(words),
            not vocabulary.place.isdisjoint(words),
        )
    return not text.isascii() and _consists_of_parts("".join(words))


def label_words() -> frozenset[str]:
    """Return all words of labels, by ``title_key``."""
    return _words().all


def may_be_first_word(first: str, *, is_ascii: bool) -> bool:
    """Return False for a first word, as ``line_key`` writes it, of a line that is no label.

    ``is_ascii`` says that the line is: labels in scripts without spaces are not.
    """
    vocabulary = _words()
    return first in vocabulary.all or (not is_ascii and first[:1] in vocabulary.initials)


def _labels(advert: bool, onward: bool, place: bool) -> bool:
    return advert or (onward and place)


def _consists_of_parts(letters: str) -> bool:
    vocabulary = _words()
    meanings: set[str] = set()
    if letters[:1] not in vocabulary.initials:  # most lines end here
        return False
    for part, meaning in vocabulary.parts:
        if part in letters:
            letters = letters.replace(part, " ")
            meanings.add(meaning)
    return not letters.strip() and _labels(
        "advert" in meanings, "onward" in meanings, "place" in meanings
    )
