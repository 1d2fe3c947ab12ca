"""Commands that clean one document and store nothing."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from copydesk.flows.commands.options import fail, print_json, say


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(clean)
    app.command()(explain)


def clean(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="A file, or `-` to read from a pipe.")
    ],
    url: Annotated[
        str | None, typer.Option(help="The address that the document came from.")
    ] = None,
    media_type: Annotated[
        str | None,
        typer.Option(help="Such as `text/html`; by default detected from name and content."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all fields, and what was cut and why.")
    ] = False,
) -> None:
    """Clean one document and print its title and text. Nothing is stored.

    **Examples:** `copydesk clean page.html` · `pbpaste | copydesk clean -` ·
    `copydesk clean --json seeds/article.txt`
    """
    from copydesk.schemas.article import Reject
    from copydesk.tasks.cleaning import clean as clean_document
    from copydesk.tasks.sources.file_source import media_type_of

    result = clean_document(file.read(), media_type=media_type or media_type_of(file.name), url=url)
    if as_json:
        print_json(dataclasses.asdict(result))
    if isinstance(result, Reject):
        fail(f"{file.name}: {result.reason}: {result.detail}")
    if not as_json:
        sys.stdout.write(f"{result.title}\n\n{result.text}\n")


def explain(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="A file, or `-` to read from a pipe.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The page to write (default: the file's name.html)."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="The address that the document came from.")
    ] = None,
) -> None:
    """Write one HTML page that shows what cleaning kept of a document, what it cut, and why.

    **Example:** `copydesk explain page.html --output why.html`
    """
    from copydesk.tasks.cleaning import clean as clean_document
    from copydesk.tasks.cleaning import format_of
    from copydesk.tasks.cleaning.content_type import DocumentFormat
    from copydesk.tasks.cleaning.encoding import decode
    from copydesk.tasks.cleaning.explain import explain_page, explain_text
    from copydesk.tasks.sources.file_source import media_type_of

    document = file.read()
    media_type = media_type_of(file.name)
    if (decoded := decode(document, media_type)) is None:
        fail(f"{file.name}: no encoding fits its bytes")
    result = clean_document(document, media_type=media_type, url=url)
    form = format_of(decoded.text, media_type)
    explained = explain_page if form is DocumentFormat.HTML else explain_text
    page = explained(decoded.text, result, name=file.name)
    name = Path(file.name).name.strip("<>-") or "stdin"
    target = output or Path(f"{name.removesuffix('.html')}.explained.html")
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {target}: {error.strerror}")
    say(f"Wrote {target}")
