"""Counts over a text's lines with numpy: characters, words, runs, windows, neighbours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.character_counts import CLASSES, combined
from copydesk.tasks.cleaning.line_loops import native_columns, native_lines
from copydesk.tasks.cleaning.text.lines import Line

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

WINDOWS = (2, 5, 12)
"""Number of lines on both sides for means: about a paragraph, a box, a section."""

ADDRESSED = 300
"""Characters of a line in which addresses are looked for."""

FAR = 99.0  # distance to the nearest phrase of a class that does not occur
TERM = re.compile(r"[^\W\d_]{3,}")
UNSPACED_LETTER = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def line_figures(lines: Sequence[Line]) -> tuple[Floats, Bools]:
    """Return five figures of each line and four flags, a row each.

    The figures are the number of characters, ``size``, ``words``, ``gap`` and ``indent``; the flags
    ``terminal``, ``marked``, whether it ends in a colon, and whether it may have an address.
    """
    figures, flags = np.empty((5, len(lines)), np.float32), np.empty((4, len(lines)), np.bool_)
    if native_columns is not None:
        native_columns.fill_lines(lines, figures, flags.view(np.uint8))
        return figures, flags
    for at, line in enumerate(lines):
        text = line.text
        figures[:, at] = len(text), line.size, line.words, line.gap, line.indent
        flags[:, at] = line.terminal, line.marked, text[-1] in ":：", may_have_address(text)
    return figures, flags


def repeats(keys: Sequence[str]) -> Floats:
    """Return how often each line's key occurs, and how often above the line, a row each."""
    figures = np.empty((2, len(keys)), np.float32)
    if native_columns is not None:
        native_columns.fill_repeats(keys, figures)
        return figures
    times: Counter[str] = Counter()
    for at, key in enumerate(keys):
        figures[1, at] = times[key]
        times[key] += 1
    figures[0] = [times[key] for key in keys]
    return figures


def may_have_address(text: str) -> bool:
    """Return whether a line's beginning has a mark of an address, a name or a tag."""
    start = text[:ADDRESSED]
    return "@" in start or "#" in start or "www." in start or "http" in start


def terms(text: str) -> set[str]:
    """Return a text's words of three letters or more, and pairs of letters in unspaced scripts."""
    return set(all_terms(text.lower()))


def all_terms(text: str) -> list[str]:
    """Return the terms of a text in lower case, in order; they may repeat."""
    if native_lines is not None:
        compiled: list[str] = native_lines.all_terms(text)
        return compiled
    words: list[str] = TERM.findall(text)
    if not text.isascii() and UNSPACED_LETTER.search(text):
        words += map("".join, pairwise(UNSPACED_LETTER.findall(text)))
    return words


def address_terms(url: str | None) -> set[str]:
    """Return the words of an address's path."""
    if not url:
        return set()
    try:
        path = urlsplit(url).path
    except ValueError:
        return set()
    return set(TERM.findall(unquote(path).lower().removesuffix(".html")))


def heaviest(worth: NDArray[np.floating]) -> tuple[int, int]:
    """Return the run of lines with the largest sum (Kadane 1984) as first and end index."""
    if native_columns is not None:
        first, last = native_columns.heaviest(np.ascontiguousarray(worth, np.float64))
        return first, last
    sums = np.concatenate(([0.0], np.cumsum(worth, dtype=np.float64)))
    lowest = np.minimum.accumulate(sums)
    last = int(np.argmax(sums - lowest))
    first = int(np.argmin(sums[: last + 1]))
    return first, max(last, first)


def windowed(values: NDArray[np.floating], reach: int) -> Floats:
    """Return each line's mean over ``reach`` lines on both sides, for each row of values."""
    count = values.shape[-1]
    sums = np.zeros((*values.shape[:-1], count + 1), np.float64)
    np.cumsum(values, axis=-1, dtype=np.float64, out=sums[..., 1:])
    index = np.arange(count)
    low, high = np.maximum(0, index - reach), np.minimum(count, index + reach + 1)
    mean: Floats = ((sums[..., high] - sums[..., low]) / (high - low)).astype(np.float32)
    return mean


def window_means(values: Sequence[NDArray[np.floating]], reaches: Sequence[int]) -> Floats:
    """Return ``windowed`` for each row of values and each reach, a row each."""
    stacked = np.array(values, np.float64)
    if native_columns is not None:
        means = np.empty((len(stacked) * len(reaches), stacked.shape[1]), np.float32)
        native_columns.window_means(stacked, reaches, means)
        return means
    by_reach = np.stack([windowed(stacked, reach) for reach in reaches], axis=1)
    return by_reach.reshape(-1, stacked.shape[1])


def shifted(values: NDArray[np.floating], step: int) -> Floats:
    """Return for each line the value ``step`` lines farther on; -1 beyond the ends."""
    moved = np.full(len(values), -1, np.float32)
    if step < 0:
        moved[-step:] = values[:step]
    else:
        moved[:-step] = values[step:]
    return moved


def shifted_rows(values: Floats, steps: Sequence[tuple[int, int]]) -> Floats:
    """Return ``shifted`` for each (row of values, step), a row each."""
    if native_columns is None:
        return np.stack([shifted(values[row], step) for row, step in steps])
    moved = np.empty((len(steps), values.shape[1]), np.float32)
    native_columns.shifted_rows(values, steps, moved)
    return moved


def streak(flags: Bools) -> Floats:
    """Return for each line how many consecutive lines directly above it have the flag."""
    index = np.arange(len(flags), dtype=np.float32)
    broken = np.maximum.accumulate(np.where(flags, -1, index))
    return (index - 1 - np.concatenate(([-1], broken[:-1]))).astype(np.float32)


def streaks(flags: Bools) -> Floats:
    """Return the streaks of flags above and below, and those of lines without the flag."""
    if native_columns is None:
        pairs = [(streak(each), streak(each[::-1])[::-1]) for each in (flags, ~flags)]
        return np.stack([lengths for pair in pairs for lengths in pair])
    lengths = np.empty((4, len(flags)), np.float32)
    native_columns.streaks(flags.view(np.uint8), lengths)
    return lengths


def near_flags(flags: Bools) -> Floats:
    """Return for each row of flags and each line (rows x 4 x lines) where the flags are.

    The four are the distances to the last flag above and the next below, at most ``FAR`` (0 for
    the line's own), and the number of flags up to the line and from it on.
    """
    rows, count = flags.shape
    figures = np.empty((rows, 4, count), np.float32)
    if native_columns is not None:
        native_columns.near_flags(np.ascontiguousarray(flags).view(np.uint8), figures)
        return figures
    index = np.arange(count, dtype=np.float32)
    above = np.maximum.accumulate(np.where(flags, index, -FAR), axis=1)
    below = np.minimum.accumulate(np.where(flags, index, index + FAR)[:, ::-1], axis=1)[:, ::-1]
    counted = np.cumsum(flags, axis=1)
    figures[:, 0], figures[:, 1] = np.minimum(index - above, FAR), np.minimum(below - index, FAR)
    figures[:, 2], figures[:, 3] = counted, counted[:, -1:] - counted + flags
    return figures


def character_counts(
    texts: Sequence[str],
) -> tuple[
    Floats, tuple[NDArray[np.uint16], NDArray[np.uint16]], tuple[Floats, Floats], NDArray[np.int64]
]:
    """Count characters by class, and words, for each line.

    Returns the counts (lines x classes); the classes of each line's first and last character;
    the number of words (runs of letters), and of those with a capital; and each line's script,
    the block of 256 characters of most letters (Latin 0, ideographs 0x2e, none -1).
    """
    table, combinations, has = combined()
    count = len(texts)
    if native_lines is not None:
        by_class = np.empty((CLASSES, count), np.float32)
        edges = np.empty((2, count), np.uint16)
        starting = np.empty((2, count), np.float32)
        scripts = np.empty(count, np.int64)
        native_lines.count_characters(
            list(texts), table, combinations, by_class, edges, starting, scripts
        )
        return by_class.T, (edges[0], edges[1]), (starting[0], starting[1]), scripts
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = table[np.minimum(codes, 0x10000)]
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths)
    starts = ends - lengths
    size = len(combinations)
    line = np.repeat(np.arange(count), lengths)
    combination_counts = np.bincount(line * size + kinds, minlength=count * size).reshape(
        count, size
    )
    counts = (combination_counts @ has).astype(np.float32)
    is_letter = has[:, 1][kinds] > 0
    opens = is_letter.copy()
    opens[1:] &= ~is_letter[:-1]
    opens[starts] |= is_letter[starts]
    upper = has[:, 0][kinds] > 0
    words = np.add.reduceat(opens, starts, dtype=np.int64).astype(np.float32)
    uppers = np.add.reduceat(opens & upper, starts, dtype=np.int64).astype(np.float32)
    return (
        counts,
        (combinations[kinds[starts]], combinations[kinds[ends - 1]]),
        (words, uppers),
        _scripts(codes, is_letter, line, count),
    )


def _scripts(
    codes: NDArray[np.uint32], is_letter: Bools, line: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    at = np.flatnonzero(is_letter)
    blocks = np.minimum(codes[at] >> 8, 0x2E).astype(np.int64)
    blocks[(blocks < 2) | (blocks == 0x1E) | (codes[at] < 0x250)] = 0
    table = np.bincount(line[at] * 0x2F + blocks, minlength=count * 0x2F).reshape(count, 0x2F)
    best: NDArray[np.int64] = table.argmax(axis=1)
    best[table.max(axis=1) == 0] = -1
    return best


def outside(index: NDArray[np.floating], first: int, last: int) -> NDArray[np.floating]:
    """Return how many lines each line is before (negative) or after a run; 0 inside."""
    return np.where(index < first, index - first, np.where(index >= last, index - last + 1, 0))


def likelihood(chance: Floats, body: Sequence[int], weights: Floats) -> float:
    """Return the log-likelihood of a selection of lines, each weighted."""
    is_body = np.zeros(len(chance), np.bool_)
    is_body[list(body)] = True
    sure = np.clip(chance.astype(np.float64), 0.001, 0.999)
    return float((np.log(np.where(is_body, sure, 1 - sure)) * weights).sum())
