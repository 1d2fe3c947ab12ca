"""Choose the run of lines that is the body: below the title, unless a later one outweighs it.

The run below the title is taken on trust: what follows it is comments, lists of other articles,
a foot. A cut must look like that. Where the tail holds an article's worth of long paragraphs and
the run next to nothing, the title was a menu's, and the paragraphs are the article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from copydesk.tasks.cleaning.text.head import Head
from copydesk.tasks.cleaning.text.line_scores import LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.tail import find_end, in_context

OUTWEIGHS = 3.0
"""Factor by which a later run must outweigh the one below the title: a short article with long
comments under headings of an unknown language is still the article."""

LONG = 4.0  # the score of a whole paragraph
LEAST_LONG = 2  # minimum whole paragraphs of an article; one may be a notice or an agency's motto


def find_body(
    lines: Sequence[Line], line_scores: Sequence[LineScore], head: Head
) -> tuple[Head, int]:
    """Return the head, its start moved to where the body begins, and the body's end index."""
    end = find_end(lines, line_scores, head.start, head.title)
    if _long(line_scores[end:]) < LEAST_LONG:
        return head, end
    scores = in_context(lines, line_scores, head.start, head.title, doubted=True)
    first, last, worth = _heaviest(scores, end, len(lines))
    too_few = _long(line_scores[first:last]) < LEAST_LONG
    if too_few or worth <= OUTWEIGHS * _heaviest(scores, head.start, end)[2]:
        return head, end
    begin = next(index for index in range(first, last) if line_scores[index].reads)
    return replace(head, start=begin), last


def _long(line_scores: Sequence[LineScore]) -> int:
    return sum(line_score.score >= LONG for line_score in line_scores)


def _heaviest(scores: Sequence[float], start: int, end: int) -> tuple[int, int, float]:
    """Return the run of lines with the largest sum of scores (Kadane 1984), and the sum."""
    best, first, total = (start, start, 0.0), start, 0.0
    for index in range(start, end):
        if total <= 0.0:
            first, total = index, 0.0
        total += scores[index]
        if total > best[2]:
            best = first, index + 1, total
    return best
