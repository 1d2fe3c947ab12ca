"""Find candidates for the title of a copied text, and compute their features.

A candidate is a line above the body or near its top, or a part of such a line ("Title | Site"). Its
features are those of the line, its position relative to the body that the model chose, the words
that it shares with the address, and its repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.text.features import Shape
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import Floats, all_terms
from copydesk.tasks.cleaning.text.title_context import (
    CONTEXT,
    OF_TEXT,
    SEPARATORS,
    Candidate,
    Context,
)
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

LONGEST_TITLE = 300
"""Maximum letters of a title line: twice the longest of WCXB dev and fundus dev (156)."""

DEEPEST = 0.25
"""Maximum share of the body's words above a title: it may follow a summary or a long caption."""

TOP, NEAR = 10, 100
"""Lines at the top, and above the body, that may be the title."""

MOST_CANDIDATES = 1200  # limits hostile input
_MENU_ITEM = 9.0  # size of a single word that is not a title
_MOST_PARTS = 4  # per line: more are a row of links, or a path whose last part is the title
_PARTS = re.compile(
    r"(?<!\s)\s++(?:[|｜¦•·»«›>/→]\s*|[—–-]\s+|::?\s+)|[|｜¦〉＞❯]\s*|_(?=\S+$)|(?<=\w)[:：]\s+"
)
_PATH = "›»>/→〉＞❯"  # twice in a line: "Home › News › Title", whose last part may be the title
_PARTED = re.compile(r"\s[^\w\s]|[|｜¦_:：〉＞❯]")  # a line without a match has no parts
# "Title 05.01.12 13:00"
_DATED = re.compile(r"(?<=\S)\s\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d),?(?: \d{1,2}:\d\d)?$")
_MARKS = "*+•●○◦▪■·‣⁃–—#> \t-"  # of a list or a heading; a number may belong to the title


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
        parts, is_path = _parts(index, text)
        if not is_path:
            title_candidates.append(Candidate(index, text))
        title_candidates += parts
    return title_candidates


def _parts(index: int, text: str) -> tuple[list[Candidate], bool]:
    """Return the first and last part of a line with separators, and all but each of them.

    Of a path there is the last part alone, and the second value is true.
    """
    separators = list(_PARTS.finditer(text)) if _PARTED.search(text) else []
    pieces: list[tuple[str, int, re.Match[str]]] = []
    is_path = len(separators) > 1 and _is_path(text, separators)
    if separators:
        first, last = separators[0], separators[-1]
        pieces = [(text[: first.start()], 1, first), (text[last.end() :], 2, last)]
        if is_path or len(separators) >= _MOST_PARTS:
            pieces = pieces[1:]
        elif len(separators) > 1:
            pieces += [(text[: last.start()], 3, last), (text[first.end() :], 4, first)]
    elif text[-1].isdecimal() and (dated := _DATED.search(text)):
        pieces = [(text[: dated.start()], 1, dated)]
    parts = []
    for piece, kind, separator in pieces:
        remainder = text[separator.end() :] if kind in (1, 3) else text[: separator.start()]
        separator_number = SEPARATORS.find(separator.group().strip()[:1]) + 1
        if line_key(piece):
            parts.append(
                Candidate(index, piece.strip(), kind, separator_number, line_key(remainder))
            )
    return parts, is_path


def _is_path(text: str, separators: Sequence[re.Match[str]]) -> bool:
    """Return whether a mark of paths stands twice between words; "« a » and « b »" are quotes."""
    marks = [separator.group().strip()[:1] for separator in separators]
    return "«" not in text and any(marks.count(mark) > 1 for mark in _PATH)


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

_OF_TEXT = [COLUMNS.index(name) for name in OF_TEXT]


def candidate_rows(
    title_candidates: Sequence[Candidate],
    shape: Shape,
    rows: Floats,
    chance: Floats,
    body_indexes: Sequence[int],
) -> Floats:
    """Return a row for each candidate: its line's features, then ``ALL_COLUMNS``."""
    lines, first = shape.lines, body_indexes[0] if body_indexes else len(shape.lines)
    body_words = np.where(chance > 0.5, shape.tokens, 0)
    before = (np.cumsum(body_words) - body_words) / max(1.0, float(body_words.sum()))
    padded = np.concatenate((chance, np.zeros(9, np.float32)))
    sums = np.concatenate(([0.0], np.cumsum(padded, dtype=np.float64)))
    keys = [
        lines[item.line].key if item.text == lines[item.line].bare else line_key(item.text)
        for item in title_candidates
    ]
    context = Context(shape, body_indexes)
    figures = context.figures(title_candidates, keys, [set(all_terms(key)) for key in keys])
    at = np.array([item.line for item in title_candidates], np.int64)
    of_place: dict[str, NDArray[np.number]] = {
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
    table[:, _OF_TEXT] = figures[:, : len(OF_TEXT)]
    for name, of_line in of_place.items():
        table[:, COLUMNS.index(name)] = of_line
    for column, name in (("address_share", "most_in_address"), ("shared_with_text", "most_shared")):
        values = table[:, COLUMNS.index(column)]
        table[:, COLUMNS.index(name)] = values - values.max(initial=0)
    order = np.argsort(np.argsort(-table[:, 1], kind="stable"), kind="stable")
    table[:, COLUMNS.index("rank_size")] = order
    of_context = context.columns(title_candidates, keys, figures)
    return np.concatenate((rows[at], table, of_context), axis=1)
