"""Which line of a copied text is the title, or which part of one: candidates and their rows.

A candidate is a line above or near the top of the body, or a part of one ("Title | Site"). Its
row is the line's own, and how it stands to the body that the model chose, to the address and to
its repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.tasks.cleaning.text.features import Shape
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import Floats, address_terms, terms
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

LONGEST_TITLE = 300
"""Letters of a line that may be a title: twice the longest of WCXB dev and fundus dev (156)."""

DEEPEST = 0.25
"""Share of the body's words above a line that may still be its title: a title that was copied
below a summary or a picture's long caption."""

MOST_LINES = 400  # candidates in a menu as long as a large site's; bounds hostile input
_MOST_PARTS = 4  # of one line: more are a row of links
_PARTS = re.compile(
    r"\s+[|｜¦•·»«›—–-]\s+|\s*[|｜¦]\s*|\s+::?\s+|\s+/\s+|_(?=\S+$)|(?<=\w)[:：]\s+"
)
_MARKS = "*+•●○◦▪■·‣⁃–—#> \t-"  # of a list or a heading; a number may be the title's own


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line, or a part of it, that may be the title."""

    line: int
    text: str
    part: int  # 0 for the whole line, 1 for its first part, 2 for its last, 3 for its longest


def candidates(lines: Sequence[Line], chance: Floats, words: Floats) -> list[Candidate]:
    """Give what may be the title, in the order of the text."""
    taken = np.cumsum(np.where(chance > 0.5, words, 0))
    total = float(taken[-1])
    found: list[Candidate] = []
    for at, line in enumerate(lines[:MOST_LINES]):
        if total and taken[at] - words[at] > DEEPEST * total:
            break
        if line.size > LONGEST_TITLE or not line.key or not line.text.lstrip(_MARKS):
            continue
        text = line.text.lstrip(_MARKS) if line.marked else line.text
        found.append(Candidate(at, text, 0))
        found += _parts(at, text)
    return found


def _parts(at: int, text: str) -> list[Candidate]:
    """Give the first, the last and the longest part of a line that separators part."""
    pieces = [piece.strip() for piece in _PARTS.split(text)]
    if not 2 <= len(pieces) <= _MOST_PARTS:
        return []
    first, last = pieces[0], pieces[-1]
    # "A: b - Site": all but the last part is a candidate, and all but the first.
    separators = list(_PARTS.finditer(text))
    found = {first: 1, last: 2}
    if len(pieces) > 2:
        found.setdefault(text[: separators[-1].start()].strip(), 3)
        found.setdefault(text[separators[0].end() :].strip(), 4)
    return [Candidate(at, part, kind) for part, kind in found.items() if line_key(part)]


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
)


def candidate_rows(
    found: Sequence[Candidate], shape: Shape, rows: Floats, chance: Floats, kept: Sequence[int]
) -> Floats:
    """Give a row a candidate: its line's own columns, then ``COLUMNS``."""
    lines = shape.lines
    first = kept[0] if kept else len(lines)
    words = shape.tokens
    chosen = np.where(chance > 0.5, words, 0)
    before = (np.cumsum(chosen) - chosen) / max(1.0, float(chosen.sum()))
    body: set[str] = set()
    for at in kept:
        body |= terms(lines[at].text)
    opening: set[str] = set()
    for at in list(kept)[:3]:
        opening |= terms(lines[at].text)
    slug = address_terms(shape.url)
    padded = np.concatenate((chance, np.zeros(9, np.float32)))
    sums = np.concatenate(([0.0], np.cumsum(padded, dtype=np.float64)))
    keys = [line.key for line in lines]
    all_keys = "\n".join(["", *keys, ""])
    above = "\n".join(["", *keys[: min(first, len(keys))], ""])
    opening_key = keys[0]
    table = np.zeros((len(found), len(COLUMNS)), np.float32)
    for number, item in enumerate(found):
        at = item.line
        key = line_key(item.text)
        own = terms(key) if item.part else shape.terms[at]
        size = max(1, len(own))
        whole = f"\n{key}\n"
        exact, exact_above = _times(all_keys, whole), _times(above, whole)
        table[number] = (
            item.part,
            len(item.text),
            key.count(" ") + 1,
            at - first,
            at,
            before[at],
            chance[at],
            padded[at + 1],
            (sums[at + 4] - sums[at + 1]) / 3,
            (sums[at + 9] - sums[at + 1]) / 8,
            (sums[at] - sums[max(0, at - 3)]) / 3,
            len(own & slug) / max(1, len(slug)) if slug else -1,
            len(own & slug) / size if slug else -1,
            len(own & body) / size,
            len(own & opening) / size,
            exact,
            exact_above,
            exact - exact_above,
            all_keys.count(key) - exact if len(key) > 8 else 0,
            key == opening_key,
            0,
            0,
            0,
        )
    for column, name in (("address_share", "most_in_address"), ("shared_with_text", "most_shared")):
        values = table[:, COLUMNS.index(column)]
        table[:, COLUMNS.index(name)] = values - values.max(initial=0)
    order = np.argsort(np.argsort(-table[:, 1], kind="stable"), kind="stable")
    table[:, COLUMNS.index("rank_size")] = order
    return np.concatenate((rows[[item.line for item in found]], table), axis=1)


def _times(text: str, key: str) -> int:
    # Keys share the line break between them, so equal neighbours overlap.
    count, at = 0, text.find(key)
    while at >= 0 and count < 20:
        count += 1
        at = text.find(key, at + len(key) - 1)
    return count
