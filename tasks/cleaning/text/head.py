"""Find the title of a copied text by rules, and the lines that repeat it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.title import normal_title, repeats_title, same_title, title_key
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

LONG_HEADLINE = 110
"""Nine of ten titles of WCXB dev and fundus dev have up to 77 letters; a line longer than this is
more often a standfirst."""

LONGEST_TITLE = 300
"""Maximum letters of a title line: twice the longest of WCXB dev and fundus dev (156)."""

_SEARCHED = 120  # lines searched before the first paragraph, including menus of large sites
_SHORT_TITLE = 12  # minimum letters of a line that may replace a longer one containing it
_HEADLINE = 80  # size of nine of ten titles of WCXB dev and fundus dev
_MENU_ITEM = 28  # size of the longest usual menu item ("Environment & Climate")
_TOP = 4  # lines at the top that may contain a header's first words
_FOOTER = 12  # lines at the end that may repeat a site's name
_REACH = 2000  # lines searched for a quotation of the title; limits hostile input
_SHORT_HEAD = 12  # lines searched for the title if no long paragraph follows
_OTHER_SCRIPT = 3.0
"""Penalty for a line in another script than the text: furniture may be in another language than the
article, its title hardly ever."""
_LATIN_END = 0x0250
_QUOTES = re.compile('["“”„‟«»「」『』《》〈〉]')  # not ‹ ›, which separate breadcrumbs
_STOPS = (".", "。", "।", "».", "”.", ".”", ".»", "。」")
_HEADING = re.compile(r"^#{1,2}\s+")


@dataclass(frozen=True, slots=True)
class Head:
    """The title, the lines that repeat it, and the first line that may be body."""

    title: str
    title_lines: frozenset[int]
    start: int
    title_evidence: str


def find_head(lines: Sequence[Line], line_scores: Sequence[LineScore], hinted: str | None) -> Head:
    """Choose the title among the lines before the first paragraph.

    A line is more likely the title if it is repeated near the top, if another line quotes it ("3
    comments on “…”"), if it has a headline's length, and if no menu follows it.
    """
    all_keys = "\n".join([line.key for line in lines[: _SEARCHED + _REACH + 1]])
    first = _first_paragraph(lines, line_scores, all_keys)
    best, evidence, best_score = -1, "", 0.0
    for index in range(first):
        score, reason = _title_worth(index, first, lines, line_scores, hinted, all_keys)
        if best < 0 or score > best_score:
            best, evidence, best_score = index, reason, score
    if best < 0 or best_score < _LEAST:
        return Head(normal_title(hinted or ""), frozenset(), 0, "hint" if hinted else "none")
    title = normal_title(_HEADING.sub("", lines[best].text).strip())
    # Of near repeats the shortest complete one is the title: a longer one has the site's name.
    words = frozenset(line_key(title).split())
    head = range(min(first + 1, len(lines)))
    repeats = [i for i in head if may_repeat(lines[i], words) and repeats_line(lines[i], title)]
    for index in repeats:
        variant = normal_title(_HEADING.sub("", lines[index].text).strip())
        if title.isupper() and not variant.isupper() and same_title(variant, title):
            title = variant
        is_complete = title_key(variant) and not variant.endswith(("…", "..."))
        if is_complete and _SHORT_TITLE <= len(variant) < len(title):
            title = variant
    last = best
    for index in repeats:
        # Menus separate a page's name from its headline; text between belongs to the article.
        if index > last and not any(line_scores[i].reads for i in range(last + 1, index)):
            last = index
    return Head(title, frozenset({best, *repeats}), last + 1, evidence)


_LEAST = -3.5


def _first_paragraph(lines: Sequence[Line], line_scores: Sequence[LineScore], all_keys: str) -> int:
    """Return the index of the first line of running text; the title stands before it."""
    for index, (line, line_score) in enumerate(zip(lines, line_scores, strict=True)):
        if index >= _SEARCHED:
            break
        paragraph = line_score.score >= 2.4 and line.size > TITLE_LENGTH
        if paragraph and not _quoted_later(index, lines, all_keys):
            return index
    # Without paragraphs (a list, a poem, short news) the title is among the first lines.
    return min(_SHORT_HEAD, len(lines))


def _title_worth(
    index: int,
    first: int,
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    hinted: str | None,
    all_keys: str,
) -> tuple[float, str]:
    line, line_score = lines[index], line_scores[index]
    if line.size > LONGEST_TITLE or not title_key(line.text):
        return -99.0, ""
    if hinted and repeats_title(line.text, hinted):
        return 50.0, "hint"
    score = _shape_worth(line, line_score)
    if first < len(lines) and _script(line.text[:_HEADLINE]) != _script(
        lines[first].text[:_HEADLINE]
    ):
        score -= _OTHER_SCRIPT
    if _menu_after(index, first, lines, line_scores):
        score -= 1.5
    if _is_site(index, lines):
        score -= 3.0
    elif _is_motto(index, lines):
        score -= 1.2
    if index == 0:
        first_line_bonus = 4.0 if line.words > 2 else 1.3
        score += 0.8 if _has_header(first, lines, line_scores) else first_line_bonus
    repetition, evidence = _repetition_worth(index, first, lines, line_score, all_keys)
    return score + repetition, evidence


@lru_cache(maxsize=256)
def _script(text: str) -> int:
    """Return the Unicode block of 256 characters with most of a text's letters.

    All blocks of Latin letters are 0; those from CJK on count as one.
    """
    if text.isascii() or ord(max(text)) < _LATIN_END:
        return 0
    blocks = Counter(
        [
            0
            if ord(letter) < _LATIN_END or 0x1E00 <= ord(letter) < 0x1F00
            else min(ord(letter) >> 8, 0x2E)
            for letter in text
            if letter.isalpha()
        ]
    )
    return max(blocks, key=lambda block: (blocks[block], -block), default=0)


def _repetition_worth(
    index: int, first: int, lines: Sequence[Line], line_score: LineScore, all_keys: str
) -> tuple[float, str]:
    """Score a line's repetitions: near the top, farther below, and in quotes."""
    line = lines[index]
    score, evidence = 0.0, "position"
    # A refrain or repeated paragraph is not a headline; headlines rarely end in a full stop.
    if index == 0 or not line.text.endswith(_STOPS):
        words = frozenset(line.key.split())
        head = range(min(first + 1, len(lines)))
        if line.words >= 3 and any(_near(i, index, lines, words) for i in head if i != index):
            score, evidence = 3.0, "repeated"
        elif line.words >= 4 and line_score.repeats > 1:
            score, evidence = 1.5, "repeated"
    if line.words >= 2 and _quoted_later(index, lines, all_keys):
        score, evidence = score + 5.0, "quoted"
    return score, evidence


def _shape_worth(line: Line, line_score: LineScore) -> float:
    """Return how much a line's shape is like a headline's."""
    by_words = {1: -1.5, 2: 0.0, 3: 0.8}
    score = by_words.get(line.words, 2.0) + min(0.0, line_score.score) * 1.2
    if line.size > LONG_HEADLINE:
        score -= 0.6
    if line.text.endswith((*_STOPS, ":", "：")):
        score -= 1.0
    if _HEADING.match(line.text):
        score += 2.0
    elif line.marked:
        score -= 1.5
    return score


def _has_header(first: int, lines: Sequence[Line], line_scores: Sequence[LineScore]) -> bool:
    """Return whether a page header was copied: a menu, "Skip to content", a site's name."""
    phrases = 0
    for index in range(min(first, len(lines))):
        match = line_scores[index].match
        if match and match.whole and match.kind in {"site", "navigation", "widget"}:
            phrases += 1
        early = index < _TOP
        if phrases > 1 or (phrases and early) or (early and _is_site(index, lines)):
            return True
        if early and _menu_after(index, first, lines, line_scores):
            return True
    return False


def _is_site(index: int, lines: Sequence[Line]) -> bool:
    """Return whether a short line is repeated in the footer, like a site's name."""
    line = lines[index]
    last = max(index + 1, len(lines) - _FOOTER)
    return line.words <= 4 and any(other.key == line.key for other in lines[last:])


def _is_motto(index: int, lines: Sequence[Line]) -> bool:
    """Return whether a line is a site's motto: between the site's name and a longer headline."""
    if not 0 < index <= 4 or index + 1 >= len(lines):
        return False
    line, below = lines[index], lines[index + 1]
    longer = below.words >= 5 and below.words > line.words and not below.terminal
    # A motto has no colon; a line much longer than a headline is a standfirst below one.
    motto = line.words <= 6 and ":" not in line.text and below.size <= _HEADLINE
    return motto and longer and _is_site(index - 1, lines)


def _menu_after(
    index: int, first: int, lines: Sequence[Line], line_scores: Sequence[LineScore]
) -> bool:
    """Return whether a menu follows directly, as it does after a site's name or motto."""
    run = 0
    for line, line_score in zip(
        lines[index + 1 : first], line_scores[index + 1 : first], strict=True
    ):
        menu = line_score.match is not None and line_score.match.kind in {
            "site",
            "navigation",
            "widget",
        }
        item = line.words <= 2 and line.size <= _MENU_ITEM and not line.terminal
        if not menu and (not item or line_score.date or line_score.match):
            break
        run += 1
    return run >= 3


def _near(index: int, other: int, lines: Sequence[Line], words: frozenset[str]) -> bool:
    """Return whether a line repeats the other one, which has these words."""
    line = lines[index]
    # A menu item is part of the breadcrumbs above a headline, and not a title.
    if line.words < 3 or line.size < _SHORT_TITLE or not may_repeat(line, words):
        return False
    return repeats_title(line.text, lines[other].text)


def repeats_line(line: Line, title: str) -> bool:
    """Return whether a line repeats the title, with or without a heading's marks."""
    return line.size <= 2 * LONGEST_TITLE and repeats_title(_HEADING.sub("", line.text), title)


def may_repeat(line: Line, words: frozenset[str]) -> bool:
    """Return False for a line without any of the words, to save a full comparison.

    A line of a single word may be in a script without spaces, and one in capitals may lack accents.
    """
    few = " " not in line.key or len(words) < 2
    return few or line.text.isupper() or not words.isdisjoint(line.key.split())


def _quoted_later(index: int, lines: Sequence[Line], all_keys: str) -> bool:
    """Return whether a later short line quotes this one, as headings of replies do."""
    key = lines[index].key
    if len(key) < _SHORT_TITLE or all_keys.count(key) < 2:
        return False
    for line in lines[index + 1 : index + 1 + _REACH]:
        if key not in line.key or line.key == key or len(line.text) > len(key) + 90:
            continue
        if line.text.endswith(_STOPS):
            continue
        if any(line_key(part).startswith(key) for part in _QUOTES.split(line.text)[1:]):
            return True
    return False
