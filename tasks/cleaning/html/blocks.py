"""The page as a table: text blocks in document order, and the containers that hold them.

One pass over the Lexbor tree, which is not changed. A block is the text between two line
breaks of the page's layout: a paragraph, a heading, a list item, a table's cell, bare text in
a ``div``; two ``<br>`` part a block, one is a line break in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

from tasks.cleaning.html.vocabulary import (
    BLOCK,
    BODY,
    BY_ROLE,
    BY_TAG,
    HIDDEN,
    SKIPPED,
    class_evidence,
)

MAX_BLOCKS = 20_000
"""No article comes near (2,900 is the most in WCXB); a bound on time and memory."""

_NAMED_BY = ("id", "data-testid", "data-component", "data-qa", "data-module", "itemprop")
"""Attributes that tell what an element is where class names are generated."""
_HIDING = frozenset({"style", "hidden", "aria-hidden"})
_TELLING = _HIDING | {"role", *_NAMED_BY}
"""Attributes beside the class that are looked at: most elements have none of them."""


@dataclass(slots=True)
class Containers:
    """Block elements in document order, so that a parent stands before its children.

    ``parent`` is -1 for the body; ``groups`` are the bits of ``class_evidence``,
    ``landmarks`` those of the element and all above it; ``key`` is equal for siblings of one
    make (name and class).
    """

    parent: list[int] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    landmarks: list[int] = field(default_factory=list)
    key: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """The blocks, column by column: all lists have one entry a block.

    ``linked``, ``strong`` count characters inside ``a`` and inside ``b``, ``strong`` or
    ``em``; ``inline`` are the groups of inline elements that hold text of the block;
    ``images`` counts images, videos and frames between the block and the one before it.
    """

    containers: Containers = field(default_factory=Containers)
    text: list[str] = field(default_factory=list)
    container: list[int] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)
    strong: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    inline: list[int] = field(default_factory=list)
    images: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        """Count the blocks."""
        return len(self.text)


_TEXT, _OTHER, _SKIPPED, _PICTURE, _BLOCK, _BREAK, _LINK, _STRONG, _INLINE = range(9)
_SPECIAL = {
    "-text": _TEXT,
    "!doctype": _OTHER,
    "br": _BREAK,
    "img": _PICTURE,
    "a": _LINK,
    **dict.fromkeys(("b", "strong", "em", "i"), _STRONG),
    **dict.fromkeys(SKIPPED, _SKIPPED),
    **dict.fromkeys(("video", "iframe", "svg", "audio", "embed", "object"), _PICTURE),
    **dict.fromkeys(BLOCK, _BLOCK),
}


@lru_cache(maxsize=4096)
def _role(tag: str) -> int:
    """Tell what reading does with an element of this name."""
    if tag[0] == "-":  # a comment or the like
        return _SPECIAL.get(tag, _OTHER)
    return _SPECIAL.get(tag, _BLOCK if "-" in tag else _INLINE)


def read(tree: LexborHTMLParser) -> Page:  # noqa: C901, PLR0912, PLR0915 - the one hot loop
    """Read the body's blocks; a page without a body has none."""
    page = Page()
    body = tree.body
    if body is None:
        return page
    boxes = page.containers
    parents, tags, depths = boxes.parent, boxes.tag, boxes.depth
    groups, landmarks, keys = boxes.groups, boxes.landmarks, boxes.key
    # By element: its container, the number of its link (0 for none), strong or not, groups.
    context: dict[int, tuple[int, int, bool, int]] = {}
    buffer: list[str] = []
    current = linked = strong = inline = images = later = link = last_link = links = 0
    broken = False  # a <br> with nothing after it yet

    def flush() -> None:
        nonlocal linked, strong, inline, images, later, links, last_link, broken
        joined = buffer[0] if len(buffer) == 1 else "".join(buffer)
        if tags[current] == "pre":
            text = joined.strip("\n").rstrip() if not joined.isspace() else ""
        elif "\n" in joined:
            lines = (" ".join(line.split()) for line in joined.split("\n"))
            text = "\n".join(line for line in lines if line)
        else:
            text = " ".join(joined.split())
        if text:
            page.text.append(text)
            page.container.append(current)
            page.linked.append(linked)
            page.strong.append(strong)
            page.links.append(links)
            page.inline.append(inline)
            page.images.append(images)
            images = 0
        images += later
        buffer.clear()
        linked = strong = inline = links = last_link = later = 0
        broken = False

    roles = _SPECIAL
    for node in body.traverse(include_text=True):
        tag = node.tag or "-"
        role = roles.get(tag, -1)
        if role < 0:
            role = _role(tag)
        if role == _TEXT:
            text = node.text_content
            if not text or text.isspace():
                if buffer and text:
                    buffer.append(" ")
                continue
            here = context.get(node.parent.mem_id)  # type: ignore[union-attr]
            if here is None:
                continue
            owner, inside, bold, about = here
            if owner != current:
                if buffer:
                    flush()
                current = owner
            if "\n" in text and tags[owner] != "pre":
                text = text.replace("\n", " ")
            broken = False
            if inside:
                linked += len(text)
                if inside != last_link:
                    links += 1
                    if last_link:  # two links that touch are two words
                        buffer.append(" ")
                    last_link = inside
            if bold:
                strong += len(text)
            inline |= about
            buffer.append(text)
            continue
        if role < _BLOCK:
            if role == _PICTURE:
                # Pictures inside "noscript" stand there a second time.
                shown = node.parent.mem_id in context  # type: ignore[union-attr]
                if buffer:
                    later += shown
                else:
                    images += shown
            continue
        if role == _BREAK:
            if broken and buffer:
                flush()
            elif buffer:
                buffer.append("\n")
                broken = True
            continue
        attributes = node.attributes
        if tags:
            here = context.get(node.parent.mem_id)  # type: ignore[union-attr]
            if here is None:
                continue
            owner, inside, bold, about = here
        else:
            owner, inside, bold, about = -1, 0, False, 0
        if role == _BLOCK:
            if buffer:
                flush()
            current = len(tags)
            if len(page.text) >= MAX_BLOCKS or current >= 8 * MAX_BLOCKS:
                break
            mark = BY_TAG.get(tag, 0)
            if owner >= 0:
                mark |= landmarks[owner]
                depths.append(depths[owner] + 1)
            else:
                depths.append(0)
            bits = 0
            names = None
            if attributes:
                names = attributes.get("class")
                told = names or ""
                if not _TELLING.isdisjoint(attributes):
                    for name in _NAMED_BY:
                        if name in attributes:
                            told = f"{told} {attributes[name]}"
                    mark |= _marked(attributes)
                if told:
                    bits, unseen = class_evidence(told)
                    if unseen:
                        mark |= HIDDEN
            parents.append(owner)
            tags.append(tag)
            groups.append(bits)
            landmarks.append(mark)
            keys.append(hash((owner, tag, names)))
            context[node.mem_id] = (current, inside, bold, 0)
            continue
        if role == _LINK:
            link += 1
            inside = link
        elif role == _STRONG:
            bold = True
        if attributes:
            names = attributes.get("class")
            if names:
                bits, unseen = class_evidence(names)
                about |= bits
                if unseen:
                    about |= UNSEEN
            if not _HIDING.isdisjoint(attributes) and _hides(attributes):
                about |= UNSEEN
        context[node.mem_id] = (owner, inside, bold, about)
    if buffer:
        flush()
    return page


def _marked(attributes: dict[str, str | None]) -> int:
    """Give the landmarks (bits) that an element's attributes make it."""
    mark = BY_ROLE.get(attributes.get("role") or "", 0)
    if _hides(attributes):
        mark |= HIDDEN
    if attributes.get("itemprop") == "articleBody":
        mark |= BODY
    return mark


UNSEEN = 1 << 40
"""A bit beside the groups' in ``Page.inline``: an inline element that is not shown."""


def _hides(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    if style and "none" in style and "display:none" in style.replace(" ", "").lower():
        return True
    return "hidden" in attributes or attributes.get("aria-hidden") == "true"
