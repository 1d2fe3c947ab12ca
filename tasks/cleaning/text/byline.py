"""Read authors and date from the lines that were cut around an article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, LineScore
from copydesk.tasks.cleaning.text.lines import Line

# Lines below a text in which the byline is looked for; farther down it is another article's.
_BELOW = 8
_MARKS = "*+•●○◦▪■·‣⁃–—#> \t-"  # list marks; but "5. März" is a day
# "2月 21, 2025": WordPress's English order with the month's name in Chinese or Japanese.
_MONTH_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?,\s?(\d{4})(?!\d)")
_OTHERS = frozenset(
    {"comments", "form", "action", "label", "widget", "related", "newsletter", "navigation"}
)


@dataclass(frozen=True, slots=True)
class Byline:
    """Authors and date of the article; empty where the lines name none or contradict each other."""

    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    evidence: dict[str, str] = field(default_factory=dict)


def read_byline(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    opening: Sequence[int],
    end: int,
    *,
    language: str | None,
    observed_at: datetime | None,
) -> Byline:
    """Read authors and date from the lines around the body.

    An author's name must follow a word for "by". A date counts only if all lines that have one
    name the same day, and that day is not after ``observed_at``.

    Args:
        lines: All lines of the text.
        line_scores: Their scores.
        opening: Indexes of the cut lines near the title.
        end: Index after the body's last line.
        language: The text's language, which decides the words for "by" and the order of dates.
        observed_at: When the text was copied.
    """
    texts = _joined(lines, [*opening, *_below(lines, line_scores, end)], language)
    if not texts:
        return Byline()
    from copydesk.tasks.cleaning.metadata.person_names import read_names, says_by
    from copydesk.tasks.cleaning.metadata.timestamps import find_date

    days: dict[datetime, str] = {}
    authors: dict[str, str] = {}
    for text in texts:
        match = find_date(text, language=language, day_first=language != "en")
        if match:
            days.setdefault(match.stamp.when, text)
        pieces = (text[: match.start], text[match.end :]) if match else (text,)
        for part in (piece.strip(" ,|·•–—-") for piece in pieces):
            if part and says_by(part, language):
                authors.update({a.name: text for a in read_names(part, language=language)})
    evidence = {}
    published_at = next(iter(days)) if len({day.date() for day in days}) == 1 else None
    if published_at and observed_at and published_at > observed_at + timedelta(days=1):
        published_at = None
    if published_at:
        evidence["published_at"] = f"line: {days[published_at]}"
    if authors:
        evidence["authors"] = f"line: {next(iter(authors.values()))}"
    return Byline(tuple(authors), published_at, evidence)


def _joined(lines: Sequence[Line], near: Sequence[int], language: str | None) -> list[str]:
    """Return the lines' texts; a word for "by" on a line of its own joins the name below it."""
    from copydesk.tasks.cleaning.metadata.person_names import says_by

    texts: list[str] = []
    by_word = ""
    for index, next_index in zip_longest(near, near[1:], fillvalue=-1):
        text = _MONTH_FIRST.sub(r"\3-\1-\2", lines[index].text.lstrip(_MARKS))
        if by_word:
            texts.append(f"{by_word} {text}")
            by_word = ""
        elif (
            next_index == index + 1
            and lines[index].words == 1
            and says_by(f"{text} Ada Roe", language)
        ):
            by_word = text
        else:
            texts.append(text)
    return texts


def _below(lines: Sequence[Line], line_scores: Sequence[LineScore], end: int) -> Iterator[int]:
    for index in range(end, min(end + _BELOW, len(lines))):
        match = line_scores[index].match
        if lines[index].size > TITLE_LENGTH or (match and match.kind in _OTHERS):
            return
        yield index
