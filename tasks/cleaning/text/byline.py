"""Read authors and dates from the lines that were cut around an article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, LineScore
from copydesk.tasks.cleaning.text.lines import Line

if TYPE_CHECKING:
    from copydesk.tasks.cleaning.metadata.date_lines import DateReader, VisibleDate

# Lines below a text in which the byline is looked for; farther down it is another article's.
_BELOW = 8
_ABOVE = 6  # first lines of a body among which a byline may stand, below a standfirst
_BYLINE_LENGTH = 120
_MARKS = "*+•●○◦▪■·‣⁃–—#> \t-"  # list marks; but "5. März" is a day
# "2月 21, 2025": WordPress's English order with the month's name in Chinese or Japanese.
_MONTH_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?,\s?(\d{4})(?!\d)")
_EDGES = " ,|·•–—-"
_OTHERS = frozenset(
    {"comments", "form", "action", "label", "widget", "related", "newsletter", "navigation"}
)


@dataclass(frozen=True, slots=True)
class Byline:
    """Authors and dates of the article, as far as the lines name any and agree."""

    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    evidence: dict[str, str] = field(default_factory=dict)


def opening_bylines(
    lines: Sequence[Line], body: Sequence[int], language: str | None, observed_at: datetime | None
) -> list[int]:
    """Return the indexes of a body's first lines that are only a byline or a date.

    They stand above the text, or between a standfirst and the text.
    """
    bylines: list[int] = []
    for index in body[:_ABOVE]:
        line = lines[index]
        if line.size > 2 * TITLE_LENGTH and index != body[0]:
            break
        if len(line.text) <= _BYLINE_LENGTH and _is_byline(line.text, language, observed_at):
            bylines.append(index)
    return bylines if len(bylines) < len(body) else []


def _is_byline(text: str, language: str | None, observed_at: datetime | None) -> bool:
    from copydesk.tasks.cleaning.metadata.byline_lines import is_introduced_byline
    from copydesk.tasks.cleaning.metadata.relative_dates import is_relative_date
    from copydesk.tasks.cleaning.vocabulary.bylines import credits_others

    bare = text.lstrip(_MARKS)
    return (
        is_introduced_byline(bare, language)
        or credits_others(bare)
        or (observed_at is not None and is_relative_date(bare, observed_at))
    )


def read_byline(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    opening: Sequence[int],
    end: int,
    *,
    language: str | None,
    observed_at: datetime | None,
) -> Byline:
    """Read authors and dates from the lines around the body.

    An author's name must follow a word for "by". A date counts only if all lines that have one
    of its meaning name the same day, and that day is not after ``observed_at``.

    Args:
        lines: All lines of the text.
        line_scores: Their scores.
        opening: Indexes of the cut lines near the title.
        end: Index after the body's last line.
        language: The text's language, which decides the words for "by" and the order of dates.
        observed_at: When the text was copied; without it "2 days ago" is no date.
    """
    above = _joined(lines, opening, language)
    texts = [*above, *_joined(lines, list(_below(lines, line_scores, end)), language)]
    if not texts:
        return Byline()
    from copydesk.tasks.cleaning.metadata.byline_lines import introduced_names
    from copydesk.tasks.cleaning.metadata.date_lines import (
        DateReader,
        brief_date_in_line,
        dates_in_line,
    )

    reader = DateReader(language, language != "en", observed_at=observed_at)
    authors: dict[str, str] = {}
    for text in texts:
        for part in _without_date(text, reader):
            authors.update({name.name: text for name in introduced_names(part, language)})
    dates = [(dated, text) for text in texts for dated in dates_in_line(text, reader)]
    dates = dates or [(dated, text) for text in above for dated in brief_date_in_line(text, reader)]
    published, modified = _chosen(dates, observed_at)
    evidence = {}
    if published:
        evidence["published_at"] = f"line: {published[1]}"
    if modified:
        evidence["modified_at"] = f"line: {modified[1]}"
    if authors:
        evidence["authors"] = f"line: {next(iter(authors.values()))}"
    return Byline(
        tuple(authors),
        published[0] if published else None,
        modified[0] if modified else None,
        evidence,
    )


def _without_date(text: str, reader: DateReader) -> Iterator[str]:
    match = reader.find(text)
    for piece in (text[: match.start], text[match.end :]) if match else (text,):
        if part := piece.strip(_EDGES):
            yield part


_Chosen = tuple[datetime, str] | None


def _chosen(
    dates: Sequence[tuple[VisibleDate, str]], observed_at: datetime | None
) -> tuple[_Chosen, _Chosen]:
    """Return when the article was published and changed, each with its line."""
    from copydesk.tasks.cleaning.vocabulary.date_labels import CHANGE, ORIGIN, PUBLICATION

    def of(*kinds: str) -> _Chosen:
        chosen = [(dated.stamp.when, text) for dated, text in dates if dated.kind in kinds]
        if len({when.date() for when, _ in chosen}) != 1:
            return None
        late = observed_at is not None and chosen[0][0] > observed_at + timedelta(days=1)
        return None if late else chosen[0]

    published, modified = of(PUBLICATION, ORIGIN, ""), of(CHANGE)
    published = published or of(PUBLICATION)
    if published is None and not any(dated.kind != CHANGE for dated, _ in dates):
        published = modified
    if modified and published and modified[0] < published[0]:
        modified = None
    return published, modified


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
