"""Passages among the chosen blocks that are not the article's, by where they stand.

The model weighs each block; these rules look at the choice as a whole: what stands apart from the
headline, in a part of the page that markup gives to readers, authors or forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.html.page import UNSEEN, Page
from copydesk.tasks.cleaning.html.page_analysis import Reading
from copydesk.tasks.cleaning.html.rules import Ruling
from copydesk.tasks.cleaning.vocabulary import block_words
from copydesk.tasks.cleaning.vocabulary.class_names import HIDDEN, group_bit

_COMMENT, _AUTHOR = group_bit("comment"), group_bit("author")
_BULK: Final = 0.5
"""Share of the chosen words that must be in sight for hidden ones to go: pages that show their
text by scripts hide all of it."""
_BOX_WORDS: Final = 60
"""Words of a box with a form at most: a page that is one form holds its article, too."""
_LABEL_CHARS: Final = 30
"""Characters beside the link in a line that leads to another story: "Read more:"."""
_NUMBERS: Final = re.compile(r"\d{1,5}(?:\n\d{1,5})*")


class Around(NamedTuple):
    """What stands around a block, up to what holds the article's start, too; -1 where nothing."""

    comments: int
    author: int
    form: int


def foreign_passages(reading: Reading, chosen: Sequence[int]) -> list[Ruling]:
    """Judge the chosen blocks, in document order."""
    if not chosen:
        return []
    found = _hidden(reading, chosen)
    out = {ruling.index for ruling in found}
    rest = [index for index in chosen if index not in out]
    found += _line_numbers(reading.page, rest)
    found += _read_more(reading, rest)
    return found + [ruling for ruling in _by_place(reading, rest) if ruling.index not in out]


def _hidden(reading: Reading, chosen: Sequence[int]) -> list[Ruling]:
    page, words = reading.page, reading.words
    marks, boxes = page.containers.landmarks, page.container
    unseen = [i for i in chosen if marks[boxes[i]] & HIDDEN or page.inline[i] & UNSEEN]
    if not unseen:
        return []
    all_words = sum(words[index] for index in chosen)
    if all_words - sum(words[index] for index in unseen) < _BULK * all_words:
        return []
    return [Ruling(index, CutKind.HIDDEN, "hidden") for index in unseen]


def _line_numbers(page: Page, chosen: Sequence[int]) -> list[Ruling]:
    """Find the numbers that stand beside lines of code, in an element of their own."""
    tags = page.containers.tag
    code = [index for index in chosen if tags[page.container[index]] == "pre"]
    return [
        Ruling(index, CutKind.OTHER, "line_numbers")
        for index in code
        if len(code) > 1 and _NUMBERS.fullmatch(page.text[index])
    ]


def _read_more(reading: Reading, chosen: Sequence[int]) -> list[Ruling]:
    """Find lines that are nothing but a label and a link to another story."""
    page = reading.page
    found = []
    for index in chosen:
        if page.links[index] != 1:
            continue
        text, linked = page.text[index], page.linked[index]
        beside = len(text) - linked
        if not 2 <= beside <= _LABEL_CHARS or linked < beside:
            continue
        label, colon, rest = text.replace("：", ":").partition(":")
        if not colon or len(label) > _LABEL_CHARS or not rest.strip():
            continue
        said = block_words.word_groups(block_words.WORD.findall(label.lower()))
        if said & _RELATED:
            found.append(Ruling(index, CutKind.RELATED, "read_more"))
    return found


_RELATED: Final = 1 << list(block_words.GROUPS).index("related")


def _by_place(reading: Reading, chosen: Sequence[int]) -> list[Ruling]:
    page = reading.page
    boxes, words = page.containers, reading.words
    around = _surroundings(page, _ancestors(page, page.container[_start(reading, chosen)]))
    found = []
    own = 0.0
    for index in chosen:
        place = around(page.container[index])
        if place.comments >= 0:
            found.append(Ruling(index, CutKind.COMMENTS, "in_comments"))
        elif place.author >= 0 and own:
            found.append(Ruling(index, CutKind.BYLINE, "about_the_author"))
        else:
            own += words[index]
    del boxes
    return found


def _start(reading: Reading, chosen: Sequence[int]) -> int:
    """Give the block that the article starts with: the first of the chosen ones of some length."""
    words = reading.words
    return next((index for index in chosen if words[index] >= 12), chosen[0])


def _ancestors(page: Page, box: int) -> frozenset[int]:
    parents, found = page.containers.parent, set()
    while box >= 0:
        found.add(box)
        box = parents[box]
    return frozenset(found)


def _surroundings(page: Page, trunk: frozenset[int]) -> Callable[[int], Around]:
    parents, groups, tags = page.containers.parent, page.containers.groups, page.containers.tag
    known = {-1: Around(-1, -1, -1)}

    def around(box: int) -> Around:
        path = []
        while box not in known:
            path.append(box)
            box = parents[box]
        place = known[box]
        for at in reversed(path):
            if at not in trunk:
                bits = groups[at]
                place = Around(
                    at if place.comments < 0 and bits & _COMMENT else place.comments,
                    at if place.author < 0 and bits & _AUTHOR else place.author,
                    at if tags[at] == "form" else place.form,
                )
            known[at] = place
        return place

    return around
