"""The published file's tables, views and comments, made from their descriptions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from copydesk.schemas.published import PUBLISHED, REVISIONS
from copydesk.schemas.published_views import ARTICLES, VIEWS
from copydesk.schemas.table_model import Table
from copydesk.warehouse.publish.compact import COMPACT, compact_sql, defined, make_compact
from copydesk.warehouse.search.index import search_layout
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb

TABLES: Final = {name: table for name, table in PUBLISHED.items() if name not in COMPACT}

_COMMENTS: Final = """
SELECT table_name, NULL, comment FROM duckdb_tables() WHERE database_name = current_database()
UNION ALL
SELECT view_name, NULL, comment FROM duckdb_views() WHERE database_name = current_database()
UNION ALL
SELECT table_name, column_name, comment FROM duckdb_columns()
WHERE database_name = current_database()"""

_OWN_VIEWS: Final = """
SELECT view_name FROM duckdb_views()
WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal"""

_HALF: Final = 8  # digits


def make_layout(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty tables and the views, with comments on each table and column."""
    connection.execute("BEGIN")  # one transaction: each statement alone would wait for the disk
    for table in TABLES.values():
        connection.execute(
            f'CREATE TABLE "{table.name}" ({", ".join(map(defined, table.columns))})'
        )
    make_compact(connection, PUBLISHED)
    connection.execute(_views())
    connection.execute(search_layout())
    connection.execute("COMMIT")
    refresh_comments(connection)


def layout_hash() -> str:
    """Hash names, types and SQL to 16 hexadecimal digits: 8 for stored tables, 8 for views.

    Column sentences, SQL comments and Python names do not change it.
    """
    tables = [(table.name, _shapes(table)) for table in PUBLISHED.values()]
    stored = _hashed([tables, _code(compact_sql(PUBLISHED)), _code(search_layout())])
    return stored + _hashed([list(VIEWS), _code(_views())])


def has_tables(layout: str) -> bool:
    """Return whether a version with that hash has today's tables; one without is rebuilt."""
    return layout_hash()[:_HALF] == layout[:_HALF]


def refresh_views(connection: duckdb.DuckDBPyConnection, layout: str) -> None:
    """Recreate a version's views where its hash is not today's."""
    if layout == layout_hash():
        return
    rows = connection.execute(_OWN_VIEWS).fetchall()
    drop = "".join(f'DROP VIEW "{name}";\n' for (name,) in rows if name not in COMPACT)
    connection.execute(f"BEGIN;\n{drop}{_views()};\nCOMMIT")


def refresh_comments(connection: duckdb.DuckDBPyConnection) -> int:
    """Update the comments of an older version's tables, views and columns; returns their number."""
    rows = connection.execute(_COMMENTS).fetchall()
    stored = {(table, column): comment for table, column, comment in rows}
    commands = [
        command
        for kind, tables in (
            ("TABLE", TABLES),
            ("VIEW", {name: PUBLISHED[name] for name in COMPACT} | VIEWS),
        )
        for table in tables.values()
        for column, sentence, command in _comments(table, kind)
        if stored.get((table.name, column)) != sentence
    ]
    if commands:
        connection.execute("BEGIN;\n" + ";\n".join(commands) + ";\nCOMMIT")
    return len(commands)


def _views() -> str:
    return statements("publish/views").replace("{articles}", _articles())


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:_HALF]


def _shapes(table: Table) -> list[tuple[str, str, bool]]:
    return [(column.name, column.kind.value, column.nullable) for column in table.columns]


def _code(sql: str) -> list[str]:
    """Return the lines of SQL without comment lines and indentation."""
    lines = (line.strip() for line in sql.splitlines())
    return [line for line in lines if line and not line.startswith("--")]


def metadata_columns() -> str:
    """Return a SELECT list of the columns that cleaning finds beside title and text."""
    from copydesk.schemas.columns import METADATA

    return ", ".join(f'"{column.name}"' for column in METADATA)


def text_columns(patched_by: str | None = None) -> str:
    """Return a SELECT list of the columns that are stored once for each text.

    ``patched_by`` makes patches of Markdown, which the lake stores and the version does not.
    """
    from copydesk.schemas.columns import DERIVED, TEXT, TITLE

    patch = f"{patched_by}(text, markdown) AS markdown_patch" if patched_by else "markdown_patch"
    return ", ".join([patch, *(f'"{column.name}"' for column in (TITLE, TEXT, *DERIVED))])


def _articles() -> str:
    of_revisions = set(REVISIONS.names)
    columns = (
        _FILLED.get(column.name) or f'{"r" if column.name in of_revisions else "s"}."{column.name}"'
        for column in ARTICLES.columns
    )
    return ", ".join(columns)


_FILLED: Final = {
    "characters": 'coalesce(r.characters, length(r.text)) AS "characters"',
    "host": 'coalesce(r.host, host_of(r.url)) AS "host"',
}
"""Columns of ``articles`` that rows of earlier releases lack."""


def _comments(table: Table, kind: str) -> Iterator[tuple[str | None, str, str]]:
    """Yield the column (None for the table itself), its sentence and the COMMENT statement."""
    yield None, table.sentence, f'COMMENT ON {kind} "{table.name}" IS {_quoted(table.sentence)}'
    for column in table.columns:
        comment = f'"{table.name}"."{column.name}" IS {_quoted(column.sentence)}'
        yield column.name, column.sentence, f"COMMENT ON COLUMN {comment}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
