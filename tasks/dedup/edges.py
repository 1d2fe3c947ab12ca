"""Which texts are copies: new signatures against stored ones and against each other.

The work is cut by ranges of hashes, which may be counted on any worker, in any order; counts
are added up over all ranges before anything is judged. Rows come as Arrow tables or as lists of
Parquet files; DuckDB does the joins within a limit of memory.

The result does not depend on the order in which texts arrive, but for one thing: a phrase
counts until it is *frequent*, and what is frequent is known only in the end. So a run may find a
pair too many, never too few, and ``settled_edges`` weighs all pairs found so far again. Runs
that did not see each other's rows have not been compared: whoever publishes compares all that
came since the last time with all that is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedup.engine import RESOURCES, Resources, Rows, database, fetch, run, view
from tasks.dedup.forms import COUNTS, EDGES, SHINGLES, SIGNATURES, content_number
from tasks.dedup.signatures import KEEP

_HASHES: Final = (1 << 64) // KEEP


@dataclass(frozen=True, slots=True)
class Rules:
    """What makes two texts copies, tuned on edited copies and on templates (benchmarks/).

    They share ``least_shared`` kept shingles, and ``jaccard`` of all or ``containment`` of the
    shorter one's, and most of the numbers (if the text with fewer has ``least_numbers``) and
    most of the names of the text that has fewer; with no facts to compare, ``unguarded`` takes
    the place of ``jaccard``. A text of at most ``part`` of the other's length is contained in
    it. A shingle that more than ``frequent`` contents have does not count as shared.
    ``reach`` is how many months apart two copies may be; None compares all.

    ``jaccard`` was .12 or less in most folds: copies in which one word in ten is another share
    no more, and the facts keep strangers apart.
    """

    least_shared: int = 3
    jaccard: float = 0.12
    containment: float = 0.5
    least_numbers: int = 2
    unguarded: float = 0.3
    part: float = 0.5
    frequent: int = 1000
    reach: int | None = None


RULES: Final = Rules()


def find_edges(
    new: tuple[pa.Table, pa.Table],
    stored: tuple[Rows, Rows] = ((), ()),
    *,
    rules: Rules = RULES,
    parts: int = 1,
    resources: Resources = RESOURCES,
) -> pa.Table:
    """Give the copies among ``new`` and between ``new`` and ``stored`` as ``EDGES``.

    Both are pairs of ``SIGNATURES`` and ``SHINGLES``. Stored rows of the new contents do no
    harm; rows that occur twice count once.
    """
    counts = [
        count_shared(new[1], stored[1], part=part, parts=parts, rules=rules, resources=resources)
        for part in range(parts)
    ]
    return score_pairs(counts, [new[0], stored[0]], rules=rules, resources=resources)


def count_shared(
    new: pa.Table,
    stored: Rows,
    *,
    part: int = 0,
    parts: int = 1,
    rules: Rules = RULES,
    resources: Resources = RESOURCES,
) -> pa.Table:
    """Count the shingles in common, in one of ``parts`` ranges of hashes, as ``COUNTS``."""
    with database(resources, asdict(rules)) as connection:
        view(connection, "new_shingles", [new], SHINGLES, hash_range(part, parts))
        within = hash_range(part, parts) + _months(new, rules.reach)
        view(connection, "stored_shingles", [stored], SHINGLES, within)
        connection.execute("CREATE TEMP VIEW unseen AS SELECT content FROM new_shingles")
        run(connection, "count_shared")
        return fetch(connection, "counts", COUNTS)


def score_pairs(
    counts: Sequence[pa.Table],
    signatures: Sequence[Rows],
    *,
    rules: Rules = RULES,
    resources: Resources = RESOURCES,
) -> pa.Table:
    """Judge the pairs whose counts are given, one table a range, and give ``EDGES``."""
    with database(resources, asdict(rules)) as connection:
        connection.register("counts", pa.concat_tables([COUNTS.empty_table(), *counts]))
        view(connection, "signatures", signatures, SIGNATURES)
        run(connection, "score_pairs")
        return fetch(connection, "edges", EDGES)


def settled_edges(
    edges: Rows,
    stored: tuple[Rows, Rows],
    *,
    rules: Rules = RULES,
    parts: int = 1,
    resources: Resources = RESOURCES,
) -> pa.Table:
    """Weigh all known pairs again on all that is stored, and give those that remain, once each.

    Whatever runs found them, in whatever order, the result is the same.
    """
    counts = []
    pairs = known_pairs(edges, resources)
    for part in range(parts):
        with database(resources, asdict(rules)) as connection:
            connection.register("known_pairs", pairs)
            view(connection, "stored_shingles", [stored[1]], SHINGLES, hash_range(part, parts))
            run(connection, "count_again")
            counts.append(fetch(connection, "counts", COUNTS))
    return score_pairs(counts, [stored[0]], rules=rules, resources=resources)


def known_pairs(edges: Rows, resources: Resources) -> pa.Table:
    """Give the pairs of ``EDGES`` once each, as numbers: ``low, high, shared``."""
    with database(resources) as connection:
        view(connection, "edges", [edges], EDGES)
        pairs = connection.sql(
            "SELECT content_hash_a AS low, content_hash_b AS high, max(shared) AS shared "
            "FROM edges WHERE content_hash_a < content_hash_b GROUP BY ALL ORDER BY ALL"
        ).to_arrow_table()
    low, high = (
        pa.array([content_number(value) for value in pairs[name].to_pylist()], pa.int64())
        for name in ("low", "high")
    )
    return pa.table({"low": low, "high": high, "shared": pairs["shared"]})


def hash_range(part: int, parts: int) -> list[str]:
    """Give the conditions that cut shingles to one of ``parts`` ranges of hashes."""
    if parts == 1:
        return []
    low, high = (_HASHES * at // parts for at in (part, part + 1))
    return [f"hash >= {low}", f"hash < {high}"]


def _months(new: pa.Table, reach: int | None) -> list[str]:
    """Give the conditions that leave out the files of months out of reach."""
    if reach is None or not len(new):
        return []
    span = pc.min_max(new["month"]).as_py()
    return [
        f"month >= DATE '{span['min']}' - INTERVAL {reach} MONTH",
        f"month <= DATE '{span['max']}' + INTERVAL {reach} MONTH",
    ]
