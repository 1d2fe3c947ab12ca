"""The comparison over a store that is too large to hand over: views of somebody's connection.

The connection has ``fresh_shingles`` and ``known_shingles`` (``content, month, hash``; of the
known ones those suffice that share a hash with a fresh one), ``unseen`` (``content``: fresh ones
that were never compared) and ``signatures`` (columns of ``SIGNATURES``: all but ``month`` and
``words``, of all these contents); it keeps some temporary tables, so give one of its own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from tasks.dedup.edges import RULES, Rules, hash_range, known_pairs
from tasks.dedup.engine import RESOURCES, fetch, run, set_variables
from tasks.dedup.forms import EDGES

if TYPE_CHECKING:
    import duckdb

_A_PART: Final = 5_000_000
"""Fresh shingles that are counted at a time: half a gigabyte of DuckDB's memory."""


@dataclass(frozen=True, slots=True)
class Found:
    """The copies as ``EDGES``, and what stored pairs no longer share.

    ``crowded`` are the stored contents (``content_hash, content, hash``) that share a phrase with
    so many fresh ones that it no longer counts.
    """

    edges: pa.Table
    crowded: pa.Table


def compare_stored(
    connection: duckdb.DuckDBPyConnection, *, rules: Rules = RULES, parts: int | None = None
) -> Found:
    """Find the copies among fresh contents and between fresh and known ones.

    ``parts`` ranges of hashes are counted one after the other; without it their number follows
    from that of the fresh shingles.
    """
    if parts is None:
        found = connection.execute("SELECT count(*) FROM fresh_shingles").fetchone()
        parts = 1 + (found[0] if found else 0) // _A_PART
    set_variables(connection, asdict(rules))
    for part in range(parts):
        _cut_to(connection, part, parts)
        run(connection, "count_shared")
        for name in ("counts", "crowded"):
            how = f"INSERT INTO all_{name}" if part else f"CREATE TEMP TABLE all_{name} AS"
            connection.execute(f"{how} FROM {name}")
            connection.execute(f"DROP TABLE {name}")
    connection.execute("ALTER TABLE all_counts RENAME TO counts")
    run(connection, "score_pairs")
    crowded = connection.sql(
        "SELECT DISTINCT content_hash, content, hash"
        " FROM all_crowded JOIN signatures USING (content)"
    )
    return Found(fetch(connection, "edges", EDGES), crowded.to_arrow_table())


def settle_stored(
    connection: duckdb.DuckDBPyConnection,
    edges: pa.Table,
    crowded: pa.Table,
    *,
    rules: Rules = RULES,
) -> pa.Table:
    """Weigh known edges again without the phrases of ``crowded``; give those that remain.

    Nothing is counted anew: what a pair shares is what it shared, less what became frequent.
    """
    set_variables(connection, asdict(rules))
    connection.register("known_pairs", known_pairs(edges, RESOURCES))
    connection.register("crowded", crowded)
    run(connection, "weigh_again")
    run(connection, "score_pairs")
    return fetch(connection, "edges", EDGES)


def _cut_to(connection: duckdb.DuckDBPyConnection, part: int, parts: int) -> None:
    where = " AND ".join(hash_range(part, parts)) or "true"
    for name, source in (("new_shingles", "fresh_shingles"), ("stored_shingles", "known_shingles")):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {source} WHERE {where}")
