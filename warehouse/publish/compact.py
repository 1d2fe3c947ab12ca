"""Published tables that are stored in fewer bytes than they are read: schema ``compact``.

Markdown is a patch of the text, and the cuts of a text are one row; the views ``revisions`` and
``cuts`` give every value as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from copydesk.schemas.tables import CUT_COLUMNS
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb

    from copydesk.schemas.table_model import Column, Table

COMPACT: Final = ("revisions", "cuts")
"""Published tables that are views of tables in the schema ``compact``."""

_PASSAGES: Final = 'STRUCT("position" BIGINT, kind VARCHAR, rule VARCHAR, score DOUBLE)[]'
_ZSTD: Final = " USING COMPRESSION zstd"
"""Of long texts that are rarely read one by one: a row costs reading its block."""

_TAGS: Final = "SELECT tags FROM duckdb_databases() WHERE database_name = current_database()"


def make_compact(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> None:
    """Create the schema, its empty tables, and the views; the oldest format has no zstd."""
    ((tags,),) = connection.execute(_TAGS).fetchall()
    has_zstd = not (tags or {}).get("storage_version", "v1.0").startswith("v1.0")
    sql = compact_sql(tables)
    connection.execute(sql if has_zstd else sql.replace(_ZSTD, ""))


def compact_sql(tables: Mapping[str, Table]) -> str:
    """Return the SQL that creates the schema, its empty tables, macros and views."""
    revisions = tables["revisions"].columns
    stored = [
        f"markdown_patch VARCHAR{_ZSTD}" if column.name == "markdown" else defined(column)
        for column in revisions
    ]
    keys = [column for column in tables["cuts"].columns if column not in CUT_COLUMNS]
    cuts = [*map(defined, keys), "number BIGINT NOT NULL", f"passages {_PASSAGES} NOT NULL",
            f"texts VARCHAR NOT NULL{_ZSTD}"]  # fmt: skip
    shown = (
        "markdown_of(text, markdown_patch) AS markdown"
        if column.name == "markdown"
        else f'"{column.name}"'
        for column in revisions
    )
    return (
        "CREATE SCHEMA compact;\n"
        f"CREATE TABLE compact.revision_rows ({', '.join(stored)});\n"
        f"CREATE TABLE compact.cut_lists ({', '.join(cuts)});\n"
        + statements("publish/compact").replace("{revisions}", ", ".join(shown))
    )


def defined(column: Column) -> str:
    """Return a column's definition in CREATE TABLE."""
    return f'"{column.name}" {column.kind.value}{"" if column.nullable else " NOT NULL"}'
