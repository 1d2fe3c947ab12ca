"""``copydesk report``: a page about the published tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from copydesk.flows.commands.options import DEFAULT_HOME, HomeOption, fail, print_json, say


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(report)


def report(
    home: HomeOption = DEFAULT_HOME,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The page to write; `-` for a pipe.")
    ] = Path("report.html"),
    days: Annotated[
        int | None,
        typer.Option(min=1, help="Only articles seen in the last N days (default: all)."),
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; repeatable.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the page's content as JSON; write no page.")
    ] = False,
) -> None:
    """Write one HTML page about the tables: sources, articles, copies, cuts, runs.

    The page embeds its charts and loads nothing: it can be sent and opened anywhere.

    **Examples:** `copydesk report` · `copydesk report --days 30 --source harbour -o harbour.html`
    """
    import dataclasses
    import sys
    from datetime import UTC, datetime, timedelta

    if not (home / "serving" / "current.duckdb").exists():
        fail(f"nothing is published in {home} yet; copydesk ingest PATH --home {home} does it")

    from copydesk.tasks.report.build import build
    from copydesk.tasks.report.page import render
    from copydesk.warehouse import connect
    from copydesk.warehouse.publish.versions import Serving
    from copydesk.warehouse.query.report import gather

    now, sources = datetime.now(UTC), source or []
    since = None if days is None else now - timedelta(days=days)
    with connect(home) as connection:
        rows = gather(connection, now=now, since=since, sources=sources)
    rollback = Serving(home).rollback()
    left = rollback.left if rollback is not None else None
    content = build(rows, now=now, days=days, sources=sources, rolled_back_from=left)
    if as_json:
        print_json(dataclasses.asdict(content))
        return
    page = render(content)
    if output == Path("-"):
        sys.stdout.write(page)
        return
    try:
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}")
    say(f"Wrote {output}")
