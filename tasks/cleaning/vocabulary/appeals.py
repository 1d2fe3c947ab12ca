"""Sentences in which a site speaks of itself, from ``data/appeals.toml``: "Follow us on Facebook".

They ask readers to subscribe, pay, follow, share, comment or write, tell of cookies, of embedded
content that needs consent, of a browser that plays nothing, or claim rights. A block or line that
is nothing else is no article's text, in whatever element it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.title import title_key
from copydesk.tasks.cleaning.vocabulary.bounded_cache import BoundedCache
from copydesk.tasks.cleaning.vocabulary.phrases import SPACELESS

MOST_CHARS: Final = 320
"""Maximum characters of such a block."""
_TWO_SENTENCES: Final = 180
"""Maximum characters, where a purpose has no limit of its own."""
_KINDS: Final = {
    "newsletter": CutKind.NEWSLETTER,
    "support": CutKind.ADVERTISEMENT,
    "follow": CutKind.SHARE,
    "share": CutKind.SHARE,
    "contact": CutKind.SITE,
    "cookies": CutKind.LEGAL,
    "subscribers": CutKind.ADVERTISEMENT,
    "comments": CutKind.COMMENTS,
    "embeds": CutKind.LEGAL,
    "players": CutKind.SITE,
    "apps": CutKind.ADVERTISEMENT,
    "copyright": CutKind.LEGAL,
}
_MOST: Final = {
    **{"share": 40, "follow": 130, "copyright": 120, "comments": 100, "apps": 120},
    "embeds": MOST_CHARS,
}
"""Maximum characters by purpose: a longer block says more, or the law has it say more."""
_LONGEST_WORD: Final = 40  # limits what is remembered
_WHOLE: Final = 4  # letters of the longest stem that counts as a whole word only
_LABEL_CHARS: Final = 60
_DURATION_CHARS: Final = 20
_CONNECTORS: Final = frozenset(
    {"by", "from", "on", "von", "auf", "de", "di", "da", "van", "från", "fra"}
)
"""Words between a label and a platform: "External content from YouTube"."""
_CLOCK: Final = re.compile(r"(?:\d{1,2}:)?\d{1,2}:\d\d")
_DURATION: Final = re.compile(
    rf"{_CLOCK.pattern}(?:\s?[/|–-]\s?{_CLOCK.pattern})?|\d{{1,3}}\s?"
    r"(?:min|mins|minutes?|minuten|minuti|minutos|minuter|minutter|minut|мин|минут[аы]?|хв|分|분)\.?",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_UNSPACED_CHARS: Final = 90
_UNSPACED: Final = frozenset({"zh", "ja", "ko", "th"})
_SENTENCES: Final = re.compile(r"[.!?…:;—–¿¡。！？]")
_BETWEEN: Final = r"\s,()\[\]\"“”„«»"
_FIRST_TWO: Final = re.compile(
    rf"[{_BETWEEN}]*+([^{_BETWEEN}]++)(?:[{_BETWEEN}]++([^{_BETWEEN}]++))?"
)
"""The first words of a sentence, one or two."""


@dataclass(frozen=True)
class _Form:
    """A purpose, and stems of what must follow the beginning, one of each set in the text."""

    purpose: str
    stems: tuple[Sequence[str], ...]

    @cached_property
    def following(self) -> tuple[re.Pattern[str], ...]:
        """Return patterns of the stems; most are never needed, and they take long to compile."""
        return tuple(map(_any_of, self.stems))


class _Vocabulary(NamedTuple):
    by_beginning: dict[str, tuple[_Form, ...]]
    unspaced: tuple[tuple[str, _Form], ...]
    any_unspaced: re.Pattern[str]
    labels: dict[str, CutKind]
    """Whole lines, by ``_label_key``."""
    clocks: frozenset[str]
    """The same of lines that also have a time."""
    platforms: frozenset[str]
    beginnings: frozenset[str]
    """First words of sentences and labels: one or two."""
    before_seconds: frozenset[str]
    """The first words of two."""


@cache
def _vocabulary() -> _Vocabulary:
    path = files("copydesk.tasks.cleaning") / "data" / "appeals.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    platforms, labels = table.pop("platforms"), table.pop("labels")
    label_lines = [line for lines in labels.values() for line in lines]
    by_beginning: dict[str, list[_Form]] = {}
    unspaced: list[tuple[str, _Form]] = []
    for purpose, languages in table.items():
        for language, (beginnings, *stems) in languages.items():
            sets = [*stems, platforms] if purpose == "follow" else stems
            form = _Form(purpose, tuple(sets))
            for beginning in beginnings:
                if language in _UNSPACED and beginning != "©":
                    unspaced.append((beginning, form))
                else:
                    by_beginning.setdefault(beginning, []).append(form)
    spaceless = [line for line in label_lines if SPACELESS.match(line)]
    either = "|".join(map(re.escape, [*(beginning for beginning, _ in unspaced), *spaceless]))
    clocks = labels.pop("clocks")
    return _Vocabulary(
        {word: tuple(forms) for word, forms in by_beginning.items()},
        tuple(unspaced),
        re.compile(either),
        {title_key(line): _KINDS[purpose] for purpose in labels for line in labels[purpose]},
        frozenset(map(title_key, clocks)),
        frozenset(platforms),
        frozenset([*by_beginning, *(line.split()[0] for line in label_lines)]),
        frozenset(beginning.split()[0] for beginning in by_beginning if " " in beginning),
    )


class _FirstWords(BoundedCache[int]):
    """Whether a first word may begin such a sentence: 0 no, 1 yes, 2 with certain second words."""

    def judged(self, text: str) -> int:
        """Return whether the word may."""
        vocabulary, word = _vocabulary(), _bare(text)
        if word in vocabulary.beginnings or text[:1] == "©":
            return 1
        return 2 * (word in vocabulary.before_seconds)


_FIRST_WORDS: Final = _FirstWords()


def begins_appeal(text: str) -> bool:
    """Return whether a block's or line's first words may begin such a sentence."""
    first, _, rest = text.partition(" ")
    may = _FIRST_WORDS[first[:_LONGEST_WORD]]
    if may < 2:
        return may == 1
    second = rest.partition(" ")[0][:_LONGEST_WORD]
    return f"{_bare(first)} {_bare(second)}" in _vocabulary().beginnings


def _bare(word: str) -> str:
    return word.lower().rstrip(",:.!?")


def appeal_beginnings() -> frozenset[str]:
    """Return the first words of such sentences, one or two, in lower case, for spaced words."""
    return _vocabulary().beginnings


def appeal_label_beginnings() -> frozenset[str]:
    """Return the first words of whole lines that are appeals, by ``title_key``."""
    vocabulary = _vocabulary()
    return frozenset(key.partition(" ")[0] for key in (*vocabulary.labels, *vocabulary.clocks))


def appeal_kind(text: str) -> CutKind | None:
    """Return the kind of a block or line that is only such an appeal; None for other text."""
    if len(text) > MOST_CHARS:
        return None
    # Most blocks end here: no sentence but the first begins with a command, unless one asks.
    if not begins_appeal(text) and ("?" not in text or len(text) > _TWO_SENTENCES):
        if text.isascii() or not SPACELESS.search(text):
            return None
        if not _vocabulary().any_unspaced.search(text):
            return None
    return _kind(text)


def is_duration(text: str) -> bool:
    """Return whether a line is only how long something plays: "0:00 / 5:32", "5 min"."""
    return len(text) <= _DURATION_CHARS and _DURATION.fullmatch(text) is not None


@lru_cache(maxsize=2048)  # a site repeats them on every page
def _kind(text: str) -> CutKind | None:
    vocabulary = _vocabulary()
    if (kind := _label_kind(text)) is not None:
        return kind
    folded = text.casefold()
    for sentence in _SENTENCES.split(folded.replace("©", " © ")):
        words = _FIRST_TWO.match(sentence)
        if words is None:
            continue
        first, second = words.groups()
        for beginning in (first, f"{first} {second}") if second else (first,):
            for form in vocabulary.by_beginning.get(beginning, ()):
                if _fits(form, folded):
                    return _KINDS[form.purpose]
    if folded.isascii() or len(folded) > _UNSPACED_CHARS:
        return None
    for beginning, form in vocabulary.unspaced:
        if beginning in folded and _fits(form, folded):
            return _KINDS[form.purpose]
    return None


def _label_kind(text: str) -> CutKind | None:
    if len(text) > _LABEL_CHARS:
        return None
    vocabulary = _vocabulary()
    words = title_key(text).split()
    named = [word for word in words if not word.isdigit() and word not in vocabulary.platforms]
    while named and len(named) < len(words) and named[-1] in _CONNECTORS:
        named.pop()
    key = " ".join(named)
    if key in vocabulary.clocks and _CLOCK.search(text):
        return CutKind.SITE
    return vocabulary.labels.get(key)


def _fits(form: _Form, folded: str) -> bool:
    if len(folded) > _MOST.get(form.purpose, _TWO_SENTENCES):
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
