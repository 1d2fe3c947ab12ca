"""Generates the data dictionary from the tables' descriptions.

``python -m copydesk.schemas.dictionary > docs/data-dictionary.md``
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from copydesk.schemas.published import PUBLISHED
from copydesk.schemas.published_views import ARTICLES, VIEWS
from copydesk.schemas.table_model import Column, Table
from copydesk.schemas.tables import TABLES

_HEAD = """# Data dictionary

Written from `schemas/` by `python -m copydesk.schemas.dictionary`; a test keeps it up to date. The
same sentences are comments inside the DuckDB file (`SELECT comment FROM duckdb_columns()`). All
times are UTC. Which clients open the file: [Query the tables](asking.md).
"""

_PUBLISHED = """
## What analysts open

Tables and views of `serving/current.duckdb`.
"""

_LAKE = """
## The lake

Delta Lake tables below `lake/tables/`. Rows count when their run is `committed` in `runs`.
"""


def data_dictionary(*, lake: bool = True) -> str:
    """Return the dictionary as Markdown; without ``lake`` only of what analysts open."""
    views = [view for view in VIEWS.values() if view is not ARTICLES]
    parts = [_HEAD, _PUBLISHED, *_tables((ARTICLES, *PUBLISHED.values(), *views))]
    if lake:
        parts += [_LAKE, *_tables(TABLES.values())]
    return "".join(parts)


def _tables(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        yield f"\n### {table.name}\n\n{table.sentence}"
        if table.key:
            yield f" One row for each {', '.join(f'`{name}`' for name in table.key)}."
        yield "\n\n| column | type | null | what it is |\n| --- | --- | --- | --- |\n"
        for column in table.columns:
            yield _line(column)


def _line(column: Column) -> str:
    says = column.sentence
    if column.one_of:
        says += " One of " + ", ".join(f"`{value}`" for value in column.one_of) + "."
    null = "yes" if column.nullable else ""
    return f"| `{column.name}` | {column.kind.value} | {null} | {says} |\n"


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
