"""Sentences in which a site speaks of itself, from ``data/appeals.toml``: "Follow us on Facebook".

They ask readers to subscribe, pay, follow, share, comment or write, tell of cookies, or claim
rights. A block or line that is
nothing else is no article's text, in whatever element it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.vocabulary.bounded_cache import BoundedCache
from copydesk.tasks.cleaning.vocabulary.phrases import SPACELESS

MOST_CHARS: Final = 180
"""Maximum characters of such a block: two sentences."""
_KINDS: Final = {
    "newsletter": CutKind.NEWSLETTER,
    "support": CutKind.ADVERTISEMENT,
    "follow": CutKind.SHARE,
    "share": CutKind.SHARE,
    "contact": CutKind.SITE,
    "cookies": CutKind.LEGAL,
    "subscribers": CutKind.ADVERTISEMENT,
    "comments": CutKind.COMMENTS,
    "copyright": CutKind.LEGAL,
}
_SHORT: Final = {"share": 40, "follow": 130, "copyright": 120, "comments": 100}
"""Maximum characters by purpose, where a longer block says more."""
_LONGEST_WORD: Final = 40  # limits what is remembered
_WHOLE: Final = 4  # letters of the longest stem that counts as a whole word only
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_UNSPACED_CHARS: Final = 90
_UNSPACED: Final = frozenset({"zh", "ja", "ko", "th"})
_SENTENCES: Final = re.compile(r"[.!?…:;—–¿¡。！？]")
_WORD: Final = re.compile(r"[^\s,()\[\]\"“”„«»]+")


class _Form(NamedTuple):
    """A purpose, and patterns of what must follow the beginning, each somewhere in the text."""

    purpose: str
    following: tuple[re.Pattern[str], ...]


class _Vocabulary(NamedTuple):
    by_beginning: dict[str, tuple[_Form, ...]]
    unspaced: tuple[tuple[str, _Form], ...]
    any_unspaced: re.Pattern[str]


@cache
def _vocabulary() -> _Vocabulary:
    path = files("copydesk.tasks.cleaning") / "data" / "appeals.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    platforms = table.pop("platforms")
    by_beginning: dict[str, list[_Form]] = {}
    unspaced: list[tuple[str, _Form]] = []
    for purpose, languages in table.items():
        for language, (beginnings, *stems) in languages.items():
            sets = [*stems, platforms] if purpose == "follow" else stems
            form = _Form(purpose, tuple(map(_any_of, sets)))
            for beginning in beginnings:
                if language in _UNSPACED and beginning != "©":
                    unspaced.append((beginning, form))
                else:
                    by_beginning.setdefault(beginning, []).append(form)
    either = "|".join(re.escape(beginning) for beginning, _ in unspaced)
    return _Vocabulary(
        {word: tuple(forms) for word, forms in by_beginning.items()},
        tuple(unspaced),
        re.compile(either),
    )


class _Beginnings(BoundedCache[bool]):
    """Whether a first word may begin such a sentence."""

    def judged(self, text: str) -> bool:
        """Return whether the word may."""
        return text.lower().rstrip(",:.!?") in _vocabulary().by_beginning or text[:1] == "©"


BEGINNINGS: Final = _Beginnings()


def appeal_beginnings() -> frozenset[str]:
    """Return the first words of such sentences, in lower case, where words are spaced."""
    return frozenset(_vocabulary().by_beginning)


def appeal_kind(text: str) -> CutKind | None:
    """Return the kind of a block or line that is only such an appeal; None for other text."""
    if len(text) > MOST_CHARS:
        return None
    # Most blocks end here: no sentence but the first begins with a command, unless one asks.
    if not BEGINNINGS[text.split(" ", 1)[0][:_LONGEST_WORD]] and "?" not in text:
        if text.isascii() or not SPACELESS.search(text):
            return None
        if not _vocabulary().any_unspaced.search(text):
            return None
    return _kind(text)


@lru_cache(maxsize=2048)  # a site repeats them on every page
def _kind(text: str) -> CutKind | None:
    vocabulary = _vocabulary()
    folded = text.casefold()
    for sentence in _SENTENCES.split(folded.replace("©", " © ")):
        words = _WORD.findall(sentence)
        for word in words[:1]:
            for form in vocabulary.by_beginning.get(word, ()):
                if _fits(form, folded):
                    return _KINDS[form.purpose]
    for beginning, form in vocabulary.unspaced if len(folded) <= _UNSPACED_CHARS else ():
        if beginning in folded and _fits(form, folded):
            return _KINDS[form.purpose]
    return None


def _fits(form: _Form, folded: str) -> bool:
    if len(folded) > _SHORT.get(form.purpose, MOST_CHARS):
        return False
    if form.purpose == "copyright" and "©" in folded and _YEAR.search(folded):
        return True
    return all(pattern.search(folded) for pattern in form.following)


def _any_of(stems: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern for words that start with one of these; short ones are whole words."""
    spaced = [stem for stem in stems if stem[0].isalpha() and not SPACELESS.match(stem)]
    whole = [re.escape(stem) for stem in spaced if len(stem) <= _WHOLE]
    starts = [re.escape(stem) for stem in spaced if len(stem) > _WHOLE]
    others = [re.escape(stem) for stem in stems if stem not in spaced]
    forms = [rf"(?<!\w)(?:{'|'.join(whole)})(?!\w)"] if whole else []
    forms += [rf"(?<!\w)(?:{'|'.join(starts)})"] if starts else []
    return re.compile("|".join([*forms, *others]))
