"""Corrects the models' choice of lines where a whole passage is known to be wrong.

Each correction is for a kind of page that is too rare to be learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.vocabulary.block_words import GROUPS

LONG_WORDS = 12
"""Words of a line that tells a second copy: headings and captions are repeated on purpose."""

COPY_WORDS, COPY_SHARE, COPY_REPEATED = 300, 0.3, 0.6
"""Words of a passage that is a second copy of most of a text, its share of the text, and the share
of its words that stand in lines that are repeated."""

BETWEEN = 120
"""Words between two repeated lines of one copy: a picture's caption or a box was left out."""

_NETWORKS = frozenset(GROUPS["share"].split()) - {"share", "shares", "follow", "email"}
_COUNTED = frozenset("share shares like likes comment comments email print".split())  # noqa: SIM905
_DIGITS = str.maketrans(dict.fromkeys("0123456789", " "))
LABEL_WORDS = 4  # of a name or a tag
MOST_LABELS = 4
"""Lines between a text and its row of share counts: the author, the section, the tags."""


def without_second_passage(lines: Sequence[Line], body: Sequence[int]) -> list[int]:
    """Leave out a passage that says most of the body over again, as pages for two screens do."""
    first: dict[str, int] = {}
    repeated: list[int] = []  # places in the body
    for place, index in enumerate(body):
        line = lines[index]
        if line.words >= LONG_WORDS and first.setdefault(line.text, place) != place:
            repeated.append(place)
    if sum(lines[body[place]].words for place in repeated) < COPY_WORDS * COPY_REPEATED:
        return list(body)
    words = [lines[index].words for index in body]
    least = max(COPY_WORDS, COPY_SHARE * sum(words))
    retained = list(body)
    for run in _runs(repeated, [first[lines[body[place]].text] for place in repeated], words):
        passage = range(run[0], run[-1] + 1)
        size = sum(words[place] for place in passage)
        if size >= least and sum(words[place] for place in run) >= COPY_REPEATED * size:
            gone = {body[place] for place in passage}
            retained = [index for index in retained if index not in gone]
    return retained


def _runs(repeated: Sequence[int], sources: Sequence[int], words: Sequence[int]) -> list[list[int]]:
    """Part repeated places into runs that follow the order of their sources, near each other."""
    runs = [[repeated[0]]]
    for (place, source), (below, next_source) in pairwise(zip(repeated, sources, strict=True)):
        near = sum(words[place + 1 : below]) <= BETWEEN
        if near and source < next_source < runs[-1][0]:
            runs[-1].append(below)
        else:
            runs.append([below])
    return runs


def without_labels(lines: Sequence[Line], body: Sequence[int]) -> list[int]:
    """Leave out names and tags that stand between the last paragraph and a row of share counts."""
    if not body or not _is_share_row(lines[body[-1] + 1 : body[-1] + 2]):
        return list(body)
    end = len(body)
    while end > 1 and _is_label(lines[body[end - 1]]):
        end -= 1
    labels = len(body) - end
    paragraph = lines[body[end - 1]]
    return list(body[:end] if labels <= MOST_LABELS and paragraph.terminal else body)


def _is_label(line: Line) -> bool:
    return line.words <= LABEL_WORDS and not (line.terminal or line.marked)


def _is_share_row(rows: Sequence[Line]) -> bool:
    """Return whether a line names two networks or more, with their counts, and nothing else."""
    if not rows or not rows[0].key:
        return False
    words = rows[0].key.translate(_DIGITS).split()
    networks = sum(word in _NETWORKS for word in words)
    return networks > 1 and all(word in _NETWORKS or word in _COUNTED for word in words)
