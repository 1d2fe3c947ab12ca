"""DuckDB over the lake's files: committed rows as views with this release's columns."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from copydesk.schemas.table_model import Table
from copydesk.schemas.tables import RUNS, TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.storage import Store, reason

if TYPE_CHECKING:
    import duckdb

MEMORY: Final = "2GB"
"""DuckDB's memory limit: enough to compare a run of 200,000 articles; more spills to a file."""

_ROOMS: Final = Path(__file__).parents[1]


@cache
def statements(name: str) -> str:
    """Read an SQL file by package and name: ``publish/views`` is publish/sql/views.sql."""
    room, _, file = name.partition("/")
    return (_ROOMS / room / "sql" / f"{file}.sql").read_text(encoding="utf-8")


@contextlib.contextmanager
def scratch(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection with temporary tables of its own, to read a store's files.

    The database behind it lives as long as the process: starting one takes 16 ms, more than most
    queries.
    """
    connection = _database(os.getpid(), store).cursor()
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def writing(
    store: Store,
    path: Path,
    *,
    is_new: bool,
    storage_version: str = "latest",
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open or create a database file to fill it from a store's files; closes it at the end.

    The file is not synced and has no write-ahead log: it is worthless until it is complete and
    renamed, and a log would be written and then stored again.

    Args:
        store: the files to read.
        path: the database file.
        is_new: the file is created; nobody knows places of its rows.
        storage_version: DuckDB's storage format; must be that of an existing file.
    """
    spill = path.with_name(f"{path.name}-spill")  # made when it is needed
    connection = duckdb.connect(config=_config(spill) | {"fsync_mode": "NONE"})
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        store.register(connection)
        if not is_new:
            # an automatic checkpoint (at 16 MB of log) may move rows whose places the
            # table ``standing`` has; a single one at the end also writes less
            connection.execute("SET GLOBAL checkpoint_threshold = '1TB'")
        options = f"STORAGE_VERSION '{storage_version}', RECOVERY_MODE 'no_wal_writes'"
        connection.execute(f"ATTACH {literals([str(path)])[1:-1]} AS version ({options})")
        connection.execute("USE version")
        yield connection
        connection.execute("USE memory")
        connection.execute("DETACH version")
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


@contextlib.contextmanager
def second_connection(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open another connection to the current database, with temporary tables of its own."""
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    with connection.cursor() as other:
        other.execute(f'USE "{name}"')
        yield other


@lru_cache(maxsize=8)
def _database(_process: int, store: Store) -> duckdb.DuckDBPyConnection:
    """Start an in-memory database for a store; each forked process starts its own."""
    spill = Path(tempfile.gettempdir()) / f"copydesk-{secrets.token_hex(4)}"
    connection = duckdb.connect(config=_config(spill))
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    store.register(connection)
    return connection


atexit.register(_database.cache_clear)  # deletes spilled files when the process ends


def _config(spill: Path) -> dict[str, Any]:
    return {
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
        "preserve_insertion_order": False,
        "enable_external_file_cache": False,  # each file is read only once
    }


def select(table: Table, files: Sequence[str]) -> str:
    """Return a SELECT of a table's columns from Parquet files, also from older ones or none.

    A column that no file has is null; a column that this release does not know is left out.
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
    """Return strings as an SQL list."""
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"


def listed(values: Sequence[str]) -> str:
    """Return strings for ``IN (…)``; an empty sequence matches no row."""
    return literals(values)[1:-1] or "NULL"


class Snapshot:
    """The lake at one moment, as tables and views of a DuckDB connection.

    ``runs`` is read first: a run in it has all its rows in files that are listed later. Creates
    ``lake_runs`` and the tables of run ids ``committed`` and ``counted`` (of each slice, the last
    complete run and later ones count); ``view`` adds the other tables' committed rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
        self.connection = connection
        self._tables = tables
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE lake_runs AS {select(RUNS, tables.files('runs'))}"
        )
        connection.execute(statements("storage/cut"))

    def view(
        self, name: str, *, runs: Sequence[str] | None = None, everything: bool = False
    ) -> None:
        """Create the view ``lake_<name>``.

        Args:
            name: the lake's table.
            runs: limits it to these runs, of whichever state.
            everything: includes rows that are not committed.
        """
        condition = "true" if everything else "run_id IN (SELECT run_id FROM committed)"
        if runs is not None:
            condition = f"run_id IN ({listed(runs)})"
        rows = select(TABLES[name], self._tables.files(name))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW lake_{name} AS SELECT * FROM ({rows}) WHERE {condition}"  # noqa: S608
        )


@contextlib.contextmanager
def lake_errors(what: str) -> Iterator[None]:
    """Raise DuckDB's errors as LakeError: "cannot" and ``what`` was being done."""
    try:
        yield
    except duckdb.Error as error:
        raise LakeError(f"cannot {what}: {reason(error)}") from error


_MACROS: Final = """
CREATE OR REPLACE TEMP MACRO version_order(version) AS
    list_transform(regexp_extract_all(version, '[0-9]+'), lambda part: CAST(part AS BIGINT));
CREATE OR REPLACE TEMP MACRO newest_common(before, this) AS
    list_max(list_transform(
        list_filter(map_keys(this), lambda one: map_contains(before, one)),
        lambda one: struct_pack(
            version := version_order(one), of_before := before[one], of_this := this[one])));
"""
"""SQL macros that compare cleaner versions by their numbers, so that 10 is newer than 9.

``newest_common`` takes two maps from cleaner version to content and returns both contents of the
newest version that read both documents; null where none did.
"""


def make_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary macros that publishing needs; they are not stored in the file."""
    connection.execute(_MACROS)
