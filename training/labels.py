"""Which blocks of a page belong to its article, by the article's true text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from copydesk.schemas.plain_text import IDEOGRAPHS

_IDEOGRAPHS = "".join(f"{chr(first)}-{chr(last)}" for first, last in IDEOGRAPHS)
WORD = re.compile(rf"(?=\w)[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")
r"""Tokens of the metric: runs of ``\w``, each Han or kana character one."""

_ROW_WORDS = 60
"""Words of a row of data at most: one with more lays out a page."""


def block_labels(
    blocks: Sequence[str], truth: str, rows: Sequence[int] | None = None
) -> NDArray[np.float32]:
    """Give each block the share of its words that the truth has, in order (0 to 1).

    ``rows`` numbers the blocks' rows of tables (-1 outside of them): a cell of a word or two is
    looked for with its row, since alone it may stand anywhere.

    The page's words and the truth's are aligned as sequences, so that of a sentence that
    stands twice (a teaser, a box for telephones) the one in its place counts.
    """
    words = [WORD.findall(block.lower()) for block in blocks]
    wanted = WORD.findall(truth.lower())
    lines = _lines(truth)
    runs = set(_triples(wanted))
    number: dict[str, int] = {}
    page: list[int] = []
    owner: list[int] = []
    together = _rows(words, rows or [-1] * len(blocks))
    for at, own in enumerate(words):
        near = _triples(together[at])
        # Blocks that share little with the truth are left out: their words match by chance.
        if " ".join(own) in lines or sum(run in runs for run in near) >= max(1, 0.3 * len(near)):
            page += [number.setdefault(word, len(number)) for word in own]
            owner += [at] * len(own)
    goal = [number.setdefault(word, len(number)) for word in wanted]
    matched = np.zeros(len(page), bool)
    for step in LCSseq.opcodes(page, goal):
        if step.tag == "equal":
            matched[step.src_start : step.src_end] = True
    covered = np.bincount(np.asarray(owner, np.int64), matched, len(blocks))
    sizes = np.array([max(1, len(own)) for own in words])
    return (covered / sizes).astype(np.float32)


CHARACTER = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]|[^\W_]+")
"""A word; each Han, Kana and Hangul character by itself, for such scripts have no spaces."""


def sequence_labels(lines: Sequence[str], truth: str) -> NDArray[np.float32]:
    """Give each line of a copied text its label: in order, or anywhere where that fits better."""
    parted = [" ".join(CHARACTER.findall(line.lower())) for line in lines]
    wanted = "\n".join(" ".join(CHARACTER.findall(part.lower())) for part in truth.split("\n"))
    words = Counter(wanted.split())
    best, most = np.zeros(len(lines), np.float32), -1.0
    for labels in (block_labels(parted, wanted), loose_labels(parted, wanted)):
        kept = (part for part, label in zip(parted, labels, strict=True) if label >= 0.5)
        ours = Counter(" ".join(kept).split())
        score = 2 * (ours & words).total() / max(1, ours.total() + words.total())
        if score > most:
            best, most = labels, score
    return best


def loose_labels(blocks: Sequence[str], truth: str) -> NDArray[np.float32]:
    """Give each block the share of its word triples that the truth has anywhere (0 to 1).

    Short blocks count when they are a line of the truth.
    """
    wanted = WORD.findall(truth.lower())
    lines, runs = _lines(truth), set(_triples(wanted))
    labels = np.zeros(len(blocks), np.float32)
    for at, block in enumerate(blocks):
        own = WORD.findall(block.lower())
        near = _triples(own)
        if " ".join(own) in lines and own:
            labels[at] = 1
        elif len(own) >= 4:
            labels[at] = sum(run in runs for run in near) / len(near)
    return labels


def _rows(words: Sequence[list[str]], rows: Sequence[int]) -> list[list[str]]:
    """Give each block's words, those of a cell with all of its row's."""
    whole: dict[int, list[str]] = {}
    for own, row in zip(words, rows, strict=True):
        if row >= 0:
            whole.setdefault(row, []).extend(own)
    return [
        whole[row] if row >= 0 and len(whole[row]) <= _ROW_WORDS else own
        for own, row in zip(words, rows, strict=True)
    ]


def _lines(truth: str) -> set[str]:
    parts = truth.split("\n") + truth.replace(" | ", "\n").split("\n")
    return {" ".join(WORD.findall(part.lower())) for part in parts}


def _triples(words: Sequence[str]) -> list[tuple[str, str, str]]:
    return [(a, b, c) for (a, b), (_, c) in pairwise(pairwise(words))]
