"""Author and date from the lines that were cut around a text, where they are plain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, Signs
from copydesk.tasks.cleaning.text.lines import Line

# Below a text the byline comes at once or not at all; farther down it is another article's.
_BELOW = 8
_MARKS = "*+•●○◦▪■·‣⁃–—#> \t-"  # of lists: "5. März" is a day
# "2月 21, 2025": WordPress's order of English with the month's name in Chinese or Japanese.
_MONTH_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?,\s?(\d{4})(?!\d)")
_OTHERS = frozenset(
    {"comments", "form", "action", "label", "widget", "related", "newsletter", "navigation"}
)


@dataclass(frozen=True, slots=True)
class Byline:
    """What the cut lines say of the article; empty where they say nothing or two things."""

    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    evidence: dict[str, str] = field(default_factory=dict)


def read_byline(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    opening: Sequence[int],
    end: int,
    *,
    language: str | None,
    observed_at: datetime | None,
) -> Byline:
    """Read author and date of the lines ``opening`` below the title and of those after the body.

    Only names that the words for "by" introduce are authors, and only a single day is a date;
    one later than ``observed_at`` is none.
    """
    near = _joined(lines, [*opening, *_below(lines, signs, end)], language)
    if not near:
        return Byline()
    from copydesk.tasks.cleaning.metadata.person_names import read_names, says_by
    from copydesk.tasks.cleaning.metadata.timestamps import find_date

    days: dict[datetime, str] = {}
    authors: dict[str, str] = {}
    for text in near:
        found = find_date(text, language=language, day_first=language != "en")
        if found:
            days.setdefault(found.stamp.when, text)
        pieces = (text[: found.start], text[found.end :]) if found else (text,)
        for part in (piece.strip(" ,|·•–—-") for piece in pieces):
            if part and says_by(part, language):
                authors.update({a.name: text for a in read_names(part, language=language)})
    evidence = {}
    when = next(iter(days)) if len({day.date() for day in days}) == 1 else None
    if when and observed_at and when > observed_at + timedelta(days=1):
        when = None
    if when:
        evidence["published_at"] = f"line: {days[when]}"
    if authors:
        evidence["authors"] = f"line: {next(iter(authors.values()))}"
    return Byline(tuple(authors), when, evidence)


def _joined(lines: Sequence[Line], near: Sequence[int], language: str | None) -> list[str]:
    """Give the lines' texts; a word for "by" that stands alone is joined to the name below it."""
    from copydesk.tasks.cleaning.metadata.person_names import says_by

    texts: list[str] = []
    word = ""
    for at, after in zip_longest(near, near[1:], fillvalue=-1):
        text = _MONTH_FIRST.sub(r"\3-\1-\2", lines[at].text.lstrip(_MARKS))
        if word:
            texts.append(f"{word} {text}")
            word = ""
        elif after == at + 1 and lines[at].words == 1 and says_by(f"{text} Ada Roe", language):
            word = text
        else:
            texts.append(text)
    return texts


def _below(lines: Sequence[Line], signs: Sequence[Signs], end: int) -> Iterator[int]:
    for index in range(end, min(end + _BELOW, len(lines))):
        match = signs[index].match
        if lines[index].size > TITLE_LENGTH or (match and match.kind in _OTHERS):
            return
        yield index
