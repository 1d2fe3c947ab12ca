"""Query results for people and programs: a table, CSV or JSON, row by row."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import json
import uuid
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import duckdb

ROWS_A_FETCH = 1_000
ROWS_IN_A_TABLE = 200
"""A table in a terminal is for looking; CSV and JSON give every row."""


class ResultFormat(StrEnum):
    """How a result is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def write_result(
    result: duckdb.DuckDBPyConnection, format_: ResultFormat, out: TextIO, *, width: int | None
) -> None:
    """Write what a statement gave; ``width`` is the terminal's, None for no limit.

    CSV has a header row and lists as JSON; JSON is an array with one object a row, one row a
    line. Timestamps are ISO 8601.
    """
    columns = [column[0] for column in result.description or ()]
    if format_ is ResultFormat.CSV:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_csv_value(value) for value in row] for row in _rows(result))
    elif format_ is ResultFormat.JSON:
        _write_json(columns, _rows(result), out)
    else:
        _write_table(columns, _rows(result), out, width)


def json_default(value: object) -> object:
    """Turn what JSON does not know into what it does: for ``json.dumps(default=…)``."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, uuid.UUID | dt.timedelta | PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[Sequence[object]]:
    while rows := result.fetchmany(ROWS_A_FETCH):
        yield from rows


def _write_json(columns: list[str], rows: Iterator[Sequence[object]], out: TextIO) -> None:
    out.write("[")
    for number, row in enumerate(rows):
        out.write(",\n" if number else "\n")
        record = dict(zip(columns, row, strict=True))
        json.dump(record, out, ensure_ascii=False, default=json_default)
    out.write("\n]\n")


def _write_table(
    columns: list[str], rows: Iterator[Sequence[object]], out: TextIO, width: int | None
) -> None:
    from flows.tables import write_table

    shown = list(islice(rows, ROWS_IN_A_TABLE + 1))
    write_table(columns, shown[:ROWS_IN_A_TABLE], out, width=width, shown=_shown)
    if len(shown) > ROWS_IN_A_TABLE:
        out.write(f"The first {ROWS_IN_A_TABLE} rows; --format csv or json gives all.\n")


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(_csv_value(value))


def _csv_value(value: object) -> object:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=json_default)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value
