"""The head of a copied text: which line is the title, and which lines around it are not text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, Signs
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.title import normal_title, repeats_title, title_key
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

LONG_HEADLINE = 110
"""Nine of ten titles of WCXB dev and fundus dev have up to 77 letters; a line so much longer
is more often a standfirst."""

LONGEST_TITLE = 300
"""Letters of a line that may be a title: twice the longest of WCXB dev and fundus dev (156)."""

_SEARCHED = 120  # lines before the first paragraph, menus of a large site included
_SHORT_TITLE = 12  # letters of a line that may stand for a longer one that contains it
_HEADLINE = 80  # size of nine of ten titles of WCXB dev and fundus dev
_MENU_ITEM = 28  # size of a menu's longest usual item ("Environment & Climate")
_TOP = 4  # lines at the top among which a header's first words stand
_FOOTER = 12  # lines at the end among which a site's name stands again
_REACH = 2000  # lines in which a title's quotation is looked for; bounds hostile input
_SHORT_HEAD = 12  # lines in which the title is looked for where no long paragraph follows
_OTHER_SCRIPT = 3.0
"""What a line loses that is written in another script than the text: chrome may be in another
language than the article, its title hardly ever."""
_LATIN_END = 0x0250
_QUOTES = re.compile('["“”„‟«»「」『』《》〈〉]')  # not ‹ ›, which stand between crumbs
_STOPS = (".", "。", "।", "».", "”.", ".”", ".»", "。」")
_HEADING = re.compile(r"^#{1,2}\s+")


@dataclass(frozen=True, slots=True)
class Head:
    """The title, the lines that repeat it, and the first line that may be body."""

    title: str
    title_lines: frozenset[int]
    start: int
    why: str


def find_head(lines: Sequence[Line], signs: Sequence[Signs], hinted: str | None) -> Head:
    """Choose the title among the lines before the first paragraph.

    What speaks for a line: that it is repeated near the head, that another line quotes it
    ("3 comments on “…”"), the length of a headline, and the paragraphs right below it.
    """
    first = _first_paragraph(lines, signs)
    best, why, most = -1, "", 0.0
    for index in range(first):
        score, reason = _title_worth(index, first, lines, signs, hinted)
        if best < 0 or score > most:
            best, why, most = index, reason, score
    if best < 0 or most < _LEAST:
        return Head(normal_title(hinted or ""), frozenset(), 0, "hint" if hinted else "none")
    title = normal_title(_HEADING.sub("", lines[best].text).strip())
    # Of near repeats the shortest whole one is the title: the other has the site's name.
    words = frozenset(line_key(title).split())
    head = range(min(first + 1, len(lines)))
    same = [i for i in head if may_repeat(lines[i], words) and repeats_line(lines[i], title)]
    for index in same:
        other = normal_title(_HEADING.sub("", lines[index].text).strip())
        if title.isupper() and not other.isupper() and title_key(other) == title_key(title):
            title = other
        whole = title_key(other) and not other.endswith(("…", "..."))
        if whole and _SHORT_TITLE <= len(other) < len(title):
            title = other
    last = best
    for index in same:
        # Between a page's name and its headline stand menus; text there is the article's.
        if index > last and not any(signs[i].reads for i in range(last + 1, index)):
            last = index
    return Head(title, frozenset({best, *same}), last + 1, why)


_LEAST = -3.5


def _first_paragraph(lines: Sequence[Line], signs: Sequence[Signs]) -> int:
    """Give the first line that is surely running text; the title stands before it."""
    for index, (line, sign) in enumerate(zip(lines, signs, strict=True)):
        if index >= _SEARCHED:
            break
        if sign.score >= 2.4 and line.size > TITLE_LENGTH and not _quoted_later(index, lines):
            return index
    # No paragraph: a list, a poem, short news. The title is among the first lines.
    return min(_SHORT_HEAD, len(lines))


def _title_worth(
    index: int, first: int, lines: Sequence[Line], signs: Sequence[Signs], hinted: str | None
) -> tuple[float, str]:
    line, sign = lines[index], signs[index]
    if line.size > LONGEST_TITLE or not title_key(line.text):
        return -99.0, ""
    if hinted and repeats_title(line.text, hinted):
        return 50.0, "hint"
    score = _shape_worth(line, sign)
    if first < len(lines) and _script(line.text) != _script(lines[first].text):
        score -= _OTHER_SCRIPT
    if _menu_after(index, first, lines, signs):
        score -= 1.5
    if _is_site(index, lines):
        score -= 3.0
    elif _is_motto(index, lines):
        score -= 1.2
    if index == 0:
        alone = 4.0 if line.words > 2 else 1.3
        score += 0.8 if _has_header(first, lines, signs) else alone
    again, why = _repetition_worth(index, first, lines, sign)
    return score + again, why


def _script(text: str) -> int:
    """Give a number for the script that most of a line's first letters have; 0 for Latin.

    Scripts lie in blocks of 256 characters; from CJK on many blocks are one script.
    """
    blocks = Counter(
        0
        if ord(letter) < _LATIN_END or 0x1E00 <= ord(letter) < 0x1F00
        else min(ord(letter) >> 8, 0x2E)
        for letter in text[:_HEADLINE]
        if letter.isalpha()
    )
    return max(blocks, key=lambda block: (blocks[block], -block), default=0)


def _repetition_worth(
    index: int, first: int, lines: Sequence[Line], sign: Signs
) -> tuple[float, str]:
    """Say what it is worth that the line stands near the head again, farther below, in quotes."""
    line = lines[index]
    score, why = 0.0, "position"
    # A refrain or a paragraph that stands twice is no headline, which rarely ends in a stop.
    if index == 0 or not line.text.endswith(_STOPS):
        own = frozenset(line.key.split())
        head = range(min(first + 1, len(lines)))
        near = (i for i in head if i != index and may_repeat(lines[i], own))
        if line.words >= 3 and any(_near(i, index, lines) for i in near):
            score, why = 3.0, "repeated"
        elif line.words >= 4 and sign.repeats > 1:
            score, why = 1.5, "repeated"
    if line.words >= 2 and _quoted_later(index, lines):
        score, why = score + 5.0, "quoted"
    return score, why


def _shape_worth(line: Line, sign: Signs) -> float:
    """Say how much a line by itself looks like a headline."""
    few = {1: -1.5, 2: 0.0, 3: 0.8}
    score = few.get(line.words, 2.0) + min(0.0, sign.score) * 1.2
    if line.size > LONG_HEADLINE:
        score -= 0.6
    if line.text.endswith((*_STOPS, ":", "：")):
        score -= 1.0
    if _HEADING.match(line.text):
        score += 2.0
    elif line.marked:
        score -= 1.5
    return score


def _has_header(first: int, lines: Sequence[Line], signs: Sequence[Signs]) -> bool:
    """Tell whether the page's header was copied: a menu, "Skip to content", the site's name."""
    phrases = 0
    for index in range(min(first, len(lines))):
        match = signs[index].match
        if match and match.whole and match.kind in {"site", "navigation", "widget"}:
            phrases += 1
        early = index < _TOP
        if phrases > 1 or (phrases and early) or (early and _is_site(index, lines)):
            return True
        if early and _menu_after(index, first, lines, signs):
            return True
    return False


def _is_site(index: int, lines: Sequence[Line]) -> bool:
    """Tell whether a short line stands again in the footer, as a site's name does."""
    line = lines[index]
    last = max(index + 1, len(lines) - _FOOTER)
    return line.words <= 4 and any(other.key == line.key for other in lines[last:])


def _is_motto(index: int, lines: Sequence[Line]) -> bool:
    """Tell whether the line below a site's name is its motto: a longer headline follows."""
    if not 0 < index <= 4 or index + 1 >= len(lines):
        return False
    line, below = lines[index], lines[index + 1]
    longer = below.words >= 5 and below.words > line.words and not below.terminal
    # A motto has no colon; far longer than a headline is the standfirst below one.
    motto = line.words <= 6 and ":" not in line.text and below.size <= _HEADLINE
    return motto and longer and _is_site(index - 1, lines)


def _menu_after(index: int, first: int, lines: Sequence[Line], signs: Sequence[Signs]) -> bool:
    """Tell whether a menu follows at once: then the line is the site's name or its motto."""
    run = 0
    for line, sign in zip(lines[index + 1 : first], signs[index + 1 : first], strict=True):
        menu = sign.match is not None and sign.match.kind in {"site", "navigation", "widget"}
        item = line.words <= 2 and line.size <= _MENU_ITEM and not line.terminal
        if not menu and (not item or sign.date or sign.match):
            break
        run += 1
    return run >= 3


def _near(one: int, other: int, lines: Sequence[Line]) -> bool:
    # A menu's item is part of the crumbs above a headline, and no title.
    enough = one < len(lines) and lines[one].words >= 3 and lines[one].size >= _SHORT_TITLE
    return enough and repeats_title(lines[one].text, lines[other].text)


def repeats_line(line: Line, title: str) -> bool:
    """Tell whether a line is the title over again, with or without a heading's marks."""
    return line.size <= 2 * LONGEST_TITLE and repeats_title(_HEADING.sub("", line.text), title)


def may_repeat(line: Line, words: frozenset[str]) -> bool:
    """Tell at once of most lines that they are no title over again: not a word is the same.

    Where words have no spaces between them nothing is told, nor where a line has no key.
    """
    own = line.key.split()
    return len(own) < 2 or len(words) < 2 or not words.isdisjoint(own)


def _quoted_later(index: int, lines: Sequence[Line]) -> bool:
    """Tell whether a later short line names this one in quotes, as reply headings do."""
    key = lines[index].key
    if len(key) < _SHORT_TITLE:
        return False
    for line in lines[index + 1 : index + 1 + _REACH]:
        longer = len(key) < len(line.key) and len(line.text) <= len(key) + 90
        if not longer or key not in line.key or line.text.endswith(_STOPS):
            continue
        if any(line_key(part).startswith(key) for part in _QUOTES.split(line.text)[1:]):
            return True
    return False
