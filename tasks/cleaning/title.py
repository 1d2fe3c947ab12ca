"""Titles: their form for comparison, and lines that repeat them.

Works in any script; the only language-specific words are a few articles ("the", "der").
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from copydesk.tasks.cleaning.line_loops import native_lines

# Separators between a title and a site's name ("Title – Site", "标题_新浪网").
SEPARATOR = r"[-‐‑‒–—―|¦｜│:：·•∙⋅●»«›‹/／~～_@<>→←]+"
SPACED = re.compile(
    rf"(?<!\s)\s+{SEPARATOR}\s+|(?:(?<!\s)\s+)?[|｜¦│»«_]+\s*|[:：]\s+|(?<=\S):(?=\s)"
)
# A cheap first check for a separator.
_PARTED = re.compile(SEPARATOR.removesuffix("+"))
_ELLIPSIS = re.compile(r"(?:(?<![\s\[(])[\s\[(]+)?(?:…|⋯|(?<!\.)\.{2,}|(?<!。)。{2,})[\s\])]*$")
_DOT = frozenset(".。")
_LAST = frozenset(".。…⋯)]")  # possible last characters of an ellipsis, except white space
# Articles may differ between a headline and its copy; any other word changes the meaning.
_ARTICLES = frozenset(
    re.findall(
        r"\w+",
        "a an the der die das ein eine le la les l un une el los las il lo gli i uno una o os as "
        "um uma de het een den det en ett et",
    )
)
_APOSTROPHE = re.compile(
    r"'(?<=\w')(?=\w)"
)  # a pattern that begins with its character is found soon
LONGEST_TITLE = 1000
"""Maximum letters of a title; a longer text is compared, and nothing is cut from it."""

_SITE_WORDS = 7  # maximum words of a site's and section's name; sentences mostly have more
_SITE_LETTERS = 60


def normal_title(title: str) -> str:
    """Return a title in its stored form: NFC, one line, no invisible characters, edges trimmed."""
    title = " ".join(title.split())
    if title.isascii() and title.isprintable():
        return title
    return _visible(title) if len(title) > LONGEST_TITLE else _cached_visible(title)


def _visible(title: str) -> str:
    title = unicodedata.normalize("NFC", title)
    return " ".join(" ".join(title.split()).translate(_VISIBLE).split())


_cached_visible = lru_cache(maxsize=256)(_visible)  # most places of a page give the same title


class _VisibleCharacters(dict[int, str]):
    """A table for ``str.translate`` that removes controls and invisible characters."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn", "Co"}
        self[code] = "" if hidden and char not in "\u200c\u200d" else char
        return self[code]


_VISIBLE = _VisibleCharacters()


class _WordCharacters(dict[int, str]):
    """A table for ``str.translate`` that replaces all but letters, digits and marks by spaces."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char.isalnum() or category in {"Mn", "Mc"}:
            replacement = char
        else:
            replacement = "" if category == "Cf" else " "
        self[code] = replacement
        return replacement


_WORDS = _WordCharacters()
_ASCII_WORDS = bytes(ord(_WORDS[code].lower()) for code in range(128)).ljust(256)


def title_key(title: str) -> str:
    """Return a title's comparison key, without case, accents, quotes and dashes.

    It is the words (letters, digits and marks) joined by single spaces; empty for punctuation
    alone.
    """
    return _cached_key(title) if len(title) <= LONGEST_TITLE else _key(title, _WORDS)


def spelled_key(text: str) -> str:
    """Return a text's ``title_key`` in one usual spelling: Arabic and Hebrew without points."""
    return _cached_spelled_key(text) if len(text) <= LONGEST_TITLE else _key(text, SPELLED_WORDS)


def _key(text: str, characters: _WordCharacters) -> str:
    if text.isascii():
        if native_lines is not None and len(text) <= LONGEST_TITLE:
            key: str = native_lines.ascii_title_key(text)
            return key
        words = _without_apostrophes(text).encode().translate(_ASCII_WORDS).decode()
    else:
        words = _without_apostrophes(folded(text)).translate(characters)
    return " ".join(words.split())


def folded(text: str) -> str:
    """Return a text without case, in the compatible form of its characters."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def _without_apostrophes(text: str) -> str:
    """Remove the apostrophes in words: "what's" and "whats" are one."""
    return _APOSTROPHE.sub("", text) if "'" in text else text


# Letters and marks that are optional or interchangeable in writing: vowel points and the hamza of
# Arabic, letters that Persian and Arabic share, points of Hebrew, the Russian yo.
_HEBREW_PUNCTUATION = frozenset({0x05BE, 0x05C0, 0x05C3, 0x05C6})
_POINTS = (
    *(0x0307, 0x0640, 0x0670, *range(0x064B, 0x0653)),
    *(code for code in range(0x0591, 0x05C8) if code not in _HEBREW_PUNCTUATION),
)
SPELLED_WORDS = _WordCharacters(
    str.maketrans(
        {
            **dict.fromkeys(_POINTS, ""),
            **dict.fromkeys("أإآٱ", "ا"),
            **dict.fromkeys("ىی", "ي"),
            **{"ک": "ك", "ة": "ه", "ۀ": "ه", "ё": "е"},
        }
    )
)


@lru_cache(maxsize=4096)
def _cached_key(title: str) -> str:
    return _key(title, _WORDS)


@lru_cache(maxsize=4096)
def _cached_spelled_key(text: str) -> str:
    return _key(text, SPELLED_WORDS)


def same_title(title: str, other_title: str) -> bool:
    """Return whether two titles have the same key, in any usual spelling.

    In capitals Greek, French and others have no accents, and the Turkish i and dotless ı may be the
    same letter. Arabic and Hebrew are written with or without points.
    """
    key = title_key(title)
    if key == title_key(other_title):
        return True
    return key != "" and _spelled_alike(title, other_title)


def _spelled_alike(title: str, other_title: str) -> bool:
    """Return whether two titles that are not ASCII are the same in another usual spelling."""
    if title.isascii() and other_title.isascii():
        return False
    letters, other_letters = (spelled_key(text).replace(" ", "") for text in (title, other_title))
    if letters == other_letters:
        return True
    if not (title.isupper() or other_title.isupper()):
        return False
    return _without_accents(letters) == _without_accents(other_letters)


def _without_accents(letters: str) -> str:
    if len(letters) > LONGEST_TITLE:
        return _accents_removed(letters)
    return _cached_without_accents(letters)


def _accents_removed(letters: str) -> str:
    letters = unicodedata.normalize("NFD", letters).replace("ı", "i")
    return "".join([char for char in letters if unicodedata.category(char) != "Mn"])


_cached_without_accents = lru_cache(maxsize=256)(_accents_removed)


def repeats_title(line: str, title: str) -> bool:
    """Return whether a line repeats the title, exactly or nearly.

    Nearly allows: another case, quotes, dashes or spaces, another usual spelling, trailing dots,
    truncation with an ellipsis, a site's name before or after it, an article more or less, or a
    wrong letter in a long word. Different numbers or other words make a different title.
    """
    if len(line) > 3 * len(title) + 2 * _SITE_LETTERS:
        return False
    line_key, key = title_key(line), title_key(title)
    if not line_key or not key:
        # Punctuation alone is compared literally.
        return bool(line.strip()) and line.split() == title.split()
    if line_key == key or line_key.replace(" ", "") == key.replace(" ", ""):
        return True
    if max(len(line), len(title)) > LONGEST_TITLE:
        return False
    if _spelled_alike(line, title):
        return True
    return (
        _truncates(line, key)
        or _truncates(title, line_key)
        or _nearly(line_key, key)
        or (_may_hold(line, line_key, key) and _with_site(line, key))
        or (_may_hold(title, key, line_key) and _with_site(title, line_key))
    )


def _truncates(short: str, full_key: str) -> bool:
    """Return whether ``short`` ends in an ellipsis and starts as the full title does."""
    last = short[-1:]
    if last in _DOT and short[-2:-1] != last:
        return False  # a full stop, as most sentences have
    ellipsis = _ELLIPSIS.search(short) if last in _LAST or last.isspace() else None
    if ellipsis is None:
        return False
    key = title_key(short[: ellipsis.start()])
    # Widgets truncate titles to a third or more. Below 12 letters anything matches.
    return full_key.startswith(key) and len(key) >= 12 and 3 * len(key) >= len(full_key)


def _nearly(key: str, other_key: str) -> bool:
    """Return whether two keys differ only slightly: by a letter of a long word, or an article."""
    if abs(len(key) - len(other_key)) > 8 or min(len(key), len(other_key)) < 10:
        return False
    words, other_words = key.split(), other_key.split()
    if len(words) == len(other_words) == 1:
        # Without spaces between words (Chinese, Japanese, Thai …): one error in sixteen letters.
        return (
            len(key) >= 16
            and not _digits_differ(key, other_key)
            and _distance(key, other_key, 1) <= 1
        )
    words = [w for w in words if w not in _ARTICLES] or words
    other_words = [w for w in other_words if w not in _ARTICLES] or other_words
    if len(words) != len(other_words):
        return False
    slips = [(a, b) for a, b in zip(words, other_words, strict=True) if a != b]
    return len(slips) <= 1 + len(words) // 6 and all(_slip(a, b) for a, b in slips)


def _slip(word: str, other_word: str) -> bool:
    shorter = min(len(word), len(other_word))
    allowed = 2 if shorter >= 8 else 1
    return (
        shorter >= 4
        and not _digits_differ(word, other_word)
        and _distance(word, other_word, 2) <= allowed
    )


def _distance(text: str, other_text: str, cutoff: int) -> int:
    from rapidfuzz.distance import OSA  # few pages need it, and it takes .02 s to load

    return OSA.distance(text, other_text, score_cutoff=cutoff)


def _digits_differ(text: str, other_text: str) -> bool:
    return [c for c in text if c.isdigit()] != [c for c in other_text if c.isdigit()]


def _may_hold(line: str, line_key: str, key: str) -> bool:
    """Return whether a part of the line may be this title, or a truncated one; a cheap check."""
    # Written out, because most lines of a page are asked.
    return key in line_key or ".." in line or "…" in line or "⋯" in line or "。。" in line


def _with_site(line: str, key: str) -> bool:
    """Return whether the line is the title of this key, a separator, and a short name."""
    for separator in SPACED.finditer(line) if _PARTED.search(line) else ():
        before, after = line[: separator.start()], line[separator.end() :]
        for headline, name in ((before, after), (after, before)):
            if _may_be_site(name, key) and (
                title_key(headline) == key or _truncates(headline, key)
            ):
                return True
    return False


def _may_be_site(name: str, title: str) -> bool:
    """Return whether the rest of a line may be the name of a site (and section)."""
    name = name.strip()
    key = title_key(name)
    if not key or len(name) > _SITE_LETTERS or len(key.split()) > _SITE_WORDS:
        return False
    # A one-word title is followed by a sentence as often as by a name: "Trump: I won't go."
    return len(key) <= max(len(title), 12) and not name.endswith((".", "!", "?", "。", "؟"))
