"""The data contract of published tables, in the Open Data Contract Standard (ODCS) 3.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from copydesk.schemas.published_views import VIEWS
from copydesk.schemas.schema_version import SCHEMA_VERSION, published_tables
from copydesk.schemas.table_model import Column, ColumnType, Table

CONTRACT_FILE: Final = "datacontract.odcs.yaml"

_LOGICAL: Final = {
    ColumnType.BYTES: "string",
    ColumnType.DATE: "date",
    ColumnType.INTEGER: "integer",
    ColumnType.MAP: "object",
    ColumnType.REAL: "number",
    ColumnType.TEXT: "string",
    ColumnType.TEXTS: "array",
    ColumnType.TIME: "timestamp",
    ColumnType.TRUTH: "boolean",
}

_LOGICAL_ALONE: Final = frozenset({ColumnType.TEXTS, ColumnType.TIME})
"""Types whose names in DuckDB the tools of the standard do not read; their options say the same."""

_DESCRIPTION: Final = {
    "purpose": "Articles that were loaded or scraped, cleaned and deduplicated, with where they "
    "came from, what changed in them and what they repeat.",
    "limitations": "The texts belong to their publishers; the contract grants no rights to them. "
    "Fields are as the pages state them. All times are UTC.",
    "usage": "Columns keep their names, types and meanings within a major version of the schema; "
    "a minor version may add columns, tables and allowed values.",
}


def data_contract(
    tables: Sequence[Table] | None = None, *, servers: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return the contract of tables (default: all published ones) as an ODCS document.

    Args:
        tables: what the contract covers.
        servers: where they are, as ODCS describes servers.
    """
    described = published_tables() if tables is None else tables
    document: dict[str, Any] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "copydesk",
        "name": "copydesk",
        "version": f"{SCHEMA_VERSION}.0",
        "status": "active",
        "description": dict(_DESCRIPTION),
        "schema": [_schema_object(table) for table in described],
    }
    if servers:
        document["servers"] = list(servers)
    return document


def _schema_object(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "physicalName": table.name,
        "physicalType": "view" if table.name in VIEWS else "table",
        "logicalType": "object",
        "description": table.sentence,
        "properties": [_property(column, table.key) for column in table.columns],
    }


def _property(column: Column, key: Sequence[str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "logicalType": _LOGICAL[column.kind],
        "description": column.sentence,
        "required": not column.nullable,
    }
    if column.kind not in _LOGICAL_ALONE:
        described["physicalType"] = column.kind.value
    if column.name in key:
        described["primaryKey"] = True
        described["primaryKeyPosition"] = key.index(column.name) + 1
        described["unique"] = len(key) == 1
    if column.kind is ColumnType.TEXTS:
        described["items"] = {"name": "item", "logicalType": "string", "physicalType": "VARCHAR"}
    options: dict[str, Any] = {}
    if column.kind is ColumnType.TIME:
        options |= {"timezone": True, "defaultTimezone": "UTC"}
    if column.pattern is not None:
        options["pattern"] = f"^(?:{column.pattern})$"
    if column.minimum is not None:
        options["minimum"] = column.minimum
    if options:
        described["logicalTypeOptions"] = options
    if column.one_of:
        described["quality"] = [_allowed(column.one_of)]
    return described


def _allowed(values: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "library",
        "metric": "invalidValues",
        "arguments": {"validValues": list(values)},
        "mustBe": 0,
        "unit": "rows",
    }
