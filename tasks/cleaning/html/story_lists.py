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
    shares = analysis.rows[:, analysis.column_numbers["text:link_share"]]
    linked = shares >= _LINKED
    repeats = analysis.rows[:, analysis.column_numbers["words:repeats"]]
    start = start_of(analysis.word_counts, body)
    # Few blocks stand right above a link: the others need no look at the table.
    for index in (np.flatnonzero(linked[start + 1 :] > linked[start:-1]) + start).tolist():
        text = analysis.page.text[index]
        is_first = len(text) <= _LABEL_CHARS and index + 1 not in listed
        if is_first and repeats[index] <= _MOST_REPEATS and names_other_stories(text):
            listed.update(_list_below(analysis, linked, index))
    foreign = sorted(listed.intersection(body)) if listed else []
    words = analysis.words
    if not foreign or words[foreign].sum() > _MOST_SHARE * words[list(body)].sum():
        return []
    return [Ruling(index, CutKind.RELATED, "story_list") for index in foreign]


def _list_below(analysis: PageAnalysis, linked: np.ndarray, label: int) -> list[int]:
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
        elif analysis.words[index] <= _TEASER_WORDS and len(between) < _MOST_TEASERS:
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
    if min(np.count_nonzero(heads), np.count_nonzero(texts)) < _SERIES:
        return
    tags, boxes = page.containers.tag, page.container
    blocks = [index for index in range(start, len(page)) if len(page.text[index]) > 1]
    at = np.array(blocks, np.intp) - start
    run: list[tuple[int, int]] = []
    before, end = ("", ""), 0
    for pair in np.flatnonzero(heads[at[:-1]] & texts[at[1:]]).tolist():
        head, text = blocks[pair], blocks[pair + 1]
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
