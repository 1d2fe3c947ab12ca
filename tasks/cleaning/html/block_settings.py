"""Find the elements around a block that do not also contain the headline, for metadata."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from copydesk.tasks.cleaning.html.links import start_page_links
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.metadata import Setting, TextBlocks
from copydesk.tasks.cleaning.vocabulary.class_names import (
    ARTICLE,
    ASIDE,
    FIGURE,
    FOOTER,
    HEADER,
    NAV,
    QUOTE,
    group_bit,
)

_OTHERS: Final = group_bit("related")
_READERS: Final = group_bit("comment")
_PICTURE: Final = group_bit("caption")
_LINES: Final = group_bit("author") | group_bit("meta")
_QUOTED: Final = group_bit("quote")
_AUTHOR: Final = group_bit("author")
_FURNITURE: Final = group_bit("navigation")
_CAPTIONS: Final = frozenset({"figcaption", "caption"})
_MAX_STEPS: Final = 60  # maximum nested elements; a hostile page nests thousands


def text_blocks(page: Page, retained: Sequence[bool]) -> TextBlocks:
    """Return a page's blocks for reading metadata; ``retained`` marks those of the body."""
    tags = page.containers.tag
    return TextBlocks(
        page.text,
        list(map(tags.__getitem__, page.container)),
        retained,
        _Settings(page),
        partial(start_page_links, page),
    )


class _Settings:
    """Searches upwards from a block to the first element that also contains the headline."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._around: dict[int, frozenset[int]] = {}
        self._known: dict[tuple[int, int], Setting] = {}

    def __call__(self, index: int, headline: int) -> Setting:
        box = self._page.container[index]
        setting = self._known.get((box, headline))
        if setting is None:
            if headline not in self._around:
                self._around[headline] = self._above(headline)
            setting = self._known[box, headline] = self._of(box, self._around[headline])
        return setting

    def _of(self, first: int, shared: frozenset[int]) -> Setting:
        boxes, box = self._page.containers, first
        all_groups, tags, parents = boxes.groups, boxes.tag, boxes.parent
        groups, captioned = 0, False
        for _ in range(_MAX_STEPS):
            if box < 0 or box in shared:
                break
            groups |= all_groups[box]
            captioned = captioned or tags[box] in _CAPTIONS
            box = parents[box]
        marks = boxes.landmarks[first] & ~(boxes.landmarks[box] if box >= 0 else 0)
        # An article's own header and footer contain its byline.
        in_article = bool(boxes.landmarks[first] & ARTICLE)
        picture = (
            captioned
            or bool(groups & _PICTURE and marks & FIGURE)
            or bool(all_groups[first] & _PICTURE and not all_groups[first] & _LINES)
        )
        furniture = bool(groups & _FURNITURE or marks & NAV) or (
            not in_article and bool(marks & (HEADER | FOOTER))
        )
        # As a tuple: naming seven fields takes longer than finding them.
        return tuple.__new__(
            Setting,
            (
                bool(groups & _OTHERS),
                bool(groups & _READERS),
                picture,
                bool(groups & _QUOTED or marks & QUOTE),
                furniture,
                bool(marks & ASIDE),
                bool(groups & _AUTHOR),
            ),
        )

    def _above(self, headline: int) -> frozenset[int]:
        """Return the elements around the headline; only the page's root if there is no headline."""
        boxes, page = self._page.containers, self._page
        above = {0}
        box = page.container[headline] if 0 <= headline < len(page) else 0
        for _ in range(_MAX_STEPS):
            if box < 0:
                break
            above.add(box)
            box = boxes.parent[box]
        return frozenset(above)
