"""What speaks for and against each line being the article's: one number a line.

A positive score speaks for the body, a negative one for what surrounds it. The scale is that
of log-odds, set by hand and checked on real pages: a full paragraph is worth 5, a known
sentence of a comment form -6, and a short line that nothing tells apart about 0. Words are
half of it: shape (stars of required fields, dates, arrows, repeated lines, the title in
quotes) must do where a language's words are unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from copydesk.tasks.cleaning.text.date_lines import date_strength, has_time
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.vocabulary.block_words import GROUPS
from copydesk.tasks.cleaning.vocabulary.phrases import SURE_LETTERS, Match, Vocabulary, line_key

# What a whole-line phrase of a class says. Labels and actions are words of articles, too.
_TALKATIVE = frozenset({"navigation", "meta"})
_FEW_LETTERS = 8  # of a phrase with a hole that begins sentences as well
_BYLINE_WORDS = 6  # "By Ada Roe and Max Lund"
_AFTER_WORD = re.compile(r"[:：→»›>|]|\s[-–—]\s")
_FORCE = {
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
SHORT = 60  # size of a line that may be a label, a name, a menu item
_LONG = 230  # size beyond which a line is nothing but running text; no phrase is longer
TITLE_LENGTH = 160  # size of a line that may be a headline or the link to another article
_STARRED = re.compile(r"^[^*＊{}();=<>]{1,48}\s?[*＊]{1,2}\s?:?$")
_REQUIRED = re.compile(r"^[^()*]{1,24}\s?\([^()\d]{4,24}\)\s?:?$")
# The star that a notice speaks of stands alone; in "SELECT * FROM" it does, too.
_STAR_INSIDE = re.compile(
    r"^(?!.*[{}();=<>])(?:.*(?<![A-Z]{3})\s)?[\"'“”(]?\*[\"'“”)]?[.:]?(?:\s.*)?$|\*(?=标注|標示|로|で|-ga)"
)
_ARROW = re.compile(r"^[←‹⟵«»→›⟶]\s?(?![^«]*»)\S|\S\s?[→›»⟶←‹]$")
_POINTS = frozenset("←‹⟵«»→›⟶")
_QUOTED = re.compile(r"«[^«»]*»|»[^«»]*«|‹[^‹›]*›")
_OWNER = re.compile(
    r"[©®ⓒ]|\(c\) ?\d{4}|^copyright\s?(?:[:(]|\d{4})|all rights reserved"
    r"|alle rechte vorbehalten|droits réservés|derechos reservados"
    r"|direitos reservados|diritti riservati|wszelkie prawa zastrzeżone"
    r"|все права защищены|με επιφύλαξη|版权所有|版權所有|未经授权|無断転載|禁无断|무단\s?전재",
    re.I,
)
# "Read more: …", "Lesen Sie auch – …"
_LABEL = re.compile(r"^([^:：|·–—-]{2,30})(?:[:：|·–—]|-\s)\s?\S")
_CALLS = frozenset({"related", "newsletter", "navigation"})
_LEAST_CALL = 4  # letters of a phrase before a colon that calls to another article
_ADVERTS = frozenset(GROUPS["advert"].split()) - {"ad", "ads", "commission", "sponsor"}
CALLS = frozenset({"read_more", "advertisement"})
"""Rules of lines that are no body wherever they stand: they interrupt an article."""
_BARS = re.compile(r"\s[|·•∙/»›>]\s")
_LETTER = re.compile(r"[^\W\d_]")
_CONTACT = re.compile(r"^(?:https?://\S+|www\.\S+|\S+@\S+\.\w+|[@#]\w\S*+(?:[\s,]++[@#]\w\S*+)*+)$")
# "Tags: one, two, three", also after a sentence: "Posted in News. Tags: one, two".
_LABELLED = re.compile(
    r"(?:^|[.。|·] ?)[^\s:：.,]+(?: [^\s:：.,]+)?\s?[:：]\s?"
    r"[^,，、:：.!?]{1,30}(?:[,，、] ?[^,，、:：.!?]{1,30})+$"
)
_MAIL = re.compile(r"e-?mail|почт|メール|이메일|邮|郵件|ایمیل|بريد|أيميل|דוא|אימייל|อีเมล|ईमेल", re.I)


@dataclass(slots=True)
class Signs:
    """What was seen in a line: its score without context, and the facts that others read."""

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
        """Tell whether it reads like running text, with nothing in it that speaks against."""
        return self.prose >= 1.3 and self.score >= 1.0


def read_signs(lines: Sequence[Line], vocabulary: Vocabulary) -> list[Signs]:
    """Look at every line by itself, and at how often it stands in the text."""
    counts = Counter(line.key for line in lines if line.key and line.size <= TITLE_LENGTH)
    signs = [_signs(line, vocabulary, counts[line.key] if line.key else 1) for line in lines]
    _spare_tables(lines, signs)
    return signs


def _spare_tables(lines: Sequence[Line], signs: Sequence[Signs]) -> None:
    """Take back what bars between words said where rows of them follow each other."""
    rows = [sign.rule == "row_of_links" for sign in signs]
    for index, (line, sign) in enumerate(zip(lines, signs, strict=True)):
        beside = rows[max(0, index - 1) : index + 2].count(True) > 1
        if rows[index] and (beside or line.text.startswith("|")):
            sign.score, sign.rule = sign.prose, "position"


def prose_worth(line: Line) -> float:
    """Say how much a line reads like running text, from 0 for a label to 5."""
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


def _signs(line: Line, vocabulary: Vocabulary, repeats: int) -> Signs:
    prose = prose_worth(line)
    if line.size > _LONG:
        return Signs(prose, None, 0.0, False, False, repeats, prose, "position")
    against: list[tuple[float, str]] = []
    match = _phrase(line, vocabulary, against)
    if against and against[0][1] in CALLS:
        prose = min(prose, 0.3)
    if line.text.replace(" ", "").isalpha():
        # Letters alone, as most items of menus are: no date, no field, no shape.
        if line.size <= SHORT:
            against += _repeated(line, repeats)
        return _weighed(prose, match, against, repeats)
    date = date_strength(line.text)
    clock = has_time(line.text)
    if date > 0:
        against.append((2.5 * date, "date"))
        prose = min(prose, 0.3) if date >= 0.5 else prose
    elif clock and line.size <= SHORT and not line.terminal:
        against.append((0.8, "time"))
    starred = line.size <= TITLE_LENGTH and bool(
        "*" in line.bare and (_STARRED.match(line.bare) or _STAR_INSIDE.search(line.bare))
    )
    if starred:
        against.append((2.5, "required_field"))
        prose = min(prose, 0.3)
    pointed = line.bare[0] in _POINTS or line.bare[-1] in _POINTS
    if pointed and _ARROW.search(line.bare) and not _QUOTED.search(line.bare):
        against.append((2.2, "arrow"))
        prose = min(prose, 0.3)
    against += _shape(line, repeats)
    return _weighed(prose, match, against, repeats, date, clock, starred)


def _phrase(line: Line, vocabulary: Vocabulary, against: list[tuple[float, str]]) -> Match | None:
    """Give the phrase that a line is, and note what it says against the line."""
    match = vocabulary.match(line.key)
    if match is not None:
        force = _force(match, line)
        if not force:
            return None
        against.append((force, f"phrase:{match.kind}"))
        return match
    call = _call(line, vocabulary)
    if call is None:
        return None
    against.append((3.0, call))
    return Match("related", 0, whole=False) if call == "read_more" else None


def _call(line: Line, vocabulary: Vocabulary) -> str | None:
    """Tell a short line that calls to another article, or that an advertisement follows."""
    if line.size > TITLE_LENGTH:
        return None
    letters = line.text.replace(" ", "").isalpha()
    label = None if letters else _LABEL.match(line.bare)
    if label is not None:
        match = vocabulary.match(line_key(label.group(1)))
        if match and match.whole and match.kind in _CALLS and match.letters >= _LEAST_CALL:
            return "read_more"
    if line.words <= _BYLINE_WORDS and not line.terminal:
        first = line.key.partition(" ")[0]
        if first in _ADVERTS and (line.words == 1 or line.text[:3].isupper() or label):
            return "advertisement"
    return None


def _weighed(
    prose: float,
    match: Match | None,
    against: list[tuple[float, str]],
    repeats: int,
    date: float = 0.0,
    clock: bool = False,
    starred: bool = False,
) -> Signs:
    """Add up what speaks against a line; the strongest names the rule."""
    if not against:
        return Signs(prose, match, date, clock, starred, repeats, prose, "position")
    # The strongest sign counts in full, each further one by a third.
    against.sort(reverse=True)
    total = sum(force if rank == 0 else force / 3 for rank, (force, _) in enumerate(against))
    rule = against[0][1] if against else "position"
    if match is not None and match.whole and match.letters >= SURE_LETTERS:
        prose = min(prose, 0.3)  # a known sentence is no running text however long it is
    return Signs(prose - total, match, date, clock, starred, repeats, prose, rule)


def _force(match: Match, line: Line) -> float:
    force = _FORCE[match.kind]
    if match.whole:
        return force * (0.7 if match.letters <= 3 else 1.25 if match.letters >= 20 else 1.0)
    if match.kind in _TALKATIVE and match.letters < _FEW_LETTERS and not _introduces(match, line):
        return 0.0
    # A phrase with a hole ("by {x}", "{x} says"): the fewer its letters, the less it says.
    if line.size > 2 * SHORT and match.letters < SURE_LETTERS:
        return 0.0
    if line.terminal and (match.letters < 6 or line.words > 4 * match.letters / 3):
        return 0.0
    return force * min(1.0, 0.3 + match.letters / 10)


def _introduces(match: Match, line: Line) -> bool:
    """Tell whether a short phrase introduces something: "Next: …", "by Ada Roe", "le 5 mars".

    "Next month the brake will be tested" and "By any other tide" begin with the same words.
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
    found: list[tuple[float, str]] = []
    if _OWNER.search(text):
        found.append((3.5, "copyright"))
    if _CONTACT.match(text):
        found.append((0.25, "address"))
    if not line.terminal:
        if (":" in text or "：" in text) and _LABELLED.search(text):
            found.append((1.0, "label_and_list"))
        bars = len(_BARS.findall(text))
        if bars:
            found.append((1.8 if bars > 1 else 0.6, "row_of_links"))
        if line.size <= SHORT:
            found += _short_shape(line, repeats)
    return found


def _repeated(line: Line, repeats: int) -> list[tuple[float, str]]:
    """Say what speaks against a short line of letters: that it stands again, a field's name."""
    found: list[tuple[float, str]] = []
    if repeats > 1 and not line.marked:
        found.append((0.7 if repeats > 2 else 0.5, "repeated_line"))
    mail = "mail" in line.key if line.text.isascii() else _MAIL.search(line.bare)
    if line.words <= 6 and mail:
        found.append((1.0, "label"))
    return found


def _short_shape(line: Line, repeats: int) -> list[tuple[float, str]]:
    text = line.bare
    found = _repeated(line, repeats)
    if line.words <= 5 and not line.marked and _REQUIRED.match(text):
        found.append((0.7, "label"))
    if text.endswith((":", "：")) and line.words <= 4:
        found.append((0.3, "label"))
    if not _LETTER.search(text):
        found.append((0.4, "no_letters"))
    return found
