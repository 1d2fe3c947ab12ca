"""Phrases of page furniture in some ninety languages, and how to find them in a line.

The tables are data (``data/phrases*.tsv``, made by ``training/phrases.py``), a file a licence
(docs/licences.md): a phrase's source (``wordpress``, ``ghost`` …), languages, class and key. An
install may leave out WordPress's; then there are fewer phrases. The classes:

``comments``    headings, empty states and notices of a comment section
``form``        sentences and buttons of the comment form
``label``       its field labels: short words that an article may have as well
``action``      what stands at each comment: "Reply", "says", "3 hours ago"
``widget``      headings of sidebars: "Recent posts", "Archives"
``navigation``  "Skip to content", "Next post"
``site``        header and footer
``meta``        "Posted on", "Tagged", "Uncategorized"
``share``, ``related``, ``newsletter``, ``legal``
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.title import LONGEST_TITLE, SPELLED_WORDS, folded, spelled_key

# By licence; the last may be absent.
TABLES = ("phrases.tsv", "phrases.cldr.tsv", "phrases.wordpress.tsv")
STORIES = ("phrases.stories.tsv",)
"""More labels of other stories ("Most read"), for HTML alone: the models of copied text were
trained with the tables above."""
HOLE = "{x}"
_DIGITS = re.compile(r"\d+(?: \d+)*")
# Thai, Lao, Burmese, Khmer, Chinese, Japanese, Korean (whose particles follow at once).
SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]")
_LEAST_SPACELESS = "\u0e00"
# Where one phrase stands in several classes, the class that says least counts.
WEAKEST_FIRST = (
    "label",
    "action",
    "navigation",
    "site",
    "share",
    "meta",
    "widget",
    "legal",
    "newsletter",
    "related",
    "comments",
    "form",
)
_RANK = {kind: rank for rank, kind in enumerate(WEAKEST_FIRST)}
_LONGEST_IN_ROW = 16  # words of a phrase in a row of phrases
MOST_WORDS = 24  # of a line that is tried as a row of phrases ("Share Facebook Twitter Print")
# A phrase with a hole needs so many fixed letters to be told in a line of any length.
SURE_LETTERS = 12
CUT_KINDS = {
    "label": CutKind.FORM,
    "form": CutKind.FORM,
    "action": CutKind.COMMENTS,
    "comments": CutKind.COMMENTS,
    "widget": CutKind.NAVIGATION,
    "navigation": CutKind.NAVIGATION,
    "site": CutKind.SITE,
    "share": CutKind.SHARE,
    "meta": CutKind.METADATA,
    "legal": CutKind.LEGAL,
    "newsletter": CutKind.NEWSLETTER,
    "related": CutKind.RELATED,
}
"""The kind of a cut by that of its phrase."""
_STORY_LABEL_CHARS = 30
_STORY_CHARS = 160  # "Read also: " and a headline


class Match(NamedTuple):
    """The phrase that a line is: its class, the number of letters matched, whether all did."""

    kind: str
    letters: int
    whole: bool


def line_key(line: str) -> str:
    """Return the form that lines are looked up by: ``spelled_key`` with each number as 0."""
    if native_lines is not None and len(line) <= LONGEST_TITLE:
        letters = line if line.isascii() else folded(line)
        if len(letters) <= LONGEST_TITLE:
            return str(native_lines.line_key(letters, SPELLED_WORDS))
    return _numbers_as_zero(spelled_key(line))


def _numbers_as_zero(key: str) -> str:
    if key.replace(" ", "").isalpha() or not _DIGITS.search(key):
        return key
    return " ".join(_DIGITS.sub(" 0 ", key).split())


def pattern_key(pattern: str) -> str:
    """Return a phrase's key; ``{n}`` becomes a number, ``{x}`` stays as a hole."""
    parts = pattern.replace("{n}", " 0 ").split(HOLE)
    return " ".join(f" {HOLE} ".join(line_key(part) for part in parts).split())


class Vocabulary:
    """Phrases by key, and those with a hole by the text before and after it."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        """Take (class, key) pairs; keys come from ``pattern_key``."""
        self._exact: dict[str, str] = {}
        self._open: dict[str, dict[str, str]] = {}
        for kind, key in rows:
            if HOLE not in key:
                self._add(self._exact, key, kind)
                continue
            before, *middle, after = (part.strip() for part in key.split(HOLE))
            if middle and not before:
                continue
            # Of two holes the outer parts are enough; a text after the last may be cut off.
            self._add(self._open.setdefault(before, {}), after, kind)
        self._afters = self._open.pop("", {})
        self._afters.pop("", None)
        # Which lengths phrases have, by their first or last word: letters of the parts before and
        # after a hole, words of whole phrases. What no phrase has is not looked up.
        self._starts = _lengths((_first(before), len(before)) for before in self._open)
        self._ends = _lengths((_last(after), len(after)) for after in self._afters)
        self._firsts = _lengths(
            (key.partition(" ")[0], words)
            for key in self._exact
            if (words := key.count(" ") + 1) <= _LONGEST_IN_ROW
        )
        self._lasts = {key.rpartition(" ")[2] for key in self._exact}
        self._beginnings = self._starts.keys() | self._firsts.keys()

    @staticmethod
    def _add(table: dict[str, str], key: str, kind: str) -> None:
        old = table.get(key)
        if old is None or _RANK[kind] < _RANK[old]:
            table[key] = kind

    def keys_of(self, kinds: Collection[str]) -> list[str]:
        """Return the keys of whole phrases of some classes."""
        return [key for key, kind in self._exact.items() if kind in kinds]

    def match(self, key: str) -> Match | None:
        """Return the phrase, with or without a hole, or the row of phrases that a line's key is."""
        if not self.may_match(key):
            return None
        kind = self._exact.get(key)
        if kind is not None:
            return Match(kind, len(key), whole=True)
        return self._with_hole(key) or self._row(key)

    def may_match(self, key: str) -> bool:
        """Return False for a key that ``match`` gives None for, by its outer words: most lines."""
        if not key or key in self._exact:
            return key != ""
        first, last = key.partition(" ")[0], key.rpartition(" ")[2]
        if key.isascii() or SPACELESS.search(key) is None:
            return first in self._beginnings or last in self._ends
        if _first(key) in self._starts or _last(key) in self._ends:
            return True
        return first in self._firsts and last in self._lasts

    def phrase(self, key: str) -> Match | None:
        """Return the single phrase that a line's key is, with or without a hole."""
        kind = self._exact.get(key)
        if kind is not None:
            return Match(kind, len(key), whole=True)
        return self._with_hole(key) if key else None

    def _with_hole(self, key: str) -> Match | None:
        best: Match | None = None
        spaceless = not key.isascii() and SPACELESS.search(key) is not None
        if spaceless:
            starts, ends = self._starts.get(_first(key), ()), self._ends.get(_last(key), ())
        else:
            starts = self._starts.get(key.partition(" ")[0], ())
            ends = self._ends.get(key.rpartition(" ")[2], ())
        if not starts and not ends:
            return None
        points = range(1, len(key)) if spaceless else _spaces(key, starts, ends)
        for at in points:
            endings = self._open.get(key[:at].rstrip()) if starts else None
            for after, kind in (endings or {}).items():
                inner = len(key) - at - len(after)
                whole = inner > 0 and key.endswith(after)
                if whole and (not after or _boundary(key, len(key) - len(after))):
                    best = _better(best, kind, at + len(after))
            kind_after = self._afters.get(key[at:].lstrip()) if ends else None
            if kind_after:
                best = _better(best, kind_after, len(key) - at)
        return best

    def _row(self, key: str) -> Match | None:
        """Match a line of several phrases: a share row, a menu, two sentences of a form."""
        if key.partition(" ")[0] not in self._firsts or key.rpartition(" ")[2] not in self._lasts:
            return None
        words = key.split(" ")
        if not 2 <= len(words) <= MOST_WORDS:
            return None
        # reached[i]: the classes of the phrases that fill the first i words, the longest first
        reached: list[tuple[str, ...] | None] = [()] + [None] * len(words)
        for start, word in enumerate(words):
            so_far = reached[start]
            for length in self._firsts.get(word, ()) if so_far is not None else ():
                end = start + length
                if end <= len(words) and reached[end] is None:
                    kind = self._exact.get(" ".join(words[start:end]))
                    if kind is not None and so_far is not None:
                        reached[end] = (*so_far, kind)
        kinds = reached[-1]
        if not kinds:
            return None
        strongest = max(kinds, key=lambda kind: _RANK[kind])
        return Match(strongest, len(key), whole=True)


def _first(key: str) -> str:
    """Return the first word, or the first character where words have no spaces."""
    if key[0] < _LEAST_SPACELESS or not SPACELESS.match(key):
        return key.partition(" ")[0]
    return key[0]


def _last(key: str) -> str:
    if key[-1] < _LEAST_SPACELESS or not SPACELESS.match(key[-1]):
        return key.rpartition(" ")[2]
    return key[-1]


def _better(best: Match | None, kind: str, letters: int) -> Match:
    return best if best and best.letters >= letters else Match(kind, letters, whole=False)


def _lengths(pairs: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    """Return the lengths that occur with each word."""
    numbers: dict[str, set[int]] = {}
    for word, length in pairs:
        numbers.setdefault(word, set()).add(length)
    return {word: frozenset(lengths) for word, lengths in numbers.items()}


def _spaces(key: str, starts: Iterable[int], ends: Iterable[int]) -> list[int]:
    """Return the indexes of the spaces after starts and before ends of these lengths, in order."""
    size = len(key)
    before_ends = {at for length in ends if (at := size - length - 1) > 0 and key[at] == " "}
    return sorted({at for at in starts if at < size and key[at] == " "} | before_ends)


def _boundary(key: str, at: int) -> bool:
    return key[at - 1] == " " or key[at] == " " or bool(SPACELESS.match(key[at]))


def read_rows(
    without: frozenset[str] = frozenset(), tables: Iterable[str] = TABLES
) -> list[tuple[str, str]]:
    """Read the shipped tables as (class, key), less the phrases of some languages.

    ``without`` holds primary language tags. A phrase of several languages goes if one of them is
    in ``without``, unless another is English. Tables that are not installed add nothing.
    """
    languages: dict[tuple[str, str], str] = {}
    for table in (files("copydesk.tasks.cleaning") / "data" / name for name in tables):
        if not table.is_file():
            continue
        for row in table.read_text(encoding="utf-8").splitlines():
            _, spoken, kind, key = row.split("\t")
            earlier = languages.get((kind, key))
            languages[kind, key] = f"{earlier},{spoken}" if earlier else spoken
    if not without:
        return list(languages)
    return [
        phrase for phrase, spoken in languages.items() if _stays(set(spoken.split(",")), without)
    ]


def _stays(spoken: set[str], without: frozenset[str]) -> bool:
    return not spoken & without or ("en" in spoken and "en" not in without)


@lru_cache(maxsize=1)
def shipped_rows() -> Sequence[tuple[str, str]]:
    """Return the rows of the whole vocabulary, read once a process."""
    return read_rows()


@lru_cache(maxsize=1)
def shipped() -> Vocabulary:
    """Load the whole vocabulary, once a process."""
    return Vocabulary(shipped_rows())


@lru_cache(maxsize=1)
def story_labels() -> Vocabulary:
    """Load the labels of other stories, once a process."""
    return Vocabulary(read_rows(tables=STORIES))


@lru_cache(maxsize=4096)  # a site has the same on every page
def names_other_stories(label: str) -> bool:
    """Return whether a whole line is known as a label of other stories."""
    key = line_key(label)
    for vocabulary in (shipped(), story_labels()):
        match = vocabulary.phrase(key)
        if match is not None and match.whole and match.kind == "related":
            return True
    return False


def names_a_story(line: str) -> bool:
    """Return whether a line is such a label and, after a colon, a headline: "Read also: …"."""
    if len(line) > _STORY_CHARS or not (":" in line or "：" in line):
        return False
    label, _, story = line.replace("：", ":").partition(":")
    if len(label) > _STORY_LABEL_CHARS or not story.strip() or story.endswith((".", "。")):
        return False
    return names_other_stories(label)
