"""The published file's tables, views and comments, made from their descriptions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from copydesk.schemas.published import ARTICLES, PUBLISHED, REVISIONS, VIEWS
from copydesk.schemas.table_model import Table
from copydesk.warehouse.search.index import search_layout
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb

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

_BEFORE: Final = {"206c96279e836403": "e7fad3a3"}
"""Hashes that earlier code stored, by what today's code makes of the same tables."""


def make_layout(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables and the views, and say of each and of each column what it is."""
    connection.execute("BEGIN")  # one for all: each comment alone would wait for the disk
    for table in PUBLISHED.values():
        columns = ", ".join(
            f'"{column.name}" {column.kind.value}{"" if column.nullable else " NOT NULL"}'
            for column in table.columns
        )
        connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
    connection.execute(_views())
    connection.execute(search_layout())
    connection.execute("COMMIT")
    refresh_comments(connection)


def layout_hash() -> str:
    """Hash names, types and SQL, in 16 hexadecimal digits: 8 of what is stored, 8 of the views.

    What a sentence, a comment or a class of the code says is no part of it.
    """
    tables = [(table.name, _shapes(table)) for table in PUBLISHED.values()]
    stored = _hashed([tables, _code(search_layout())])
    return stored + _hashed([list(VIEWS), _code(_views())])


def has_tables(layout: str) -> bool:
    """Tell whether a version of that hash has today's tables; one that has not is rebuilt.

    Also where the hash is of earlier code, which hashed the sentences, too.
    """
    return layout_hash()[:_HALF] == _BEFORE.get(layout, layout)[:_HALF]


def refresh_views(connection: duckdb.DuckDBPyConnection, layout: str) -> None:
    """Make the views of a version anew, where its hash is not today's: they hold no rows."""
    if layout == layout_hash():
        return
    rows = connection.execute(_OWN_VIEWS).fetchall()
    drop = "".join(f'DROP VIEW "{name}";\n' for (name,) in rows)
    connection.execute(f"BEGIN;\n{drop}{_views()};\nCOMMIT")


def refresh_comments(connection: duckdb.DuckDBPyConnection) -> int:
    """Give tables, views and columns of an older version today's sentences; gives how many."""
    rows = connection.execute(_COMMENTS).fetchall()
    stored = {(table, column): comment for table, column, comment in rows}
    commands = [
        command
        for kind, tables in (("TABLE", PUBLISHED), ("VIEW", VIEWS))
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
    """Give the statements' lines without comments of their own line and without indentation."""
    lines = (line.strip() for line in sql.splitlines())
    return [line for line in lines if line and not line.startswith("--")]


def metadata_columns() -> str:
    """List the columns that cleaning finds beside title and text, for a SELECT."""
    from copydesk.schemas.tables import METADATA

    return ", ".join(f'"{column.name}"' for column in METADATA)


def text_columns() -> str:
    """List the columns that stand once for each text, for a SELECT."""
    from copydesk.schemas.tables import DERIVED, MARKDOWN, TEXT, TITLE

    return ", ".join(f'"{column.name}"' for column in (TITLE, TEXT, MARKDOWN, *DERIVED))


def _articles() -> str:
    of_revisions = set(REVISIONS.names)
    return ", ".join(
        f'{"r" if column.name in of_revisions else "s"}."{column.name}"'
        for column in ARTICLES.columns
    )


def _comments(table: Table, kind: str) -> Iterator[tuple[str | None, str, str]]:
    """Give the column (None: the table), the sentence, and the statement that sets it."""
    yield None, table.sentence, f'COMMENT ON {kind} "{table.name}" IS {_quoted(table.sentence)}'
    for column in table.columns:
        comment = f'"{table.name}"."{column.name}" IS {_quoted(column.sentence)}'
        yield column.name, column.sentence, f"COMMENT ON COLUMN {comment}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
