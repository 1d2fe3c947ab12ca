"""Decide which earlier article each article repeats.

Articles are ordered by date of publication, then by when they were first seen, then by name;
articles without a date come last. In this order, a text near an earlier representative becomes a
copy of the nearest one; any other text becomes a representative itself. Copies of copies therefore
form no chains: each copy names a text that it resembles itself. A text that is part of an earlier
representative, or contains one, names it too, but remains a representative. A copy of a shortened
copy names the original, as the shortened copy does; a digest of several stories merges nothing.

The order depends only on the articles and not on their arrival: the same articles always give the
same table.
"""

from __future__ import annotations

from collections import defaultdict
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
        pa.field("for_copies", pa.bool_()),
        *SCORES,
    ]
)

Edge = dict[str, Any]
"""A row of ``ranked_edges``: the places of a content and an earlier one, relation and scores."""


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


def _nearest_earlier(edges: list[Edge]) -> list[Edge]:
    """Return for each place the nearest earlier representative; ``edges`` has the nearest first.

    A near copy of a part repeats the whole, as the part does, unless the whole is a digest of
    several stories. ``for_copies`` says that exact copies of a content repeat the same.
    """
    digests = _digests(edges)
    copies: set[int] = set()
    wholes: dict[int, int] = {}
    nearest = []
    for rank, group in groupby(edges, key=itemgetter("place")):
        # Earlier places are settled: an earlier text without edges of its own is no copy.
        standing = [edge for edge in group if edge["earlier"] not in copies]
        near = [edge for edge in standing if edge["relation"] == Relation.NEAR]
        if near:
            copies.add(rank)
        for edge in (near or standing)[:1]:
            chosen = edge
            if edge["relation"] != Relation.CONTAINS and edge["earlier"] in wholes:
                chosen = _repeated_whole(wholes[edge["earlier"]], edge, standing)
            part = chosen["relation"] == Relation.CONTAINED and chosen["earlier"] not in digests
            if part and not near:
                wholes[rank] = chosen["earlier"]
            nearest.append(chosen | {"for_copies": bool(near) or part})
    return nearest


def _repeated_whole(whole: int, edge: Edge, standing: list[Edge]) -> Edge:
    """Return the edge to the whole of which ``edge`` names a part; without scores if unknown."""
    for candidate in standing:
        if candidate["earlier"] == whole and candidate["relation"] != Relation.CONTAINS:
            return candidate
    unknown = dict.fromkeys(field.name for field in SCORES)
    return {
        "place": edge["place"],
        "earlier": whole,
        "relation": Relation.CONTAINED.value,
        **unknown,
    }


def _digests(edges: list[Edge]) -> set[int]:
    """Return the places of wholes with parts that have nothing in common: several stories."""
    linked: set[tuple[int, int]] = set()
    parts: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        linked.add((edge["place"], edge["earlier"]))
        if edge["relation"] == Relation.CONTAINED:
            parts[edge["earlier"]].append(edge["place"])
        elif edge["relation"] == Relation.CONTAINS:
            parts[edge["place"]].append(edge["earlier"])
    return {
        whole
        for whole, (first, *others) in parts.items()
        if any((max(first, other), min(first, other)) not in linked for other in others)
    }
