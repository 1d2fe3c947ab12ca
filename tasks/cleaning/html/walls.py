"""What a text's end and what stands below it show of its access; elements called paywalls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from selectolax.lexbor import LexborHTMLParser, LexborNode

from copydesk.schemas.article import Access
from copydesk.tasks.cleaning.access import NEXT, Finding, ending
from copydesk.tasks.cleaning.html.blocks import conceals
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.vocabulary.class_names import (
    HIDDEN,
    class_evidence,
    group_bit,
)

_OFFER: Final = group_bit("promotion")
_NAMES: Final = ("paywall", "Paywall")
_ENDING: Final = "aywall"  # of both: most pages are searched once
_SELECTOR: Final = "[class*=paywall i], [id*=paywall i], [data-testid*=paywall i]"
_OTHERWISE: Final = re.compile(r"(?:below|after|non?|without)[_-]?paywall|paywall[_-]?free", re.I)
"""Names of what only stands near a paywall, or has none."""
_LEVELS: Final = 8
_TAKEN: Final = 2
"""Last blocks of a text that may be the paywall's: the model takes some for the article's."""
_MOST: Final = 20  # elements that are looked at
_PROMPT: Final = 1_500  # characters; a longer element holds the article itself
_LEAST_WORDS: Final = 4
_SHOWN: Final = 60


def shown_access(
    text: str,
    page: Page,
    body: Sequence[int],
    tree: LexborHTMLParser,
    html: str | bytes,
    language: str | None,
) -> tuple[Finding, ...]:
    """Return what an article's end shows of its access, or else the paywall below it.

    ``body`` are the text's blocks; none if the page does not show them.
    """
    end = body[-1] + 1 if body else len(page)
    shown = tuple(ending(text, page.text[end : end + NEXT], language))
    return shown or tuple(wall_below(page, body, tree, html))


def wall_below(
    page: Page, body: Sequence[int], tree: LexborHTMLParser, html: str | bytes
) -> Iterator[Finding]:
    """Yield a paywall that holds one of the first blocks below a text, or the text's last ones.

    Looking for its element takes a millisecond, so the classes around the blocks are asked first:
    they are known, as those of offers, and the page must have the name somewhere.
    """
    if not body:
        return
    if not int(np.bitwise_or.reduce(np.asarray(page.containers.groups))) & _OFFER:
        return
    end = body[-1] + 1
    blocks = [*body[1:][-_TAKEN:], *range(end, min(end + NEXT, len(page)))]
    if not any(_is_offer(page, block) for block in blocks):
        return
    if not _names_a_paywall(html):
        return
    texts = [page.text[block] for block in blocks]
    texts = [" ".join(text.split()) for text in texts if len(text.split()) >= _LEAST_WORDS]
    opening = " ".join(page.text[body[0]].split())
    for node in tree.css(_SELECTOR)[:_MOST]:
        names = " ".join(filter(None, (node.attributes.get(n) for n in ("class", "id"))))
        if _OTHERWISE.search(names) or _hides(node):
            continue
        text = " ".join(node.text(separator=" ").split())
        holds_article = len(text) > _PROMPT or opening in text
        if not holds_article and any(below in text for below in texts):
            yield Finding(Access.PAYWALLED, f"below the text: class {names[:_SHOWN]}")
            return


def _names_a_paywall(html: str | bytes) -> bool:
    """Return whether a page, as text or in UTF-8, has the name somewhere."""
    if isinstance(html, bytes):
        return _ENDING.encode() in html and any(name.encode() in html for name in _NAMES)
    return _ENDING in html and any(name in html for name in _NAMES)


def _is_offer(page: Page, block: int) -> bool:
    """Return whether a visible block is in an element whose class is an offer's."""
    containers, box = page.containers, page.container[block]
    if containers.landmarks[box] & HIDDEN:
        return False
    for _ in range(_LEVELS):
        if box < 0:
            return False
        if containers.groups[box] & _OFFER:
            return True
        box = containers.parent[box]
    return False


def _hides(node: LexborNode) -> bool:
    """Return whether an element is hidden, not from those alone who have not subscribed."""
    attributes = node.attributes
    return conceals(attributes) or class_evidence(attributes.get("class") or "")[1]
