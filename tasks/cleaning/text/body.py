"""Which run of lines is the body: the one below the title, unless a later one outweighs it.

The run below the title is taken on trust: what follows it is comments, lists of other articles,
a foot. A cut must look like that. Where the tail holds an article's worth of long paragraphs and
the run next to nothing, the title was a menu's, and the paragraphs are the article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from copydesk.tasks.cleaning.text.head import Head
from copydesk.tasks.cleaning.text.line_scores import Signs
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.tail import find_end, in_context

OUTWEIGHS = 3.0
"""Times that the run below the title must be outweighed: a short article with long comments
under headings of no known language is still the article."""

LONG = 4.0  # what a whole paragraph is worth
LEAST_LONG = 2  # whole paragraphs of an article: one may be a notice or an agency's motto


def find_body(lines: Sequence[Line], signs: Sequence[Signs], head: Head) -> tuple[Head, int]:
    """Give the head, with its start where the body begins, and the index after the last line."""
    end = find_end(lines, signs, head.start, head.title)
    if _long(signs[end:]) < LEAST_LONG:
        return head, end
    scores = in_context(lines, signs, head.start, head.title, doubted=True)
    first, last, worth = _heaviest(scores, end, len(lines))
    few = _long(signs[first:last]) < LEAST_LONG
    if few or worth <= OUTWEIGHS * _heaviest(scores, head.start, end)[2]:
        return head, end
    begin = next(index for index in range(first, last) if signs[index].reads)
    return replace(head, start=begin), last


def _long(signs: Sequence[Signs]) -> int:
    return sum(sign.score >= LONG for sign in signs)


def _heaviest(scores: Sequence[float], start: int, end: int) -> tuple[int, int, float]:
    """Give the run of lines with the largest sum (Kadane 1984), and the sum."""
    best, first, total = (start, start, 0.0), start, 0.0
    for index in range(start, end):
        if total <= 0.0:
            first, total = index, 0.0
        total += scores[index]
        if total > best[2]:
            best = first, index + 1, total
    return best
