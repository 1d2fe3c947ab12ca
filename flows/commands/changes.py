"""``copydesk changes``: what changed in the published tables, as JSON Lines."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from copydesk.flows.commands.options import DEFAULT_HOME, HomeOption


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(changes)


def changes(
    since: Annotated[
        str,
        typer.Option(
            metavar="VERSION|TIME",
            help="After this version, or this moment: `2026-11-30`, `2026-11-30T08:00:00Z`.",
        ),
    ] = "0",
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Print what changed as JSON Lines: articles new, revised or gone, copies, runs let through.

    The last line has the `cursor`: the version to ask with next time. The same `--since` gives the
    same lines again, and what was published since.

    **Examples:** `copydesk changes --since 41` · `copydesk changes --since 2026-11-30`
    """
    from copydesk.warehouse import Reader

    reader = Reader(home)
    answer = reader.changes_since(since)
    for row in answer.rows:
        _print({name: value for name, value in row.items() if value is not None})
    _print({"cursor": answer.cursor, "published_at": answer.published_at})


def _print(row: dict[str, object]) -> None:
    from copydesk.flows.display.query_results import json_default

    sys.stdout.write(json.dumps(row, default=json_default, ensure_ascii=False) + "\n")
