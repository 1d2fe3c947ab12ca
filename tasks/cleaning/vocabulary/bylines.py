"""The words around authors' names, from ``data/bylines.toml``: "by", "our", credits of others."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.vocabulary.bounded_cache import BoundedCache

# Scripts without capitals, which may also lack spaces between words.
CASELESS: Final = re.compile(
    "[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u10d0-\u10ff\u3040-\uffdc]"
)
_BEFORE: Final = " \t\n-–—|•·✍"
_COMPARED: Final = 40  # characters of a text that are compared with the words before names
_CREDIT_LETTERS: Final = 4  # letters of a text that are compared with the words before others
_SIGNS: Final = re.compile("[^a-z0-9]+")
_LISTED: Final = re.compile(r"[,;&|/·•+]")
_CREDIT_CHARS: Final = 60
_STEM: Final = 7  # letters of a role's name from which it counts in inflected and compound words
_OURS_CHARS: Final = 90  # maximum characters of a byline; "our" in longer text begins a sentence
_ROLE_WORDS: Final = 4  # words after "our" that may be a role: "our East Africa correspondent"


@lru_cache(maxsize=1)
def byline_table() -> dict[str, frozenset[str]]:
    """Return the tables of ``data/bylines.toml``, case folded; a language's as ``by_in.fr``."""
    path = files("copydesk.tasks.cleaning") / "data" / "bylines.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    words: dict[str, frozenset[str]] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            for language, each in value.items():
                words[f"{name}.{language}"] = frozenset(word.casefold() for word in each)
        else:
            words[name] = frozenset(word.casefold() for word in value)
    return words


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    """Return the form that names are compared by: letters and digits alone, case folded."""
    if name.isascii():
        return _SIGNS.sub("", name.lower())
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in folded if char.isalnum())


@lru_cache(maxsize=32)
def before_names(language: str | None) -> re.Pattern[str]:
    """Return a pattern for the words before names at a text's start; group 1 is the words."""
    words = byline_table()["by"] | byline_table().get(f"by_in.{language}", frozenset())
    ordered = sorted((re.escape(word), bool(CASELESS.match(word))) for word in words)
    ordered.sort(key=lambda item: -len(item[0]))
    spaced = "|".join(word for word, caseless in ordered if not caseless and word[-1] != ":")
    tight = "|".join(word for word, caseless in ordered if caseless and word[-1] not in ":：/")
    colon = "|".join(word[:-1].rstrip("\\") for word, _ in ordered if word[-1] in ":：/")
    return re.compile(
        r"\s*+(?:[-–—|•·✍]++\s*+)?("
        rf"(?:{colon})\s*(?=[:：/／])|(?:{spaced})(?=\s*[:：/]|\s+(?-i:[^a-z\s])|\s*$)"
        rf"|(?:\w+\s)?by(?=\s|(?-i:[A-Z])|[:：]|$)|(?:{tight})(?=\s|[:：/／]|$)"
        r")\s*[:：/／]?\s*",
        re.I,
    )


@lru_cache(maxsize=1)
def _introductions() -> re.Pattern[str]:
    """Return a pattern for a label before authors inside a line; a space, or no letter, before."""
    words = {word.rstrip(":：/").strip() for word in byline_table()["by"] if " " not in word}
    ordered = sorted(words, key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in ordered if not CASELESS.match(word))
    tight = "|".join(re.escape(word) for word in ordered if CASELESS.match(word))
    return re.compile(rf"(?:(?<!\w)(?:{spaced})|{tight})\s?[:：／/]", re.I)


def introduced_later(line: str) -> str:
    """Return a line from the label before its authors: "By: Ada" of "Photo: Bob By: Ada".

    Empty if the line does not begin with a label of other people, or has no other.
    """
    others = match_not_by(line)
    match = _introductions().search(line, others.end()) if others else None
    return line[match.start() :] if match else ""


@lru_cache(maxsize=1)
def _correspondents() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns for "by our" at a text's start, and for long names of roles in a word."""
    words = byline_table()
    stems = sorted((role for role in words["roles"] if len(role) >= _STEM), key=len, reverse=True)
    ours, joints = "|".join(words["our"]), "|".join(words["from_our"])
    return (
        re.compile(rf"(?:(?:{joints})\s)?(?:{ours})\s", re.I),
        re.compile("|".join(map(re.escape, stems)), re.I),
    )


def without_correspondent(text: str) -> str:
    """Return a byline without whose reporter it names: "Von unserem Korrespondenten Jan Rost"."""
    if len(text) > _OURS_CHARS or text.count(" ") < 2:
        return text
    match = _correspondents()[0].match(text.lstrip())
    if match is None:
        return text
    words = text.lstrip()[match.end() :].split(" ")
    roles = [at for at, word in enumerate(words[:_ROLE_WORDS], 1) if _names_role(word)]
    return " ".join(words[roles[-1] :]) if roles else text


def _names_role(word: str) -> bool:
    bare = word.casefold().strip(",.")
    return bare in byline_table()["roles"] or _correspondents()[1].search(bare) is not None


class _Credits(NamedTuple):
    """How texts begin that ``match_not_by`` may match, and its pattern."""

    beginnings: frozenset[str]
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def credit_words() -> _Credits:
    """Return how texts begin that credit others than the authors.

    A text in ASCII begins with one of ``beginnings``, of ``_CREDIT_LETTERS`` letters.
    """
    words = sorted(byline_table()["not_by"], key=len, reverse=True)
    if any(len(word) < _CREDIT_LETTERS and word.isascii() for word in words):
        raise ValueError("words before people who are not the authors are too short to compare")
    pattern = re.compile(rf"\s*(?:{'|'.join(map(re.escape, words))})(?:[:：]|\s|$)\s*", re.I)
    return _Credits(frozenset(word[:_CREDIT_LETTERS] for word in words), pattern)


@lru_cache(maxsize=1)
def _others() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns for a label before people who are no authors, and for one in brackets."""
    words = {word.rstrip(":") for word in byline_table()["not_by"]}
    either = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return (
        re.compile(rf"(?:\.?\s|(?<=[\u3040-\u9fff]))(?:{either})\s?[:：／/]", re.I),
        re.compile(rf"[(\[（]\s?(?:{either})\s?[)\]）]", re.I),
    )


def until_others(line: str) -> str:
    """Return a line up to people who are not its authors: ``Tekst: Jane Roe Foto: Bob Poe``."""
    match = _others()[0].search(line) if any(sign in line for sign in ":：／/") else None
    return line[: match.start()] if match else line


def without_credited(text: str, language: str | None) -> str:
    """Return a byline without names before a bracket that credits pictures: ``Bob Poe (Fotos)``."""
    parts, start = [], 0
    for match in _others()[1].finditer(text):
        before = text[start : match.start()]
        joints = (*joins(language).finditer(before), *_LISTED.finditer(before))
        parts.append(before[: max((joint.start() for joint in joints), default=0)])
        start = match.end()
    return "".join(parts) + text[start:]


@lru_cache(maxsize=1)
def _editors() -> re.Pattern[str]:
    words = "|".join(map(re.escape, sorted(byline_table()["editors"], key=len, reverse=True)))
    return re.compile(words, re.I)


def names_editor(text: str) -> bool:
    """Return whether a text names an editor, who is no author beside a reporter."""
    return _editors().match(text.lstrip()) is not None


def match_not_by(text: str) -> re.Match[str] | None:
    """Match the words before people who are not the authors ("Edited by", "Photo:")."""
    beginnings, pattern = credit_words()
    start = text.lstrip()[:_CREDIT_LETTERS]
    return pattern.match(text) if start.lower() in beginnings or not start.isascii() else None


def credits_others(text: str) -> bool:
    """Return whether a line only names an editor, photographer or source after a label."""
    if len(text) > _CREDIT_CHARS or not any(sign in text for sign in ":：／"):
        return False
    match = match_not_by(text)
    if match is None or not text[match.end() :].strip():
        return False
    label = match[0].rstrip()
    return label[-1] in ":：／" or text[match.end()] in ":：／"


@lru_cache(maxsize=32)
def joins(language: str | None) -> re.Pattern[str]:
    """Return a pattern for the words that join two names."""
    words = byline_table()["joins.any"] | byline_table().get(f"joins.{language}", frozenset())
    either = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?:^|(?<!\s)\s+|,\s*)(?:{either})\s+", re.I)


class _Beginnings(NamedTuple):
    """How texts begin for which ``says_by`` may be true.

    ``words`` are the words before names by their first two letters; ``ours`` and ``joints`` those
    of ``without_correspondent``; ``starts`` is a table of the two characters that all begin with,
    and ``pairs`` is the compiled loops' own one, of ASCII.
    """

    words: dict[str, tuple[str, ...]]
    starts: _Starts
    ours: frozenset[str]
    joints: frozenset[str]
    pairs: bytearray


@lru_cache(maxsize=32)
def byline_beginnings(language: str | None) -> _Beginnings:
    """Return how texts begin for which ``says_by`` may be true."""
    words = byline_table()["by"] | byline_table().get(f"by_in.{language}", frozenset())
    ours, joints = byline_table()["our"], byline_table()["from_our"]
    by_pair: dict[str, tuple[str, ...]] = {}
    for word in sorted(words):
        folded = _folded(word.rstrip(":：/"))
        by_pair[folded[:2]] = (*by_pair.get(folded[:2], ()), folded)
    starts = _Starts(frozenset(word.rstrip(":：")[:3] for word in words | ours | joints))
    folded_ours, folded_joints = (frozenset(map(_folded, each)) for each in (ours, joints))
    return _Beginnings(by_pair, starts, folded_ours, folded_joints, bytearray(128 * 128))


def _folded(text: str) -> str:
    """Return the start of a text without case, as patterns see it: every i is one letter."""
    return text[:_COMPARED].casefold().replace("i\u0307", "i").replace("ı", "i")


class _Starts(BoundedCache[bool]):
    """Caches whether words before names may begin with a pair of characters.

    A cheap first check that most texts fail.
    """

    def __init__(self, beginnings: frozenset[str]) -> None:
        super().__init__()
        self._known = beginnings

    def judged(self, text: str) -> bool:
        """Return whether they may begin with a pair of characters."""
        folded = text.lstrip(_BEFORE).lstrip().casefold()
        return any(word.startswith(folded) or folded.startswith(word) for word in self._known)


def _match_by(text: str, language: str | None) -> re.Match[str] | None:
    return _matched_by(text, language) if may_say_by(text, language) else None


def may_say_by(text: str, language: str | None) -> bool:
    """Return whether ``says_by`` may be true; few other texts pass, and it is cheap."""
    if native_lines is not None:
        return bool(native_lines.may_say_by(text, byline_beginnings(language)))
    return _may_say_by(text, byline_beginnings(language))


def _may_say_by(text: str, beginnings: _Beginnings) -> bool:
    # "Updated by": any single word before "by".
    if not beginnings.starts[text[:2]] and not _says_by_inside(text):
        return False
    start = _folded(text.lstrip(_BEFORE))
    words = beginnings.words
    if start.startswith(words.get(start[:2], ()) + words.get(start[:1], ())) or " by" in start:
        return True
    if start[:1].isspace():  # ``without_correspondent`` looks behind it
        return True
    first, second, *_ = (*start.split(None, 2), "", "")
    return first in beginnings.ours or (first in beginnings.joints and second in beginnings.ours)


def _says_by_inside(text: str) -> bool:
    return " by" in text or " By" in text or " BY" in text or " bY" in text


@lru_cache(maxsize=1024)  # a byline is read several times
def _matched_by(text: str, language: str | None) -> re.Match[str] | None:
    return before_names(language).match(text)


def says_by(text: str, language: str | None = None, *, plainly: bool = False) -> bool:
    """Return whether a text starts with the words before names ("By …", "Автор: …").

    With ``plainly``, two words ("Written by") or a colon are needed, which begin no sentence.
    """
    if not may_say_by(text, language):
        return False
    match = _matched_by(text, language)
    if match is None:
        return without_correspondent(text) != text
    return not plainly or " " in match[1] or ":" in match[0] or "：" in match[0]


def starting_plainly_with_by(texts: Sequence[str], language: str | None, longest: int) -> set[str]:
    """Return the texts for which ``says_by`` is true with ``plainly``; not longer ones."""
    if native_lines is None:
        near = [text for text in texts if len(text) <= longest and may_say_by(text, language)]
    else:
        near = native_lines.saying_by(texts, byline_beginnings(language), longest)
    return {text for text in near if says_by(text, language, plainly=True)}


def without_by(text: str, language: str | None = None) -> str:
    """Return the text without the words before names, also where they are doubled."""
    for _ in range(3):
        match = _match_by(text, language)
        if match is None or match.end() == 0:
            break
        text = text[match.end() :]
    return without_correspondent(text)


@lru_cache(maxsize=1)
def every_word() -> frozenset[str]:
    """Return every word of the vocabulary; a name with none of them is only a name."""
    phrases = (phrase for phrases in byline_table().values() for phrase in phrases)
    return frozenset({word.strip(".,:!?()") for phrase in phrases for word in phrase.split()})


@lru_cache(maxsize=1)
def by_words() -> frozenset[str]:
    """Return every word of the phrases before names: "posted" of "posted by"."""
    return frozenset({word for phrase in byline_table()["by"] for word in phrase.split()})
