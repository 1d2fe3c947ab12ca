"""Which article each article repeats.

Articles stand in the order of first publication: published first, then seen first, then by
name; articles without a date come last. Going through them in this order, a text that is near
an earlier representative is named its copy, of the nearest one; any other text is a
representative itself. So copies of copies are not joined into chains: each names a text that it
resembles itself. A part or a whole of an earlier representative names it too, but stays a
representative: containment merges nothing.

The order is the articles' own, not that of their arrival: the same articles give the same
table, whenever they came.
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
"""One row an article, as it reads now."""

_CHOSEN = pa.schema(
    [
        pa.field("place", pa.int64()),
        pa.field("earlier", pa.int64()),
        pa.field("relation", pa.string()),
        *SCORES,
    ]
)


def duplicates(articles: pa.Table, edges: pa.Table) -> pa.Table:
    """Give ``DUPLICATES``: a row for each of ``ARTICLES`` that repeats an earlier one (``EDGES``).

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
    """Choose for each place the nearest earlier representative; ``edges`` nearest first."""
    copies: set[int] = set()
    nearest = []
    for rank, group in groupby(edges, key=itemgetter("place")):
        # Earlier places are settled: an earlier text without edges of its own is no copy.
        standing = [edge for edge in group if edge["earlier"] not in copies]
        near = [edge for edge in standing if edge["relation"] == Relation.NEAR]
        if near:
            copies.add(rank)
        nearest += (near or standing)[:1]
    return nearest
