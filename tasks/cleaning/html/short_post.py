"""A post of a sentence or two above many comments, which the model takes for the text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.metadata.timestamps import find_date
from copydesk.tasks.cleaning.vocabulary.class_names import (
    ASIDE,
    DIALOG,
    FOOTER,
    FORM,
    HIDDEN,
    NAV,
    TAGS,
)
from copydesk.tasks.cleaning.vocabulary.phrases import line_key, shipped

_SENTENCE_WORDS, _MOST_WORDS, _MOST_BLOCKS = 12, 120, 4
"""Words of a sentence at least; words and blocks of a short post at most."""
_NAME_WORDS, _INITIALED_WORDS = 8, 3
_FEWEST_COMMENTS, _COMMENT_SHARE = 3, 0.6
_SIGNED_SHARE = 0.6
"""Share of names beside which a day or a time stands, where that tells that they are comments."""
_LABEL_CHARS = 60
_LINKED = 0.4
_NO_HEADLINE = -999.0
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ELSEWHERE = NAV | FOOTER | ASIDE | FORM | DIALOG | HIDDEN


def with_short_post(analysis: PageAnalysis, retained: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Choose the sentences below the headline alone if all that is chosen behind are comments.

    Comments are names and texts by turns, without headings. They are taken for such if the model
    chooses nothing of the post itself, or if days stand beside the names, or a line above says so.
    """
    chosen = np.flatnonzero(retained)
    headline = _headline(analysis)
    if headline < 0 or not len(chosen) or chosen[0] < headline or chosen[-1] <= headline:
        return retained
    names = _names(analysis)
    first = _first_name(analysis, names, headline, chosen)
    post = _post(analysis, headline, first)
    behind = chosen[chosen >= first]
    if not post or not len(behind) or not _are_comments(analysis, names, first, behind):
        return retained
    if retained[post].any() and not _signed(analysis, names, headline, first, behind):
        return retained
    short = np.zeros_like(retained)
    short[post] = True
    return short


def _headline(analysis: PageAnalysis) -> int:
    after = float(analysis.rows[0, analysis.column_numbers["place:after_title"]])
    return -1 if after == _NO_HEADLINE else -int(after)


def _names(analysis: PageAnalysis) -> NDArray[np.bool_]:
    """Return which blocks may be a name above a comment."""
    tags = analysis.rows[:, analysis.column_numbers["marks:tag"]]
    headings = (tags >= TAGS["h1"]) & (tags <= TAGS["h6"])
    words = analysis.words
    # An initial may end a name ("Maria K.").
    names = ((words <= _NAME_WORDS) & ~analysis.ends) | (words <= _INITIALED_WORDS)
    return np.asarray(names & ~headings, np.bool_)


def _first_name(
    analysis: PageAnalysis, names: NDArray[np.bool_], headline: int, chosen: NDArray[np.intp]
) -> int:
    """Return the block that the comments start with, the name above their first text."""
    sentences = np.flatnonzero(analysis.ends & (analysis.words >= _SENTENCE_WORDS)).tolist()
    sentence = next((index for index in sentences if index > headline), len(names))
    # A date or the author may stand above the post itself, and above its first sentence.
    heads: list[int] = (chosen[chosen > sentence + 1] - 1).tolist()
    return next((head for head in heads if names[head] and not names[head + 1]), len(names))


def _post(analysis: PageAnalysis, headline: int, first: int) -> list[int]:
    """Return the sentences between the headline and the comments; none if it is no short post."""
    page, words, ends = analysis.page, analysis.words, analysis.ends
    linked = analysis.rows[:, analysis.column_numbers["text:link_share"]]
    marks, boxes = page.containers.landmarks, page.container
    if first >= len(page):
        return []
    post = [
        index
        for index in range(headline + 1, first)
        if ends[index]
        and words[index] >= _SENTENCE_WORDS
        and linked[index] <= _LINKED
        and not marks[boxes[index]] & _ELSEWHERE
    ]
    short = len(post) <= _MOST_BLOCKS and words[post].sum() <= _MOST_WORDS
    return post if short else []


def _are_comments(
    analysis: PageAnalysis, names: NDArray[np.bool_], first: int, behind: NDArray[np.intp]
) -> bool:
    containers, boxes = analysis.page.containers, analysis.page.container
    tags, parents = containers.tag, containers.parent
    if any(tags[boxes[index]] in _HEADINGS for index in behind.tolist()):
        return False
    turns = range(first, int(behind[-1]) + 1)
    pairs = [(boxes[a], boxes[b]) for a, b in pairwise(turns) if names[a] and not names[b]]
    # Paragraphs of one element are a text with headings in bold.
    in_a_row = sum(parents[a] == parents[b] and tags[a] == tags[b] for a, b in pairs)
    texts = len(turns) - np.count_nonzero(names[first : turns.stop])
    enough = len(pairs) >= max(_FEWEST_COMMENTS, _COMMENT_SHARE * texts)
    return bool(enough and in_a_row <= len(pairs) / 2)


def _signed(
    analysis: PageAnalysis,
    names: NDArray[np.bool_],
    headline: int,
    first: int,
    behind: NDArray[np.intp],
) -> bool:
    """Return whether days stand beside the names, or a line above them names comments."""
    text = analysis.page.text
    if any(_is_phrase(text[index], "comments") for index in range(headline + 1, first)):
        return True
    turns = range(first, int(behind[-1]))
    heads = [index for index, after in pairwise(turns) if names[index] and not names[after]]
    return _dated(text, heads) >= _SIGNED_SHARE * max(1, len(heads))


def _dated(text: Sequence[str], heads: Sequence[int]) -> int:
    # Ages ("2 hours ago") are phrases of actions.
    return sum(
        find_date(text[index]) is not None or _is_phrase(text[index], "action") for index in heads
    )


def _is_phrase(text: str, kind: str) -> bool:
    match = shipped().phrase(line_key(text)) if len(text) <= _LABEL_CHARS else None
    return match is not None and match.kind == kind
