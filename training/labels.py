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
    """Return for each block the share of its words that the true text has, in order (0 to 1).

    The words of the page and of the true text are aligned as sequences, so that of a repeated
    sentence (a teaser, a box for telephones) only the one in its place counts.

    Args:
        blocks: The page's blocks of text.
        truth: The article's true text.
        rows: Each block's row of a table (-1: none); short cells are matched with their row.
    """
    words = [WORD.findall(block.lower()) for block in blocks]
    true_words = WORD.findall(truth.lower())
    lines = _lines(truth)
    runs = set(_triples(true_words))
    number: dict[str, int] = {}
    page: list[int] = []
    owner: list[int] = []
    together = _rows(words, rows or [-1] * len(blocks))
    for at, block_words in enumerate(words):
        near = _triples(together[at])
        # Blocks that share little with the truth are left out: their words match by chance.
        if " ".join(block_words) in lines or sum(run in runs for run in near) >= max(
            1, 0.3 * len(near)
        ):
            page += [number.setdefault(word, len(number)) for word in block_words]
            owner += [at] * len(block_words)
    goal = [number.setdefault(word, len(number)) for word in true_words]
    matched = np.zeros(len(page), bool)
    for step in LCSseq.opcodes(page, goal):
        if step.tag == "equal":
            matched[step.src_start : step.src_end] = True
    covered = np.bincount(np.asarray(owner, np.int64), matched, len(blocks))
    sizes = np.array([max(1, len(block_words)) for block_words in words])
    return (covered / sizes).astype(np.float32)


CHARACTER = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]|[^\W_]+")
"""A word; each Han, Kana and Hangul character by itself, for such scripts have no spaces."""


def sequence_labels(lines: Sequence[str], truth: str) -> NDArray[np.float32]:
    """Return the labels of a copied text's lines: in order, or in any order if that fits better."""
    parted = [" ".join(CHARACTER.findall(line.lower())) for line in lines]
    true_text = "\n".join(" ".join(CHARACTER.findall(part.lower())) for part in truth.split("\n"))
    words = Counter(true_text.split())
    best, best_score = np.zeros(len(lines), np.float32), -1.0
    for labels in (block_labels(parted, true_text), loose_labels(parted, true_text)):
        body_lines = (part for part, label in zip(parted, labels, strict=True) if label >= 0.5)
        body_words = Counter(" ".join(body_lines).split())
        score = 2 * (body_words & words).total() / max(1, body_words.total() + words.total())
        if score > best_score:
            best, best_score = labels, score
    return best


def loose_labels(blocks: Sequence[str], truth: str) -> NDArray[np.float32]:
    """Return for each block the share of its word triples that the true text has (0 to 1).

    A short block counts if it is a line of the true text.
    """
    true_words = WORD.findall(truth.lower())
    lines, runs = _lines(truth), set(_triples(true_words))
    labels = np.zeros(len(blocks), np.float32)
    for at, block in enumerate(blocks):
        block_words = WORD.findall(block.lower())
        near = _triples(block_words)
        if " ".join(block_words) in lines and block_words:
            labels[at] = 1
        elif len(block_words) >= 4:
            labels[at] = sum(run in runs for run in near) / len(near)
    return labels


def _rows(words: Sequence[list[str]], rows: Sequence[int]) -> list[list[str]]:
    """Return each block's words; for a cell, those of its whole row."""
    whole: dict[int, list[str]] = {}
    for block_words, row in zip(words, rows, strict=True):
        if row >= 0:
            whole.setdefault(row, []).extend(block_words)
    return [
        whole[row] if row >= 0 and len(whole[row]) <= _ROW_WORDS else block_words
        for block_words, row in zip(words, rows, strict=True)
    ]


def _lines(truth: str) -> set[str]:
    parts = truth.split("\n") + truth.replace(" | ", "\n").split("\n")
    return {" ".join(WORD.findall(part.lower())) for part in parts}


def _triples(words: Sequence[str]) -> list[tuple[str, str, str]]:
    return [(a, b, c) for (a, b), (_, c) in pairwise(pairwise(words))]
