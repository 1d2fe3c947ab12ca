"""The full-text index inside the published file: its tables and macros, and how it is filled.

It is in the file and not beside it (``python -m benchmarks.search``) so that hits join with the
tables in one statement, any DuckDB client can search, and the index is swapped, rolled back, pruned
and erased together with its version.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.search.tokenize import cut, native
from copydesk.warehouse.storage.duckdb_views import second_connection, statements

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from copydesk.warehouse.search.tokenize import Numbers

BATCH: Final = 5_000
"""Largest number of documents in a batch."""

WORDS: Final = 1_500_000
"""Largest number of words in a batch: about 220 MB, once for each reader and once more."""

READERS: Final = 2
"""Threads that tokenize the next texts while the current ones are indexed. Tokenizing takes three
times as long as indexing; two threads keep two cores busy."""

_DEAD: Final = 0.3
"""Share of outdated documents at which the index is rebuilt. It bounds the unused part of the
index; each text is indexed about three times in its life."""

_CHANGED: Final = (
    'SELECT rowid AS "row", article_id, record_hash FROM compact.revision_rows'
    " WHERE is_current AND rowid IN (SELECT rowid FROM compact.revision_rows"
    " WHERE article_id IN (SELECT article_id FROM changed))",
    "SELECT article_id FROM changed",
)
_ALL: Final = (
    'SELECT rowid AS "row", article_id, record_hash FROM compact.revision_rows WHERE is_current',
    "SELECT article_id FROM search_index.documents",
)
"""SELECTs of the current rows, and of the articles whose index entries are updated."""

_TITLE: Final = 3
"""Weight of a title word in words of the text, as in Okapi at TREC-13 and most engines since
(Robertson and Zaragoza 2009, 3.6: between 2 and 40 by collection)."""

_SPACELESS: Final = "".join(
    rf"\p{{{script}}}"
    for script in (
        "Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Yi"
    )
) + r"\x{30FC}\x{FF70}"  # fmt: skip
"""Scripts without spaces, and Korean, whose particles join the noun; the vowel-lengthening sign
belongs to no script."""

_OUTSIDE: Final = r"\p{P}\p{S}\p{Z}\p{C}"
_COMPOSED: Final = (
    r"\x{0}-\x{2FF}\x{388}-\x{482}\x{2002}-\x{20CF}\x{2100}-\x{2125}\x{212C}-\x{2328}"
    r"\x{232B}-\x{2ADB}\x{2E80}-\x{3029}\x{309B}-\x{A48F}\x{AC00}-\x{D7A3}\x{FE00}-\x{FE0F}"
    r"\x{FE30}-\x{FFEF}\x{1F000}-\x{1FAFF}"
)
"""Characters that are in NFC whatever their neighbours are. Normalizing a text takes longer than
tokenizing it, and nine texts in ten have no others."""

_ARABIC: Final = ("ىةکیـ", "يهكي")  # alef maqsura, ta marbuta, Persian kaf and yeh; tatweel goes
_LETTERS: Final = ("øđðłıς", "oddliσ")  # letters that have no decomposition
_DIGITS: Final = ("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯０１２３４５６７８９", "0123456789" * 5)
_WIDE: Final = ("".join(map(chr, range(0xFF41, 0xFF5B))), "abcdefghijklmnopqrstuvwxyz")

_FILLED: Final = {
    "WORD": rf"[^{_OUTSIDE}\p{{M}}{_SPACELESS}][^{_OUTSIDE}{_SPACELESS}]*",
    "RUN": f"[{_SPACELESS}]+",
    "SPACELESS": f"[{_SPACELESS}]",
    "OUTSIDE": _OUTSIDE,
    "CLAUSE": r'-?(?:[a-z]+:)?(?:"[^"]*"?|\S+)',
    "ARABIC": _DIGITS[0] + _ARABIC[0],
    "ARABIC_FOLDED": _DIGITS[1] + _ARABIC[1],
    "LETTERS": _DIGITS[0] + _WIDE[0] + _LETTERS[0],
    "LETTERS_FOLDED": _DIGITS[1] + _WIDE[1] + _LETTERS[1],
    "DIGITS": _DIGITS[0],
    "DIGITS_FOLDED": _DIGITS[1],
    "COMPOSED": _COMPOSED,
    "TITLE": str(_TITLE),
    "TITLE_MORE": str(_TITLE - 1),
}


def search_layout() -> str:
    """Return the SQL that creates the empty index and the macros."""
    macros = statements("search/search_macros")
    for name, value in _FILLED.items():
        macros = macros.replace("{" + name + "}", value)
    return statements("search/search_tables") + macros


def update_search_index(connection: duckdb.DuckDBPyConnection, changed: pa.Table) -> int:
    """Index the current texts that the index lacks and return their number.

    ``changed`` has the ids (``article_id``) of the articles that this version changes. Outdated
    texts leave ``documents`` and are no longer found. Each batch is a transaction of its own: the
    file has no readers yet, and a single one would hold the whole index in memory.
    """
    # checking every article would grow with the store; the counts say whether it is needed
    connection.register("changed", changed)
    _take(connection, *_CHANGED)
    indexed, current = _row(connection, "FROM search_sizes")
    if indexed != current:
        _take(connection, *_ALL)
    dead, live = _row(connection, "SELECT dead, live FROM search_state")
    if dead > _DEAD * live:
        for name in ("documents", "postings", "terms"):
            connection.execute(f"DELETE FROM search_index.{name}")  # noqa: S608
        _take(connection, *_ALL)
    (first,) = _row(connection, "SELECT coalesce(max(doc), 0) + 1 FROM search_index.postings")
    lacking = connection.sql(statements("search/search_lacking")).to_arrow_table()
    with ExitStack() as stack:
        others = [stack.enter_context(second_connection(connection)) for _ in range(READERS)]
        for other in others:
            other.register("search_lacking", lacking)
        threads = stack.enter_context(ThreadPoolExecutor(READERS))
        waiting: deque[Future[_Cut]] = deque()
        for number, (start, end) in enumerate(_stretches(lacking["words"].to_numpy())):
            other = others[number % READERS]  # its previous result has been consumed
            waiting.append(threads.submit(_read, other, start=start, end=end, first=first))
            if len(waiting) == READERS:
                _index(connection, waiting.popleft().result())
        while waiting:
            _index(connection, waiting.popleft().result())
    checkpoint("publish:search")
    return len(lacking)


def _stretches(words: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Split texts by their word counts into ranges of at most ``BATCH`` texts, ``WORDS`` words."""
    ends = np.cumsum(words)
    start = 0
    while start < len(words):
        before = ends[start - 1] if start else 0
        end = int(np.searchsorted(ends, before + WORDS, side="right"))
        end = max(start + 1, min(end, start + BATCH))
        yield start, end
        start = end


def _take(connection: duckdb.DuckDBPyConnection, current: str, articles: str) -> None:
    """Update ``documents`` for a SELECT's articles, and list the current texts that it lacks."""
    take = (
        statements("search/search_take").replace("{current}", current).replace("{asked}", articles)
    )
    connection.execute(take)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Tokenized texts.

    ``codes`` are the words in reading order, as indices into ``words``; ``starts`` are their byte
    offsets, ``ends`` the offsets after each title, standfirst and text (three rows).
    """

    texts: pa.Table
    starts: Numbers
    codes: Numbers
    words: pa.StringArray
    ends: NDArray[np.int64]


def _read(connection: duckdb.DuckDBPyConnection, **stretch: int) -> _Cut:
    """Read and tokenize the texts from number ``start`` up to ``end`` (exclusive).

    ``first`` is the document number of the first text in the index.
    """
    texts = connection.sql(statements("search/search_read"), params=stretch).to_arrow_table()
    letters = texts["text"].combine_chunks()
    _, offsets, content = letters.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[letters.offset :][: len(texts) + 1]
    octets = np.frombuffer(content, dtype=np.uint8)[bounds[0] : bounds[-1]]
    starts, codes, words = cut(connection, octets)
    first = bounds - bounds[0]
    ends = np.stack(
        [
            first[:-1] + texts["title_end"].to_numpy(),
            first[:-1] + texts["standfirst_end"].to_numpy(),
            first[1:],
        ]
    )
    return _Cut(texts.drop_columns("text"), starts, codes, words, ends)


def _index(connection: duckdb.DuckDBPyConnection, batch: _Cut) -> None:
    """Insert tokenized texts into the index."""
    docs = batch.texts["doc"].to_numpy()
    # number of words before the end of each title, standfirst and text
    until = np.searchsorted(batch.starts, batch.ends)
    titled, _, all_of = until
    before = np.append(0, all_of[:-1])
    _insert(
        connection,
        "documents",
        doc=docs,
        article_id=batch.texts["article_id"],
        record_hash=batch.texts["record_hash"],
        words=all_of - before,
        title_words=titled - before,
    )
    make = _postings if native is None else _postings_compiled
    postings = make(_terms(connection, batch.words), batch.codes, until)
    postings["doc"] = docs[postings["doc"]]
    _insert(connection, "postings", **postings)


def _postings_compiled(
    terms: NDArray[np.int32], codes: Numbers, until: NDArray[np.int64]
) -> dict[str, Any]:
    """Do what ``_postings`` does."""
    assert native is not None
    in_order, ranks = np.unique(terms, return_inverse=True)
    rank, doc, times, title_times, ends, places = (
        np.empty(len(codes) + 1, dtype=np.int32) for _ in range(6)
    )
    count = native.postings(
        codes, ranks.astype(np.int32), len(in_order), until,
        rank, doc, times, title_times, ends, places,
    )  # fmt: skip
    return {
        "term": in_order[rank[:count]],
        "doc": doc[:count],
        "times": times[:count],
        "title_times": title_times[:count],
        "places": pa.ListArray.from_arrays(ends[: count + 1], places[: len(codes)]),
    }


def _postings(terms: NDArray[np.int32], codes: Numbers, until: NDArray[np.int64]) -> dict[str, Any]:
    """Sort words from reading order into postings: one row for each term and document.

    Args:
        terms: the term of each distinct word.
        codes: the words, as indices into ``terms``.
        until: the number of words before the end of each document's title, standfirst and text.
    """
    titled, led, all_of = until
    before = np.append(0, all_of[:-1])
    owner = np.repeat(np.arange(len(all_of), dtype=np.int32), all_of - before)
    number = np.arange(len(codes))
    in_title = number < titled[owner]
    # title, standfirst and text are one empty position apart
    places = 1 + number - before[owner] + ~in_title + (number >= led[owner])
    order = _order(of_words := terms[codes])
    of_words, owner = of_words[order], owner[order]
    begins = np.ones(len(of_words), dtype=bool)
    begins[1:] = (of_words[1:] != of_words[:-1]) | (owner[1:] != owner[:-1])
    rows = np.flatnonzero(begins)
    ends = np.append(rows, len(of_words)).astype(np.int32)
    title_times = np.add.reduceat(in_title[order], rows, dtype=np.int32) if len(rows) else rows
    return {
        "term": of_words[rows],
        "doc": owner[rows],
        "times": np.diff(ends),
        "title_times": title_times,
        "places": pa.ListArray.from_arrays(ends, places.astype(np.int32)[order]),
    }


def _order(terms: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return a stable order that sorts terms: by 16-bit halves, for numpy's radix sort."""
    order = np.argsort(terms.astype(np.uint16), kind="stable")
    high = (terms >> 16).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


def _terms(connection: duckdb.DuckDBPyConnection, words: pa.Array) -> NDArray[np.int32]:
    """Return each word's term number in ``search_index.terms``, adding new words."""
    connection.register("search_batch", pa.table({"code": np.arange(len(words)), "word": words}))
    connection.execute(statements("search/search_terms"))
    connection.unregister("search_batch")
    rows = connection.execute("SELECT term FROM search_coded ORDER BY code").fetchnumpy()
    return np.asarray(rows["term"], dtype=np.int32)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, **columns: Any) -> None:
    connection.register("search_rows", pa.table(columns))
    connection.execute(f"INSERT INTO search_index.{table} BY NAME FROM search_rows")
    connection.unregister("search_rows")


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    (row,) = connection.execute(sql).fetchall()
    return tuple(row)
