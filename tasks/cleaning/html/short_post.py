"""A post of a sentence or two above many comments, which the model takes for the text."""

from __future__ import annotations

from collections.abc import Sequence

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
    chosen = retained.nonzero()[0]
    headline = _headline(analysis)
    if headline < 0 or not len(chosen) or chosen[0] < headline or chosen[-1] <= headline:
        return retained
    post, first = _post(analysis, headline, retained)
    if not post or chosen[-1] < first:
        return retained
    turns = range(first, int(chosen[-1]) + 1)
    if not _are_comments(analysis, chosen[chosen >= first].tolist(), turns):
        return retained
    if retained[post].any() and not _signed(analysis, headline, turns):
        return retained
    short = np.zeros_like(retained)
    short[post] = True
    return short


def _headline(analysis: PageAnalysis) -> int:
    after = float(analysis.rows[0, analysis.column_numbers["place:after_title"]])
    return -1 if after == _NO_HEADLINE else -int(after)


def _is_name(analysis: PageAnalysis, index: int) -> bool:
    """Return whether a block may be a name above a comment."""
    words = analysis.word_counts[index]
    # An initial may end a name ("Maria K.").
    if words > _NAME_WORDS or (words > _INITIALED_WORDS and analysis.ends[index]):
        return False
    page = analysis.page
    return page.containers.tag[page.container[index]] not in _HEADINGS


def _post(
    analysis: PageAnalysis, headline: int, retained: NDArray[np.bool_]
) -> tuple[list[int], int]:
    """Return the sentences below the headline, and the name above the first comment's text.

    There are none if it is no short post, as soon as that is seen.
    """
    page, words, ends = analysis.page, analysis.word_counts, analysis.ends
    linked = analysis.rows[:, analysis.column_numbers["text:link_share"]]
    marks, boxes = page.containers.landmarks, page.container
    post: list[int] = []
    has_sentence, size = False, 0.0
    for at in range(headline + 1, len(page) - 1):
        # A date or the author may stand above the post itself, and above its first sentence.
        if has_sentence and retained[at + 1] and _is_name(analysis, at):
            if not _is_name(analysis, at + 1):
                return post, at
        elif words[at] >= _SENTENCE_WORDS and ends[at]:
            has_sentence = True
            if linked[at] <= _LINKED and not marks[boxes[at]] & _ELSEWHERE:
                post.append(at)
                size += words[at]
                if len(post) > _MOST_BLOCKS or size > _MOST_WORDS:
                    break
    return [], len(page)


def _are_comments(analysis: PageAnalysis, behind: Sequence[int], turns: range) -> bool:
    containers, boxes = analysis.page.containers, analysis.page.container
    tags, parents = containers.tag, containers.parent
    if any(tags[boxes[index]] in _HEADINGS for index in behind):
        return False
    pairs = [(boxes[head], boxes[head + 1]) for head in _heads(analysis, turns)]
    # Paragraphs of one element are a text with headings in bold.
    in_a_row = sum(parents[a] == parents[b] and tags[a] == tags[b] for a, b in pairs)
    texts = len(turns) - sum(_is_name(analysis, index) for index in turns)
    enough = len(pairs) >= max(_FEWEST_COMMENTS, _COMMENT_SHARE * texts)
    return bool(enough and in_a_row <= len(pairs) / 2)


def _heads(analysis: PageAnalysis, turns: range) -> list[int]:
    """Return the names that stand right above what is none."""
    names = [_is_name(analysis, index) for index in turns]
    above = zip(turns, names, names[1:], strict=False)
    return [index for index, is_name, is_next in above if is_name and not is_next]


def _signed(analysis: PageAnalysis, headline: int, turns: range) -> bool:
    """Return whether days stand beside the names, or a line above them names comments."""
    text = analysis.page.text
    if any(_is_phrase(text[index], "comments") for index in range(headline + 1, turns.start)):
        return True
    heads = _heads(analysis, turns[:-1])
    return _dated(text, heads) >= _SIGNED_SHARE * max(1, len(heads))


def _dated(text: Sequence[str], heads: Sequence[int]) -> int:
    # Ages ("2 hours ago") are phrases of actions.
    return sum(
        find_date(text[index]) is not None or _is_phrase(text[index], "action") for index in heads
    )


def _is_phrase(text: str, kind: str) -> bool:
    match = shipped().phrase(line_key(text)) if len(text) <= _LABEL_CHARS else None
    return match is not None and match.kind == kind
