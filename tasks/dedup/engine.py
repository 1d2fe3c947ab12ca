"""DuckDB as the comparison uses it: within a limit of memory, over tables and files alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, TypeAlias

import duckdb
import pyarrow as pa

Rows: TypeAlias = pa.Table | Sequence[str]
"""A table, or the paths of Parquet files."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What DuckDB may take: memory, processors (None: all) and a folder to spill to."""

    memory: str = "2GB"
    threads: int | None = None
    spill: str | None = None


RESOURCES: Final = Resources()


@contextmanager
def database(
    resources: Resources, variables: Mapping[str, float | None] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory whose queries read ``variables`` with ``getvariable``."""
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": resources.memory}
    if resources.threads is not None:
        config["threads"] = resources.threads
    if resources.spill is not None:
        config["temp_directory"] = resources.spill
    connection = duckdb.connect(config=config)
    try:
        connection.execute("SET enable_progress_bar = false")
        set_variables(connection, variables or {})
        yield connection
    finally:
        connection.close()


def set_variables(
    connection: duckdb.DuckDBPyConnection, variables: Mapping[str, float | None]
) -> None:
    """Set what the statements read with ``getvariable``."""
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = {'NULL' if value is None else value}")


def view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    sources: Sequence[Rows],
    schema: pa.Schema,
    conditions: Sequence[str] = (),
) -> None:
    """Name the union of tables and files; only the schema's columns are read.

    Names, columns and conditions are the program's own; paths are quoted.
    """
    columns = ", ".join(f'"{column}"' for column in schema.names)
    parts = []
    for number, source in enumerate(sources):
        table = source if isinstance(source, pa.Table) else None
        if table is None and not len(source):
            table = schema.empty_table()
        if table is not None:
            connection.register(f"{name}_{number}", table)
            parts.append(f"SELECT {columns} FROM {name}_{number}")  # noqa: S608
        else:
            paths = ", ".join("'" + path.replace("'", "''") + "'" for path in source)
            parts.append(f"SELECT {columns} FROM read_parquet([{paths}], union_by_name=true)")  # noqa: S608
    where = " AND ".join(conditions) or "true"
    union = " UNION ALL ".join(parts)
    connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM ({union}) WHERE {where}")  # noqa: S608


def run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run the statements of ``sql/<name>.sql``."""
    connection.execute((files("tasks.dedup") / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def fetch(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> pa.Table:
    """Give a table of the database in the schema's columns and types, in the order of its rows."""
    columns = ", ".join(schema.names)
    query = f"SELECT {columns} FROM {name} ORDER BY rowid"  # noqa: S608
    return connection.sql(query).to_arrow_table().cast(schema)
