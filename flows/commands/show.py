"""``copydesk show``: an article and its details."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    LakeOption,
    fail,
    print_json,
    say,
)
from copydesk.flows.workspace import Workspace

if TYPE_CHECKING:
    from copydesk.warehouse.query.article import Dossier


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(show)


def show(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE_ID|URL", help="The beginning of an id is enough.")
    ],
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    revision: Annotated[
        int | None, typer.Option(min=1, help="An older revision (default: the current one).")
    ] = None,
    as_html: Annotated[
        bool, typer.Option("--html", help="Write a page and open it in the browser.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="With --html: write the page here, and do not open it."
        ),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print the article's raw bytes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show an article's text, revisions, copies, origin and cuts.

    **Examples:** `copydesk show 3f2a9c` · `copydesk show https://site.example/a --html` ·
    `copydesk show 3f2a9c --raw > page.html`
    """
    from copydesk.warehouse import connect
    from copydesk.warehouse.query.article import dossier

    if sum((as_html or output is not None, raw, as_json)) > 1:
        raise typer.BadParameter("--html, --raw and --json exclude each other")
    with connect(home) as connection:
        article_record = dossier(connection, article, revision)
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(_raw(Workspace(home, lake), article_record.state["raw_sha256"]))
    elif as_json:
        print_json(dataclasses.asdict(article_record))
    elif as_html or output is not None:
        _write_page(article_record, output)
    else:
        _print(article_record)


def _print(article_record: Dossier) -> None:
    """Print the article, in a pager where it is longer than the terminal."""
    import io
    import shutil

    import click

    from copydesk.flows.display.article import write_article
    from copydesk.flows.display.terminal import console

    terminal = console(reading=True)
    if not terminal.is_terminal:
        write_article(article_record, terminal)
        return
    from rich.console import Console

    buffer = io.StringIO()
    page = Console(
        file=buffer, force_terminal=True, width=terminal.width, highlight=False, markup=False,
        emoji=False, color_system="auto" if terminal.color_system else None,
    )  # fmt: skip
    write_article(article_record, page)
    text = buffer.getvalue()
    if text.count("\n") < shutil.get_terminal_size().lines or not sys.stdin.isatty():
        sys.stdout.write(text)
    else:
        click.echo_via_pager(text)


def _write_page(article_record: Dossier, output: Path | None) -> None:
    from copydesk.flows.display.article import article_page

    target = output or Path(f"article-{article_record.state['article_id'][:10]}.html")
    try:
        target.write_text(article_page(article_record), encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {target}: {error.strerror}")
    say(f"Wrote {target}")
    if output is None and sys.stdout.isatty():
        typer.launch(str(target.absolute()))


def _raw(workspace: Workspace, digest: str | None) -> bytes:
    body = None if digest is None else workspace.open_lake().raw(digest)
    if body is None:
        fail("its raw bytes are not stored: they are older than the retention of copydesk maintain")
    return body
