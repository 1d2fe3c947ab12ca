"""Find candidates for the title of a copied text, and compute their features.

A candidate is a line above the body or near its top, or a part of such a line ("Title | Site"). Its
features are those of the line, its position relative to the body that the model chose, the words
that it shares with the address, and its repetitions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.tasks.cleaning.text.features import Shape
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import Floats, address_terms, all_terms, terms
from copydesk.tasks.cleaning.text.title_context import CONTEXT, Context
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

LONGEST_TITLE = 300
"""Maximum letters of a title line: twice the longest of WCXB dev and fundus dev (156)."""

DEEPEST = 0.25
"""Maximum share of the body's words above a title: it may follow a summary or a long caption."""

TOP, NEAR = 10, 100
"""Lines at the top, and above the body, that may be the title."""

MOST_CANDIDATES = 1200  # limits hostile input
MOST_TIMES = 20  # maximum distinct number of repetitions
_MENU_ITEM = 9.0  # size of a single word that is not a title
_MOST_PARTS = 4  # per line: more are a row of links, or a path whose last part is the title
_PARTS = re.compile(
    r"(?<!\s)\s++(?:[|｜¦•·»«›>/→]\s*|[—–-]\s+|::?\s+)|[|｜¦〉＞❯]\s*|_(?=\S+$)|(?<=\w)[:：]\s+"
)
_SEPARATORS = "|｜¦•·»«›>/—–-_:：〉＞❯→"  # in the order of the separator column
_PARTED = re.compile(r"\s[^\w\s]|[|｜¦_:：〉＞❯]")  # a line without a match has no parts
# "Title 05.01.12 13:00"
_DATED = re.compile(r"(?<=\S)\s\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d),?(?: \d{1,2}:\d\d)?$")
_MARKS = "*+•●○◦▪■·‣⁃–—#> \t-"  # of a list or a heading; a number may belong to the title


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line, or a part of it, that may be the title."""

    line: int
    text: str
    part: int = (
        0  # 1 for a line's first part, 2 for its last, 3 and 4 for all but the last or first
    )
    separator: int = 0  # index in ``_SEPARATORS``, from 1
    remainder: str = ""  # the line without this part, as a key


def candidates(lines: Sequence[Line], chance: Floats, words: Floats) -> list[Candidate]:
    """Return the candidates for the title, in the order of the text."""
    body_words = np.cumsum(np.where(chance > 0.5, words, 0))
    total = float(body_words[-1])
    title_candidates: list[Candidate] = []
    likely = np.flatnonzero(chance > 0.5)
    nearest = (int(likely[0]) if len(likely) else 0) - NEAR
    for index, line in enumerate(lines):
        if total and body_words[index] - words[index] > DEEPEST * total:
            break
        if len(title_candidates) >= MOST_CANDIDATES or (not total and index >= TOP + NEAR):
            break
        if line.size > LONGEST_TITLE or not line.key or not line.text.lstrip(_MARKS):
            continue
        if TOP <= index < nearest or (line.words == 1 and line.size < _MENU_ITEM):
            continue
        text = line.text.lstrip(_MARKS) if line.marked else line.text
        title_candidates.append(Candidate(index, text))
        title_candidates += _parts(index, text)
    return title_candidates


def _parts(index: int, text: str) -> list[Candidate]:
    """Return the first and last part of a line with separators, and all but each of them."""
    separators = list(_PARTS.finditer(text)) if _PARTED.search(text) else []
    pieces: list[tuple[str, int, re.Match[str]]] = []
    if separators:
        first, last = separators[0], separators[-1]
        pieces = [(text[: first.start()], 1, first), (text[last.end() :], 2, last)]
        if len(separators) >= _MOST_PARTS:
            pieces = pieces[1:]
        elif len(separators) > 1:
            pieces += [(text[: last.start()], 3, last), (text[first.end() :], 4, first)]
    elif text[-1].isdecimal() and (dated := _DATED.search(text)):
        pieces = [(text[: dated.start()], 1, dated)]
    parts = []
    for piece, kind, separator in pieces:
        remainder = text[separator.end() :] if kind in (1, 3) else text[: separator.start()]
        separator_number = _SEPARATORS.find(separator.group().strip()[:1]) + 1
        if line_key(piece):
            parts.append(
                Candidate(index, piece.strip(), kind, separator_number, line_key(remainder))
            )
    return parts


COLUMNS = (
    "part",
    "size",
    "words",
    "from_body",
    "from_start",
    "mass_before",
    "chance",
    "chance_next",
    "chance_next_3",
    "chance_next_8",
    "chance_before_3",
    "address_share",
    "in_address",
    "shared_with_text",
    "shared_with_opening",
    "times",
    "times_above",
    "times_below",
    "contained",
    "first_line",
    "most_in_address",
    "most_shared",
    "rank_size",
    "separator",
    "rest_words",
    "rest_times",
    "capitals",
)

ALL_COLUMNS = (*COLUMNS, *CONTEXT)
"""The columns that ``candidate_rows`` adds to those of lines."""

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
"""Columns about a candidate's text; the others are about its position."""


def candidate_rows(
    title_candidates: Sequence[Candidate],
    shape: Shape,
    rows: Floats,
    chance: Floats,
    body_indexes: Sequence[int],
) -> Floats:
    """Return a row for each candidate: its line's features, then ``ALL_COLUMNS``."""
    lines = shape.lines
    first = body_indexes[0] if body_indexes else len(lines)
    words = shape.tokens
    body_words = np.where(chance > 0.5, words, 0)
    before = (np.cumsum(body_words) - body_words) / max(1.0, float(body_words.sum()))
    numbers, inside = shape.numbered.numbers, shape.inside.tolist()
    opening: set[str] = set()
    for index in list(body_indexes)[:3]:
        opening |= terms(lines[index].text)
    address = address_terms(shape.url)
    padded = np.concatenate((chance, np.zeros(9, np.float32)))
    sums = np.concatenate(([0.0], np.cumsum(padded, dtype=np.float64)))
    keys = [line.key for line in lines]
    all_keys = "\n".join(["", *keys, ""])
    times, times_above = Counter(keys), Counter(keys[:first])
    opening_key = keys[0]
    at = np.array([item.line for item in title_candidates], np.int64)
    texts: list[tuple[float, ...]] = []
    context = Context(shape, body_indexes)
    lines_with = np.bincount(shape.numbered.term).tolist()
    for item in title_candidates:
        index = item.line
        key = lines[index].key if item.text == lines[index].bare else line_key(item.text)
        key_terms = set(all_terms(key))
        known = [numbers[word] for word in key_terms if word in numbers]
        whole = item.part == 0
        context.add(index, item.text, key, key_terms, known, item.remainder, whole=whole)
        size = max(1, len(key_terms))
        in_address = len(key_terms & address)
        exact, exact_above = min(MOST_TIMES, times[key]), min(MOST_TIMES, times_above[key])
        # Lines that contain a key have all its words but the outer ones, which may be parts.
        alone = any(
            lines_with[numbers[word]] == times[key]
            for word in key.split(" ")[1:-1]
            if word in numbers
        )
        occurrences = times[key] if alone else all_keys.count(key)
        texts.append(
            (
                item.part,
                len(item.text),
                key.count(" ") + 1,
                in_address / max(1, len(address)) if address else -1,
                in_address / size if address else -1,
                sum([inside[number] for number in known]) / size,
                len(key_terms & opening) / size,
                exact,
                exact_above,
                exact - exact_above,
                occurrences - exact if len(key) > 8 else 0,
                key == opening_key,
                item.separator,
                item.remainder.count(" ") + 1 if item.remainder else 0,
                min(9, all_keys.count(item.remainder)) if item.remainder else 0,
                item.text.isupper(),
            )
        )
    of_text = dict(zip(OF_TEXT, np.array(texts, np.float64).T, strict=True))
    of_place = {
        "from_body": at - first,
        "from_start": at,
        "mass_before": before[at],
        "chance": chance[at],
        "chance_next": padded[at + 1],
        "chance_next_3": (sums[at + 4] - sums[at + 1]) / 3,
        "chance_next_8": (sums[at + 9] - sums[at + 1]) / 8,
        "chance_before_3": (sums[at] - sums[np.maximum(0, at - 3)]) / 3,
    }
    table = np.zeros((len(title_candidates), len(COLUMNS)), np.float32)
    for number, name in enumerate(COLUMNS):
        values = of_text.get(name, of_place.get(name))
        if values is not None:
            table[:, number] = values
    for column, name in (("address_share", "most_in_address"), ("shared_with_text", "most_shared")):
        values = table[:, COLUMNS.index(column)]
        table[:, COLUMNS.index(name)] = values - values.max(initial=0)
    order = np.argsort(np.argsort(-table[:, 1], kind="stable"), kind="stable")
    table[:, COLUMNS.index("rank_size")] = order
    return np.concatenate((rows[at], table, context.columns()), axis=1)
