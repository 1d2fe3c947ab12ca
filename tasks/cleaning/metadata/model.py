"""What a page says of itself, and what is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from copydesk.schemas.tables import FIELD_NAMES


class TextBlock(NamedTuple):
    """One visible text block of the page, in document order.

    ``tag`` is the element that holds it (``h1``, ``p``, ``li`` …); ``in_article`` says that
    the choice of blocks kept it as part of the body.
    """

    text: str
    tag: str
    in_article: bool


class Setting(NamedTuple):
    """What the elements around a block, and not around the headline, say that it is part of.

    ``others`` are lists of other texts and what stands beside the article, ``readers`` the
    readers' comments, ``picture`` a picture's caption or credit, ``quoted`` a quotation or an
    embedded post, ``furniture`` the page's own header, navigation or footer, ``aside`` an element
    of that name, ``author`` a box about the author.
    """

    others: bool = False
    readers: bool = False
    picture: bool = False
    quoted: bool = False
    furniture: bool = False
    aside: bool = False
    author: bool = False


def no_setting(_index: int, _headline: int) -> Setting:
    """Tell nothing of a block: its page's elements are not known."""
    return Setting()


@dataclass(frozen=True, slots=True)
class TextBlocks:
    """The visible text blocks, a column each: a page has hundreds, and few are looked at.

    ``setting`` tells what is around a block (by its number) and not around the headline (by its
    own, or -1); it is asked of few blocks.
    """

    texts: Sequence[str]
    tags: Sequence[str]
    in_article: Sequence[bool]
    setting: Callable[[int, int], Setting] = no_setting

    @classmethod
    def of(cls, blocks: Iterable[TextBlock]) -> TextBlocks:
        """Return the columns of blocks told one by one."""
        texts, tags, in_article = (
            zip(*blocks, strict=True) if (blocks := tuple(blocks)) else ((),) * 3
        )
        return cls(texts, tags, in_article)


class Mark(NamedTuple):
    """An element that may hold a date or a name.

    ``value`` is its machine-readable attribute (``datetime``, ``content``), ``label`` what
    its class, id, rel and itemprop say, ``within`` the tags and labels of the elements around
    it, innermost first; both in lower case.
    """

    text: str
    value: str
    tag: str
    label: str
    within: str


# Elementor calls every part of a page a widget.
ELEMENTOR: Final = re.compile("elementor-widget")


class Regions(NamedTuple):
    """Words in classes of parts of a page that are not the article's, and what they are not in."""

    words: tuple[str, ...]
    but_for: re.Pattern[str] | None = None

    def names(self, label: str) -> bool:
        """Return whether a label names such a part: word by word is faster than a pattern."""
        for word in self.words:
            if word in label and (self.but_for is None or word in self.but_for.sub("", label)):
                return True
        return False


def stands_elsewhere(mark: Mark, words: Regions) -> bool:
    """Return whether a mark stands in a part of the page that one of the words names.

    A footer counts as such a part only outside an article, whose own footer has its byline.
    """
    return _stands_elsewhere(mark.label, mark.within, words)


@lru_cache(maxsize=1024)  # a mark is asked for as a byline and as a date, several times
def _stands_elsewhere(label: str, within: str, words: Regions) -> bool:
    if words.names(label) or words.names(within):
        return True
    _, footer, around = within.partition("<footer")
    return bool(footer) and "<article" not in around


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the page says of itself, untouched.

    ``meta`` maps a lower-case name, property or itemprop of ``<meta>`` to its contents in
    order; ``nodes`` are the JSON-LD objects, flattened, in order; ``itemtypes`` the types of
    the microdata things, in lower case, without a vocabulary's address.
    """

    url: str | None = None
    title: str | None = None
    headings: tuple[str, ...] = ()
    meta: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nodes: tuple[Mapping[str, Any], ...] = ()
    itemtypes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    language: str | None = None
    canonical: str | None = None
    breadcrumbs: tuple[str, ...] = ()
    heading_runs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of the article.

    Timestamps are timezone-aware. ``kinds`` are the page's declared kinds, in lower case:
    ``og:type`` and the JSON-LD and microdata types of the page's main things.
    ``standfirst`` is the declared summary, a candidate alone. ``evidence`` names, per field,
    where its value was found (``json-ld headline``, ``meta article:published_time``, ``h1``).
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    site: str | None = None
    canonical_url: str | None = None
    image_url: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    standfirst: str | None = None
    kinds: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """Return what becomes an article's fields of the same names."""
        return {name: getattr(self, name) for name in FIELD_NAMES}
