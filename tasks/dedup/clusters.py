"""Decide which earlier article each article repeats.

Articles are ordered by date of publication, then by when they were first seen, then by name;
articles without a date come last. In this order, a text near an earlier representative becomes a
copy of the nearest one; any other text becomes a representative itself. Copies of copies therefore
form no chains: each copy names a text that it resembles itself. A text that is part of an earlier
representative, or contains one, names it too, but remains a representative: containment merges
nothing.

The order depends only on the articles and not on their arrival: the same articles always give the
same table.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from copydesk.tasks.dedup.pairs import database, fetch, run
from copydesk.tasks.dedup.tables import DUPLICATES, SCORES, Relation

ARTICLES = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("content_hash", pa.string(), nullable=False),
        pa.field("published_at", pa.timestamp("us", tz="UTC")),
        pa.field("first_seen_at", pa.timestamp("us", tz="UTC")),
    ]
)
"""One row per article, with its current text."""

_CHOSEN = pa.schema(
    [
        pa.field("place", pa.int64()),
        pa.field("earlier", pa.int64()),
        pa.field("relation", pa.string()),
        *SCORES,
    ]
)


def duplicates(articles: pa.Table, edges: pa.Table) -> pa.Table:
    """Return ``DUPLICATES``: one row per article that repeats an earlier one, given ``EDGES``.

    ``duplicate_of`` is never an exact or near copy itself. Exact copies have no scores.
    """
    with database() as connection:
        connection.register("articles", articles)
        connection.register("edges", edges)
        run(connection, "rank_articles")
        ranked = connection.sql("SELECT * FROM ranked_edges ORDER BY rowid").to_arrow_table()
        nearest = _nearest_earlier(ranked.to_pylist())
        connection.register("chosen", pa.Table.from_pylist(nearest, schema=_CHOSEN))
        run(connection, "name_duplicates")
        return fetch(connection, "duplicates", DUPLICATES)


def _nearest_earlier(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choose the nearest earlier representative of each text; ``edges`` has the nearest first."""
    copies: set[int] = set()
    nearest = []
    for rank, group in groupby(edges, key=itemgetter("place")):
        # Earlier texts are decided: one without edges of its own is no copy.
        standing = [edge for edge in group if edge["earlier"] not in copies]
        near = [edge for edge in standing if edge["relation"] == Relation.NEAR]
        if near:
            copies.add(rank)
        nearest += (near or standing)[:1]
    return nearest
