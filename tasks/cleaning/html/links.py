"""Extract the links in an article's blocks, for its Markdown."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import numpy as np

from copydesk.tasks.cleaning.html.page import MAX_ADDRESS, Page
from copydesk.tasks.cleaning.metadata.model import places_of

_SCHEMES: Final = frozenset({"http", "https", "mailto", "ftp"})
_SPAN: Final = 4  # numbers of each of ``Page.link_spans``
_UNSAFE: Final = re.compile(r"[^\w%/:=&?~#+!$,;'@*.\[\]|-]")
"""Characters that would end a link's address in Markdown, or that no address contains."""
_WHOLE: Final = re.compile(r"https?://[\w%/:=&?~+!$,;'@*.|-]+\Z")
"""Addresses that need no change, as most do not."""
_ROOTED: Final = re.compile(
    r"/(?:[\w%:=&~+!$,'@*|-][\w%/:=&~+!$,'@*|-]*)?(?:\?[\w%/:=&?~+!$,'@*|-]+)?\Z"
)
"""Paths from the site's root, without dots."""


_STARTS: Final = frozenset(("/", "/index.html", "/index.htm", "/index.php"))
"""Paths of a site's start page."""


class Link(NamedTuple):
    """A link in a text: the position of its first character and after its last, and the address."""

    start: int
    end: int
    address: str


def block_links(page: Page, indexes: Collection[int], base: str | None) -> dict[int, list[Link]]:
    """Return the links in the blocks with these indexes, in order, by block.

    Relative addresses are joined to ``base``, or stay relative if it is None. Links within the page
    and scripts are omitted.
    """
    places = link_places(page.text, page.link_spans, indexes)
    links: dict[int, list[Link]] = {}
    addresses: dict[int, str | None] = {}
    origin = origin_of(base) if places else ""
    for block, start, end, number in places:
        if number not in addresses:
            addresses[number] = link_address(page.addresses[number], base, origin)
        if (address := addresses[number]) is not None:
            links.setdefault(block, []).append(Link(start, end, address))
    return links


def link_places(
    texts: Sequence[str], link_spans: array[int], indexes: Collection[int]
) -> list[tuple[int, int, int, int]]:
    """Return the block, start, end and number of each link in the blocks with these indexes."""
    # Most links of a page are in blocks that are not the article's.
    spans = np.asarray(link_spans).reshape(-1, _SPAN)
    wanted = np.zeros(len(texts) + 1, np.bool_)  # a span may follow the last block
    wanted[list(indexes)] = True
    places = []
    ends: list[int] = []
    current = -1
    for block, first, end, number in spans[wanted[spans[:, 0]]].tolist():
        if block != current:
            current, ends = block, list(accumulate(map(len, texts[block].split())))
        # One character of white space stands between two words.
        start = first + bisect_right(ends, first)
        places.append((block, start, end + bisect_right(ends, end - 1), number))
    return places


def start_page_links(page: Page, host: str | None) -> list[str]:
    """Return the texts of links to the site's start page, without spaces; often its name."""
    origin = f"https://{host}"
    starts = _STARTS.union(map(origin.__add__, _STARTS), (origin, f"http://{host}/"))
    linked = starts.intersection(page.addresses)
    if not linked:
        return []
    spans, numbers = page.link_spans, page.link_spans[3::_SPAN].tolist()
    links = (number for address in linked for number in places_of(address, page.addresses))
    places = sorted(at for number in links for at in places_of(number, numbers))
    return [
        "".join(page.text[block].split())[first:end]
        for block, first, end in (spans[_SPAN * at : _SPAN * at + 3] for at in places)
        if block < len(page.text)
    ]


def origin_of(base: str | None) -> str:
    """Return the origin of an address, without its path; empty if it has none."""
    try:
        parts = urlsplit(base or "")
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def link_address(address: str, base: str | None, origin: str = "") -> str | None:
    """Return a link's address in a form valid in Markdown; None if it leads to no document.

    ``origin`` is the origin of ``base``, if the caller has it.
    """
    if origin and _ROOTED.match(address) and len(address) <= MAX_ADDRESS:
        return origin + address
    if _WHOLE.match(address) and len(address) <= MAX_ADDRESS:
        return address
    address = "".join(address.split("\n")).strip()
    if not address or address[0] == "#" or len(address) > MAX_ADDRESS:
        return None
    try:
        if base is not None:
            address = urljoin(base, address)
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme and parts.scheme.lower() not in _SCHEMES:
        return None
    if base is not None and parts.fragment and address.partition("#")[0] == base.partition("#")[0]:
        return None  # a link within the page
    return _UNSAFE.sub(lambda unsafe: quote(unsafe.group(), safe=""), address)
