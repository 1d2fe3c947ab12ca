"""Choose the article's blocks: a threshold on the model's probabilities, and exceptions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.layout import Floats
from copydesk.tasks.cleaning.html.native import native_kinds
from copydesk.tasks.cleaning.html.page import Page

_NEXT_WORDS, _NEXT_CHANCE = 8, 0.1
"""Minimum words and probability of such a paragraph."""
_RUN_END = b"\1\0"
"""Of two blocks, whether each is chosen: the first is the last of a run."""
LOWEST, HIGHEST = 0.15, 0.5
"""Bounds of the threshold. Word F1 on WCXB dev, out of fold: .9574 with these, .9568 with .25 as
the lower one, .9557 with .3, .9548 with a fixed .5; above .5 nothing changes."""


def best_choice(chance: Floats, words: Floats) -> NDArray[np.bool_]:
    """Return the choice of blocks with the greatest expected F1.

    It consists of all blocks above half of the F1 that it reaches, so an uncertain page keeps more.
    """
    if native_kinds is None:
        best_f1 = most_expected(chance, words)
    else:
        best_f1 = native_kinds.most_expected(chance, np.ascontiguousarray(words))
    threshold = min(max(best_f1 / 2, LOWEST), HIGHEST)
    return chance >= threshold


def with_next(
    page: Page, retained: NDArray[np.bool_], chance: Floats, words: Floats, ends: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Add a paragraph directly after a chosen one of the same markup, if it is a whole sentence.

    Short stories otherwise lose their last paragraph before a list: +.0006 on WCXB, +.0002 on
    DAnIEL, -.0002 on Fundus. ``ends`` marks the blocks that end like sentences.
    """
    tags, keys, boxes = page.containers.tag, page.containers.key, page.container
    extended, chosen = retained, retained.tobytes()
    index = chosen.find(_RUN_END) + 1
    while index:
        box, before = boxes[index], boxes[index - 1]
        if (
            tags[box] == "p"
            and keys[box] == keys[before]
            and not page.links[index]
            and ends[index]
            and words[index] >= _NEXT_WORDS
            and chance[index] >= _NEXT_CHANCE
        ):
            extended = extended.copy() if extended is retained else extended
            extended[index] = True
            if chosen[index + 1 : index + 2] == b"\0":
                index += 1
                continue
        index = chosen.find(_RUN_END, index) + 1
    return extended


def with_code(page: Page, retained: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add code between the chosen blocks, in or near their container.

    Training sets other than technical blogs teach the model that ``pre`` is not an article: +.0008
    on WCXB, +.006 on magic-html.
    """
    tags = page.containers.tag
    if "pre" not in tags or not retained.any():
        return retained
    parents, boxes = page.containers.parent, page.container
    body = np.flatnonzero(retained)
    holders = {parents[boxes[index]] for index in body.tolist()}
    extended = retained.copy()
    for index in range(body[0], min(body[-1] + 2, len(page))):
        if tags[boxes[index]] == "pre":
            holder = parents[boxes[index]]
            extended[index] |= holder in holders or (holder >= 0 and parents[holder] in holders)
    return extended


def most_expected(chance: Floats, words: Floats) -> float:
    """Return the greatest expected F1 of a choice; the Python version of the compiled loop."""
    order = np.argsort(-chance, kind="stable")
    size = words.astype(np.float64)
    expected_words = np.cumsum((chance * size)[order])
    word_total = np.cumsum(size[order])
    expected_f1 = 2 * expected_words / np.maximum(1e-9, word_total + expected_words[-1])
    return float(expected_f1.max(initial=0))
