"""Compare candidates for the title of a copied text with the body, each other and the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np

from copydesk.tasks.cleaning.text.features import Shape
from copydesk.tasks.cleaning.text.measures import FAR, Floats

HEADLINE = 15.0
"""Minimum size of a line that may be a headline or standfirst; menu items are mostly shorter."""

LEAST_KEY = 9
"""Minimum letters of a candidate that is looked for at the beginning and end of others."""

STEM = 5
"""Letters by which words are compared that change their endings (Polish, Russian, Greek)."""

LEAST_NAME = 3
"""Minimum letters of a name that is looked for in the host."""

_GRID = 4096  # weights are multiples of 1 / 4,096, whose sums are exact in any order

CONTEXT = (
    "body_share",
    "most_body_share",
    "rare_share",
    "most_rare_share",
    "most_stem_share",
    "ends_in_other",
    "starts_with_other",
    "truncated",
    "in_host",
    "rest_in_host",
    "headlines_below",
    "dates_below",
    "until_date",
    "prose_above",
)
"""The columns of ``Context.columns``.

``body_share`` is the mean share of the body's lines that have a candidate's words,
``rare_share`` the share of its words, by their rarity, that the body has, and columns with
``most`` are relative to the best candidate. ``headlines_below`` and ``dates_below`` count lines
between it and the body.
"""


@dataclass(slots=True)
class Context:
    """What the features of all candidates are computed from; ``add`` them in their order."""

    shape: Shape
    body_indexes: Sequence[int]
    keys: list[str] = field(default_factory=list)
    whole_keys: set[str] = field(default_factory=set)
    lines: list[int] = field(default_factory=list)
    _rows: list[tuple[float, ...]] = field(default_factory=list)
    _in_body: list[int] = field(init=False)
    _rarity: list[float] = field(init=False)
    _stems: dict[str, int] = field(init=False)
    _host: str = field(init=False)
    _label: str = field(init=False)

    def __post_init__(self) -> None:
        numbered, count = self.shape.numbered, len(self.shape.lines)
        is_body = np.zeros(count, np.bool_)
        is_body[list(self.body_indexes)] = True
        size = len(numbered.numbers)
        frequency = np.maximum(1, np.bincount(numbered.term, minlength=size))
        rarity = np.round(np.log((count + 1) / frequency) * _GRID) / _GRID
        in_body = np.bincount(numbered.term[is_body[numbered.line]], minlength=size)
        self._in_body, self._rarity = in_body.tolist(), rarity.tolist()
        words, order = list(numbered.numbers), np.argsort(in_body, kind="stable")
        # Of the words with one stem the most frequent comes last, and stays.
        order = order[np.searchsorted(in_body[order], 1) :]
        self._stems = {words[number][:STEM]: self._in_body[number] for number in order.tolist()}
        self._host = _host(self.shape.url)
        self._label = max(self._host.split("."), key=len)

    def add(
        self,
        line: int,
        text: str,
        key: str,
        words: set[str],
        known: Sequence[int],
        remainder: str,
        *,
        whole: bool,
    ) -> None:
        """Add a candidate with its key, its words and the numbers of those that lines have.

        ``remainder`` is the rest of its line.
        """
        self.lines.append(line)
        self.keys.append(key)
        if whole and len(key) >= LEAST_KEY:
            self.whole_keys.add(key)
        in_body = self._in_body
        weight = sum([self._rarity[number] for number in known])
        present = sum([self._rarity[number] for number in known if in_body[number]])
        lines = max(1, len(words)) * max(1, len(self.body_indexes))
        self._rows.append(
            (
                sum([in_body[number] for number in known]) / lines,
                present / weight if weight else 0.0,
                sum([self._stems.get(word[:STEM], 0) for word in words]) / lines,
                text.endswith(("…", "...")),
                self._in_host(key),
                self._in_host(remainder) if remainder else -1,
            )
        )

    def _in_host(self, key: str) -> int:
        """Return whether the host has a name, or its longest label is in it; -1 without a host."""
        if not self._host:
            return -1
        name = key.replace(" ", "")
        return int(len(name) >= LEAST_NAME and (name in self._host or self._label in name))

    def columns(self) -> Floats:
        """Return a row of ``CONTEXT`` for each candidate."""
        at = np.array(self.lines, np.int64)
        shape, count = self.shape, len(self.shape.lines)
        shares = np.array(self._rows, np.float64).T
        others = tuple(self.whole_keys)
        first = self.body_indexes[0] if self.body_indexes else count
        dated = shape.date >= 0.5
        headline = (shape.size >= HEADLINE) & (shape.phrase == 0) & ~dated & ~shape.prose
        below = [np.concatenate(([0], np.cumsum(flags))) for flags in (headline, dated)]
        index = np.arange(count, dtype=np.float32)
        date = np.minimum.accumulate(np.where(dated, index, index + FAR)[::-1])[::-1]
        values = [
            shares[0],
            shares[0] - shares[0].max(),
            shares[1],
            shares[1] - shares[1].max(),
            shares[2] - shares[2].max(),
            [key[1:].endswith(others) for key in self.keys],
            [key[:-1].startswith(others) for key in self.keys],
            *shares[3:],
            *(sums[np.maximum(first, at + 1)] - sums[at + 1] for sums in below),
            np.minimum(FAR, (date - index)[at]),
            (np.cumsum(shape.prose) - shape.prose)[at],
        ]
        return np.stack([np.asarray(column, np.float32) for column in values], axis=1)


def _host(url: str | None) -> str:
    """Return the host of an address without "www." and hyphens."""
    if not url:
        return ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").replace("-", "")
