"""DuckDB as the comparison uses it: in memory, and the statements of ``sql/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files

import duckdb
import pyarrow as pa


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
    connection.execute((files("tasks.dedup") / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def fetch(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> pa.Table:
    """Give a table of the database in the schema's columns and types, in the order of its rows."""
    columns = ", ".join(schema.names)
    query = f"SELECT {columns} FROM {name} ORDER BY rowid"  # noqa: S608
    return connection.sql(query).to_arrow_table().cast(schema)
