"""What of a body's run of lines is no body: bylines and dates below the title, sure phrases."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.tasks.cleaning.text.head import Head
from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, Signs
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.vocabulary.phrases import SURE_LETTERS, line_key

# Phrases of these classes are no article's text wherever they stand, if they are long enough.
_NOWHERE = frozenset({"comments", "form", "share"})
# Phrases that stand between a title and its text.
_OPENERS = frozenset({"meta", "action", "share", "comments", "navigation", "site", "newsletter"})
_SHAPES = frozenset({"row_of_links", "arrow", "copyright"})
_COUNTED = re.compile(r"[\"“”„‟«»‹›「」『』《》〈〉\d]")
_OPENING = 16  # lines below the title among which bylines, dates and share rows are looked for


def without_opening(
    lines: Sequence[Line], signs: Sequence[Signs], head: Head, end: int
) -> list[int]:
    """Give the lines of a run that are body: all but its opening and a few that are sure."""
    opening = _opening(lines, signs, head, end) | set(head.title_lines)
    body: list[int] = []
    for index in range(head.start, end):
        match = signs[index].match
        sure = match is not None and match.whole and match.letters >= 2 * SURE_LETTERS
        nowhere = match is not None and match.kind in _NOWHERE and signs[index].score < -2.0
        if index not in opening and not (sure and nowhere):
            body.append(index)
    return body


def _opening(lines: Sequence[Line], signs: Sequence[Signs], head: Head, end: int) -> set[int]:
    """Find bylines, dates and the like between the title and the text, or its first paragraph."""
    sure: set[int] = set()
    paragraphs = 0
    key = line_key(head.title)
    for index in range(head.start, min(head.start + _OPENING, end)):
        sign, line = signs[index], lines[index]
        if sign.reads:
            paragraphs += 1
            if paragraphs > 1 or sure or line.size > 2 * TITLE_LENGTH:
                break
            continue
        kind = sign.match.kind if sign.match else ""
        opens = kind in _OPENERS or sign.date >= 0.5 or sign.rule in _SHAPES
        # "No comments on …": the title with a few words around it.
        named = len(key) > 8 and key in line.key and line.words <= key.count(" ") + 5
        named = named and (
            line.key == key or sign.match is not None or bool(_COUNTED.search(line.text))
        )
        # Below a standfirst only what is sure goes: the article may have begun.
        enough = -2.0 if paragraphs else -1.0
        if line.size <= TITLE_LENGTH and ((sign.score <= enough and opens) or named):
            sure.add(index)
    return sure | _among(lines, signs, head.start, sure)


def _among(lines: Sequence[Line], signs: Sequence[Signs], start: int, sure: set[int]) -> set[int]:
    """Find names, sections and counts among sure lines of an opening, and right below a date."""
    found: set[int] = set()
    last = max(sure, default=start - 1)
    for index in range(start, min(last + 2, len(lines))):
        line = lines[index]
        if index in sure or line.terminal or line.words > 4 or signs[index].prose > 0.3:
            continue
        dated = index - 1 in sure and signs[index - 1].date >= 0.5
        if index < last or dated:
            found.add(index)
    return found
