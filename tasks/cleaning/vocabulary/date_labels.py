"""The words beside dates, from ``data/dates.toml``: for publication, change and other events."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

PUBLICATION: Final = "of publication"
CHANGE: Final = "of change"
ORIGIN: Final = "of first publication"
OTHER: Final = "other"
_KINDS: Final = (
    ("origin", ORIGIN), ("published", PUBLICATION), ("modified", CHANGE), ("other", OTHER)
)  # fmt: skip
# Maximum characters of a block that only labels the date in the next one: "Page updated:".
MAX_LABEL_CHARS: Final = 40

COLONS: Final = frozenset(":：")
_LABEL_ENDS: Final = re.compile(
    r"[|·•;,.:：/!！?？。、)）\]】》」…\n\u3000–—]|\s(?=[\u3040-\u9fff\uac00-\ud7af])"
)
_LEAST_LETTERS: Final = 2
_UNSPACED: Final = 6  # characters of the longest label in scripts without spaces
_PREPOSITION: Final = 3
"""Letters of "vom", "on", "le"."""
_STEM: Final = 6
"""Letters in which words of one stem agree: "veröffentlicht", "Veröffentlichungsdatum"."""

_DIGIT: Final = re.compile(r"\d")
_WORD: Final = re.compile(r"[^\W\d_]+")
_SPACED: Final = re.compile("[\u0000-\u05ff\u1e00-\u1fff]+$")  # scripts with spaces between words
# Inline elements that touch: "Senior AnalystUpdated May 3".
_JOINED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=1)
def _labels() -> dict[str, tuple[frozenset[str], tuple[str, ...], frozenset[str]]]:
    """Return, per kind, its single words, its phrases and unspaced words, and all of them."""
    path = files("copydesk.tasks.cleaning") / "data" / "dates.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        kind: (
            frozenset(w for w in words if _WORD.fullmatch(w) and _SPACED.match(w)),
            tuple(w for w in words if not (_WORD.fullmatch(w) and _SPACED.match(w))),
            frozenset(words),
        )
        for kind, words in table.items()
    }


@lru_cache(maxsize=2048)
def kind_of(text: str) -> str:
    """Return a date label's kind: ``of publication``, ``of change``, ``other`` or ""."""
    return _matched(text)[0]


@lru_cache(maxsize=1024)
def kind_of_label(text: str) -> str:
    """Return the kind of a block that is mostly a date's label ("Updated on"), or ""."""
    if not text or len(text) > MAX_LABEL_CHARS or _DIGIT.search(text):
        return ""  # "Updated May 5, 2025" labels its own date
    if text.casefold().strip(" :：") in _labels()["alone"][2]:
        return PUBLICATION
    kind, term = _matched(text)
    letters = sum(map(str.isalpha, text))
    return kind if kind != OTHER and 2 * sum(map(str.isalpha, term)) > letters else ""


@lru_cache(maxsize=1024)
def labels_other(label: str) -> bool:
    """Return whether a label with a colon names neither publication nor change: "Born:".

    That holds in every language, as long as the words of publication and change are known.
    """
    bare = label.rstrip()
    if bare[-1:] not in COLONS or not bare or len(bare) > MAX_LABEL_CHARS:
        return False
    name = _LABEL_ENDS.split(bare.rstrip(" :：\u3000").casefold())[-1].strip()
    alone = _labels()["alone"][2]
    if sum(map(str.isalpha, name)) < _LEAST_LETTERS or name in alone:
        return False
    if len(name) > _UNSPACED and any(word in alone for word in (name[-2:], name[-3:])):
        return False  # a line without spaces that ends in "date"
    return _matched(name)[0] in {"", OTHER} and not _is_of_the_text(name)


def _is_of_the_text(name: str) -> bool:
    """Return whether a label has a word for the text, or one related to publication or change."""
    single, inside, _ = _labels()["texts"]
    words = _WORD.findall(name)
    if not single.isdisjoint(words) or any(phrase in name for phrase in inside):
        return True
    return any(word[:_STEM] in _stems() for word in words)


@lru_cache(maxsize=1)
def _stems() -> frozenset[str]:
    words = (word for kind in ("published", "modified", "origin") for word in _labels()[kind][0])
    return frozenset(word[:_STEM] for word in words if len(word) >= _STEM)


def _is_preposition(term: str) -> bool:
    """Return whether a term says little beside another: "Foto vom"."""
    return len(term) <= _PREPOSITION and _SPACED.match(term) is not None


def _matched(text: str) -> tuple[str, str]:
    """Return the kind of the longest known term in the text, and the term."""
    if not text.strip():
        return "", ""
    folded = _JOINED.sub(" ", text).casefold()
    words = set(_WORD.findall(folded))
    found = "", ""
    for kind, name in _KINDS:
        single, inside, _ = _labels()[kind]
        matches = [*(single & words), *(phrase for phrase in inside if phrase in folded)]
        if matches:
            term = max(matches, key=len)
            if not _is_preposition(term):
                return name, term
            found = found if found[0] else (name, term)
    return found
