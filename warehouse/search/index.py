"""The index that makes the published texts searchable: its tables, its macros, its filling.

Why in the file and not beside it (``python -m benchmarks.search``): hits join with the tables in
one statement, any DuckDB client has them, and what becomes of a version becomes of its index:
swapped, rolled back, pruned and forgotten with it.
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
from copydesk.warehouse.search.tokenize import cut
from copydesk.warehouse.storage.duckdb_views import apart, statements

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

BATCH: Final = 5_000
"""Documents at once, at most."""

WORDS: Final = 1_500_000
"""Words at once: about 220 MB, once a reader and once more."""

READERS: Final = 2
"""Threads that cut the next texts into words while these are indexed: to cut takes three times as
long as to index, so that with two of them two cores are busy."""

_DEAD: Final = 0.3
"""Share of documents that are no longer current at which the index is made anew: it holds at
most so much more than it needs, and each text is indexed about three times in its life."""

_CHANGED: Final = (
    'SELECT place AS "row", article_id, record_hash FROM standing'
    " WHERE is_current AND article_id IN (SELECT article_id FROM changed)",
    "SELECT article_id FROM changed",
)
_ALL: Final = (
    'SELECT rowid AS "row", article_id, record_hash FROM revisions WHERE is_current',
    "SELECT article_id FROM search_index.documents",
)
"""Current rows, and the articles that the index is brought in line with."""

_TITLE: Final = 3
"""What a word of the title counts in the text's words, as in Okapi at TREC-13 and most engines
since (Robertson and Zaragoza 2009, 3.6: between 2 and 40 by collection)."""

_SPACELESS: Final = "".join(
    rf"\p{{{script}}}"
    for script in (
        "Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Yi"
    )
) + r"\x{30FC}\x{FF70}"  # fmt: skip
"""Scripts without spaces, and Korean, whose particles stand at the noun; the sign that lengthens
a vowel is of no script."""

_OUTSIDE: Final = r"\p{P}\p{S}\p{Z}\p{C}"
_COMPOSED: Final = (
    r"\x{0}-\x{2FF}\x{388}-\x{482}\x{2002}-\x{20CF}\x{2100}-\x{2125}\x{212C}-\x{2328}"
    r"\x{232B}-\x{2ADB}\x{2E80}-\x{3029}\x{309B}-\x{A48F}\x{AC00}-\x{D7A3}\x{FE00}-\x{FE0F}"
    r"\x{FE30}-\x{FFEF}\x{1F000}-\x{1FAFF}"
)
"""Letters that are in NFC whatever stands beside them: to bring a text into NFC takes longer than
to cut it into words, and nine in ten have no others."""

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
    """Give the SQL that makes the empty index and the macros."""
    macros = statements("search/search_macros")
    for name, value in _FILLED.items():
        macros = macros.replace("{" + name + "}", value)
    return statements("search/search_tables") + macros


def bring_up_search(connection: duckdb.DuckDBPyConnection) -> int:
    """Index the current texts that the index lacks; gives their number.

    What is no longer current leaves ``documents`` and is found no more. Each batch is written by
    itself: the file has no readers yet, and one transaction would hold the index in memory.
    """
    # looking at every article would grow with the store; the counts tell whether it is needed
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
        others = [stack.enter_context(apart(connection)) for _ in range(READERS)]
        for other in others:
            other.register("search_lacking", lacking)
        threads = stack.enter_context(ThreadPoolExecutor(READERS))
        waiting: deque[Future[_Cut]] = deque()
        for number, (start, end) in enumerate(_stretches(lacking["words"].to_numpy())):
            other = others[number % READERS]  # what it read before has been taken
            waiting.append(threads.submit(_read, other, start=start, end=end, first=first))
            if len(waiting) == READERS:
                _index(connection, waiting.popleft().result())
        while waiting:
            _index(connection, waiting.popleft().result())
    checkpoint("publish:search")
    return len(lacking)


def _stretches(words: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut texts, by their words, into stretches of at most ``BATCH`` texts and ``WORDS`` words."""
    ends = np.cumsum(words)
    start = 0
    while start < len(words):
        before = ends[start - 1] if start else 0
        end = int(np.searchsorted(ends, before + WORDS, side="right"))
        end = max(start + 1, min(end, start + BATCH))
        yield start, end
        start = end


def _take(connection: duckdb.DuckDBPyConnection, current: str, asked: str) -> None:
    """List what the index lacks of the articles that a SELECT names, by their current rows."""
    take = statements("search/search_take").replace("{current}", current).replace("{asked}", asked)
    connection.execute(take)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Texts and what they were cut into.

    ``codes`` are the words in reading order, by their numbers in ``words``; ``starts`` are their
    first bytes, ``ends`` those after each title, standfirst and text (three rows).
    """

    texts: pa.Table
    starts: NDArray[np.int64]
    codes: NDArray[np.int64]
    words: pa.StringArray
    ends: NDArray[np.int64]


def _read(connection: duckdb.DuckDBPyConnection, **asked: int) -> _Cut:
    """Read the lacking texts from number ``start`` to before ``end`` and cut them into words.

    ``first`` is the document number of the first of all.
    """
    texts = connection.sql(statements("search/search_read"), params=asked).to_arrow_table()
    letters = texts["text"].combine_chunks()
    _, offsets, held = letters.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[letters.offset :][: len(texts) + 1]
    octets = np.frombuffer(held, dtype=np.uint8)[bounds[0] : bounds[-1]]
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
    """Put texts into the index."""
    docs = batch.texts["doc"].to_numpy()
    terms = _terms(connection, batch.words)[batch.codes]
    # how many words stand before the end of each title, standfirst, text
    titled, led, all_of = np.searchsorted(batch.starts, batch.ends)
    before = np.append(0, all_of[:-1])
    counts = all_of - before
    owner = np.repeat(np.arange(len(docs), dtype=np.int32), counts)
    number = np.arange(len(terms))
    # between title, standfirst and text a place is left free
    places = 1 + number - before[owner] + (number >= titled[owner]) + (number >= led[owner])
    title_words = titled - before
    _insert(
        connection,
        "documents",
        doc=docs,
        article_id=batch.texts["article_id"],
        record_hash=batch.texts["record_hash"],
        words=counts,
        title_words=title_words,
    )
    postings = _postings(terms, owner, places.astype(np.int32), number < titled[owner])
    postings["doc"] = docs[postings["doc"]]
    _insert(connection, "postings", **postings)


def _postings(
    terms: NDArray[np.int32],
    owner: NDArray[np.int32],
    places: NDArray[np.int32],
    in_title: NDArray[np.bool_],
) -> dict[str, Any]:
    """Bring words, in reading order, into the order of terms: one row a term and document."""
    order = _order(terms)
    terms, owner = terms[order], owner[order]
    begins = np.ones(len(terms), dtype=bool)
    begins[1:] = (terms[1:] != terms[:-1]) | (owner[1:] != owner[:-1])
    rows = np.flatnonzero(begins)
    ends = np.append(rows, len(terms)).astype(np.int32)
    titled = np.add.reduceat(in_title[order], rows, dtype=np.int32) if len(rows) else rows
    return {
        "term": terms[rows],
        "doc": owner[rows],
        "times": np.diff(ends),
        "title_times": titled,
        "places": pa.ListArray.from_arrays(ends, places[order]),
    }


def _order(terms: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give the order that sorts terms, equal ones as they stand: by halves, which numpy counts."""
    order = np.argsort(terms.astype(np.uint16), kind="stable")
    high = (terms >> 16).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


def _terms(connection: duckdb.DuckDBPyConnection, words: pa.Array) -> NDArray[np.int32]:
    """Give the term of each word, as the numbers that ``search_index.terms`` knows or now gets."""
    connection.register("search_batch", pa.table({"code": np.arange(len(words)), "word": words}))
    connection.execute(statements("search/search_terms"))
    connection.unregister("search_batch")
    found = connection.execute("SELECT term FROM search_coded ORDER BY code").fetchnumpy()
    return np.asarray(found["term"], dtype=np.int32)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, **columns: Any) -> None:
    connection.register("search_rows", pa.table(columns))
    connection.execute(f"INSERT INTO search_index.{table} BY NAME FROM search_rows")
    connection.unregister("search_rows")


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    (row,) = connection.execute(sql).fetchall()
    return tuple(row)
