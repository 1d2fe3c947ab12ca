"""A page as a table: its text blocks in document order, and the containers that hold them.

Here are the table alone and what reading does with an element of each name: ``blocks`` fills it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from copydesk.tasks.cleaning.vocabulary.class_names import BLOCK, SKIPPED

MAX_BLOCKS = 20_000
"""No article comes near (2,900 is the most in WCXB); a bound on time and memory."""

UNSEEN = 1 << 40
"""A bit beside the groups' in ``Page.inline``: an inline element that is not shown."""


def _numbers() -> array[int]:
    """Return a column of 64 bits each, which the compiled loops read as it is."""
    return array("q")


@dataclass(slots=True)
class Containers:
    """Block elements in document order, so that a parent stands before its children.

    ``parent`` is -1 for the body; ``groups`` are the bits of ``class_evidence``,
    ``landmarks`` those of the element and all above it; ``key`` is equal for siblings of one
    make (name and class).
    """

    parent: array[int] = field(default_factory=_numbers)
    tag: list[str] = field(default_factory=list)
    depth: array[int] = field(default_factory=_numbers)
    groups: array[int] = field(default_factory=_numbers)
    landmarks: array[int] = field(default_factory=_numbers)
    key: array[int] = field(default_factory=_numbers)


def make(owner: int, tag: str, names: str | None) -> int:
    """Return a container's key (64 bits, signed): by the one around it, its name, its classes."""
    key = owner
    for part in (hash(tag), hash(names) if names else 0):
        key = (key ^ part) * _SPREAD & _ALL
        key ^= key >> 32
    return key - (1 << 64) if key >> 63 else key


_SPREAD = 0x9E3779B97F4A7C15  # Fibonacci hashing (Knuth): 2**64 by the golden ratio
_ALL = (1 << 64) - 1


@dataclass(slots=True)
class Page:
    """The blocks, column by column: all columns have one entry a block.

    ``linked``, ``strong`` count characters inside ``a`` and inside ``b``, ``strong`` or
    ``em``; ``inline`` are the groups of inline elements that hold text of the block;
    ``images`` counts images, videos and frames between the block and the one before it.

    ``link_spans`` has four numbers for each part of a block that is a link: the block, the first
    character of the part and the one behind it (white space not counted), and the link, by its
    index in ``addresses``, which are as the page writes them. Code has none.
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
        """Count the blocks."""
        return len(self.text)


TEXT, OTHER, SKIP, PICTURE, BLOCKS, BREAK, LINK, STRONG, INLINE = range(9)
RAISED, POWER, FRACTION = range(9, 12)
"""What reading does with an element; from ``BLOCKS`` on it is told of what stands in it.

``RAISED`` is a superscript, ``POWER`` and ``FRACTION`` formulas whose second part is an exponent
or a denominator.
"""


class _Roles(dict[str, int]):
    """Roles by the element's name; of a name that is not known, by how it is written."""

    def __missing__(self, tag: str) -> int:
        if tag[0] == "-":  # a comment or the like
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
