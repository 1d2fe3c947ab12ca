"""The metadata that a page declares, and the metadata chosen from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from copydesk.schemas.columns import FIELD_NAMES
from copydesk.tasks.cleaning.access import Finding


class TextBlock(NamedTuple):
    """A visible text block of the page.

    ``tag`` is the element that contains it (``h1``, ``p``, ``li`` …); ``in_article`` is true if the
    block was chosen as part of the body.
    """

    text: str
    tag: str
    in_article: bool


class Setting(NamedTuple):
    """The parts of a page that surround a block but not the headline.

    ``others``: lists of other texts, and boxes beside the article. ``readers``: comments.
    ``picture``: a caption or credit. ``quoted``: a quotation or an embedded post. ``furniture``:
    the page's header, navigation or footer. ``aside``: an ``<aside>`` element. ``author``: a box
    about the author.
    """

    others: bool = False
    readers: bool = False
    picture: bool = False
    quoted: bool = False
    furniture: bool = False
    aside: bool = False
    author: bool = False


def no_setting(_index: int, _headline: int) -> Setting:
    """Return the empty setting, for a page whose elements are not known."""
    return Setting()


def no_links(_host: str | None) -> Sequence[str]:
    """Return no links, for a text whose links are not known."""
    return ()


@dataclass(frozen=True, slots=True)
class TextBlocks:
    """The visible text blocks, as one column per field.

    ``setting`` returns what surrounds a block, given its index and the headline's (or -1); it is
    only called for the few blocks that need it. ``start_page_links`` returns the texts of links to
    the start page of the site with a host (or None, if it is unknown), without spaces.
    """

    texts: Sequence[str]
    tags: Sequence[str]
    in_article: Sequence[bool]
    setting: Callable[[int, int], Setting] = no_setting
    start_page_links: Callable[[str | None], Sequence[str]] = no_links

    @classmethod
    def of(cls, blocks: Iterable[TextBlock]) -> TextBlocks:
        """Build the columns from blocks."""
        texts, tags, in_article = (
            zip(*blocks, strict=True) if (blocks := tuple(blocks)) else ((),) * 3
        )
        return cls(texts, tags, in_article)


class Mark(NamedTuple):
    """An element that may contain a date or a name.

    ``value`` is its machine-readable attribute (``datetime``, ``content``); ``label`` joins its
    class, id, rel and itemprop; ``within`` lists the tags and labels of the enclosing elements,
    innermost first. Label and within are in lower case.
    """

    text: str
    value: str
    tag: str
    label: str
    within: str


# Elementor gives every part of a page the class "widget".
ELEMENTOR: Final = re.compile("elementor-widget")


@dataclass(frozen=True, slots=True, eq=False)  # a key of caches, by its identity
class Regions:
    """Class-name words of page parts outside the article; ``but_for`` is ignored in class names."""

    words: tuple[str, ...]
    but_for: re.Pattern[str] | None = None

    def names(self, label: str) -> bool:
        """Return whether a label contains one of the words; faster than one combined pattern."""
        for word in self.words:
            if word in label and (self.but_for is None or word in self.but_for.sub("", label)):
                return True
        return False


def stands_elsewhere(mark: Mark, words: Regions) -> bool:
    """Return whether an element is in a part of the page that one of the words names.

    A footer counts as such a part only outside an article, whose own footer has its byline.
    """
    return _stands_elsewhere(mark.label, mark.within, words)


@lru_cache(maxsize=1024)  # bylines and dates ask for each element several times
def _stands_elsewhere(label: str, within: str, words: Regions) -> bool:
    if words.names(f"{label}\n{within}"):  # no word spans two lines
        return True
    _, footer, around = within.partition("<footer")
    return bool(footer) and "<article" not in around


class MetaNames:
    """Names of metas, the most trusted first; a page has few of them, which sets find at once."""

    def __init__(self, *names: str) -> None:
        """Store the names."""
        self._ranks = {name: rank for rank, name in enumerate(names)}

    def among(self, meta: Mapping[str, tuple[str, ...]]) -> list[str]:
        """Return the names of which a page has contents, the most trusted first."""
        return sorted(meta.keys() & self._ranks.keys(), key=self._ranks.__getitem__)


def places_of(value: object, column: Sequence[object]) -> Iterator[int]:
    """Yield the indexes at which a column has a value."""
    at = -1
    for _ in range(column.count(value)):
        at = column.index(value, at + 1)
        yield at


@dataclass(frozen=True, slots=True)
class Evidence:
    """The metadata that the page declares, unmodified.

    ``meta`` maps a lower-case name, property or itemprop of ``<meta>`` to its contents in order;
    ``nodes`` are the JSON-LD objects, flattened, in order; ``itemtypes`` are the microdata types in
    lower case, without the vocabulary's address.
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
    """The metadata chosen for the article.

    Timestamps are timezone-aware. ``kinds`` are the page's declared kinds, in lower case:
    ``og:type`` and the JSON-LD and microdata types of its main objects. ``standfirst`` is the
    declared summary, not checked against the text. ``evidence`` maps each field to where its value
    was found (``json-ld headline``, ``meta article:published_time``, ``h1``).
    ``stated_access`` is all that ``access`` was decided by.
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
    access: str | None = None
    stated_access: tuple[Finding, ...] = ()
    kinds: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """Return the values of the article fields with the same names."""
        return {name: getattr(self, name) for name in FIELD_NAMES}
