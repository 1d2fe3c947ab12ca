"""The published file's tables, views and comments, made from their descriptions."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from schemas.columns import Table
from schemas.published import ARTICLES, PUBLISHED, REVISIONS, VIEWS
from warehouse.duck import statements
from warehouse.search import search_layout

if TYPE_CHECKING:
    import duckdb

_MACROS: Final = """
CREATE OR REPLACE TEMP MACRO version_order(version) AS
    list_transform(regexp_extract_all(version, '[0-9]+'), lambda part: CAST(part AS BIGINT));
CREATE OR REPLACE TEMP MACRO newest_common(before, this) AS
    list_max(list_transform(
        list_filter(map_keys(this), lambda one: map_contains(before, one)),
        lambda one: struct_pack(
            version := version_order(one), of_before := before[one], of_this := this[one])));
"""
"""Cleaner versions compare by their numbers, so that 10 is newer than 9.

``newest_common`` takes what cleaners found in two documents, a map from version to content each,
and gives both contents by the newest version that read both; null where none did.
"""


def make_layout(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables and the views, and say of each and of each column what it is."""
    connection.execute("BEGIN")  # one for all: each comment alone would wait for the disk
    for table in PUBLISHED.values():
        columns = ", ".join(
            f'"{column.name}" {column.kind.value}{"" if column.nullable else " NOT NULL"}'
            for column in table.columns
        )
        connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
    connection.execute(statements("views").replace("{articles}", _articles()))
    connection.execute(search_layout())
    for table in PUBLISHED.values():
        _comment(connection, table, "TABLE")
    for view in VIEWS.values():
        _comment(connection, view, "VIEW")
    connection.execute("COMMIT")


def make_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions that publishing needs; they do not stay in the file."""
    connection.execute(_MACROS)


def layout_hash() -> str:
    """Hash the definitions: a version of another layout is rebuilt, never changed in place."""
    text = repr((PUBLISHED, VIEWS)) + statements("views") + search_layout()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def metadata_columns() -> str:
    """List the columns that cleaning finds beside title and text, for a SELECT."""
    from schemas.tables import METADATA

    return ", ".join(f'"{column.name}"' for column in METADATA)


def _articles() -> str:
    of_revisions = set(REVISIONS.names)
    return ", ".join(
        f'{"r" if column.name in of_revisions else "s"}."{column.name}"'
        for column in ARTICLES.columns
    )


def _comment(connection: duckdb.DuckDBPyConnection, table: Table, kind: str) -> None:
    connection.execute(f'COMMENT ON {kind} "{table.name}" IS {_quoted(table.sentence)}')
    for column in table.columns:
        connection.execute(
            f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS {_quoted(column.sentence)}'
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
