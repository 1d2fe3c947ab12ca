"""The command line. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer

from copydesk.flows.commands import (
    backfill,
    chrome,
    clean,
    deploy,
    diff,
    ingest,
    maintenance,
    migrate,
    publish,
    query,
    reclean,
    report,
    rules,
    runs,
    search,
    server,
    show,
    sources,
    sql,
)
from copydesk.flows.commands.options import fail, say
from copydesk.flows.process_exit import begin, end, interrupted
from copydesk.schemas.errors import CopydeskError

EXIT_INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C ended


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"copydesk {version('copydesk')}\n")
        raise typer.Exit


app = typer.Typer(
    name="copydesk",
    help="Load or scrape articles, clean them, and publish Parquet and DuckDB tables.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


ingest.register(app)
clean.register(app)
query.register(app)
search.register(app)
show.register(app)
report.register(app)
chrome.register(app)
diff.register(app)
sql.register(app)
sources.register(app)
rules.register(app)
publish.register(app)
maintenance.register(app)
migrate.register(app)
reclean.register(app)
runs.register(app)
backfill.register(app)
deploy.register(app)
server.register(app)


def main() -> None:
    """Run the command line.

    Exit status: 0 when done, 1 when it failed, 2 for a wrong command line, 3 when a quality gate
    holds the run, 130 when interrupted.
    """
    begin()
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        end(_run())
    except (KeyboardInterrupt, RuntimeError):  # the latter is what DuckDB makes of the former
        if not interrupted.is_set():
            raise
        # Everything is closed by now; what threads in the middle of a call still hold would only
        # make native modules print complaints at an ordinary exit.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)


def _run() -> int:
    """Run the command; gives the status that it ends with."""
    try:
        try:
            app(standalone_mode=True)
        except CopydeskError as error:
            fail(str(error))
    except SystemExit as ended:
        if isinstance(ended.code, str):
            say(ended.code)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Let SIGTERM end a command the way that Ctrl-C does."""
    interrupted.set()
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
