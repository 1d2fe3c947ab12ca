"""``copydesk sql``: an interactive prompt over the published tables."""

from __future__ import annotations

import importlib.util
import sys
from typing import Annotated

import typer

from copydesk.flows.commands.options import DEFAULT_HOME, HomeOption, fail


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(sql)


def sql(
    home: HomeOption = DEFAULT_HOME,
    memory: Annotated[
        str, typer.Option(help="Memory limit of a statement; more data is spilled to disk.")
    ] = "2GB",
    seconds: Annotated[
        float | None, typer.Option(min=0, help="Time limit of a statement (default: none).")
    ] = None,
) -> None:
    """Query the published tables at a prompt: history, completion, `.tables`, `.help`.

    Read-only, without files or network; `.refresh` opens a version that runs published since.

    **Example:** `copydesk sql --seconds 60`
    """
    if not sys.stdin.isatty():
        fail("copydesk sql is for a terminal; copydesk query - reads a statement from a pipe")
    if importlib.util.find_spec("prompt_toolkit") is None:
        fail("copydesk sql needs prompt_toolkit: pip install 'copydesk[sql]'")
    if not (home / "serving" / "current.duckdb").exists():
        fail(f"nothing is published in {home} yet; copydesk ingest PATH --home {home} does it")
    from copydesk.flows.display.sql_prompt import run_prompt

    run_prompt(home, memory=memory, seconds=seconds)
