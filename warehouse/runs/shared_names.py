"""Different stories under one canonical address: each is named by where it was read.

A page's canonical address names its article. Sites write one address into pages that have nothing
to do with each other; then one would be a revision of the other, and lost to who reads.
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
"""Runs of words of a text below which nothing is said of it."""
_ALIKE: Final = 0.3
"""Share of the shorter text's runs that two versions of one story have in common, at least."""
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
"""Items whose canonical address did not name them any more when they were read before."""

_Row = dict[str, Any]


def name_apart(connection: duckdb.DuckDBPyConnection) -> int:
    """Rename, in the views of a run's rows, what shares its name with another story.

    Needs the views ``staged_*``, ``apart_*``, ``run_*`` and ``lake_*``; gives how many items were
    renamed. One that was in an earlier run is again, whatever it is compared with.
    """
    elsewhere = connection.sql(
        "SELECT item_id, article_id, source, locator, url FROM run_observations "
        "WHERE canonical_url IS NOT NULL AND canonical_url <> url"
    ).fetchall()
    own = {
        item: article_id(source, locator, canonical=None, url=url)
        for item, _, source, locator, url in elsewhere
    }
    moved = [(item, article) for item, article, *_ in elsewhere if own[item] != article]
    if not moved:
        return 0
    items = pa.table({"item_id": [item for item, _ in moved],
                      "own": [own[item] for item, _ in moved]})  # fmt: skip
    articles = pa.table({"article_id": sorted({article for _, article in moved})})
    connection.register("moved", items)
    connection.register("named", articles)
    names: dict[str, str] = dict(connection.sql(_RENAMED_BEFORE).fetchall())
    found = connection.sql(statements("runs/seal_shared")).to_arrow_table().to_pylist()
    for _, group in groupby(found, key=lambda row: row["article_id"]):
        names |= _names(list(group))
    if names:
        renamed = pa.table({"item_id": list(names), "name": list(names.values())})
        connection.register("renamed_items", renamed)
        connection.execute("CREATE TEMP TABLE renamed AS FROM renamed_items")
        for table in _TABLES:
            connection.execute(_RENAMED.format(table=table))
    return len(names)


def _names(rows: Sequence[_Row]) -> dict[str, str]:
    """Give the items of one article that are other stories, with their own names."""
    article = rows[0]["article_id"]
    settled = [row for row in rows if not row["of_run"] or _own(row) == article]
    movable = [row for row in rows if row["of_run"] and _own(row) != article]
    if settled:
        others = [row for row in movable if not any(_is_same(row, one) for one in settled)]
    else:  # none of them stands at the address: it is nobody's, unless they are one story
        others = movable if not all(_is_same(movable[0], row) for row in movable) else []
    return {row["item_id"]: _own(row) for row in others}


def _own(row: _Row) -> str:
    """Name a row by where it was read."""
    return article_id(row["source"], row["locator"], canonical=None, url=row["url"])


def _is_same(one: _Row, other: _Row) -> bool:
    """Tell versions of one story: it has its heading, or enough of its words, or too few to say."""
    if _words(one["title"]) == _words(other["title"]) or one["item_id"] == other["item_id"]:
        return True
    first, second = _runs(one["text"]), _runs(other["text"])
    least = min(len(first), len(second))
    return least < _LEAST or len(first & second) >= _ALIKE * least


def _words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").casefold())


def _runs(text: str | None) -> set[tuple[str, ...]]:
    words = _words(text)
    return set(zip(*(words[n:] for n in range(_RUN)), strict=False))
