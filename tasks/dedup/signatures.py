"""Compute a text's signature, a sample of its shingles and its facts, to find copies.

Shingles are runs of consecutive words. FracMinHash (Irber et al. 2022, "Lightweight compositional
analysis of metagenomes with FracMinHash") keeps the shingles whose hash is below a fixed bound: a
shingle is kept in every text or in none, so the shared part of two samples estimates Jaccard
similarity and containment for any lengths.

Facts are numbers and names: two reports written from one template share their shingles and differ
in their facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from copydesk.schemas.native_loader import compiled
from copydesk.tasks.dedup.character_classes import (
    classes,
    katakana,
    letter_hashes,
    mixed,
    numerals,
)
from copydesk.tasks.dedup.tokens import Words, normal, words

(native,) = compiled("copydesk.tasks.dedup._signature_loops")

VERSION: Final = 1
"""Signatures of different versions cannot be compared; increase it with any change below."""

SHINGLE: Final = 5
"""Words per shingle, as in deduplication of web text (Broder 1997 used 4 to 10)."""

SPACELESS_SHINGLE: Final = 8
"""Letters per shingle in scripts without spaces: pair F1 on edited Chinese, Japanese, Thai, Lao,
Khmer and Burmese texts is flat from 8 to 10 and falls by .02 to .05 at 16."""

KEEP: Final = 8
"""One of this many shingles is kept: about 74 for an article of 600 words."""

MIN_WORDS: Final = 20
"""Shorter texts have no shingles and are only copies if they are equal."""

LONG_LINE: Final = 10
"""Minimum words of a line that counts. Shorter lines are headings, menus and buttons, which pages
of one site share; omitting them reduced false pairs among such pages from 90 to 36."""

PROSE_SHARE: Final = 0.3
"""Minimum share of words in long lines; below it (verse, lists, text wrapped in a narrow column)
all lines count."""

_KANA_RUN: Final = 3  # shorter Katakana words are everyday words
_NUMERAL_RUN: Final = 2  # a single Chinese numeral is part of many words
_BATCH: Final = 120_000  # characters at a time: the arrays stay in the processor's cache
_BOUND: Final = (1 << 64) // KEEP  # of the hashes of shingles that are kept
_MULTIPLIER: Final = np.uint64(6364136223846793005)

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]
Marks = NDArray[np.bool_]
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Signature:
    """A text's length in words and its sets of hashes, each sorted and without duplicates.

    Two letters of a script without spaces count as one word. Facts have 16 bits: among a hundred,
    one in a thousand matches by chance. ``openers`` are capitalised words that only begin sentences
    or lines: a name may become one where lines are joined or cut.
    """

    words: int
    shingles: Hashes
    numbers: NDArray[np.uint16]
    names: NDArray[np.uint16]
    openers: NDArray[np.uint16]


def signatures(texts: Sequence[str]) -> list[Signature]:
    """Return the texts' signatures, in order."""
    if native is None:
        return [signature for batch in _batches(texts) for signature in _of_batch(batch)]
    masks = (table().view(np.uint8) for table in (katakana, numerals))
    tables = (classes(), letter_hashes(), *masks)
    rules = (
        *(SHINGLE, SPACELESS_SHINGLE, _BOUND, MIN_WORDS, LONG_LINE, PROSE_SHARE),
        *(_KANA_RUN, _NUMERAL_RUN),
    )
    return [_unpacked(*native.signature(normal(text), *tables, rules)) for text in texts]


def _unpacked(
    length: float, shingles: bytes, numbers: bytes, names: bytes, openers: bytes
) -> Signature:
    return Signature(
        round(length),
        np.frombuffer(shingles, np.uint64),
        *(np.frombuffer(facts, np.uint16) for facts in (numbers, names, openers)),
    )


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    first, size = 0, 0
    for number, text in enumerate(texts):
        if size and size + len(text) > _BATCH:
            yield texts[first:number]
            first, size = number, 0
        size += len(text)
    if first < len(texts):
        yield texts[first:]


def _of_batch(texts: Sequence[str]) -> list[Signature]:
    count = len(texts)
    tokens = words(texts)
    lengths = np.bincount(tokens.text, _weights(tokens), count).astype(np.float64)
    tokens = tokens.select(_prose(tokens, lengths))
    shingles = _by_text(*_shingles(tokens, lengths >= MIN_WORDS), count)
    numbers = _by_text(*_numbers(tokens), count)
    names = _by_text(*_names(tokens), count)
    openers = _by_text(*_openers(tokens), count)
    return [
        Signature(round(lengths[i]), shingles[i], numbers[i], names[i], openers[i])
        for i in range(count)
    ]


def _weights(tokens: Words) -> NDArray[np.float64]:
    return np.where(tokens.spaceless, 0.5, 1.0)


def _prose(tokens: Words, lengths: NDArray[np.float64]) -> Marks:
    """Return a mask of the words in long lines, or of all words if the text has few such lines."""
    if not len(tokens.text):
        return np.zeros(0, dtype=bool)
    weights = _weights(tokens)
    line = tokens.line - tokens.line[0]
    prose: Marks = np.bincount(line, weights)[line] >= LONG_LINE
    share = np.bincount(tokens.text, weights * prose, len(lengths)) / np.maximum(lengths, 1)
    return prose | (share < PROSE_SHARE)[tokens.text]


def _shingles(tokens: Words, long_enough: Marks) -> tuple[Hashes, Places]:
    hashes, whole = _runs(tokens, SHINGLE)
    if tokens.spaceless.any():
        letters, whole_letters = _runs(tokens, SPACELESS_SHINGLE)
        hashes = np.where(tokens.spaceless, letters, hashes)
        whole = np.where(tokens.spaceless, whole_letters, whole)
    sampled = whole & (hashes < np.uint64(_BOUND)) & long_enough[tokens.text]
    return hashes[sampled], tokens.text[sampled]


def _runs(tokens: Words, length: int) -> tuple[Hashes, Marks]:
    """Hash the run of ``length`` words from each word; also mask the runs within one text."""
    count = len(tokens.hashes)
    padded = np.append(tokens.hashes, np.zeros(length - 1, dtype=np.uint64))
    total = np.zeros(count, dtype=np.uint64)
    for offset in range(length):
        total *= _MULTIPLIER
        total += padded[offset : offset + count]
    last = np.append(tokens.text, np.full(length - 1, -1))[length - 1 :]
    return mixed(total), last == tokens.text


def _numbers(tokens: Words) -> tuple[NDArray[np.uint16], Places]:
    hashes, text = _letter_runs(tokens, tokens.numeral, _NUMERAL_RUN)
    return (
        np.append(tokens.hashes[tokens.number], hashes).astype(np.uint16),
        np.append(tokens.text[tokens.number], text),
    )


def _names(tokens: Words) -> tuple[NDArray[np.uint16], Places]:
    hashes, text = _letter_runs(tokens, tokens.kana, _KANA_RUN)
    return (
        np.append(tokens.hashes[tokens.name], hashes).astype(np.uint16),
        np.append(tokens.text[tokens.name], text),
    )


def _openers(tokens: Words) -> tuple[NDArray[np.uint16], Places]:
    # Word and text as one number, to drop words that are names elsewhere in the same text.
    keys, names = (
        (tokens.text[mask] << 16) | (tokens.hashes[mask] & np.uint64(0xFFFF)).astype(np.int64)
        for mask in (tokens.capital & ~tokens.name, tokens.name)
    )
    keys = keys[~np.isin(keys, names)]
    return (keys & 0xFFFF).astype(np.uint16), keys >> 16


def _letter_runs(tokens: Words, mask: Marks, least: int) -> tuple[Hashes, Places]:
    """Hash runs of at least ``least`` masked letters within a line; also return their texts."""
    at = np.flatnonzero(mask)
    if not len(at):
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    begins = np.ones(len(at), dtype=bool)
    begins[1:] = (np.diff(at) != 1) | (np.diff(tokens.line[at]) != 0)
    starts = np.flatnonzero(begins)
    run = np.cumsum(begins) - 1
    offset = (np.arange(len(at)) - starts[run]).astype(np.uint64)
    hashes = np.add.reduceat(mixed(tokens.hashes[at] + offset), starts)
    long = np.bincount(run) >= least
    return mixed(hashes[long]), tokens.text[at[starts[long]]]


def _by_text(hashes: NDArray[_Scalar], text: Places, count: int) -> list[NDArray[_Scalar]]:
    """Split hashes by text, sorted and without duplicates."""
    order = np.lexsort((hashes, text))
    hashes, text = hashes[order], text[order]
    first = np.ones(len(hashes), dtype=bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (text[1:] != text[:-1])
    bounds = np.searchsorted(text[first], np.arange(1, count))
    return np.split(hashes[first], bounds)
