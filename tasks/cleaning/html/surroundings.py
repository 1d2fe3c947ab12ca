"""Find the containers around a page's blocks that do not also contain the start of the article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.html.native import native_surroundings
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.vocabulary.class_names import (
    DIALOG,
    FOOTER,
    HIDDEN,
    group_bit,
    words,
)

_COMMENT: Final = group_bit("comment")
_AUTHOR: Final = group_bit("author")
_START_WORDS: Final = 12
"""Minimum words of the block with which the article is assumed to start; kickers have fewer."""
_LANDMARKS: Final = HIDDEN | DIALOG | FOOTER


_LINES: Final = frozenset(words("p h1 h2 h3 h4 h5 h6 pre blockquote figcaption"))
"""Elements that are lines of text and not branches of the page."""


class Surroundings(NamedTuple):
    """The outermost containers around chosen blocks without the article's start, by block.

    ``comments`` and ``author`` are marked so by their classes; ``form`` is a form and ``box``
    contains one; ``branch`` is the outermost of all that is more than a line. ``article`` tells
    which blocks are in the same ``article`` element as the start. ``landmarks`` (bits) are those of
    ``HIDDEN``, ``DIALOG`` and ``FOOTER`` around a block. What most blocks have not has no entry.
    """

    comments: dict[int, int]
    author: dict[int, int]
    form: dict[int, int]
    box: dict[int, int]
    branch: dict[int, int]
    article: dict[int, int]
    landmarks: dict[int, int]

    def drop(self, indexes: Iterable[int]) -> None:
        """Remove the entries of blocks that were cut."""
        for index in indexes:
            for values in self:
                values.pop(index, None)


def start_of(sizes: Sequence[float], body: Sequence[int]) -> int:
    """Return the block with which the article starts: the first chosen one with enough words."""
    return next((index for index in body if sizes[index] >= _START_WORDS), body[0])


def surroundings(page: Page, start: int, body: list[int]) -> Surroundings:
    """Return the surroundings of the chosen blocks."""
    around = Surroundings({}, {}, {}, {}, {}, {}, {})
    if native_surroundings is None:
        enclose(page, start, body, _COMMENT, _AUTHOR, _LANDMARKS, _LINES, around)
    else:
        native_surroundings.enclose(
            page, start, body, _COMMENT, _AUTHOR, _LANDMARKS, _LINES, around
        )
    return around


def enclose(
    page: Page,
    start: int,
    body: list[int],
    comment: int,
    author: int,
    landmarks: int,
    lines: frozenset[str],
    around: Surroundings,
) -> None:
    """Fill the surroundings; the Python version of the compiled loop."""
    boxes, container = page.containers, page.container
    parents, groups, tags = boxes.parent, boxes.groups, boxes.tag
    trunk, at = {-1}, container[start]
    article = -1
    while at >= 0:
        trunk.add(at)
        article = at if article < 0 and tags[at] == "article" else article
        at = parents[at]
    holders = {above for tag, above in zip(tags, parents, strict=True) if tag == "form"}
    # By container: parents precede their children, and most add nothing to what they have of them.
    found: list[tuple[int, ...]] = []
    for at, (tag, above, bits) in enumerate(zip(tags, parents, groups, strict=True)):
        if at in trunk:
            found.append((-1, -1, -1, -1, -1, article if 0 <= article <= at else -1))
            continue
        *outer, branch, inside = found[above]
        adds = (bits & comment, bits & author, tag == "form", at in holders)
        if any(adds) or (branch < 0 and tag not in lines):
            own = (at if add and up < 0 else up for add, up in zip(adds, outer, strict=True))
            found.append((*own, at if branch < 0 else branch, inside))
        else:
            found.append(found[above])
    for index in body:
        at = container[index]
        marks = boxes.landmarks[at] & landmarks
        for values, value in zip(around, (*found[at], marks or -1), strict=True):
            if value >= 0:
                values[index] = value
