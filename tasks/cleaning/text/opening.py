"""Remove bylines and dates below the title, and known phrases, from a body chosen by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.tasks.cleaning.text.head import Head
from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.vocabulary.phrases import SURE_LETTERS, line_key

# Long enough phrases of these classes are never an article's text.
_NOWHERE = frozenset({"comments", "form", "share"})
# Phrases that occur between a title and its text.
_OPENERS = frozenset({"meta", "action", "share", "comments", "navigation", "site", "newsletter"})
_SHAPES = frozenset({"row_of_links", "arrow", "copyright"})
_COUNTED = re.compile(r"[\"“”„‟«»‹›「」『』《》〈〉\d]")
_OPENING = 16  # lines below the title in which bylines, dates and share buttons are looked for


def without_opening(
    lines: Sequence[Line], line_scores: Sequence[LineScore], head: Head, end: int
) -> list[int]:
    """Return the indexes of the body's lines, without its opening and known page furniture."""
    opening = _opening(lines, line_scores, head, end) | set(head.title_lines)
    body: list[int] = []
    for index in range(head.start, end):
        match = line_scores[index].match
        sure = match is not None and match.whole and match.letters >= 2 * SURE_LETTERS
        nowhere = match is not None and match.kind in _NOWHERE and line_scores[index].score < -2.0
        if index not in opening and not (sure and nowhere):
            body.append(index)
    return body


def _opening(
    lines: Sequence[Line], line_scores: Sequence[LineScore], head: Head, end: int
) -> set[int]:
    """Return the bylines, dates and similar lines between the title and the text."""
    sure: set[int] = set()
    paragraphs = 0
    key = line_key(head.title)
    for index in range(head.start, min(head.start + _OPENING, end)):
        line_score, line = line_scores[index], lines[index]
        if line_score.reads:
            paragraphs += 1
            if paragraphs > 1 or sure or line.size > 2 * TITLE_LENGTH:
                break
            continue
        kind = line_score.match.kind if line_score.match else ""
        opens = kind in _OPENERS or line_score.date >= 0.5 or line_score.rule in _SHAPES
        # "No comments on …": the title with a few more words.
        repeats_title = len(key) > 8 and key in line.key and line.words <= key.count(" ") + 5
        repeats_title = repeats_title and (
            line.key == key or line_score.match is not None or bool(_COUNTED.search(line.text))
        )
        # Below a standfirst only certain lines are cut: the article may have begun.
        enough = -2.0 if paragraphs else -1.0
        if line.size <= TITLE_LENGTH and ((line_score.score <= enough and opens) or repeats_title):
            sure.add(index)
    return sure | _among(lines, line_scores, head.start, sure)


def _among(
    lines: Sequence[Line], line_scores: Sequence[LineScore], start: int, sure: set[int]
) -> set[int]:
    """Return the names, sections and counts between the opening's lines or below its date."""
    between: set[int] = set()
    last = max(sure, default=start - 1)
    for index in range(start, min(last + 2, len(lines))):
        line = lines[index]
        if index in sure or line.terminal or line.words > 4 or line_scores[index].prose > 0.3:
            continue
        dated = index - 1 in sure and line_scores[index - 1].date >= 0.5
        if index < last or dated:
            between.add(index)
    return between
