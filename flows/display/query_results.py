"""Write query results as text: a table as wide as the terminal, CSV or JSON."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import json
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, TextIO

from copydesk.flows.display.terminal import safe
from copydesk.schemas.plain_text import FORMULA_STARTS

if TYPE_CHECKING:
    import duckdb
    from rich.console import Console
    from rich.table import Table

LONGEST: Final = 300
"""Maximum characters of a value in a table: four lines of a terminal; CSV and JSON are complete."""

_NARROWEST: Final = 16
"""Minimum width of a column with longer text; below it, rows become lines of name and value."""

_LINES: Final = 2
"""Maximum lines of a value in a table that does not fit the terminal."""

_FRAME: Final = 3
"""Columns that a table's frame needs for each value."""

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def write_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    out: TextIO,
    *,
    width: int | None,
    to_text: Callable[[object], str],
) -> None:
    """Write rows as a table or, where it would be too wide, as lines of name and value.

    ``width`` is the terminal's in columns, None for no limit; ``to_text`` formats a value. A
    terminal gets colours. Letters of double width count as two columns.
    """
    from rich.console import Console

    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    texts = [[_shortened(to_text(value)) for value in row] for row in rows]
    widths = _widths(columns, texts, console.width) if width is not None else None
    numbers = [
        any(_is_number(row[column]) for row in rows)
        and all(row[column] is None or _is_number(row[column]) for row in rows)
        for column in range(len(columns))
    ]
    if width is not None and widths is None:
        _upright(columns, texts, console.print)
        return
    if widths is not None:
        texts = [
            [_clipped(text, width, console) for text, width in zip(row, widths, strict=True)]
            for row in texts
        ]
    console.print(_table(columns, texts, numbers))


def _widths(
    columns: Sequence[str], texts: Sequence[Sequence[str]], available: int
) -> list[int] | None:
    """Divide the terminal's width among a table's columns; None if texts would get too little.

    Columns that need no more than an equal share get what they need; the others share the rest.
    """
    from rich.cells import cell_len

    needed = [
        max((cell_len(line) for text in (name, *column) for line in text.split("\n")), default=0)
        for name, column in zip(columns, zip(*texts, strict=True) if texts else [()] * len(columns),
                                strict=True)
    ]  # fmt: skip
    room = available - 1 - _FRAME * len(columns)
    widths = [0] * len(needed)
    open_columns = sorted(range(len(needed)), key=lambda column: needed[column])
    while open_columns:
        share = room // len(open_columns)
        column = open_columns.pop(0)
        widths[column] = min(needed[column], share)
        if widths[column] < min(needed[column], _NARROWEST):
            return None
        room -= widths[column]
    return widths


def _clipped(text: str, width: int, console: Console) -> str:
    """Cut a text to the lines that it may have in a column."""
    from rich.cells import set_cell_size
    from rich.text import Text

    lines = [line.plain for line in Text(text).wrap(console, max(width, 1), overflow="fold")]
    if len(lines) <= _LINES:
        return text
    *first, last = lines[:_LINES]
    return "\n".join([*first, set_cell_size(last, width - 1).rstrip() + "…"])


def _table(
    columns: Sequence[str], texts: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=False, header_style="bold")
    for name, number in zip(columns, numbers, strict=True):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in texts:
        table.add_row(
            *(Text(text, style="cyan" if n else "") for text, n in zip(row, numbers, strict=True))
        )
    return table


def _upright(
    columns: Sequence[str], texts: Sequence[Sequence[str]], write: Callable[..., None]
) -> None:
    """Write each row as lines of name and value."""
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    for number, row in enumerate(texts, 1):
        write(Rule(f"row {number}", align="left", style="dim"))
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, text in zip(columns, row, strict=True):
            grid.add_row(name, Text(text))
        write(grid)


def _shortened(text: str) -> str:
    text = safe(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


ROWS_A_FETCH = 1_000
ROWS_IN_A_TABLE = 200
"""Maximum rows of a table in a terminal; CSV and JSON have every row."""


class ResultFormat(StrEnum):
    """The output format of a result."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def write_result(
    result: duckdb.DuckDBPyConnection,
    format_: ResultFormat,
    out: TextIO,
    *,
    width: int | None,
    spreadsheet: bool = False,
) -> None:
    """Write a statement's result; ``width`` is the terminal's width in columns, None for no limit.

    CSV has a header row and lists as JSON; JSON is an array with one object per row, one row per
    line. Timestamps are ISO 8601. If ``out`` is a terminal, its control characters are escaped.
    ``spreadsheet`` prevents spreadsheets from running text in CSV as a formula.
    """
    columns = [column[0] for column in result.description or ()]
    if format_ is ResultFormat.CSV:
        to_terminal = out.isatty()

        def cell(value: object) -> object:
            value = _csv_value(value)
            if not isinstance(value, str):
                return value
            if spreadsheet and value.startswith(FORMULA_STARTS):
                value = f"'{value}"
            return _CONTROLS.sub(_escaped, value) if to_terminal else value

        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(map(cell, columns))
        writer.writerows(map(cell, row) for row in _rows(result))
    elif format_ is ResultFormat.JSON:
        _write_json(columns, _rows(result), out)
    else:
        _write_table(columns, _rows(result), out, width)


def _escaped(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}"


def json_default(value: object) -> object:
    """Convert a value that JSON has no type for: the ``default`` of ``json.dumps``."""
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
        text = json.dumps(record, ensure_ascii=False, default=json_default)
        # json leaves DEL and what follows it, which command a terminal as well
        out.write(_CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text))
    out.write("\n]\n")


def _write_table(
    columns: list[str], rows: Iterator[Sequence[object]], out: TextIO, width: int | None
) -> None:

    first_rows = list(islice(rows, ROWS_IN_A_TABLE + 1))
    write_table(columns, first_rows[:ROWS_IN_A_TABLE], out, width=width, to_text=_shown)
    if len(first_rows) > ROWS_IN_A_TABLE:
        out.write(f"The first {ROWS_IN_A_TABLE} rows; --format csv or json gives all.\n")


def _shown(value: object) -> str:
    """Write a value for people: times to the second in UTC, lists without brackets and quotes."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC)
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{_shown(name)}: {_shown(entry)}" for name, entry in value.items())
    return value if isinstance(value, str) else str(_csv_value(value))


def _csv_value(value: object) -> object:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=json_default)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value
