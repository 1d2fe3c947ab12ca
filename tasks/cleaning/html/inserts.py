"""What a site sets between two paragraphs: counts, polls, offers of a newsletter, the author's box.

Each is told by one of its lines; the small element around that line is cut with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Final

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.biographies import begins_biography, person_names
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.html.rules import Ruling, offers_newsletter
from copydesk.tasks.cleaning.html.surroundings import start_of
from copydesk.tasks.cleaning.vocabulary.counters import MOST_CHARS, Count, count_in, has_digit

_ELSEWHERE: Final = frozenset({"td", "th", "pre", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Elements in which a count is the article's: of a table, a program, a heading."""
_CELLS: Final = frozenset({"td", "th"})
_LINES: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "li", "body"})
_LEVELS, _BOX_WORDS, _BOX_BLOCKS = 5, 80, 12
"""Elements that are climbed, and words and blocks of a box at most."""
_LABEL_CHARS: Final = 60
_SHARE: Final = 0.25
"""Share of the chosen words that a box has at most."""
_POLL_BLOCKS: Final = 3
_MOST_BIOGRAPHIES: Final = 2
"""Boxes that begin with an author's name at most: in an interview it stands above each answer."""


def inserts(
    analysis: PageAnalysis, body: Sequence[int], authors: Sequence[str], ruled: Sequence[Ruling]
) -> list[Ruling]:
    """Return the rulings on the chosen blocks, given those that were made before."""
    if not body:
        return []
    page = analysis.page
    cuts: dict[int, Ruling] = {}

    def cut(indexes: Sequence[int], kind: CutKind, rule: str) -> None:
        cuts.update((index, Ruling(index, kind, rule)) for index in indexes)

    counted = _counts(page, body)
    labels = [ruling.index for ruling in ruled if ruling.kind is CutKind.NEWSLETTER]
    labels += _offers_above_gaps(page, body)
    heads = _biographies(page, body, authors) if authors else []
    if not (counted or labels or heads):
        return []
    around = _Boxes(analysis, body).around
    for index, count in counted:
        if count is not Count.VOTES:
            cut([index], CutKind.METADATA, "count")
        elif len(box := around(index)) >= _POLL_BLOCKS:
            cut(box, CutKind.OTHER, "poll")
    for index in labels:
        cut(around(index), CutKind.NEWSLETTER, "box_with_offer")
    boxes = {tuple(around(index) or _alone(analysis, index)) for index in heads} - {()}
    if len(boxes) <= _MOST_BIOGRAPHIES:
        cut([*chain.from_iterable(boxes)], CutKind.BYLINE, "box_about_the_author")
    chosen = set(body)
    return [ruling for index, ruling in sorted(cuts.items()) if index in chosen]


def _counts(page: Page, body: Sequence[int]) -> list[tuple[int, Count]]:
    """Return the lines of counts alone, outside tables."""
    texts, tags, boxes = page.text, page.containers.tag, page.container
    may_count = [
        index
        for index in body
        if len(texts[index]) <= MOST_CHARS
        and tags[boxes[index]] not in _ELSEWHERE
        and has_digit(texts[index])
    ]
    counts = [(index, count_in(texts[index])) for index in may_count]
    return [
        (index, count)
        for index, count in counts
        if count is not None and (count is not Count.PICTURES or page.images[index])
    ]


def _offers_above_gaps(page: Page, body: Sequence[int]) -> list[int]:
    """Return offers of a newsletter that the model did not choose, right above chosen blocks."""
    if body[-1] - body[0] < len(body):
        return []
    texts = page.text
    above = [below - 1 for above, below in pairwise(body) if below - above > 1]
    return [
        index
        for index in above
        if len(texts[index]) <= _LABEL_CHARS and offers_newsletter(texts[index])
    ]


def _biographies(page: Page, body: Sequence[int], authors: Sequence[str]) -> list[int]:
    """Return the blocks that begin with an author's name and may be a box about the author."""
    texts, starts = page.text, tuple(authors)
    named = [index for index in body if texts[index].startswith(starts)]
    names = person_names(authors) if named else []
    return [index for index in named if begins_biography(texts[index], names)]


def _alone(analysis: PageAnalysis, index: int) -> list[int]:
    """Return a block that is a box of its own: a name and, in a new line, who that is."""
    page = analysis.page
    is_box = page.containers.tag[page.container[index]] not in _LINES and "\n" in page.text[index]
    return [index] if is_box and analysis.word_counts[index] <= _BOX_WORDS else []


class _Boxes:
    """Finds the small elements around blocks.

    They have several blocks, and neither the article's start nor much of the article.
    """

    def __init__(self, analysis: PageAnalysis, body: Sequence[int]) -> None:
        self._page, self._words = analysis.page, analysis.word_counts
        self._start = start_of(self._words, body)
        self._most = min(_BOX_WORDS, _SHARE * sum([self._words[index] for index in body]))

    def around(self, index: int) -> list[int]:
        """Return the blocks of the largest such element around a block; none in tables."""
        page, tags, parents = self._page, self._page.containers.tag, self._page.containers.parent
        first = last = index
        box = page.container[index]
        best: list[int] = []
        if tags[box] in _CELLS:
            return best
        for _ in range(_LEVELS):
            first, last = self._extent(box, first, last)
            if not self._is_small(first, last):
                break
            if last > first and tags[box] not in _LINES:
                best = list(range(first, last + 1))
            box = parents[box]
            if box < 0:
                break
        return best

    def _extent(self, box: int, first: int, last: int) -> tuple[int, int]:
        """Return the first and the last block of an element, or those of a part too large."""
        holders = self._page.container
        while first and holders[first - 1] >= box and last - first < _BOX_BLOCKS:
            first -= 1
        while last + 1 < len(holders) and self._is_within(last + 1, box):
            if last - first >= _BOX_BLOCKS:
                break
            last += 1
        return first, last

    def _is_within(self, index: int, box: int) -> bool:
        parents, at = self._page.containers.parent, self._page.container[index]
        while at > box:
            at = parents[at]
        return at == box

    def _is_small(self, first: int, last: int) -> bool:
        if last - first >= _BOX_BLOCKS or first <= self._start <= last:
            return False
        return sum(self._words[first : last + 1]) <= self._most
