"""Compare candidates for the title of a copied text with its lines, the body and the host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.line_loops import native_titles
from copydesk.tasks.cleaning.text.features import Shape
from copydesk.tasks.cleaning.text.measures import FAR, Floats, address_terms, terms

HEADLINE = 15.0
"""Minimum size of a line that may be a headline or standfirst; menu items are mostly shorter."""

LEAST_KEY = 9
"""Minimum letters of a candidate that is looked for in other lines and candidates."""

STEM = 5
"""Letters by which words are compared that change their endings (Polish, Russian, Greek)."""

LEAST_NAME = 3
"""Minimum letters of a name that is looked for in the host."""

MOST_TIMES = 20
"""Maximum distinct number of a candidate's repetitions."""

MOST_REST = 9
"""The same of the rest of its line."""

SEPARATORS = "|｜¦•·»«›>/—–-_:：〉＞❯→"
"""What parts a title from the rest of its line, in the order of the separator column."""

_OPENING = 3  # lines of the body with which a candidate's words are compared
_GRID = 4096  # weights are multiples of 1 / 4,096, whose sums are exact in any order

OF_TEXT = (
    "part",
    "size",
    "words",
    "address_share",
    "in_address",
    "shared_with_text",
    "shared_with_opening",
    "times",
    "times_above",
    "times_below",
    "contained",
    "first_line",
    "separator",
    "rest_words",
    "rest_times",
    "capitals",
)
"""The first columns of ``Context.figures``, about a candidate's text and its lines."""

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

_FIGURES = len(OF_TEXT) + 6


class Candidate(NamedTuple):
    """A line, or a part of it, that may be the title."""

    line: int
    text: str
    part: int = (
        0  # 1 for a line's first part, 2 for its last, 3 and 4 for all but the last or first
    )
    separator: int = 0  # index in ``SEPARATORS``, from 1
    remainder: str = ""  # the line without this part, as a key


@dataclass(slots=True)
class Context:
    """What the features of all candidates are computed from.

    ``times`` counts the lines by key, ``times_above`` those above the body, ``lines_with`` those
    that have a term, by its number, and ``in_body`` those of the body. ``stems`` has the greatest
    such number of the terms with a stem.
    """

    shape: Shape
    body_indexes: Sequence[int]
    first: int = field(init=False)
    body_lines: int = field(init=False)
    numbers: dict[str, int] = field(init=False)
    address: set[str] = field(init=False)
    opening: set[str] = field(init=False)
    opening_key: str = field(init=False)
    all_keys: str = field(init=False)
    times: dict[str, int] = field(init=False)
    times_above: dict[str, int] = field(init=False)
    lines_with: NDArray[np.int64] = field(init=False)
    in_body: NDArray[np.int64] = field(init=False)
    rarity: NDArray[np.float64] = field(init=False)
    stems: dict[str, int] = field(init=False)
    host: str = field(init=False)
    label: str = field(init=False)

    def __post_init__(self) -> None:
        lines, numbered = self.shape.lines, self.shape.numbered
        keys = [line.key for line in lines]
        self.first = self.body_indexes[0] if self.body_indexes else len(lines)
        self.body_lines = max(1, len(self.body_indexes))
        self.numbers, self.address = numbered.numbers, address_terms(self.shape.url)
        self.opening = {
            word for index in self.body_indexes[:_OPENING] for word in terms(lines[index].text)
        }
        self.opening_key, self.all_keys = keys[0], "\n".join(["", *keys, ""])
        self.times, self.times_above = dict(Counter(keys)), dict(Counter(keys[: self.first]))
        is_body = np.zeros(len(lines), np.bool_)
        is_body[self.body_indexes] = True
        size = len(self.numbers)
        self.lines_with = np.bincount(numbered.term, minlength=size)
        rarity = np.log((len(lines) + 1) / np.maximum(1, self.lines_with))
        self.rarity = np.round(rarity * _GRID) / _GRID
        self.in_body = np.bincount(numbered.term[is_body[numbered.line]], minlength=size)
        self.stems = _stems_of(self.numbers, self.in_body)
        self.host = _host(self.shape.url)
        self.label = max(self.host.split("."), key=len)

    def figures(
        self, items: Sequence[Candidate], keys: Sequence[str], words: Sequence[set[str]]
    ) -> NDArray[np.float64]:
        """Return ``figures_of`` of each candidate, its key and the terms of it."""
        if native_titles is None:
            rows = [self.figures_of(*each) for each in zip(items, keys, words, strict=True)]
            return np.array(rows, np.float64)
        figures = np.empty((len(items), _FIGURES), np.float64)
        native_titles.fill_figures(
            items,
            keys,
            words,
            self,
            self.in_body,
            self.rarity,
            self.shape.inside.view(np.uint8),
            self.lines_with,
            figures,
        )
        return figures

    def figures_of(self, item: Candidate, key: str, words: Collection[str]) -> tuple[float, ...]:
        """Return ``OF_TEXT`` of a candidate, and what ``columns`` needs; the loop in Python."""
        numbers, inside, address, in_body = (
            self.numbers,
            self.shape.inside,
            self.address,
            self.in_body,
        )
        known = [numbers[word] for word in words if word in numbers]
        size = max(1, len(words))
        in_address = sum(word in address for word in words)
        times, above = self.times.get(key, 0), self.times_above.get(key, 0)
        exact, exact_above = min(MOST_TIMES, times), min(MOST_TIMES, above)
        occurrences = times if self._stands_alone(key, times) else self.all_keys.count(key)
        weight = sum([self.rarity[number] for number in known])
        present = sum([self.rarity[number] for number in known if in_body[number]])
        rest = item.remainder
        return (
            item.part,
            len(item.text),
            key.count(" ") + 1,
            in_address / len(address) if address else -1,
            in_address / size if address else -1,
            sum([int(inside[number]) for number in known]) / size,
            sum(word in self.opening for word in words) / size,
            exact,
            exact_above,
            exact - exact_above,
            occurrences - exact if len(key) >= LEAST_KEY else 0,
            key == self.opening_key,
            item.separator,
            rest.count(" ") + 1 if rest else 0,
            min(MOST_REST, self.all_keys.count(rest)) if rest else 0,
            item.text.isupper(),
            sum([int(in_body[number]) for number in known]) / (size * self.body_lines),
            present / weight if weight else 0.0,
            sum([self.stems.get(word[:STEM], 0) for word in words]) / (size * self.body_lines),
            item.text.endswith(("…", "...")),
            self._in_host(key),
            self._in_host(rest) if rest else -1,
        )

    def _stands_alone(self, key: str, times: int) -> bool:
        """Return whether a key is surely in no other line.

        Lines that contain a key have all its words but the outer ones, which may be parts.
        """
        return any(
            self.lines_with[self.numbers[word]] == times
            for word in key.split(" ")[1:-1]
            if word in self.numbers
        )

    def _in_host(self, key: str) -> int:
        """Return whether the host has a name, or its longest label is in it; -1 without a host."""
        if not self.host:
            return -1
        name = key.replace(" ", "")
        return int(len(name) >= LEAST_NAME and (name in self.host or self.label in name))

    def columns(
        self, items: Sequence[Candidate], keys: Sequence[str], figures: NDArray[np.float64]
    ) -> Floats:
        """Return a row of ``CONTEXT`` for each candidate, given its key and ``figures``."""
        at = np.array([item.line for item in items], np.int64)
        shape, count = self.shape, len(self.shape.lines)
        shares = figures[:, len(OF_TEXT) :].T
        whole = {
            key
            for item, key in zip(items, keys, strict=True)
            if not item.part and len(key) >= LEAST_KEY
        }
        dated = shape.date >= 0.5
        headline = (shape.size >= HEADLINE) & (shape.phrase == 0) & ~dated & ~shape.prose
        below = [np.concatenate(([0], np.cumsum(flags))) for flags in (headline, dated)]
        index = np.arange(count, dtype=np.float32)
        date = np.minimum.accumulate(np.where(dated, index, index + FAR)[::-1])[::-1]
        reversed_keys, reversed_whole = [key[::-1] for key in keys], {key[::-1] for key in whole}
        values = [
            shares[0],
            shares[0] - shares[0].max(),
            shares[1],
            shares[1] - shares[1].max(),
            shares[2] - shares[2].max(),
            _begin_with(reversed_keys, reversed_whole),
            _begin_with(keys, whole),
            *shares[3:],
            *(sums[np.maximum(self.first, at + 1)] - sums[at + 1] for sums in below),
            np.minimum(FAR, (date - index)[at]),
            (np.cumsum(shape.prose) - shape.prose)[at],
        ]
        columns: Floats = np.array(values, np.float32).T
        return columns


def _begin_with(keys: Sequence[str], beginnings: set[str]) -> list[bool]:
    """Return for each key whether it begins with one of some keys, and goes on."""
    longer: set[str] = set()
    nested: list[str] = []  # the beginnings of a key, each of which begins with those before it
    for key in sorted(set(keys)):
        while nested and not key.startswith(nested[-1]):
            nested.pop()
        if nested:
            longer.add(key)
        if key in beginnings:
            nested.append(key)
    return [key in longer for key in keys]


def _stems_of(numbers: dict[str, int], in_body: NDArray[np.int64]) -> dict[str, int]:
    """Return the greatest number of the body's lines that have a term with each stem."""
    if native_titles is not None:
        stems: dict[str, int] = native_titles.stems_of(numbers, in_body)
        return stems
    words, order = list(numbers), np.argsort(in_body, kind="stable")
    # Of the words with one stem the most frequent comes last, and stays.
    order = order[np.searchsorted(in_body[order], 1) :]
    return {words[number][:STEM]: int(in_body[number]) for number in order.tolist()}


def _host(url: str | None) -> str:
    """Return the host of an address without "www." and hyphens."""
    if not url:
        return ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").replace("-", "")
