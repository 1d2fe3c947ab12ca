"""What new texts are compared with: of all signed texts, those that share a shingle with them."""

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
from copydesk.warehouse.publish.sorted_segments import Lookup, Numbers
from copydesk.warehouse.storage.duckdb_views import listed, statements

if TYPE_CHECKING:
    import duckdb

_SHINGLES: Final = ("hash", "content")
_SIGNATURES: Final = (
    *("content", "content_hash", "run_id", "month", "shingles"),
    *("numbers", "names", "openers"),
)
SHINGLE_ROWS: Final = 1_000_000
"""Rows of shingles at a time: 16 MB."""

SIGNATURE_ROWS: Final = 50_000
"""Rows of signatures at a time: 15 MB."""


class Signed:
    """The lookups in a folder: shingles by their hash, signatures by their content.

    They are read from ``lake_shingles`` and ``lake_signatures`` of a connection.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read or made yet."""
        schemas = {table.name: arrow_schema(table) for table in (SHINGLES, SIGNATURES)}
        self.shingles = Lookup(
            folder / "shingles", _only(schemas["shingles"], _SHINGLES), SHINGLE_ROWS
        )
        self.signatures = Lookup(
            folder / "signatures", _only(schemas["signatures"], _SIGNATURES), SIGNATURE_ROWS
        )

    def drop(self) -> None:
        """Delete both."""
        self.shingles.drop()
        self.signatures.drop()

    def bring_up(self, connection: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> None:
        """Take in the rows of runs that they lack."""
        for lookup, names, table in (
            (self.shingles, _SHINGLES, SHINGLES),
            (self.signatures, _SIGNATURES, SIGNATURES),
        ):
            lookup.bring_up(runs, partial(_read, connection, table.name, names, lookup.batch))

    def find(self, connection: duckdb.DuckDBPyConnection, fresh: Sequence[str]) -> None:
        """Make the tables that comparing the ``fresh`` runs reads."""
        runs = listed(fresh)
        connection.execute(statements("publish/copies_fresh").replace("{fresh}", runs))
        held = self.shingles.rows(_numbers(connection, "SELECT hash FROM fresh_shingles"))
        connection.register("looked_up", held)
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
    """Give the numbers of a query's column, sorted and without repeats."""
    (found,) = connection.sql(sql).fetchnumpy().values()
    numbers: Numbers = np.sort(found).astype(np.int64, copy=False)
    # numpy's unique hashes first, which takes ten times as long
    first: NDArray[np.bool_] = np.diff(numbers, prepend=numbers[:1] - 1) != 0
    return numbers[first]
