"""``copydesk query``: one statement over the published tables."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    SpreadsheetOption,
    fail,
    say,
)
from copydesk.flows.display.query_results import ResultFormat, write_result


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(query)


def query(
    sql: Annotated[
        str,
        typer.Argument(help="A statement in DuckDB's SQL, or `-` to read it from standard input."),
    ],
    home: HomeOption = DEFAULT_HOME,
    format_: Annotated[
        ResultFormat | None,
        typer.Option(
            "--format",
            help="A table for people, or data for programs (default: by the ending of --output, "
            "else a table).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not the terminal.")
    ] = None,
    spreadsheet: SpreadsheetOption = False,
) -> None:
    """Query the published tables. Reading never waits for a run that writes.

    **Examples:** `copydesk query "select title, word_count from articles"` ·
    `copydesk query --output cuts.csv "from cuts"`
    """
    import duckdb

    from copydesk.warehouse import connect
    from copydesk.warehouse.query.connect import refusal

    statement = sys.stdin.read() if sql == "-" else sql
    format_ = ResultFormat.JSON if as_json else format_ or _by_ending(output)
    if spreadsheet and format_ is not ResultFormat.CSV:
        raise typer.BadParameter("it goes with CSV", param_hint="--spreadsheet")
    with connect(home) as connection:
        try:
            result = connection.execute(statement)
        except duckdb.Error as error:
            fail(f"{refusal(error)}\nin the statement: {statement}")
        if (
            result is None or not result.description
        ):  # duckdb gives None where there is no statement
            fail('there is nothing to query in the statement; for example "from articles"')
        if output is None:
            columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            write_result(result, format_, sys.stdout, width=columns, spreadsheet=spreadsheet)
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                write_result(result, format_, file, width=None, spreadsheet=spreadsheet)
        except OSError as error:
            fail(f"cannot write {output}: {error.strerror}")
    say(f"Wrote {output}")


def _by_ending(output: Path | None) -> ResultFormat:
    """Return the format for a file name's extension; a table for others and without a file."""
    endings = {".csv": ResultFormat.CSV, ".json": ResultFormat.JSON}
    return endings.get(output.suffix.lower() if output else "", ResultFormat.TABLE)
