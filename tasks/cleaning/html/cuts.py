"""Determine the kind of each cut block, such as navigation, comments or a caption."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.schemas.article import Cut, CutKind
from copydesk.tasks.cleaning.html.features import columns
from copydesk.tasks.cleaning.html.layout import Floats
from copydesk.tasks.cleaning.html.native import native_kinds

Kept = NDArray[np.bool_]


class Condition(NamedTuple):
    """A condition that a block's column is above a limit, or is not."""

    column: str
    limit: float
    above: bool = True


def _near(group: str, hops: int = 2) -> Condition:
    return Condition(f"class:{group}", hops, above=False)


def _says(group: str) -> tuple[Condition, Condition]:
    # Fewer than 25 words; words are counted in halves.
    return Condition(f"said:{group}", 0), Condition("text:words", 24.5, above=False)


def _within(mark: str) -> Condition:
    return Condition(f"marks:{mark}", 0)


_LINKED = Condition("text:link_share", 0.8)

TESTS: tuple[tuple[CutKind, tuple[Condition, ...]], ...] = (
    (CutKind.HIDDEN, (_within("hidden"),)),
    (CutKind.HIDDEN, (_within("unseen"),)),
    (CutKind.DUPLICATE, (Condition("words:earlier", 0), Condition("text:length", 80))),
    (CutKind.NEWSLETTER, (_near("promotion", 3), *_says("subscribe"))),
    (CutKind.FORM, (_within("form"),)),
    (CutKind.COMMENTS, (_near("comment", 3),)),
    (CutKind.LEGAL, _says("legal")),
    (CutKind.LEGAL, (_near("legal", 1),)),
    (CutKind.NAVIGATION, (_within("nav"),)),
    (CutKind.NAVIGATION, (_near("navigation", 1),)),
    (CutKind.SHARE, (_near("share", 1),)),
    (CutKind.SHARE, (*_says("share"), _near("share", 4))),
    (CutKind.ADVERTISEMENT, (_near("advertisement", 1),)),
    (CutKind.ADVERTISEMENT, _says("advert")),
    (CutKind.NAVIGATION, (_within("footer"),)),
    (CutKind.CAPTION, (_within("figure"),)),
    (CutKind.CAPTION, (_near("caption", 0),)),
    (CutKind.RELATED, (_near("related", 3),)),
    (CutKind.BYLINE, (_near("author", 1),)),
    (CutKind.METADATA, (_near("meta", 1),)),
    (CutKind.NEWSLETTER, _says("subscribe")),
    (CutKind.RELATED, (_within("aside"),)),
    (CutKind.RELATED, (_near("card", 2), _LINKED)),
    (CutKind.ADVERTISEMENT, (_near("promotion", 1),)),
    (CutKind.NAVIGATION, (_within("header"),)),
    (CutKind.NAVIGATION, (_LINKED,)),
    (CutKind.BYLINE, _says("byline")),
    (CutKind.METADATA, _says("dates")),
    (CutKind.METADATA, _says("tags")),
    (CutKind.CAPTION, _says("credit")),
)
"""The first test whose conditions all hold determines the kind: hidden, then the nearest landmark
and class name, then the block's words, then its links."""

KINDS = [*(kind for kind, _ in TESTS), CutKind.OTHER, CutKind.REPEATED_TITLE]
REPEATED_TITLE = len(KINDS) - 1
_WIDTH = 3  # maximum conditions of a test, as in _page_kind.pyx


class _Table(NamedTuple):
    """The tests as arrays (tests x conditions); the column is -1 if there is no condition."""

    column: NDArray[np.int64]
    limit: Floats
    above: NDArray[np.uint8]


Numbers = NDArray[np.uint8]
"""Each block's kind if it was cut, as its index in ``KINDS``."""


def cut_kinds(rows: Floats, retained: Kept) -> Numbers:
    """Return the kind of each block that was left out; that of others means nothing."""
    table = _table()
    if native_kinds is None:
        return first_tests(rows, table)
    numbers = np.empty(len(rows), np.uint8)
    native_kinds.first_tests(np.ascontiguousarray(rows.T), *table, retained.view(np.uint8), numbers)
    return numbers


def first_tests(rows: Floats, table: _Table) -> Numbers:
    """Return the index of each block's first test that holds; the Python version of the loop."""
    holds = np.ones((len(TESTS) + 1, len(rows)), np.bool_)
    for test, conditions in enumerate(zip(*table, strict=True)):
        for at, limit, above in zip(*conditions, strict=True):
            if at >= 0:
                holds[test] &= (rows[:, at] > limit) == bool(above)
    numbers: Numbers = holds.argmax(axis=0).astype(np.uint8)
    return numbers


def model_cuts(numbers: Numbers, texts: list[str], chance: Floats, retained: Kept) -> list[Cut]:
    """Return a cut for each block that the model left out, with its probability."""
    if native_kinds is not None:
        cuts: list[Cut] = native_kinds.model_cuts(
            numbers, KINDS, texts, chance, retained.view(np.uint8)
        )
        return cuts
    scores = np.round(chance.astype(np.float64), 3).tolist()
    return [
        Cut(KINDS[numbers[index]], "model", index, texts[index], scores[index])
        for index in np.flatnonzero(~retained).tolist()
    ]


@cache
def _table() -> _Table:
    at = columns()
    size = (len(TESTS), _WIDTH)
    column, limit = np.full(size, -1, np.int64), np.zeros(size, np.float32)
    above = np.zeros(size, np.uint8)
    for row, (_, conditions) in enumerate(TESTS):
        for slot, condition in enumerate(conditions):
            column[row, slot], limit[row, slot] = at[condition.column], condition.limit
            above[row, slot] = condition.above
    return _Table(column, limit, above)
