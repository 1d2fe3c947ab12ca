"""Index of text signatures: finds the stored texts that share a shingle with new texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.tables import SHINGLES, SIGNATURES
from copydesk.warehouse.publish.sorted_segments import Numbers, SortedSegments
from copydesk.warehouse.storage.duckdb_views import listed, statements

if TYPE_CHECKING:
    import duckdb

_SHINGLES: Final = ("hash", "content")
_SIGNATURES: Final = (
    *("content", "content_hash", "run_id", "month", "shingles"),
    *("numbers", "names", "openers"),
)
SHINGLE_ROWS: Final = 1_000_000
"""Rows of shingles in memory at a time: 16 MB."""

SIGNATURE_ROWS: Final = 50_000
"""Rows of signatures in memory at a time: 15 MB."""


class SignatureIndex:
    """Sorted segments in a folder: shingles by hash, signatures by content number.

    They are filled from ``lake_shingles`` and ``lake_signatures`` of a connection.
    """

    def __init__(self, folder: Path) -> None:
        """Store which folder it is; nothing is read or created yet."""
        schemas = {table.name: arrow_schema(table) for table in (SHINGLES, SIGNATURES)}
        self.shingles = SortedSegments(
            folder / "shingles", _only(schemas["shingles"], _SHINGLES), SHINGLE_ROWS
        )
        self.signatures = SortedSegments(
            folder / "signatures", _only(schemas["signatures"], _SIGNATURES), SIGNATURE_ROWS
        )

    def drop(self) -> None:
        """Delete both."""
        self.shingles.drop()
        self.signatures.drop()

    def update(self, connection: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> None:
        """Add the rows of the runs that the index lacks."""
        for lookup, names, table in (
            (self.shingles, _SHINGLES, SHINGLES),
            (self.signatures, _SIGNATURES, SIGNATURES),
        ):
            lookup.update(runs, partial(_read, connection, table.name, names, lookup.batch))

    def find(self, connection: duckdb.DuckDBPyConnection, fresh: Sequence[str]) -> None:
        """Create the tables from which the ``fresh`` runs are compared."""
        runs = listed(fresh)
        connection.execute(statements("publish/copies_fresh").replace("{fresh}", runs))
        shingles = self.shingles.rows(_numbers(connection, "SELECT hash FROM fresh_shingles"))
        connection.register("looked_up", shingles)
        contents = "SELECT content FROM looked_up UNION ALL SELECT content FROM fresh_signed"
        connection.register("signatures", self.signatures.rows(_numbers(connection, contents)))
        connection.execute(statements("publish/copies_known").replace("{fresh}", runs))


def _only(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    return pa.schema([schema.field(name) for name in names])


def _read(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    names: Sequence[str],
    rows: int,
    runs: Sequence[str],
) -> Iterator[pa.RecordBatch]:
    yield from connection.sql(
        f"SELECT {', '.join(names)} FROM lake_{table}"  # noqa: S608
        f" WHERE run_id IN ({listed(runs)}) ORDER BY {names[0]}"
    ).to_arrow_reader(rows)


def _numbers(connection: duckdb.DuckDBPyConnection, sql: str) -> Numbers:
    """Return the integers in a query's only column, sorted and without repeats."""
    (column,) = connection.sql(sql).fetchnumpy().values()
    numbers: Numbers = np.sort(column).astype(np.int64, copy=False)
    # numpy's unique hashes first, which takes ten times as long
    first: NDArray[np.bool_] = np.diff(numbers, prepend=numbers[:1] - 1) != 0
    return numbers[first]
