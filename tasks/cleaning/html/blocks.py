"""Read a page as a table: text blocks in document order, and the containers around them.

This takes one pass over the Lexbor tree, which is not changed. A block is the text between two line
breaks of the page's layout: a paragraph, a heading, a list item, a table cell, bare text in a
``div``. Two ``<br>`` end a block; one is a line break in it.
"""

from __future__ import annotations

from array import array

from selectolax.lexbor import LexborHTMLParser, LexborNode

from copydesk.tasks.cleaning.html.native import native_blocks
from copydesk.tasks.cleaning.html.page import (
    BLOCKS,
    BREAK,
    INLINE,
    LINK,
    MAX_BLOCKS,
    PICTURE,
    POWER,
    RAISED,
    ROLES,
    STRONG,
    TEXT,
    UNSEEN,
    Page,
    make,
)
from copydesk.tasks.cleaning.html.superscripts import raised
from copydesk.tasks.cleaning.vocabulary.class_names import (
    BODY,
    BY_ROLE,
    BY_TAG,
    CODE_CELLS,
    CODE_LINES,
    CODE_ROWS,
    EDIT_LINKS,
    FIGURE,
    HIDDEN,
    LINK_MARKS,
    LOOKED_AT,
    NOT_CAPTIONS,
    READ_ALOUD,
    SECOND_FORMS,
    SENTENCES,
    class_evidence,
    hiding_style,
    sets_a_line,
)

_NAMED_BY = ("id", "data-testid", "data-component", "data-qa", "data-module", "itemprop")
"""Attributes that identify an element where class names are generated."""
_DENIED = ("subscriptions-display", "amp-access")
"""AMP attributes that restrict who sees an element."""
_HIDING = frozenset({"style", "hidden", "aria-hidden", "subscriptions-section", *_DENIED})
_TELLING = _HIDING | {"role", *_NAMED_BY}
"""Attributes read besides the class; most elements have none of them."""


def read(tree: LexborHTMLParser) -> Page:
    """Read the body's blocks; a page without a body has none."""
    if native_blocks is None or not native_blocks.FITS or (body := tree.body) is None:
        return walk(tree)
    page = Page()
    native_blocks.read(body, page)
    return page


def walk(tree: LexborHTMLParser) -> Page:  # noqa: C901, PLR0912, PLR0915 - the one hot loop
    """Read the body's blocks from the tree, node by node."""
    page = Page()
    body = tree.body
    if body is None:
        return page
    boxes = page.containers
    parents, tags, depths = boxes.parent, boxes.tag, boxes.depth
    groups, landmarks, keys = boxes.groups, boxes.landmarks, boxes.key
    # For each element: its container, its link's number (0 for none), strong or not, groups,
    # superscript or not, and its role if it is a formula of two parts.
    context: dict[int, tuple[int, int, bool, int, bool, int]] = {}
    buffer: list[str] = []
    current = linked = strong = inline = images = later = link = last_link = links = 0
    broken = False  # after a <br> that nothing has followed yet
    touches = False  # the last text is a link's
    spans = page.link_spans
    solid = counted = 0  # characters in the buffer except white space; its parts already counted

    def flush() -> None:
        nonlocal linked, strong, inline, images, later, links, last_link, broken, touches
        nonlocal solid, counted
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
        linked = strong = inline = links = last_link = later = solid = counted = 0
        broken = touches = False

    roles = ROLES
    for node in body.traverse(include_text=True):
        tag = node.tag or "-"
        role = roles[tag]
        if role == TEXT:
            text = node.text_content
            holder = context.get(node.parent.mem_id)  # type: ignore[union-attr]
            if not text or text.isspace():
                if buffer and text:
                    code = holder is not None and tags[holder[0]] == "pre"
                    buffer.append(text if code else " ")
                continue
            if holder is None:
                continue
            owner, inside, bold, inline_groups, high, _ = holder
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
                    if touches:  # adjacent links are separate words
                        buffer.append(" ")
                    last_link = inside
            touches = inside > 0
            if bold:
                strong += len(text)
            inline |= inline_groups
            buffer.append(raised(text, buffer[-1] if buffer else "") if high else text)
            if inside and tags[owner] != "pre":
                solid += sum(map(_solid_length, buffer[counted:-1]))
                first, counted = solid, len(buffer)
                solid += _solid_length(buffer[-1])
                _add_span(spans, len(page.text), first, solid, inside - 1)
            continue
        if role < BLOCKS:
            if role == PICTURE:
                # Pictures inside "noscript" are duplicates.
                is_shown = node.parent.mem_id in context  # type: ignore[union-attr]
                if buffer:
                    later += is_shown
                else:
                    images += is_shown
            continue
        if role == BREAK:
            if broken and buffer and tags[current] != "pre":
                flush()
            elif buffer:
                buffer.append("\n")
                broken = True
            continue
        attributes = node.attributes
        if tags:
            holder = context.get(node.parent.mem_id)  # type: ignore[union-attr]
            if holder is None:
                continue
            owner, inside, bold, inline_groups, high, shape = holder
            within = tags[owner]
        else:
            owner, inside, bold, inline_groups, high, shape = -1, 0, False, 0, False, 0
            within = ""
        names = attributes.get("class") or None if attributes else None
        if names and (_has(names, EDIT_LINKS) or (_has(names, SECOND_FORMS) and _follows(node))):
            continue
        if role == LINK and _is_mark(node, attributes.get("href")):
            continue
        if within == "pre":
            style = attributes.get("style") if attributes else None
            line = (
                tag in CODE_ROWS
                or (names is not None and _has(names, CODE_LINES))
                or (style is not None and sets_a_line(style))
            )
            if role == BLOCKS and (line or tag in CODE_CELLS):
                role = INLINE
            if role != BLOCKS and line and buffer and not buffer[-1].endswith("\n"):
                buffer.append("\n")
        elif tag == "button" and within in SENTENCES and _text_follows(node):
            role = INLINE
        if role == BLOCKS:
            if buffer:
                flush()
            current = len(tags)
            if len(page.text) >= MAX_BLOCKS or current >= 8 * MAX_BLOCKS:
                break
            mark = BY_TAG.get(tag, 0)
            if owner >= 0:
                around = landmarks[owner]
                mark |= around & ~FIGURE if tag in NOT_CAPTIONS else around
                depths.append(depths[owner] + 1)
            else:
                depths.append(0)
            bits = 0
            if attributes:
                telling_names = names or ""
                if not _TELLING.isdisjoint(attributes):
                    for name in _NAMED_BY:
                        if name in attributes:
                            telling_names = f"{telling_names} {attributes[name] or ''}"
                    mark |= _marked(attributes)
                if telling_names:
                    bits, unseen = class_evidence(telling_names)
                    if unseen:
                        mark |= HIDDEN
            parents.append(owner)
            tags.append(tag)
            groups.append(bits)
            landmarks.append(mark)
            keys.append(make(owner, tag, names))
            context[node.mem_id] = (current, inside, bold, 0, high, 0)
            continue
        # "(opens in a new tab)" behind a link's text is read aloud alone.
        if names and inside and inside == last_link and _has(names, READ_ALOUD):
            continue
        if role == LINK:
            link += 1
            inside = link
            page.addresses.append(attributes.get("href") or "")
        elif role == STRONG:
            bold = True
        elif role == RAISED:
            high = True
        if shape and buffer and _follows(node):
            if shape == POWER and tag == "mn":
                high = True
            else:
                buffer.append("^" if shape == POWER else "/")
        if attributes:
            if names:
                bits, unseen = class_evidence(names)
                inline_groups |= bits
                if unseen:
                    inline_groups |= UNSEEN
            if not _HIDING.isdisjoint(attributes) and _hides(attributes):
                if attributes.get("aria-hidden") != "true" and not _holds_formula(node):
                    continue
                inline_groups |= UNSEEN
        context[node.mem_id] = (
            owner,
            inside,
            bold,
            inline_groups,
            high,
            role if role >= POWER else 0,
        )
    if buffer:
        flush()
    return page


def _solid_length(text: str) -> int:
    """Return the number of characters in a text, except white space."""
    return len("".join(text.split()))


def _add_span(spans: array[int], block: int, first: int, end: int, link: int) -> None:
    """Add a span for a link's part of a block, or extend the last span of the same link."""
    if spans and spans[-4] == block and spans[-1] == link:
        spans[-2] = end
    else:
        spans.extend((block, first, end, link))


def _marked(attributes: dict[str, str | None]) -> int:
    """Return the landmarks (bits) that an element's attributes define."""
    mark = BY_ROLE.get(attributes.get("role") or "", 0)
    if _hides(attributes):
        mark |= HIDDEN
    if attributes.get("itemprop") == "articleBody":
        mark |= BODY
    return mark


def _is_mark(link: LexborNode, address: str | None) -> bool:
    """Return whether a link within the page has only a mark as its text."""
    child = link.first_child if address and address[0] == "#" else None
    if child is None or child.next is not None or not child.is_text_node:
        return False
    return (child.text_content or "").strip() in LINK_MARKS


def _has(names: str, classes: frozenset[str]) -> bool:
    return not classes.isdisjoint(names[:LOOKED_AT].split())


def _follows(node: LexborNode) -> bool:
    """Return whether an element has an earlier sibling element."""
    before = node.prev
    while before is not None:
        if before.is_element_node:
            return True
        before = before.prev
    return False


def _holds_formula(node: LexborNode) -> bool:
    """Return whether an element's first child is a formula, which sites hide beside its image."""
    inner = node.first_child
    while inner is not None and not inner.is_element_node:
        inner = inner.next
    return inner is not None and inner.tag == "math"


def _text_follows(node: LexborNode) -> bool:
    """Return whether text directly follows an element."""
    after = node.next
    text = after.text_content if after is not None and after.is_text_node else None
    return text is not None and text != "" and not text.isspace()


def _hides(attributes: dict[str, str | None]) -> bool:
    """Return whether attributes hide an element, be it from those who have not subscribed."""
    if conceals(attributes) or attributes.get("subscriptions-section") == "content-not-granted":
        return True
    return any((attributes.get(name) or "").startswith("NOT ") for name in _DENIED)


def conceals(attributes: dict[str, str | None]) -> bool:
    """Return whether attributes hide an element from every reader."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or hiding_style(attributes.get("style") or "")
    )
