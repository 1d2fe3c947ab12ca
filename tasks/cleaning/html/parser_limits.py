"""Limit nesting and attributes before the parser sees the page.

Lexbor's time grows quadratically with the depth (250 KB of ``<div>`` take 15 s) and with the
attributes of one element (100,000 take 19 s).
"""

from __future__ import annotations

import re

import numpy as np
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from copydesk.tasks.cleaning.html.native import native_octets
from copydesk.tasks.cleaning.vocabulary.class_names import words

MAX_DEPTH = 1_000
"""Browsers stop at 512, and no page of WCXB dev comes near; costs the parser about 10 ms."""

FEW_TAGS = 6_000
"""Number of tags up to which a page is not checked: 6,000 nested elements cost the parser .2 s."""

MAX_ATTRIBUTES = 5_000
"""Per element; these cost the parser about 50 ms."""

_OPTIONS = LexborDocumentOptions.WO_EVENTS.value
"""Without the events of a changing tree, which for 64,000 ``<option>`` in a list take 30 s."""

_TAG = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]*)|!--)")
# Empty elements, and those that the next element of their kind closes.
_FLAT = frozenset(
    words(
        "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th "
        "option thead tbody tfoot path circle rect use line polygon polyline ellipse stop"
    )
)
_RAW = frozenset(words("script style textarea title xmp iframe noembed noframes plaintext"))


_LONG_TAG = re.compile(r"""<[a-zA-Z](?:[^>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=)*+>?""")
_ANY_TAG = re.compile(r"<([a-zA-Z][^\s/>]*)[^>]*>?")
_VALUE = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_PARTED = re.compile(r"[\s/]+", re.A)


def as_text(html: str | bytes) -> str:
    """Return a page's text; bytes are UTF-8."""
    return html if isinstance(html, str) else html.decode()


def parsed(html: str | bytes) -> LexborHTMLParser:
    """Parse a page within the limits; bytes are UTF-8."""
    if native_octets is None:
        return LexborHTMLParser(bounded(as_text(html)), options=_OPTIONS)
    octets = native_octets.octets(html) if isinstance(html, str) else html
    if native_octets.within(octets, MAX_ATTRIBUTES, FEW_TAGS, MAX_DEPTH):
        return LexborHTMLParser(octets, options=_OPTIONS)
    return LexborHTMLParser(bounded(as_text(html)), options=_OPTIONS)


def bounded(html: str) -> str:
    """Return the page without anything beyond the limits; most pages are unchanged."""
    html = _fewer_attributes(html)
    # Depth cannot exceed the number of tags, so a count settles most pages.
    if html.count("<") <= FEW_TAGS or _most_open(html) <= MAX_DEPTH:
        return html
    return _flattened(html)


def _most_open(html: str) -> int:
    """Return an upper bound of the number of elements open at the same time.

    Empty elements (``<br>``) are counted, too.
    """
    octets = np.frombuffer(html.encode("utf-8", "surrogatepass") + b" ", np.uint8)
    after = octets[np.flatnonzero(octets[:-1] == ord("<")) + 1]
    letters = after | 0x20  # lower case
    starts = (letters >= ord("a")) & (letters <= ord("z"))
    return int(np.cumsum(starts.astype(np.int32) - (after == ord("/"))).max(initial=0))


def _fewer_attributes(html: str) -> str:
    """Drop the attributes of elements that have too many."""
    parts: list[str] = []
    copied_to = 0
    for tag in _LONG_TAG.finditer(html) if len(html) > 2 * MAX_ATTRIBUTES else ():
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:
            name, *attributes = _PARTED.split(_VALUE.sub("= ", tag.group()))
            if len(attributes) > MAX_ATTRIBUTES:
                parts += [html[copied_to : tag.start()], name, ">"]
                copied_to = tag.end()
    html = "".join([*parts, html[copied_to:]]) if copied_to else html
    if native_octets is None or native_octets.bounds_attributes(
        native_octets.octets(html), MAX_ATTRIBUTES
    ):
        return html
    return _ANY_TAG.sub(r"<\1>", html)  # tags inside values or scripts: no attribute can be trusted


def _flattened(html: str) -> str:
    parts: list[str] = []
    copied_to = at = depth = 0
    while (tag := _TAG.search(html, at)) is not None:
        at = tag.end()
        end, name = tag.group(1), (tag.group(2) or "").lower()
        if not name:  # a comment
            at = html.find("-->", at)
        elif name in _RAW and not end:
            at = html.find(f"</{name}", at)  # lower case only, because a limit needs no more
        elif name not in _FLAT:
            depth = max(0, depth - 1) if end else depth + 1
            if depth + bool(end) > MAX_DEPTH:
                parts.append(html[copied_to : tag.start()])
                at = copied_to = (html.find(">", at) + 1) or len(html)
        if at < 0:
            break
    parts.append(html[copied_to:])
    return "".join(parts)
