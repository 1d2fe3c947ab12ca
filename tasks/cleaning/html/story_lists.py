"""Lists of other stories: below their label ("Related stories"), or teasers in a row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.html.rules import Ruling
from copydesk.tasks.cleaning.html.surroundings import start_of
from copydesk.tasks.cleaning.vocabulary.phrases import names_other_stories

_LABEL_CHARS: Final = 60
_LINKED: Final = 0.6
"""Share of links in the block that names a story."""
_ABOVE_LINK: Final = b"\0\1"
"""Of two blocks, whether each is such a link: only the second."""
_TEASER_WORDS: Final = 40
_MOST_TEASERS: Final = 2
"""Words of a block between two links at most, and number of such blocks."""
_MOST_REPEATS: Final = 2
"""Times that a label stands on a page: "Read more" below each item of a list names no list."""
_MOST_SHARE: Final = 0.5
"""Share of the chosen words that such lists have at most."""

_HEAD_WORDS: Final = 20
_TEXT_WORDS: Final = (5, 60)
_UNLINKED: Final = 0.3
"""A teaser: words of the link at most, words of the text, and share of links in it at most."""
_SERIES, _APART = 3, 3
"""Teasers of a series, and blocks that are not chosen between it and the story, at least. A list
of the story's own (of tools, each with a link and a text) follows its paragraphs."""


def story_lists(analysis: PageAnalysis, body: Sequence[int]) -> list[Ruling]:
    """Return the chosen blocks of such labels and of the links and teasers below them."""
    listed: set[int] = set()
    texts, rows, columns = analysis.page.text, analysis.rows, analysis.column_numbers
    linked = (rows[:, columns["text:link_share"]] >= _LINKED).tobytes()
    repeats = rows[:, columns["words:repeats"]]
    # Few blocks stand right above a link: the others need no look.
    index = linked.find(_ABOVE_LINK, start_of(analysis.word_counts, body))
    while index >= 0:
        text = texts[index]
        is_first = len(text) <= _LABEL_CHARS and index + 1 not in listed
        if is_first and names_other_stories(text) and repeats[index] <= _MOST_REPEATS:
            listed.update(_list_below(analysis, linked, index))
        index = linked.find(_ABOVE_LINK, index + 1)
    foreign = sorted(listed.intersection(body)) if listed else []
    if not foreign:
        return []
    words = analysis.word_counts
    if sum([words[at] for at in foreign]) > _MOST_SHARE * sum([words[at] for at in body]):
        return []
    return [Ruling(at, CutKind.RELATED, "story_list") for at in foreign]


def _list_below(analysis: PageAnalysis, linked: bytes, label: int) -> list[int]:
    """Return the label and what belongs to its links; a text behind the last one as behind others.

    A text behind a single link is the story's next paragraph.
    """
    rows = [label]
    between: list[int] = []
    teasers: list[int] = []  # number of texts behind each link but the last
    for index in range(label + 1, len(linked)):
        if linked[index]:
            if len(rows) > 1:
                teasers.append(len(between))
            rows += [*between, index]
            between = []
        elif analysis.word_counts[index] <= _TEASER_WORDS and len(between) < _MOST_TEASERS:
            between.append(index)
        else:
            break
    if teasers:
        rows += between[: min(teasers)]
    return rows


def teaser_series(analysis: PageAnalysis, body: Sequence[int]) -> list[Ruling]:
    """Return the chosen blocks of teasers in a row, apart from the story and below it.

    A teaser is a link and a text. On DAnIEL it cuts 1,801 words of 8 pages rightly and none wrongly
    (+.006; +.008 by a model that saw no page of it), on WCXB 66 words wrongly in one page.
    """
    if body[-1] - body[0] < len(body) + _APART - 1:  # no gap is large enough
        return []
    start = start_of(analysis.word_counts, body)
    gaps = (above for above, below in pairwise(body) if below - above > _APART and above >= start)
    if (above := next(gaps, None)) is None:
        return []
    listed: set[int] = set()
    for first, last in _series(analysis, above + 1):
        chosen = body[bisect_left(body, first) - 1]
        if first - chosen > _APART or chosen in listed:
            listed.update(range(first, last + 1))
    return [Ruling(index, CutKind.RELATED, "teasers") for index in body if index in listed]


def _series(analysis: PageAnalysis, start: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last block of each series of teasers in elements of the same kinds.

    A block, such as a day, may stand between two.
    """
    page, (heads, texts) = analysis.page, _parts(analysis, start)
    lengths = np.fromiter(map(len, page.text[start:]), np.intp, len(heads))
    blocks = (lengths > 1).nonzero()[0]
    pairs = (heads[blocks[:-1]] & texts[blocks[1:]]).nonzero()[0].tolist()
    if len(pairs) < _SERIES:
        return
    tags, boxes = page.containers.tag, page.container
    run: list[tuple[int, int]] = []
    before, end = ("", ""), 0
    for pair in pairs:
        head, text = start + int(blocks[pair]), start + int(blocks[pair + 1])
        kinds = (tags[boxes[head]], tags[boxes[text]])
        if kinds != before or pair - end > 1:
            if len(run) >= _SERIES:
                yield run[0][0], run[-1][1]
            run = []
        run.append((head, text))
        before, end = kinds, pair + 2
    if len(run) >= _SERIES:
        yield run[0][0], run[-1][1]


def _parts(analysis: PageAnalysis, start: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which blocks from ``start`` on may be a teaser's link, and which its text."""
    words = analysis.words[start:]
    shares = analysis.rows[start:, analysis.column_numbers["text:link_share"]]
    least, most = _TEXT_WORDS
    heads = (shares >= _LINKED) & (words <= _HEAD_WORDS)
    texts = (shares < _UNLINKED) & (words >= least) & (words <= most)
    return heads, texts
