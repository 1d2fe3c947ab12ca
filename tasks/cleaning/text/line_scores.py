"""Score each line by rules: positive for the article's text, negative for page furniture.

The scale is that of log-odds, set by hand and checked on real pages: a full paragraph scores 5, a
known sentence of a comment form -6, a short line without any evidence about 0. Known phrases are
one half of the evidence. Layout (stars of required fields, dates, arrows, repeated lines) is the
other, and works in languages with unknown phrases.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from copydesk.tasks.cleaning.text.character_bits import (
    BAR,
    COLON,
    DIGIT,
    LABEL,
    LETTER,
    OPENING,
    OTHER,
    OWNER,
    POINT,
    POINTS,
    SIGNS,
    STAR,
)
from copydesk.tasks.cleaning.text.date_lines import date_strength, has_time
from copydesk.tasks.cleaning.text.lines import REMEMBERED, SHORT_TEXT, Line
from copydesk.tasks.cleaning.vocabulary.adverts import is_advert_label, may_be_first_word
from copydesk.tasks.cleaning.vocabulary.block_words import GROUPS
from copydesk.tasks.cleaning.vocabulary.phrases import SURE_LETTERS, Match, Vocabulary, line_key

# Score that a phrase of each class subtracts. Labels and actions occur in articles, too.
_TALKATIVE = frozenset({"navigation", "meta"})
_FEW_LETTERS = 8  # of a phrase with a variable part that may begin a sentence
_BYLINE_WORDS = 6  # "By Ada Roe and Max Lund"
_AFTER_WORD = re.compile(r"[:：→»›>|]|\s[-–—]\s")
_PHRASE_WEIGHTS = {
    "label": 1.5,
    "action": 1.8,
    "navigation": 2.5,
    "site": 2.2,
    "share": 2.5,
    "meta": 2.5,
    "widget": 2.5,
    "legal": 2.5,
    "newsletter": 3.0,
    "related": 3.0,
    "comments": 4.0,
    "form": 5.0,
}
_SHORT_SCORES: dict[tuple[str, Vocabulary, int], LineScore] = {}
MOST_REPEATS = 3  # that a score tells apart
SHORT = 60  # maximum size of a label, a name or a menu item
_LONG = 230  # size beyond which a line is only running text; no phrase is longer
TITLE_LENGTH = 160  # maximum size of a headline or a link to another article
_STARRED = re.compile(r"^[^*＊{}();=<>]{1,48}\s?[*＊]{1,2}\s?:?$")
_REQUIRED = re.compile(r"^[^()*]{1,24}\s?\([^()\d]{4,24}\)\s?:?$")
# The star in a notice is a separate word; so is the one in "SELECT * FROM".
_STAR_INSIDE = re.compile(
    r"^(?!.*[{}();=<>])(?:.*(?<![A-Z]{3})\s)?[\"'“”(]?\*[\"'“”)]?[.:]?(?:\s.*)?$|\*(?=标注|標示|로|で|-ga)"
)
_ARROW = re.compile(r"^[←‹⟵«»→›⟶]\s?(?![^«]*»)\S|\S\s?[→›»⟶←‹]$")
_QUOTED = re.compile(r"«[^«»]*»|»[^«»]*«|‹[^‹›]*›")
_OWNER = re.compile(
    r"[©®ⓒ]|\(c\) ?\d{4}|^copyright\s?(?:[:(]|\d{4})|all rights reserved"
    r"|alle rechte vorbehalten|droits réservés|derechos reservados"
    r"|direitos reservados|diritti riservati|wszelkie prawa zastrzeżone"
    r"|все права защищены|με επιφύλαξη|版权所有|版權所有|未经授权|無断転載|禁无断|무단\s?전재",
    re.I,
)
# What a line has that ``_OWNER`` matches: beyond ASCII one of these.
_MAY_OWN = re.compile(
    r"[©®ⓒ]|réservé|zastrzeżon|защищен|επιφύλαξ|无断|無断|무단|版权所有|版權所有|未经授权", re.I
)
# "Read more: …", "Lesen Sie auch – …"
_LABEL = re.compile(r"^([^:：|·–—-]{2,30})(?:[:：|·–—]|-\s)\s?\S")
_CALLS = frozenset({"related", "newsletter", "navigation"})
_LEAST_CALL = 4  # minimum letters of a phrase before a colon that links to another article
_ADVERTS = frozenset(GROUPS["advert"].split()) - {"ad", "ads", "commission", "sponsor"}
CALLS = frozenset({"read_more", "advertisement"})
"""Rules for lines that are never body, because they interrupt an article."""
_BARS = re.compile(r"\s[|·•∙/»›>]\s")
_CONTACT = re.compile(r"^(?:https?://\S+|www\.\S+|\S+@\S+\.\w+|[@#]\w\S*+(?:[\s,]++[@#]\w\S*+)*+)$")
# "Tags: one, two, three", also after a sentence: "Posted in News. Tags: one, two".
_LABELLED = re.compile(
    r"(?:^|[.。|·] ?)[^\s:：.,]+(?: [^\s:：.,]+)?\s?[:：]\s?"
    r"[^,，、:：.!?]{1,30}(?:[,，、] ?[^,，、:：.!?]{1,30})+$"
)
_MAIL = re.compile(r"e-?mail|почт|メール|이메일|邮|郵件|ایمیل|بريد|أيميل|דוא|אימייל|อีเมล|ईमेल", re.I)


class LineScore(NamedTuple):
    """A line's score without context, and the evidence for it.

    ``score`` is ``prose`` less the evidence against the line; ``date`` is the share of the line
    that is a date (0 to 1); ``repeats`` is the number of lines with the same key, at most
    ``MOST_REPEATS``; ``rule`` names the strongest evidence against the line.
    """

    score: float
    match: Match | None
    date: float
    time: bool
    starred: bool
    repeats: int
    prose: float
    rule: str

    @property
    def reads(self) -> bool:
        """Return whether the line reads like running text, without evidence against it."""
        return self.prose >= 1.3 and self.score >= 1.0


def score_lines(lines: Sequence[Line], vocabulary: Vocabulary) -> list[LineScore]:
    """Score every line by itself and by how often it is repeated."""
    counts = Counter([line.key for line in lines if line.key and line.size <= TITLE_LENGTH])
    line_scores = []
    for line in lines:
        repeats = min(counts[line.key], MOST_REPEATS)
        line_score = _plain_score(line, vocabulary, repeats)
        if line_score is None and len(line.text) <= SHORT_TEXT:
            line_score = _short_score(line, vocabulary, repeats)
        line_scores.append(line_score or _score_line(line, vocabulary, repeats))
    _restore_table_rows(lines, line_scores)
    return line_scores


def _short_score(line: Line, vocabulary: Vocabulary, repeats: int) -> LineScore:
    """Return the score of a short line, which is remembered."""
    key = line.text, vocabulary, repeats
    line_score = _SHORT_SCORES.get(key)
    if line_score is None:
        if len(_SHORT_SCORES) >= REMEMBERED:
            _SHORT_SCORES.clear()
        line_score = _SHORT_SCORES[key] = _score_line(line, vocabulary, repeats)
    return line_score


def _restore_table_rows(lines: Sequence[Line], line_scores: list[LineScore]) -> None:
    """Undo ``row_of_links`` for adjacent lines with bars: they are rows of a table."""
    rows = {at for at, line_score in enumerate(line_scores) if line_score.rule == "row_of_links"}
    for at in rows:
        if at - 1 in rows or at + 1 in rows or lines[at].text.startswith("|"):
            prose = line_scores[at].prose
            line_scores[at] = line_scores[at]._replace(score=prose, rule="position")


def prose_worth(line: Line) -> float:
    """Return how much a line reads like running text, from 0 (a label) to 5."""
    size, terminal = line.size, line.terminal
    if size >= 200:
        return 5.0
    if size >= 120:
        return 4.0 if terminal else 2.2
    if size >= 70:
        return 2.5 if terminal else 0.8
    if size >= 35:
        return 1.3 if terminal else 0.25
    return 0.5 if terminal and line.words > 2 else 0.1


def _plain_score(line: Line, vocabulary: Vocabulary, repeats: int) -> LineScore | None:
    """Return the score of a line that has surely no evidence against it but repetition.

    That is true of most lines, and found sooner than by ``_score_line``, which may find it, too.
    """
    key, has, size = line.key, line.has, line.size
    if size > _LONG:
        return _plain(prose_worth(line), repeats)
    if has & (DIGIT | SIGNS) or not has & LETTER or vocabulary.may_match(key):
        return None
    if size > TITLE_LENGTH:
        return _plain(prose_worth(line), repeats)
    is_ascii, first = line.text.isascii(), key.partition(" ")[0]
    if first in _ADVERTS or may_be_first_word(first, is_ascii=is_ascii):
        return None
    if has & OTHER:
        bare = line.bare
        if " " not in bare or "- " in bare or bare[0] in "@#" or _may_own(line):
            return None
    if size > SHORT or (has & OTHER and line.terminal):
        return _plain(prose_worth(line), repeats)
    if _names_mail(line):
        return None
    return _plain(prose_worth(line), repeats, 0 if line.marked else repeats)


def _score_line(line: Line, vocabulary: Vocabulary, repeats: int) -> LineScore:
    prose = prose_worth(line)
    against: list[tuple[float, str]] = []
    match = _phrase(line, vocabulary, against)
    if against and against[0][1] in CALLS:
        prose = min(prose, 0.3)
    if not line.has & OTHER:
        # Most menu items are only letters, without date, field or special shape.
        if line.size <= SHORT:
            against += _repeated(line, repeats)
        return _weighed(prose, match, against, repeats)
    date, clock = 0.0, False
    if line.has & DIGIT:
        date, clock = date_strength(line.text), has_time(line.text)
    if date > 0:
        against.append((2.5 * date, "date"))
        prose = min(prose, 0.3) if date >= 0.5 else prose
    elif clock and line.size <= SHORT and not line.terminal:
        against.append((0.8, "time"))
    starred = line.size <= TITLE_LENGTH and bool(
        line.has & STAR and (_STARRED.match(line.bare) or _STAR_INSIDE.search(line.bare))
    )
    if starred:
        against.append((2.5, "required_field"))
        prose = min(prose, 0.3)
    pointed = line.has & POINT and (line.bare[0] in POINTS or line.bare[-1] in POINTS)
    if pointed and _ARROW.search(line.bare) and not _QUOTED.search(line.bare):
        against.append((2.2, "arrow"))
        prose = min(prose, 0.3)
    against += _shape(line, repeats)
    return _weighed(prose, match, against, repeats, date, clock, starred)


def _phrase(line: Line, vocabulary: Vocabulary, against: list[tuple[float, str]]) -> Match | None:
    """Return the phrase that a line is; add the evidence against the line to ``against``."""
    match = vocabulary.match(line.key)
    if match is not None:
        weight = _phrase_weight(match, line)
        if not weight:
            return None
        against.append((weight, f"phrase:{match.kind}"))
        return match
    call = _call(line, vocabulary)
    if call is None:
        return None
    against.append((3.0, call))
    return Match("related", 0, whole=False) if call == "read_more" else None


def _call(line: Line, vocabulary: Vocabulary) -> str | None:
    """Return the rule for a short line that links to another article or announces an advert."""
    if line.size > TITLE_LENGTH:
        return None
    label = _LABEL.match(line.bare) if line.has & LABEL or "- " in line.bare else None
    if label is not None:
        match = vocabulary.match(line_key(label.group(1)))
        if match and match.whole and match.kind in _CALLS and match.letters >= _LEAST_CALL:
            return "read_more"
    first = line.key.partition(" ")[0]
    if (
        first in _ADVERTS
        and line.words <= _BYLINE_WORDS
        and not line.terminal
        and (line.words == 1 or line.text[:3].isupper() or label)
    ):
        return "advertisement"
    may_be_label = may_be_first_word(first, is_ascii=line.text.isascii())
    return "advertisement" if may_be_label and is_advert_label(line.text) else None


@lru_cache(maxsize=256)
def _plain(prose: float, repeats: int, counted: int = 0) -> LineScore:
    """Return the score of a line without evidence against it but ``counted`` repetitions."""
    if counted > 1:
        against = _repetition(counted)
        return LineScore(prose - against, None, 0.0, False, False, repeats, prose, "repeated_line")
    return LineScore(prose, None, 0.0, False, False, repeats, prose, "position")


def _repetition(repeats: int) -> float:
    return 0.7 if repeats > 2 else 0.5


def _weighed(
    prose: float,
    match: Match | None,
    against: list[tuple[float, str]],
    repeats: int,
    date: float = 0.0,
    clock: bool = False,
    starred: bool = False,
) -> LineScore:
    """Add up the evidence against a line; the strongest names the rule."""
    if not (against or clock):
        return _plain(prose, repeats)
    # The strongest evidence counts in full, each further one by a third.
    against.sort(reverse=True)
    total, rule = against[0] if against else (0.0, "position")
    for weight, _ in against[1:]:
        total += weight / 3
    if match is not None and match.whole and match.letters >= SURE_LETTERS:
        prose = min(prose, 0.3)  # a known sentence is not running text, however long
    return LineScore(prose - total, match, date, clock, starred, repeats, prose, rule)


def _phrase_weight(match: Match, line: Line) -> float:
    weight = _PHRASE_WEIGHTS[match.kind]
    if match.whole:
        return weight * (0.7 if match.letters <= 3 else 1.25 if match.letters >= 20 else 1.0)
    if match.kind in _TALKATIVE and match.letters < _FEW_LETTERS and not _introduces(match, line):
        return 0.0
    # For a phrase with a variable part ("by {x}", "{x} says"), fewer letters mean less evidence.
    if line.size > 2 * SHORT and match.letters < SURE_LETTERS:
        return 0.0
    if line.terminal and (match.letters < 6 or line.words > 4 * match.letters / 3):
        return 0.0
    return weight * min(1.0, 0.3 + match.letters / 10)


def _introduces(match: Match, line: Line) -> bool:
    """Return whether a short phrase introduces something: "Next: …", "by Ada Roe", "le 5 mars".

    Sentences can begin with the same words: "Next month the brake will be tested".
    """
    text = line.bare
    if match.kind == "navigation":
        return line.words <= 3 or _AFTER_WORD.search(text[: 2 * match.letters + 8]) is not None
    if any(char.isdigit() for char in text) or line.words <= 3:
        return True
    words = text.split()
    capital = [word for word in words[1:] if not word[:1].islower()]
    return line.words <= _BYLINE_WORDS and len(capital) >= len(words) - 2


def _shape(line: Line, repeats: int) -> list[tuple[float, str]]:
    if line.size > TITLE_LENGTH:
        return []
    text = line.bare
    reasons: list[tuple[float, str]] = []
    if _may_own(line) and _OWNER.search(text):
        reasons.append((3.5, "copyright"))
    if (text[0] in "@#" or " " not in text) and _CONTACT.match(text):
        reasons.append((0.25, "address"))
    if not line.terminal:
        if line.has & COLON and _LABELLED.search(text):
            reasons.append((1.0, "label_and_list"))
        bars = len(_BARS.findall(text)) if line.has & BAR else 0
        if bars:
            reasons.append((1.8 if bars > 1 else 0.6, "row_of_links"))
        if line.size <= SHORT:
            reasons += _short_shape(line, repeats)
    return reasons


def _may_own(line: Line) -> bool:
    """Return False for a line that ``_OWNER`` cannot match, in a fifth of its time."""
    key = line.key
    if line.has & OPENING or "copyright" in key or "reserv" in key or "riservat" in key:
        return True
    return "vorbehalte" in key or (line.has & OWNER > 0 and _MAY_OWN.search(line.bare) is not None)


def _repeated(line: Line, repeats: int) -> list[tuple[float, str]]:
    """Return the evidence against a short line of letters: repetition, a field's name."""
    reasons: list[tuple[float, str]] = []
    if repeats > 1 and not line.marked:
        reasons.append((_repetition(repeats), "repeated_line"))
    if _names_mail(line):
        reasons.append((1.0, "label"))
    return reasons


def _names_mail(line: Line) -> bool:
    if line.words > 6:
        return False
    return "mail" in line.key if line.text.isascii() else _MAIL.search(line.bare) is not None


def _short_shape(line: Line, repeats: int) -> list[tuple[float, str]]:
    text = line.bare
    reasons = _repeated(line, repeats)
    if line.words <= 5 and not line.marked and line.has & OPENING and _REQUIRED.match(text):
        reasons.append((0.7, "label"))
    if text.endswith((":", "：")) and line.words <= 4:
        reasons.append((0.3, "label"))
    if not line.has & LETTER:
        reasons.append((0.4, "no_letters"))
    return reasons
