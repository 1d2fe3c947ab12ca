"""``copydesk clean``, ``explain`` and ``query``: commands that only read."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shared import DEFAULT_HOME, HomeOption, fail, say, tell
from flows.results import ResultFormat, write_result


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(clean)
    app.command()(explain)
    app.command()(query)


def clean(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="A file, or `-` to read from a pipe.")
    ],
    url: Annotated[
        str | None, typer.Option(help="The address that the document came from.")
    ] = None,
    media_type: Annotated[
        str | None, typer.Option(help="Such as `text/html`; told from name and content if absent.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything that was found, and what was cut and why.")
    ] = False,
) -> None:
    """Clean one document and print its title and text. Nothing is stored.

    **Examples:** `copydesk clean page.html` · `pbpaste | copydesk clean -` ·
    `copydesk clean --json seeds/article.txt`
    """
    from schemas.article import Reject
    from tasks.cleaning import clean as clean_document
    from tasks.sources.files import media_type_of

    result = clean_document(file.read(), media_type=media_type or media_type_of(file.name), url=url)
    if as_json:
        tell(dataclasses.asdict(result))
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
    from tasks.cleaning import clean as clean_document
    from tasks.cleaning import form_of
    from tasks.cleaning.encoding import decode
    from tasks.cleaning.explain import explain_page, explain_text
    from tasks.cleaning.sniffing import Form
    from tasks.sources.files import media_type_of

    document = file.read()
    media_type = media_type_of(file.name)
    if (decoded := decode(document, media_type)) is None:
        fail(f"{file.name}: no encoding fits its bytes")
    result = clean_document(document, media_type=media_type, url=url)
    form = form_of(decoded.text, media_type)
    explained = explain_page if form is Form.HTML else explain_text
    page = explained(decoded.text, result, name=file.name)
    name = Path(file.name).name.strip("<>-") or "stdin"
    target = output or Path(f"{name.removesuffix('.html')}.explained.html")
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {target}: {error.strerror}")
    say(f"Wrote {target}")


def query(
    sql: Annotated[str, typer.Argument(help="A statement in DuckDB's SQL, or `-` to read it.")],
    home: HomeOption = DEFAULT_HOME,
    format_: Annotated[
        ResultFormat, typer.Option("--format", help="A table to look at, or data for programs.")
    ] = ResultFormat.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not the terminal.")
    ] = None,
) -> None:
    """Ask the published tables. Reading never waits for a run that writes.

    **Examples:** `copydesk query "select title, word_count from articles"` ·
    `copydesk query --format csv --output cuts.csv "from cuts"`
    """
    import duckdb

    from warehouse import connect
    from warehouse.access import refusal

    statement = sys.stdin.read() if sql == "-" else sql
    format_ = ResultFormat.JSON if as_json else format_
    with connect(home) as connection:
        try:
            result = connection.execute(statement)
        except duckdb.Error as error:
            fail(f"{refusal(error)}\nin the statement: {statement}")
        if output is None:
            columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            write_result(result, format_, sys.stdout, width=columns)
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                write_result(result, format_, file, width=None)
        except OSError as error:
            fail(f"cannot write {output}: {error.strerror}")
    say(f"Wrote {output}")
