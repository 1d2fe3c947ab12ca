"""Find a page's elements with metadata, by name, attributes and class names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from selectolax.lexbor import LexborHTMLParser, LexborNode

from copydesk.tasks.cleaning.metadata.jsonld import plain
from copydesk.tasks.cleaning.metadata.native import native_elements
from copydesk.tasks.cleaning.metadata.vocabulary import (
    CLASS_WORDS,
    LABELS,
    MAX_ANCESTORS,
    MAX_CLASS_CHARS,
    MAX_CLASSED,
    MAX_ELEMENTS,
    MAX_MARKS,
    MAX_META_CONTENTS,
    MAX_TELLING,
    META_NAMES,
    RUBY_BASES,
    RUBY_READINGS,
    TO_PERSON,
    UNREAD,
)

# Selects everything but class names in one pass. Attributes are matched without an element's name
# where possible, which takes half the time.
_TELLING: Final = (
    'title, h1, time, address, [content], [type*="ld+json" i], [rel=canonical i], [rel~=author], '
    "[itemprop], [itemtype], [id*=author i], [id*=byline i], [id*=date i], [data-testid], "
    '[href*="/aut"], [href*="/people/"], [href*="/staff/"]'
)
_HEAD: Final = frozenset({"meta", "script", "h1", "title", "link"})
_NAMED: Final = frozenset({"time", "address"})
_BY_AUTHOR: Final = re.compile(r"(?:^|[ \t\n\f\r])author(?:$|[ \t\n\f\r])")


class Element(Protocol):
    """An element; attributes without a value map to an empty string or None."""

    @property
    def tag(self) -> str:
        """Return the element's name."""

    @property
    def attributes(self) -> Mapping[str, str | None]:
        """Return the element's attributes."""

    @property
    def parent_tag(self) -> str:
        """Return the parent element's name."""

    def label(self) -> str:
        """Return its class, id, rel, itemprop and test id, joined, in lower case."""

    def within(self) -> str:
        """Return the tags and labels of the enclosing elements, innermost first."""

    def runs(self, max_chars: int) -> list[str]:
        """Return the runs of visible text in the element, without pronunciation guides (ruby).

        Empty if they have more than ``max_chars`` characters: elements may be nested by thousands.
        """

    def text(self) -> str:
        """Return all text in the element."""

    def inner(self, name: str) -> Sequence[Element]:
        """Return the elements of a name in this element, including itself."""


class TellingElements(NamedTuple):
    """The elements found, each list in document order.

    ``heads`` may describe the page as a whole, ``metas`` are the contents of those that are metas,
    by name in lower case; ``telling`` may contain a date or a name by anything but their class;
    ``classed`` may contain one by their class. ``trail`` is the first breadcrumb trail;
    ``itemtypes`` are the words of microdata types, in lower case.
    """

    heads: Sequence[Element]
    metas: Mapping[str, Sequence[str]]
    telling: Sequence[Element]
    classed: Sequence[Element]
    itemtypes: Sequence[str]
    trail: Element | None


def find(tree: LexborHTMLParser) -> TellingElements:
    """Find the elements with metadata in a tree that has not been changed."""
    if native_elements is not None:
        elements: TellingElements = native_elements.find(tree)
        return elements
    return search(tree)


def search(tree: LexborHTMLParser) -> TellingElements:
    """Do the same as the compiled ``find``, with two queries."""
    chains: dict[int, tuple[str, ...]] = {}
    heads: list[Element] = []
    metas: dict[str, list[str]] = {}
    telling: list[Element] = []
    itemtypes: list[str] = []
    last = number = headed = 0
    for node in tree.css(_TELLING):
        if node.mem_id == last:  # found once for each part of the selector that it matches
            continue
        last = node.mem_id
        tag = node.tag or ""
        if tag == "html":
            continue
        number += 1
        if number > MAX_TELLING:
            break
        attributes = node.attributes
        if tag in _HEAD and headed < MAX_ELEMENTS:
            headed += 1
            if tag == "meta":
                _read_meta(attributes, metas)
            else:
                heads.append(_Node(node, chains))
        if "itemtype" in attributes and len(itemtypes) < MAX_MARKS:
            itemtypes += (attributes["itemtype"] or "").lower().split()
        if len(telling) < MAX_ELEMENTS and _tells(tag, attributes):
            telling.append(_Node(node, chains))
    classed, trail = _classed(tree)
    marked = [_Node(node, chains) for node in classed]
    first = None if trail is None else _Node(trail, chains)
    return TellingElements(heads, metas, telling, marked, itemtypes, first)


def _read_meta(attributes: Mapping[str, str | None], metas: dict[str, list[str]]) -> None:
    content = attributes.get("content")
    if not content or not (content := plain(content)):
        return
    for kind in META_NAMES:
        for name in (attributes.get(kind) or "").lower().split():
            contents = metas.setdefault(name, [])
            if len(contents) < MAX_META_CONTENTS and content not in contents:
                contents.append(content)


class _Node:
    """An element of a parsed tree."""

    __slots__ = ("_chains", "_node")

    def __init__(self, node: LexborNode, chains: dict[int, tuple[str, ...]]) -> None:
        self._node = node
        # Caches ``_ancestry`` by element, because siblings have the same ancestors.
        self._chains = chains

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Node) and self._node.mem_id == other._node.mem_id

    def __hash__(self) -> int:
        return hash(self._node.mem_id)

    @property
    def tag(self) -> str:
        return self._node.tag or ""

    @property
    def attributes(self) -> Mapping[str, str | None]:
        return self._node.attributes

    @property
    def parent_tag(self) -> str:
        parent = self._node.parent
        return parent.tag or "" if parent is not None else ""

    def label(self) -> str:
        return _label(self._node.attributes)

    def within(self) -> str:
        return " ".join(_ancestry(self._node, self._chains))

    def runs(self, max_chars: int) -> list[str]:
        runs: list[str] = []
        size = 0
        joins = False
        node = _next_node(self._node, self._node.mem_id)
        while node is not None:
            tag = node.tag
            if node.is_text_node and (text := node.text_content):
                size += len(text)
                if size > max_chars:
                    return []
                if joins and runs:
                    runs[-1] += text
                else:
                    runs.append(text)
                joins = False
            joins = joins or tag in RUBY_BASES or tag in RUBY_READINGS
            skips = tag in RUBY_READINGS or tag in UNREAD
            node = _next_node(node, self._node.mem_id, into=not skips)
        return runs

    def text(self) -> str:
        return self._node.text()

    def inner(self, name: str) -> Sequence[Element]:
        return [_Node(node, self._chains) for node in self._node.css(name)]


def _next_node(node: LexborNode, top: int, *, into: bool = True) -> LexborNode | None:
    """Return the next node in document order inside the element ``top`` (a ``mem_id``), or None."""
    if into and node.first_child is not None:
        return node.first_child
    while node.mem_id != top and node.next is None:
        node = node.parent  # type: ignore[assignment]
    return None if node.mem_id == top else node.next


def _tells(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Return whether an attribute other than the class says that the element has a date or name."""
    if tag in _NAMED or "itemprop" in attributes:
        return True
    if _is_named(attributes.get("id")) or _is_named(attributes.get("data-testid")):
        return True
    if _BY_AUTHOR.search(attributes.get("rel") or ""):
        return True
    return tag == "a" and bool(TO_PERSON.search(attributes.get("href") or ""))


def _is_named(name: str | None) -> bool:
    if not name:
        return False
    name = name.lower()
    return "author" in name or "byline" in name or "date" in name


def _classed(tree: LexborHTMLParser) -> tuple[list[LexborNode], LexborNode | None]:
    """Return elements whose class may mean an author or a date, and the first breadcrumb trail."""
    nodes = tree.css("[class]")[: MAX_CLASSED + 1]
    nodes = nodes[1:] if nodes and nodes[0].tag == "html" else nodes[:MAX_CLASSED]
    if not nodes:
        return [], None
    classes = [node.attrs["class"] or "" for node in nodes]
    # One search through all classes at once; checking each word in each class takes three times as
    # long. Parsed attributes contain no NUL.
    unique = list(dict.fromkeys(classes))
    joined = "\0".join([names[:MAX_CLASS_CHARS] for names in unique]).lower()
    lowered = joined.split("\0")
    marked = _having(joined, CLASS_WORDS)
    trails = _having(joined, ("crumb",)) - marked
    if not marked and not trails:
        return [], None
    marked_names = {names for names, low in zip(unique, lowered, strict=True) if low in marked}
    marks = [node for node, names in zip(nodes, classes, strict=True) if names in marked_names]
    crumbs = None
    if trails:
        trail = next(names for names, low in zip(unique, lowered, strict=True) if low in trails)
        crumbs = nodes[classes.index(trail)]
    return marks[:MAX_ELEMENTS], crumbs


def _having(joined: str, words: Iterable[str]) -> set[str]:
    """Return the NUL-separated parts that contain one of the words."""
    parts: set[str] = set()
    for word in words:
        at = joined.find(word)
        while at >= 0:
            end = joined.find("\0", at)
            if end < 0:
                end = len(joined)
            parts.add(joined[joined.rfind("\0", 0, at) + 1 : end])
            at = joined.find(word, end)
    return parts


def _label(attributes: Mapping[str, str | None]) -> str:
    labels = [label for key in LABELS if (label := attributes.get(key))]
    return " ".join(" ".join(labels).lower().split())[:200] if labels else ""


def _ancestry(node: LexborNode, chains: dict[int, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the tags and labels of the enclosing elements, innermost first."""
    new: list[tuple[int, str]] = []
    chain: tuple[str, ...] = ()
    parent = node.parent
    while parent is not None:
        cached = chains.get(parent.mem_id)
        if cached is not None:
            chain = cached
            break
        tag = parent.tag
        if tag in {"body", "html"}:
            break
        attributes = parent.attributes
        itemtype = attributes.get("itemtype") or ""
        new.append((parent.mem_id, f"<{tag} {_label(attributes)} {itemtype.lower()}"))
        parent = parent.parent
    for key, label in reversed(new):
        chain = chains[key] = (label, *chain)[:MAX_ANCESTORS]
    return chain
