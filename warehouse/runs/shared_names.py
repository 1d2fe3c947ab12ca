"""Gives unrelated articles with the same canonical address ids of their own.

A page's canonical address identifies its article. Some sites write one address into unrelated
pages; each would then count as a revision of the other, and readers would lose one of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from copydesk.schemas.ids import article_id
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb

_RUN: Final = 3  # words that follow each other
_LEAST: Final = 30
"""Word sequences below which a text is too short to compare."""
_ALIKE: Final = 0.3
"""Least share of the shorter text's word sequences that two versions of one article have in
common."""
_TABLES: Final = ("observations", "ledger", "cuts")
_WORD: Final = re.compile(r"\w+")

_RENAMED: Final = """
    CREATE OR REPLACE TEMP VIEW apart_{table} AS
    SELECT r.* REPLACE (
        CASE WHEN r.article_id IS NOT NULL THEN coalesce(n.name, r.article_id) END AS article_id)
    FROM staged_{table} r LEFT JOIN renamed n USING (item_id)
"""
_RENAMED_BEFORE: Final = """
    SELECT DISTINCT m.item_id, m.own
    FROM moved m
    JOIN run_observations r USING (item_id)
    JOIN lake_observations l ON l.item_id = m.item_id AND l.article_id = m.own
        AND l.canonical_url = r.canonical_url
"""
"""Items that an earlier reading had already renamed."""

_Row = dict[str, Any]


def rename_conflicting(connection: duckdb.DuckDBPyConnection) -> int:
    """Give items that share an id with an unrelated article new ids, in the views of a run's rows.

    Needs the views ``staged_*``, ``apart_*``, ``run_*`` and ``lake_*``; returns the number of
    renamed items. Items that an earlier run renamed stay renamed.
    """
    elsewhere = connection.sql(
        "SELECT item_id, article_id, source, locator, url FROM run_observations "
        "WHERE canonical_url IS NOT NULL AND canonical_url <> url"
    ).fetchall()
    own_names = {
        item: article_id(source, locator, canonical=None, url=url)
        for item, _, source, locator, url in elsewhere
    }
    moved = [(item, article) for item, article, *_ in elsewhere if own_names[item] != article]
    if not moved:
        return 0
    items = pa.table({"item_id": [item for item, _ in moved],
                      "own": [own_names[item] for item, _ in moved]})  # fmt: skip
    articles = pa.table({"article_id": sorted({article for _, article in moved})})
    connection.register("moved", items)
    connection.register("named", articles)
    names: dict[str, str] = dict(connection.sql(_RENAMED_BEFORE).fetchall())
    rows = connection.sql(statements("runs/seal_shared")).to_arrow_table().to_pylist()
    for _, group in groupby(rows, key=lambda row: row["article_id"]):
        names |= _names(list(group))
    if names:
        renamed = pa.table({"item_id": list(names), "name": list(names.values())})
        connection.register("renamed_items", renamed)
        connection.execute("CREATE TEMP TABLE renamed AS FROM renamed_items")
        for table in _TABLES:
            connection.execute(_RENAMED.format(table=table))
    return len(names)


def _names(rows: Sequence[_Row]) -> dict[str, str]:
    """Return new article ids, by item, for the rows of one article id that are other articles."""
    article = rows[0]["article_id"]
    settled = [row for row in rows if not row["of_run"] or _own(row) == article]
    movable = [row for row in rows if row["of_run"] and _own(row) != article]
    if settled:
        others = [row for row in movable if not any(_is_same(row, other) for other in settled)]
    else:  # none of them stands at the address: it is nobody's, unless they are one story
        others = movable if not all(_is_same(movable[0], row) for row in movable) else []
    return {row["item_id"]: _own(row) for row in others}


def _own(row: _Row) -> str:
    """Return the article id by where the row was read."""
    return article_id(row["source"], row["locator"], canonical=None, url=row["url"])


def _is_same(row: _Row, other: _Row) -> bool:
    """Return whether two rows are versions of one article.

    Same title or item, or enough common words.
    """
    if _words(row["title"]) == _words(other["title"]) or row["item_id"] == other["item_id"]:
        return True
    first, second = _runs(row["text"]), _runs(other["text"])
    least = min(len(first), len(second))
    return least < _LEAST or len(first & second) >= _ALIKE * least


def _words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").casefold())


def _runs(text: str | None) -> set[tuple[str, ...]]:
    words = _words(text)
    return set(zip(*(words[start:] for start in range(_RUN)), strict=False))
