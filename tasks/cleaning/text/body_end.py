"""Decide where a body ends: at comments or a biography, without lines of other articles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.tasks.cleaning.text.line_scores import CALLS, LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

NAME_WORDS = 4  # maximum words of a person's name on its own line
NAME_SIZE = 24.0  # maximum size of a word above it, "By" in any language
BYLINE_LINES = 5  # maximum lines: date, name, section and tags
LAST_LINES = 12  # maximum lines of a list or a sign-off that ends a text
CHROME = 1.5  # evidence against a line at which it is a certain heading of comments
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_QUOTED = re.compile(r"[“”„«»「」『』《》〈〉]")
_SHAPES = frozenset({"arrow", "copyright", "row_of_links", "time"})


def interrupts(line_score: LineScore) -> bool:
    """Return whether a line is never body: a call to another article, a copyright notice."""
    return line_score.rule in CALLS or (line_score.rule == "copyright" and line_score.score < 0)


def heads_comments(line: Line, title: str) -> bool:
    """Return whether a line has a number and the title in quotes: "4 X on “Title”"."""
    if not title or len(line.text) > len(title) + 60 or not _QUOTED.search(line.text):
        return False
    key = line_key(title)
    other_words = line.key.replace(key, "", 1)
    return key in line.key and any(char.isdigit() for char in other_words)


def without_biography(
    lines: Sequence[Line], line_scores: Sequence[LineScore], body: Sequence[int]
) -> list[int]:
    """Remove a biography from the body's end: a name, and a paragraph that begins with it."""
    if len(body) > 2:
        name, text = lines[body[-2]], lines[body[-1]]
        short = name.words <= NAME_WORDS and not name.terminal and len(name.key) > NAME_WORDS
        if short and text.words > name.words and text.text.startswith(name.text):
            above = lines[body[-3]]
            word = above.words == 1 and above.size < NAME_SIZE and not above.terminal  # "By"
            shortened = list(body[: -3 if word else -2])
            # Lines between a date and the biography are the byline.
            day = next(
                (index for index in shortened[-BYLINE_LINES:] if line_scores[index].date >= 0.5),
                len(lines),
            )
            return [index for index in shortened if index < day]
    return list(body)


def before_comments(lines: Sequence[Line], line_scores: Sequence[LineScore], end: int) -> int:
    """Move a body's end down to the heading of comments, past a list or a sign-off.

    The end stays if a line between looks like furniture or is a paragraph of its own.
    """
    for index in range(end, min(end + LAST_LINES + 1, len(lines))):
        line, line_score = lines[index], line_scores[index]
        if line_score.match is not None:
            heads = line_score.match.kind in ("comments", "form") and line_score.match.whole
            return index if heads and line_score.score < -CHROME else end
        if line.bare[0].isdigit() and line.words <= NAME_WORDS and index + 1 < len(lines):
            after = line_scores[index + 1].match
            if after is not None and after.kind in ("comments", "form"):
                return index  # "4 responses" above the form
        if _QUOTED.search(line.text):
            return end
        dated = line_score.date >= 0.5 and (line_score.time or _YEAR.search(line.text) is not None)
        if dated or line_score.starred or line_score.prose >= 1.3 or line_score.rule in _SHAPES:
            return end
    return end
