"""DuckDB over the lake's files: what is committed, as views with the columns of this release."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import duckdb

from schemas.columns import Table
from schemas.tables import RUNS, TABLES
from warehouse.delta import Tables
from warehouse.errors import LakeError
from warehouse.store import Store, reason

MEMORY: Final = "2GB"
"""Enough to compare a run of 200,000 articles; what is more goes to a file."""

SPILL: Final = ".building-spill"
"""Folders of what does not fit in memory begin so: one that a killed process left is known."""

_SQL: Final = Path(__file__).parent / "sql"


def statements(name: str) -> str:
    """Read one of the SQL files."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


@contextlib.contextmanager
def scratch(
    store: Store | None = None, *, database: str = ":memory:", spill: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB with limits, in UTC; what does not fit in memory lies in a folder that goes.

    LakeError names a statement's cause.
    """
    folder = (spill or Path(tempfile.gettempdir())) / f"{SPILL}-{secrets.token_hex(4)}"
    connection = duckdb.connect(
        database,
        config={
            "memory_limit": MEMORY,
            "temp_directory": str(folder),  # made when it is needed
            "preserve_insertion_order": False,
        },
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if store is not None:
            store.register(connection)
        yield connection
    finally:
        connection.close()
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)


def select(table: Table, files: Sequence[str]) -> str:
    """Write a SELECT of a table's columns from Parquet files, old ones and none at all too.

    A column that no file has is null; one that this release does not know is left out.
    """
    columns = ", ".join(
        f'CAST(NULL AS {column.kind.value}) AS "{column.name}"' for column in table.columns
    )
    empty = f"SELECT {columns} WHERE false"
    if not files:
        return empty
    names = ", ".join(f'"{name}"' for name in table.names)
    read = f"FROM read_parquet({literals(files)}, union_by_name = true)"
    return f"SELECT {names} FROM ({empty} UNION ALL BY NAME {read})"  # noqa: S608


def literals(values: Sequence[str]) -> str:
    """Write a list of strings in SQL."""
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"


class Cut:
    """The lake as it is at one moment, in a DuckDB connection.

    ``runs`` is read first and the other tables after it: a run that is in ``runs`` has all its
    rows in files that are listed later. Makes the tables ``runs``, ``committed`` and ``counted``
    (run ids; of each slice only the run begun last counts), and, when asked, views of the other
    tables with the committed rows alone.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
        self.connection = connection
        self._tables = tables
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE lake_runs AS {select(RUNS, tables.files('runs'))}"
        )
        connection.execute(statements("cut"))

    def view(self, name: str, *, runs: Sequence[str] | None = None) -> None:
        """Make the view ``lake_<name>``; of ``runs`` alone, where only their files are read."""
        chosen = "run_id IN (SELECT run_id FROM committed)"
        if runs is not None:
            listed = ", ".join(literals(runs)[1:-1].split(", ")) if runs else "NULL"
            chosen = f"run_id IN ({listed})"
        rows = select(TABLES[name], self._tables.files(name))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW lake_{name} AS SELECT * FROM ({rows}) WHERE {chosen}"  # noqa: S608
        )


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn DuckDB's errors into a LakeError that says what was being done."""
    try:
        yield
    except duckdb.Error as error:
        raise LakeError(f"cannot {what}: {reason(error)}") from error
