"""Asking the published file's search, and what it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import duckdb

from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.storage.storage import reason

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGIN, _END = chr(0xE000), chr(0xE001)
"""For private use: no text has them, and they never leave this module."""

_LETTERS_AN_EDIT: Final = 4
"""A word is offered for one that no article has when they differ by an edit for so many letters."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a query found.

    ``marks`` are the places of the query's words in ``snippet``: first character, one after the
    last. ``copies`` are ids of articles that repeat it, or that it repeats.
    """

    rank: int
    score: float
    article_id: str
    title: str
    url: str
    site: str | None
    source: str
    language: str | None
    published_at: datetime | None
    duplicate_of: str | None
    copies: tuple[str, ...]
    snippet: str
    marks: tuple[tuple[int, int], ...]


def find(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    *,
    limit: int = 20,
    copies: bool = False,
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
    site: str | None = None,
    language: str | None = None,
) -> list[Hit]:
    """Give the best hits; days are inclusive. WarehouseError for a file without an index."""
    sql = (
        "FROM search($query, hits := $hits, copies := $copies, since := $since, until := $until,"
        " in_source := $source, in_site := $site, in_language := $language,"
        " before := chr(57344), after := chr(57345))"
    )
    values: dict[str, Any] = {
        "query": query, "hits": limit, "copies": copies, "since": since, "until": until,
        "source": source, "site": site, "language": language,
    }  # fmt: skip
    try:
        rows = connection.execute(sql, values).fetchall()
    except duckdb.CatalogException:
        raise WarehouseError(
            "the published file has no search index yet; copydesk publish --rebuild makes it"
        ) from None
    except duckdb.Error as error:
        raise WarehouseError(f"cannot search for {query!r}: {reason(error)}") from error
    return [_hit(row) for row in rows]


def asks_something(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Tell whether a query names anything that must be there: without, it finds nothing."""
    sql = "SELECT count(*) FROM search_clauses(?) WHERE NOT excluded"
    return bool(connection.execute(sql, [query]).fetchall()[0][0])


def near_words(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, list[str]]:
    """Give words of the index that are spelt like those of a query that no article has."""
    sql = """
        WITH asked AS (
            SELECT DISTINCT unnest(tokens) AS word FROM search_clauses($query)
            WHERE field IN ('', 'title') AND NOT begins AND NOT ends
        ), lacking AS (
            FROM asked WHERE word NOT IN (SELECT word FROM search_index.terms)
        )
        SELECT l.word, list(t.word ORDER BY damerau_levenshtein(l.word, t.word), t.word)[:3]
        FROM lacking l LEFT JOIN search_index.terms t
            ON left(t.word, 1) = left(l.word, 1)
            AND abs(length(t.word) - length(l.word)) <= length(l.word) // $letters
            AND damerau_levenshtein(l.word, t.word) <= length(l.word) // $letters
        GROUP BY l.word ORDER BY l.word
    """
    rows = connection.execute(sql, {"query": query, "letters": _LETTERS_AN_EDIT}).fetchall()
    return {word: [one for one in near if one is not None] for word, near in rows}


def _hit(row: Sequence[Any]) -> Hit:
    snippet, marks = _unmarked(row[11] or "")
    facts: list[Any] = [*row[:10], tuple(row[10]), snippet, marks]
    return Hit(*facts)


def _unmarked(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Take the marks out of a snippet, and give their places in what is left."""
    plain, marks, begin = "", [], 0
    for part in re.split(f"([{_BEGIN}{_END}])", text):
        if part == _BEGIN:
            begin = len(plain)
        elif part == _END:
            marks.append((begin, len(plain)))
        else:
            plain += part
    return plain, tuple(marks)
