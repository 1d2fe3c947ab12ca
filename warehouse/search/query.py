"""Runs searches in the published file."""

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
"""Private-use characters around matches; no text has them, and they never leave this module."""

_LETTERS_AN_EDIT: Final = 4
"""A similar word may differ by one edit for each so many letters."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that matches a query.

    ``marks`` are the character ranges (start, end exclusive) of the query's words in ``snippet``.
    ``copies`` are ids of articles that repeat it, or that it repeats.
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
    """Return the best hits; ``since`` and ``until`` are inclusive days.

    Raises:
        WarehouseError: the file has no index, or the search fails.
    """
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
            "the published file has no search index yet; copydesk publish --rebuild creates it"
        ) from None
    except duckdb.Error as error:
        raise WarehouseError(f"cannot search for {query!r}: {reason(error)}") from error
    return [_hit(row) for row in rows]


def has_positive_terms(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Return whether a query has a term that is not excluded; without one it finds nothing."""
    sql = "SELECT count(*) FROM search_clauses(?) WHERE NOT excluded"
    return bool(connection.execute(sql, [query]).fetchall()[0][0])


def similar_words(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, list[str]]:
    """Return similar indexed words for each word of the query that no article has."""
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
    return {word: [candidate for candidate in near if candidate is not None] for word, near in rows}


def _hit(row: Sequence[Any]) -> Hit:
    snippet, marks = _unmarked(row[11] or "")
    facts: list[Any] = [*row[:10], tuple(row[10]), snippet, marks]
    return Hit(*facts)


def _unmarked(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a snippet without its marks, and their character ranges in it."""
    plain, marks, begin = "", [], 0
    for part in re.split(f"([{_BEGIN}{_END}])", text):
        if part == _BEGIN:
            begin = len(plain)
        elif part == _END:
            marks.append((begin, len(plain)))
        else:
            plain += part
    return plain, tuple(marks)
