"""Find the containers around a page's blocks that do not also contain the start of the article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.vocabulary.class_names import group_bit, words

_COMMENT: Final = group_bit("comment")
_AUTHOR: Final = group_bit("author")
_START_WORDS: Final = 12
"""Minimum words of the block with which the article is assumed to start; kickers have fewer."""


_LINES: Final = frozenset(words("p h1 h2 h3 h4 h5 h6 pre blockquote figcaption"))
"""Elements that are lines of text and not branches of the page."""


class BlockSurroundings(NamedTuple):
    """The outermost containers around a block without the article's start; -1 for none.

    ``comments`` and ``author`` are marked so by their classes; ``form`` is a form and ``box``
    contains one; ``branch`` is the outermost of all that is more than a line. ``article`` tells
    whether the block is in the same ``article`` element as the start.
    """

    comments: int = -1
    author: int = -1
    form: int = -1
    box: int = -1
    branch: int = -1
    article: bool = False


def start_of(sizes: Sequence[float], body: Sequence[int]) -> int:
    """Return the block with which the article starts: the first chosen one with enough words."""
    return next((index for index in body if sizes[index] >= _START_WORDS), body[0])


def surroundings(page: Page, start: int, body: Sequence[int]) -> dict[int, BlockSurroundings]:
    """Return the surroundings of each chosen block."""
    boxes = page.containers
    parents, groups, tags = boxes.parent, boxes.groups, boxes.tag
    nothing, inside = BlockSurroundings(), BlockSurroundings(article=True)
    around: dict[int, BlockSurroundings] = {-1: nothing}
    trunk = _trunk(page, start)
    article = next((at for at in reversed(trunk) if tags[at] == "article"), -1)
    for at in trunk:
        around[at] = inside if 0 <= article <= at else nothing
    holders = _holders(tags, parents)
    telling = _COMMENT | _AUTHOR
    path: list[int] = []
    for index in body:
        box = page.container[index]
        while box not in around:
            path.append(box)
            box = parents[box]
        current = around[box]
        while path:
            at = path.pop()
            # Most containers add nothing to the one around them.
            tag = tags[at]
            if (
                groups[at] & telling
                or (current.branch < 0 and tag not in _LINES)
                or tag == "form"
                or at in holders
            ):
                current = _within(current, at, groups[at], tag, at in holders)
            around[at] = current
    return {index: around[page.container[index]] for index in body}


def _trunk(page: Page, start: int) -> list[int]:
    """Return the containers around the article's start, the outermost first."""
    parents, at, trunk = page.containers.parent, page.container[start], []
    while at >= 0:
        trunk.append(at)
        at = parents[at]
    return trunk[::-1]


def _holders(tags: Sequence[str], parents: Sequence[int]) -> frozenset[int]:
    """Return the containers that directly contain a form."""
    holders = set()
    at = -1
    for _ in range(tags.count("form")):
        at = tags.index("form", at + 1)
        holders.add(parents[at])
    return frozenset(holders)


def _within(
    outer: BlockSurroundings, at: int, bits: int, tag: str, holds_form: bool
) -> BlockSurroundings:
    return BlockSurroundings(
        at if outer.comments < 0 and bits & _COMMENT else outer.comments,
        at if outer.author < 0 and bits & _AUTHOR else outer.author,
        at if outer.form < 0 and tag == "form" else outer.form,
        at if outer.box < 0 and holds_form else outer.box,
        at if outer.branch < 0 else outer.branch,
        outer.article,
    )
