"""Lines of nothing but a page's own counts, by ``data/counters.toml``: "5 min read", "3 of 12".

Sites set them anywhere, also between two paragraphs.
"""

from __future__ import annotations

import re
import tomllib
from enum import Enum, auto
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import Final, NamedTuple

MOST_CHARS: Final = 60
"""Characters of such a line at most."""
_PARTS: Final = re.compile(r"[•·|｜∙]|\s[–—-]\s")
has_digit: Final = re.compile(r"\d").search
"""Tells whether a line may count at all; the cheapest look, since most lines of pages have none."""
_NUMBER: Final = re.compile(r"(\D*)(\d[\d.,'’٬٫\s]*(?:[-–]\s?\d{1,3}(?!\d))?)([^\d]*)")
"""What stands before a number, the number or a span, and what stands behind it."""
_SIGNS: Final = re.compile(r"[\s.:：()（）~≈–-]+")  # between words that are compared


class Count(Enum):
    """What a line counts."""

    READERS = auto()
    """Minutes of reading, or how often the page was seen."""
    VOTES = auto()
    """Votes of a poll."""
    PICTURES = auto()
    """A picture's place among others; a fraction, where there is no picture."""


class _Words(NamedTuple):
    """What stands around numbers, without spaces and signs."""

    behind: dict[str, Count]
    """What stands behind a number alone."""
    view_labels: frozenset[str]
    reading_labels: frozenset[str]
    units: frozenset[str]
    scales: frozenset[str]
    place: re.Pattern[str]
    """A number of so many."""


@cache
def _words() -> _Words:
    path = files("copydesk.tasks.cleaning") / "data" / "counters.toml"
    table: dict[str, list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    keys = {name: [*map(_key, words)] for name, words in table.items()}
    units, scales = keys["units"], ["", *keys["scales"]]
    behind = {a + b: Count.READERS for a, b in product(units, keys["reading"])}
    behind |= {a + b: Count.READERS for a, b in product(scales, keys["views"])}
    behind |= {a + b: Count.VOTES for a, b in product(scales, keys["votes"])}
    labels = {a + b for a, b in product(keys["reading_labels"], ("", *keys["about"]))}
    between = "|".join(map(re.escape, table["of"]))
    return _Words(
        behind,
        frozenset(keys["view_labels"]),
        frozenset(labels),
        frozenset(units),
        frozenset(scales),
        re.compile(rf"\d{{1,3}}\s?(?:[/／]|{between})\s?\d{{1,3}}"),
    )


def _key(words: str) -> str:
    return _SIGNS.sub("", words)


@lru_cache(maxsize=4096)  # a site repeats them on every page
def count_in(text: str) -> Count | None:
    """Return what a line counts if it says nothing else; None for other text."""
    if len(text) > MOST_CHARS or not has_digit(text):
        return None
    parts = map(str.strip, _PARTS.split(text.casefold()))
    counts = {_kind(part) for part in parts if part}
    return counts.pop() if len(counts) == 1 else None


def _kind(part: str) -> Count | None:
    words = _words()
    if words.place.fullmatch(part):
        return Count.PICTURES
    numbered = _NUMBER.fullmatch(part)
    if numbered is None:
        return None
    before, after = _key(numbered[1]), _key(numbered[3])
    if not before:
        return words.behind.get(after)
    is_label = (before in words.view_labels and after in words.scales) or (
        before in words.reading_labels
        and (after in words.units or words.behind.get(after) is Count.READERS)
    )
    return Count.READERS if is_label else None
