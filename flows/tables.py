"""Rows as a table to look at: as wide as the terminal, long texts shortened, wide rows upright."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TextIO

from flows.terminal import safe

if TYPE_CHECKING:
    from rich.table import Table

LONGEST: Final = 300
"""Characters of a value that a table shows: four lines of a terminal; CSV and JSON have all."""

_NARROWEST: Final = 8
"""Columns of text below which a table cannot be read: its rows are shown upright then."""

_FRAME: Final = 3
"""Columns that a table's frame takes beside each value."""


def write_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    out: TextIO,
    *,
    width: int | None,
    shown: Callable[[object], str],
) -> None:
    """Write rows; ``width`` is that of the terminal, None for no limit; ``shown`` writes a value.

    A terminal gets colours. Letters of double width count as two columns.
    """
    from rich.console import Console

    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    narrow = len(columns) * (_NARROWEST + _FRAME) > console.width
    texts = [[_shortened(shown(value)) for value in row] for row in rows]
    numbers = [
        any(_is_number(row[place]) for row in rows)
        and all(row[place] is None or _is_number(row[place]) for row in rows)
        for place in range(len(columns))
    ]
    if narrow:
        _upright(columns, texts, console.print)
    else:
        console.print(_table(columns, texts, numbers))


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
