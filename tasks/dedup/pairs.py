"""Which texts are copies: new signatures against stored ones and against each other.

The connection that is given has views or tables ``fresh_shingles`` and ``known_shingles``
(``content, hash``; of the known ones those suffice that share a hash with a fresh one), ``unseen``
(``content``: fresh ones that were never compared) and ``signatures`` (columns of ``SIGNATURES``:
all but ``month`` and ``words``, of all these contents). Temporary tables are left in it, so give
one of its own.

The result does not depend on the order in which texts arrive, but for one thing: a phrase
counts until it is *frequent*, and what is frequent is known only in the end. So ``compare`` may
find a pair too many, never too few, and says whose pairs ``settle`` has to weigh again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa

from copydesk.tasks.dedup.signatures import KEEP
from copydesk.tasks.dedup.tables import EDGES, SHINGLES, SIGNATURES, content_number

if TYPE_CHECKING:
    import duckdb


@contextmanager
def database(
    *, memory: str = "2GB", threads: int | None = None, spill: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database within a limit of memory.

    Without ``threads`` it takes all processors; ``spill`` is a folder.
    """
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory}
    if threads is not None:
        config["threads"] = threads
    if spill is not None:
        config["temp_directory"] = spill
    connection = duckdb.connect(config=config)
    try:
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def set_variables(connection: duckdb.DuckDBPyConnection, variables: Mapping[str, float]) -> None:
    """Set what the statements read with ``getvariable``."""
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = {value}")


def run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run the statements of ``sql/<name>.sql``."""
    connection.execute(
        (files("copydesk.tasks.dedup") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    )


def fetch(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> pa.Table:
    """Give a table of the database in the schema's columns and types, in the order of its rows."""
    columns = ", ".join(schema.names)
    query = f"SELECT {columns} FROM {name} ORDER BY rowid"  # noqa: S608
    return connection.sql(query).to_arrow_table().cast(schema)


_HASHES: Final = (1 << 64) // KEEP

_A_PART: Final = 5_000_000
"""Fresh shingles that are counted at a time: half a gigabyte of DuckDB's memory."""


@dataclass(frozen=True, slots=True)
class PairRules:
    """What makes two texts copies, tuned on edited copies and on templates (benchmarks/).

    They share ``least_shared`` kept shingles, and ``jaccard`` of all or ``containment`` of the
    shorter one's, and most of the numbers (if the text with fewer has ``least_numbers``) and
    most of the names of the text that has fewer; with no facts to compare, ``unguarded`` takes
    the place of ``jaccard``. A text of at most ``part`` of the other's length is contained in
    it. A shingle that more than ``frequent`` contents have does not count as shared.

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


RULES: Final = PairRules()

Signed = tuple[pa.Table, pa.Table]
"""``SIGNATURES`` and ``SHINGLES`` of some texts."""

_NOTHING: Final[Signed] = SIGNATURES.empty_table(), SHINGLES.empty_table()


@dataclass(frozen=True, slots=True)
class PairSet:
    """The copies as ``EDGES``, and what stored pairs no longer share.

    ``crowded`` are the stored contents (``content_hash, content, hash``) that share a phrase with
    so many fresh ones that it no longer counts.
    """

    edges: pa.Table
    crowded: pa.Table


def find_edges(
    fresh: Signed, stored: Signed = _NOTHING, *, rules: PairRules = RULES, parts: int | None = None
) -> PairSet:
    """Compare tables in memory.

    Known rows of the fresh contents do no harm; rows that occur twice count once.
    """
    with database() as connection:
        connection.register("fresh_shingles", fresh[1])
        connection.register("known_shingles", stored[1])
        connection.register("signatures", pa.concat_tables([fresh[0], stored[0]]))
        connection.register("unseen", fresh[0].select(["content"]))
        return compare(connection, rules=rules, parts=parts)


def compare(
    connection: duckdb.DuckDBPyConnection, *, rules: PairRules = RULES, parts: int | None = None
) -> PairSet:
    """Find the copies among fresh contents and between fresh and known ones.

    ``parts`` ranges of hashes are counted one after the other; without it their number follows
    from that of the fresh shingles.
    """
    if parts is None:
        row = connection.execute("SELECT count(*) FROM fresh_shingles").fetchone()
        parts = 1 + (row[0] if row else 0) // _A_PART
    set_variables(connection, asdict(rules))
    for part in range(parts):
        _cut_to(connection, part, parts)
        run(connection, "count_shared")
        for name in ("counts", "crowded"):
            statement = f"INSERT INTO all_{name}" if part else f"CREATE TEMP TABLE all_{name} AS"
            connection.execute(f"{statement} FROM {name}")
            connection.execute(f"DROP TABLE {name}")
    connection.execute("ALTER TABLE all_counts RENAME TO counts")
    crowded = connection.sql(
        "SELECT DISTINCT content_hash, content, hash"
        " FROM all_crowded JOIN signatures USING (content)"
    )
    return PairSet(_judge(connection, rules), crowded.to_arrow_table())


def settle(
    connection: duckdb.DuckDBPyConnection,
    edges: pa.Table,
    crowded: pa.Table,
    *,
    rules: PairRules = RULES,
) -> pa.Table:
    """Weigh known edges again without the phrases of ``crowded``; give those that remain.

    Nothing is counted anew: what a pair shares is what it shared, less what became frequent.
    """
    connection.register("known_pairs", _pairs(connection, edges))
    connection.register("crowded", crowded)
    run(connection, "weigh_again")
    return _judge(connection, rules)


def _judge(connection: duckdb.DuckDBPyConnection, rules: PairRules) -> pa.Table:
    """Return those pairs of the connection's ``counts`` that are copies, as ``EDGES``."""
    set_variables(connection, asdict(rules))
    run(connection, "score_pairs")
    return fetch(connection, "edges", EDGES)


def _pairs(connection: duckdb.DuckDBPyConnection, edges: pa.Table) -> pa.Table:
    """Return the pairs of ``EDGES`` once each, as numbers: ``low, high, shared``."""
    connection.register("known_edges", edges)
    pairs = connection.sql(
        "SELECT content_hash_a AS low, content_hash_b AS high, max(shared) AS shared "
        "FROM known_edges WHERE content_hash_a < content_hash_b GROUP BY ALL ORDER BY ALL"
    ).to_arrow_table()
    low, high = (
        pa.array([content_number(value) for value in pairs[name].to_pylist()], pa.int64())
        for name in ("low", "high")
    )
    return pa.table({"low": low, "high": high, "shared": pairs["shared"]})


def _cut_to(connection: duckdb.DuckDBPyConnection, part: int, parts: int) -> None:
    """Name the shingles of one of ``parts`` ranges of hashes."""
    low, high = (_HASHES * at // parts for at in (part, part + 1))
    condition = f"hash >= {low} AND hash < {high}" if parts > 1 else "true"
    for name, source in (("new_shingles", "fresh_shingles"), ("stored_shingles", "known_shingles")):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {source} WHERE {condition}")
