"""The table of a page: its text blocks in document order, and the containers around them.

This module has the table and the roles of elements; ``blocks`` fills the table.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from copydesk.tasks.cleaning.vocabulary.class_names import BLOCK, SKIPPED

MAX_BLOCKS = 20_000
"""Limits time and memory; the largest article in WCXB has 2,900."""

MAX_ADDRESS = 2_000
"""Maximum characters of a link's address: longer ones contain data, and browsers refuse them."""

UNSEEN = 1 << 40
"""A bit in ``Page.inline``, besides the groups' bits, for an inline element that is not shown."""


def _numbers() -> array[int]:
    """Return a column of 64-bit integers, which the compiled loops read directly."""
    return array("q")


@dataclass(slots=True)
class Containers:
    """Block elements in document order, so that parents precede their children.

    ``parent`` is -1 for the body; ``groups`` are the bits of ``class_evidence``; ``landmarks`` are
    those of the element and all above it; ``key`` is equal for siblings with the same name and
    class.
    """

    parent: array[int] = field(default_factory=_numbers)
    tag: list[str] = field(default_factory=list)
    depth: array[int] = field(default_factory=_numbers)
    groups: array[int] = field(default_factory=_numbers)
    landmarks: array[int] = field(default_factory=_numbers)
    key: array[int] = field(default_factory=_numbers)


def make(owner: int, tag: str, names: str | None) -> int:
    """Return a container's key (64 bits, signed), from its parent, its name and its classes."""
    key = owner
    for part in (hash(tag), hash(names) if names else 0):
        key = (key ^ part) * _SPREAD & _ALL
        key ^= key >> 32
    return key - (1 << 64) if key >> 63 else key


_SPREAD = 0x9E3779B97F4A7C15  # Fibonacci hashing (Knuth): 2**64 divided by the golden ratio
_ALL = (1 << 64) - 1


@dataclass(slots=True)
class Page:
    """The blocks, as columns with one entry per block.

    ``linked`` counts characters inside ``a``, and ``strong`` those inside ``b``, ``strong`` or
    ``em``; ``inline`` has the groups of inline elements with text of the block; ``images`` counts
    images, videos and frames since the previous block.

    ``link_spans`` has four numbers for each part of a block that is a link: the block, the part's
    first character and the one after its last (without white space), and the link, by its index in
    ``addresses``, which are unmodified. Code has none.
    """

    containers: Containers = field(default_factory=Containers)
    text: list[str] = field(default_factory=list)
    container: array[int] = field(default_factory=_numbers)
    linked: array[int] = field(default_factory=_numbers)
    strong: array[int] = field(default_factory=_numbers)
    links: array[int] = field(default_factory=_numbers)
    inline: array[int] = field(default_factory=_numbers)
    images: array[int] = field(default_factory=_numbers)
    link_spans: array[int] = field(default_factory=_numbers)
    addresses: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.text)


TEXT, OTHER, SKIP, PICTURE, BLOCKS, BREAK, LINK, STRONG, INLINE = range(9)
RAISED, POWER, FRACTION = range(9, 12)
"""How elements are read; from ``BLOCKS`` on, with their content.

``RAISED`` is a superscript; ``POWER`` and ``FRACTION`` are formulas whose second part is an
exponent or a denominator.
"""


class _Roles(dict[str, int]):
    """Roles by element name; an unknown name's role depends on how it is written."""

    def __missing__(self, tag: str) -> int:
        if tag[0] == "-":  # a comment or similar
            return OTHER
        return BLOCKS if "-" in tag and not tag.startswith("mjx-") else INLINE


ROLES = _Roles(
    {
        "-text": TEXT,
        "!doctype": OTHER,
        "br": BREAK,
        "sup": RAISED,
        "msup": POWER,
        "mfrac": FRACTION,
        "img": PICTURE,
        "a": LINK,
        **dict.fromkeys(("b", "strong", "em", "i"), STRONG),
        **dict.fromkeys(SKIPPED, SKIP),
        **dict.fromkeys(("video", "iframe", "svg", "audio", "embed", "object"), PICTURE),
        **dict.fromkeys(BLOCK, BLOCKS),
    }
)
