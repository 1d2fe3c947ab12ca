"""Find copies: compare new signatures with stored ones and with each other.

The connection passed in has views or tables ``fresh_shingles`` and ``known_shingles`` (``content,
hash``; the known ones may be limited to those that share a hash with a fresh one), ``unseen``
(``content``: fresh contents that were never compared) and ``signatures`` (columns of ``SIGNATURES``
except ``month`` and ``words``, for all these contents). Use a separate connection: temporary tables
remain in it.

The result does not depend on the order in which texts arrive, with one exception: a phrase counts
until it is *frequent*, which is only known at the end. ``compare`` may therefore find a pair too
many, never too few, and reports whose pairs ``settle`` must check again.
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
    """Open a database with a memory limit.

    Without ``threads`` it uses all processors; ``spill`` is a folder for temporary files.
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
    """Set the variables that the statements read with ``getvariable``."""
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = {value}")


def run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run the statements of ``sql/<name>.sql``."""
    connection.execute(
        (files("copydesk.tasks.dedup") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    )


def fetch(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> pa.Table:
    """Return a table in the schema's columns and types, in the order of its rows."""
    columns = ", ".join(schema.names)
    query = f"SELECT {columns} FROM {name} ORDER BY rowid"  # noqa: S608
    return connection.sql(query).to_arrow_table().cast(schema)


_HASHES: Final = (1 << 64) // KEEP

_A_PART: Final = 5_000_000
"""Fresh shingles counted at a time: half a gigabyte of DuckDB's memory."""


@dataclass(frozen=True, slots=True)
class PairRules:
    """Thresholds for copies, tuned on edited copies and on templates (benchmarks/).

    Two copies share ``least_shared`` kept shingles, and ``jaccard`` of all shingles or
    ``containment`` of the shorter text's. They also share most numbers and most names of the text
    that has fewer; numbers are compared if it has ``least_numbers``. Without facts to compare,
    ``unguarded`` replaces ``jaccard``. A text of at most ``part`` of the other's length is
    contained in it. A shingle in more than ``frequent`` contents does not count as shared.

    Reports that fill one form (death notices, match reports, weather) are no copies: what differs
    between them is mostly facts, in both alike. Each text has at least ``form_facts`` facts that
    the other lacks: at least ``form_share`` of its facts in the text with fewer, and there
    ``form_density`` for each sampled shingle of its own (blanks of a form have 1 to 3, prose .5);
    the other text has at most ``form_balance`` times as many. They share at most ``form_shared``
    shingles (250 words of frame), and their containment is below ``form_containment``.

    ``jaccard`` was .12 or less in most folds: copies with every tenth word replaced share no more,
    and the facts exclude unrelated texts.
    """

    least_shared: int = 3
    jaccard: float = 0.12
    containment: float = 0.5
    least_numbers: int = 2
    unguarded: float = 0.3
    part: float = 0.5
    frequent: int = 1000
    form_facts: int = 5
    form_share: float = 0.15
    form_density: float = 1.0
    form_balance: float = 2.0
    form_shared: int = 32
    form_containment: float = 0.83


RULES: Final = PairRules()

Signed = tuple[pa.Table, pa.Table]
"""``SIGNATURES`` and ``SHINGLES`` of some texts."""

_NOTHING: Final[Signed] = SIGNATURES.empty_table(), SHINGLES.empty_table()


@dataclass(frozen=True, slots=True)
class PairSet:
    """The copies as ``EDGES``, and the stored pairs to check again.

    ``crowded`` are the stored contents (``content_hash, content, hash``) that share a phrase with
    so many fresh ones that it no longer counts.
    """

    edges: pa.Table
    crowded: pa.Table


def find_edges(
    fresh: Signed, stored: Signed = _NOTHING, *, rules: PairRules = RULES, parts: int | None = None
) -> PairSet:
    """Find the copies in tables that are in memory.

    The fresh tables may include stored rows; duplicate rows count once.
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
    """Find copies among fresh contents, and between fresh and known ones.

    Hashes are counted in ``parts`` ranges, one after another; by default their number depends on
    the number of fresh shingles.
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
    """Check stored edges again without the phrases of ``crowded``; return those that remain.

    Nothing is recounted: a pair's shared shingles are reduced by those that became frequent.
    """
    connection.register("known_pairs", _pairs(connection, edges))
    connection.register("crowded", crowded)
    run(connection, "weigh_again")
    return _judge(connection, rules)


def _judge(connection: duckdb.DuckDBPyConnection, rules: PairRules) -> pa.Table:
    """Return the pairs in the connection's ``counts`` that are copies, as ``EDGES``."""
    set_variables(connection, asdict(rules))
    run(connection, "score_pairs")
    return fetch(connection, "edges", EDGES)


def _pairs(connection: duckdb.DuckDBPyConnection, edges: pa.Table) -> pa.Table:
    """Return each pair of ``EDGES`` once, as numbers: ``low, high, shared``."""
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
    """Limit the shingle views to one of ``parts`` ranges of hashes."""
    low, high = (_HASHES * at // parts for at in (part, part + 1))
    condition = f"hash >= {low} AND hash < {high}" if parts > 1 else "true"
    for name, source in (("new_shingles", "fresh_shingles"), ("stored_shingles", "known_shingles")):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {source} WHERE {condition}")
