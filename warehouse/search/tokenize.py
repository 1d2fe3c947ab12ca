"""Tokenizes texts for the index exactly as the SQL macro ``search_words`` tokenizes queries.

The macro classifies each distinct character of a batch; by these classes a compiled loop tokenizes
all texts at once as bytes. Where it is not compiled numpy does, in a fifth of the time that the
macro's regular expressions take.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from copydesk.schemas.native_loader import compiled
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int64]
    Numbers = NDArray[np.int32] | Places

(native,) = compiled("copydesk.warehouse.search._word_loops")


class CharacterClass(IntEnum):
    """Role of a character in words, with the numbers of ``search_kinds.sql``."""

    OUTSIDE = 0
    MARK = 1
    LETTER = 2
    SPACELESS = 3


_UNKNOWN: Final = 255
_ASCII: Final = 128
_TWO, _THREE, _FOUR = 0xC0, 0xE0, 0xF0
"""Smallest first bytes of characters of two, three and four bytes in UTF-8."""


def cut(
    connection: duckdb.DuckDBPyConnection, texts: Bytes
) -> tuple[Numbers, Numbers, pa.StringArray]:
    """Tokenize texts.

    Args:
        connection: a connection to a published file.
        texts: UTF-8 bytes as ``search_plain`` returns them, each text followed by a character that
            is in no word.

    Returns:
        In reading order, each word's byte offset and its index in the third value, the distinct
        words.
    """
    if native is not None:
        classes = _known_kinds()
        _kinds(connection, np.array(native.unknown(texts, classes), dtype=np.int64))
        starts, codes = (np.empty(len(texts) // 2 + 1, dtype=np.int32) for _ in range(2))
        count, ends, letters = native.words(texts, classes, starts, codes)
        words = pa.StringArray.from_buffers(
            len(ends) // 4 - 1, pa.py_buffer(ends), pa.py_buffer(letters)
        )
        return starts[:count], codes[:count], words
    return _cut_by_numpy(connection, texts)


def _cut_by_numpy(
    connection: duckdb.DuckDBPyConnection, texts: Bytes
) -> tuple[Numbers, Numbers, pa.StringArray]:
    table = np.zeros(256, dtype=np.uint8)
    table[:_ASCII] = _kinds(connection, np.arange(_ASCII))
    kinds = np.frombuffer(bytearray(texts.tobytes().translate(table.tobytes())), dtype=np.uint8)
    leads = np.flatnonzero(texts >= _TWO)
    sizes = 2 + (texts[leads] >= _THREE).astype(np.int64) + (texts[leads] >= _FOUR)
    if len(leads):
        lead_classes = _kinds_of(connection, texts, leads, sizes)
        for byte in range(4):
            long_enough = sizes > byte
            kinds[leads[long_enough] + byte] = lead_classes[long_enough]
    within = _within(kinds)
    edges = np.flatnonzero(np.diff(within, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    words = _strings(texts[within], ends - starts)
    wide = kinds[leads] == CharacterClass.SPACELESS
    if not wide.any():
        coded = words.dictionary_encode()
        return starts, coded.indices.to_numpy(), coded.dictionary
    pairs, ends = _pairs(leads[wide], sizes[wide])
    # pairs overlap, so their bytes are gathered one by one
    lengths = ends - pairs
    shift = pairs - np.cumsum(lengths) + lengths
    letters = texts[np.arange(lengths.sum()) + np.repeat(shift, lengths)]
    coded = pa.concat_arrays([words, _strings(letters, lengths)]).dictionary_encode()
    starts = np.concatenate([starts, pairs])
    order = np.argsort(starts, kind="stable")
    return starts[order], coded.indices.to_numpy()[order], coded.dictionary


@cache
def _known_kinds() -> Bytes:
    """Return the table of the classes that this process has asked for, by code point."""
    return np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)


def _kinds(connection: duckdb.DuckDBPyConnection, codes: NDArray[Any]) -> Bytes:
    """Return the classes of characters; DuckDB is asked once for each (35 ms a statement)."""
    known = _known_kinds()
    lacking = np.unique(codes[known[codes] == _UNKNOWN])
    if len(lacking):
        result = connection.execute(
            statements("search/search_kinds"), {"codes": lacking.tolist()}
        ).fetchnumpy()
        known[lacking] = result["kind"]
    return np.take(known, codes)


def _kinds_of(
    connection: duckdb.DuckDBPyConnection, texts: Bytes, leads: Places, sizes: Places
) -> Bytes:
    """Return the class of each non-ASCII character, given the offsets of their first bytes."""
    codes = texts[leads] & (0x7F >> sizes)
    for byte in range(1, 4):
        long_enough = sizes > byte
        codes[long_enough] = codes[long_enough] << 6 | texts[leads[long_enough] + byte] & 0x3F
    return _kinds(connection, codes)


def _within(kinds: Bytes) -> NDArray[np.bool_]:
    """Return for each byte whether it belongs to a word: letters, and marks that follow one."""
    within: NDArray[np.bool_] = kinds == CharacterClass.LETTER
    marks = np.flatnonzero(kinds == CharacterClass.MARK)
    if len(marks):
        begins = np.diff(marks, prepend=-2) > 1
        first = marks[begins]
        follows = (first > 0) & within[first - 1]
        within[marks] = follows[np.cumsum(begins) - 1]
    return within


def _pairs(leads: Places, sizes: Places) -> tuple[Places, Places]:
    """Return byte ranges of each pair of adjacent characters, and of each isolated character."""
    ends = leads + sizes
    joined = ends[:-1] == leads[1:]
    first, second = np.append(joined, False), np.append(False, joined)
    ends[first] = ends[1:][joined]
    starts_pair = first | ~second
    return leads[starts_pair], ends[starts_pair]


def _strings(letters: Bytes, lengths: Places) -> pa.StringArray:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.StringArray.from_buffers(
        len(lengths), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))
    )
