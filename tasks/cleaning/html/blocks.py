"""The page as a table: text blocks in document order, and the containers that hold them.

One pass over the Lexbor tree, which is not changed. A block is the text between two line
breaks of the page's layout: a paragraph, a heading, a list item, a table's cell, bare text in
a ``div``; two ``<br>`` part a block, one is a line break in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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


_IMAGES = frozenset({"img", "video", "iframe", "picture", "svg", "audio", "embed", "object"})
_STRONG = frozenset({"b", "strong", "em", "i"})


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
    current = linked = strong = inline = images = link = last_link = links = 0
    broken = False  # a <br> with nothing after it yet

    def flush() -> None:
        nonlocal linked, strong, inline, images, links, last_link, broken
        joined = "".join(buffer)
        if tags[current] == "pre":
            text = joined.strip("\n").rstrip()
        elif "\n" in joined:
            lines = (" ".join(line.split()) for line in joined.split("\n"))
            text = "\n".join(line for line in lines if line)
        else:
            text = " ".join(joined.split())
        if text and not text.isspace():
            page.text.append(text)
            page.container.append(current)
            page.linked.append(linked)
            page.strong.append(strong)
            page.links.append(links)
            page.inline.append(inline)
            page.images.append(images)
            images = 0
        buffer.clear()
        linked = strong = inline = links = last_link = 0
        broken = False

    for node in body.traverse(include_text=True):
        tag = node.tag or "-"
        if tag == "-text":
            text = node.text_content
            if not text or text.isspace():
                if buffer and text:
                    buffer.append(" ")
                continue
            here = context.get(node.parent.mem_id)  # type: ignore[union-attr]
            if here is None:
                continue
            if here[0] != current:
                if buffer:
                    flush()
                current = here[0]
            if tags[current] != "pre" and "\n" in text:
                text = text.replace("\n", " ")
            broken = False
            length = len(text)
            if here[1]:
                linked += length
                if here[1] != last_link:
                    links += 1
                    if last_link:  # two links that touch are two words
                        buffer.append(" ")
                    last_link = here[1]
            if here[2]:
                strong += length
            inline |= here[3]
            buffer.append(text)
            continue
        if tag in SKIPPED:
            images += tag in _IMAGES
            continue
        if tag[0] == "-" or tag == "!doctype":  # a comment or the like
            continue
        attributes = node.attributes
        if tags:
            here = context.get(node.parent.mem_id)  # type: ignore[union-attr]
            if here is None:
                continue
            owner, inside, bold, about = here
        else:
            owner, inside, bold, about = -1, 0, False, 0
        if tag in BLOCK or "-" in tag:
            if len(tags) >= 8 * MAX_BLOCKS:
                break
            if buffer:
                flush()
                if len(page.text) >= MAX_BLOCKS:
                    break
            mark = BY_TAG.get(tag, 0)
            if owner >= 0:
                mark |= landmarks[owner]
            bits = 0
            names = ""
            if attributes:
                names = attributes.get("class") or ""
                if len(attributes) > 1 or not names:
                    names += " " + " ".join([attributes.get(name) or "" for name in _NAMED_BY])
                bits, unseen = class_evidence(names)
                role = attributes.get("role")
                if role:
                    mark |= BY_ROLE.get(role, 0)
                if unseen or _hides(attributes):
                    mark |= HIDDEN
                if attributes.get("itemprop") == "articleBody":
                    mark |= BODY
            parents.append(owner)
            tags.append(tag)
            depths.append(depths[owner] + 1 if owner >= 0 else 0)
            groups.append(bits)
            landmarks.append(mark)
            keys.append(hash((owner, tag, attributes.get("class") if attributes else None)))
            context[node.mem_id] = (len(tags) - 1, inside, bold, 0)
            current = len(tags) - 1
            continue
        if tag == "br":
            if broken and buffer:
                flush()
                current = owner
            elif buffer:
                buffer.append("\n")
                broken = True
            continue
        if tag == "img":
            images += 1
            continue
        if tag == "a":
            link += 1
            inside = link
        elif tag in _STRONG:
            bold = True
        if attributes:
            names = attributes.get("class") or ""
            if names:
                bits, unseen = class_evidence(names)
                about |= bits
                if unseen:
                    about |= UNSEEN
            if _hides(attributes):
                about |= UNSEEN
        context[node.mem_id] = (owner, inside, bold, about)
    if buffer:
        flush()
    return page


UNSEEN = 1 << 40
"""A bit beside the groups' in ``Page.inline``: an inline element that is not shown."""


def _hides(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    if style and "none" in style and "display:none" in style.replace(" ", "").lower():
        return True
    return "hidden" in attributes or attributes.get("aria-hidden") == "true"
