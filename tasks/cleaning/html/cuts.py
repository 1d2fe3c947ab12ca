"""What a block that is no part of the article is: the kind that its cut names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from schemas.article import CutKind
from tasks.cleaning.html.layout import Floats


def cut_kinds(rows: Floats, at: Mapping[str, int]) -> list[CutKind]:
    """Name each block's kind as if it were cut; ``at`` gives the columns by name.

    The first of the tests that holds decides: what hides a block, then the nearest landmark
    and class name, then the block's words, then its links.
    """

    def near(group: str, hops: int = 2) -> NDArray[np.bool_]:
        return rows[:, at[f"class:{group}"]] <= hops

    def says(group: str) -> NDArray[np.bool_]:
        return (rows[:, at[f"said:{group}"]] > 0) & (rows[:, at["text:words"]] < 25)

    def within(mark: str) -> NDArray[np.bool_]:
        return rows[:, at[f"marks:{mark}"]] > 0

    linked = rows[:, at["text:link_share"]] > 0.8
    tests = [
        (CutKind.HIDDEN, within("hidden") | within("unseen")),
        (CutKind.DUPLICATE, (rows[:, at["words:earlier"]] > 0) & (rows[:, at["text:length"]] > 80)),
        (CutKind.NEWSLETTER, near("promotion", 3) & says("subscribe")),
        (CutKind.FORM, within("form")),
        (CutKind.COMMENTS, near("comment", 3)),
        (CutKind.LEGAL, says("legal") | near("legal", 1)),
        (CutKind.NAVIGATION, within("nav") | near("navigation", 1)),
        (CutKind.SHARE, near("share", 1) | (says("share") & near("share", 4))),
        (CutKind.ADVERTISEMENT, near("advertisement", 1) | says("advert")),
        (CutKind.NAVIGATION, within("footer")),
        (CutKind.CAPTION, within("figure") | near("caption", 0)),
        (CutKind.RELATED, near("related", 3)),
        (CutKind.BYLINE, near("author", 1)),
        (CutKind.METADATA, near("meta", 1)),
        (CutKind.NEWSLETTER, says("subscribe")),
        (CutKind.RELATED, within("aside") | near("card", 2) & linked),
        (CutKind.ADVERTISEMENT, near("promotion", 1)),
        (CutKind.NAVIGATION, within("header") | linked),
        (CutKind.BYLINE, says("byline")),
        (CutKind.METADATA, says("dates") | says("tags")),
        (CutKind.CAPTION, says("credit")),
    ]
    kinds = [*(kind for kind, _ in tests), CutKind.OTHER]
    held = np.ones((len(kinds), len(rows)), np.bool_)
    for row, (_, test) in zip(held, tests, strict=False):
        row[:] = test
    return [kinds[first] for first in held.argmax(axis=0).tolist()]
