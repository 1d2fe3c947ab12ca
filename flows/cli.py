"""The command line. Commands import what they need when they run, so that --help is fast."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer

from copydesk.flows.commands import (
    backfill,
    changes,
    chrome,
    clean,
    deploy,
    diff,
    ingest,
    maintenance,
    mcp,
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
from copydesk.flows.commands.options import fail
from copydesk.flows.display.terminal import QUIET
from copydesk.flows.process_exit import begin, end, interrupted
from copydesk.flows.process_limits import LEAST_ADDRESS_SPACE, refuse_little_address_space
from copydesk.schemas.errors import CopydeskError

EXIT_INTERRUPTED = 130  # the status that shells use for a command ended by Ctrl-C


def _say_version(requested: bool) -> None:
    if requested:
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
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print data and errors alone; it may stand anywhere.")
    ] = False,
) -> None:
    QUIET.set(quiet)
    refuse_little_address_space(LEAST_ADDRESS_SPACE)


ingest.register(app)
clean.register(app)
query.register(app)
search.register(app)
show.register(app)
report.register(app)
chrome.register(app)
diff.register(app)
changes.register(app)
mcp.register(app)
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

    Exit status: 0 for success, 1 for a failure, 2 for a wrong command line, 3 when a quality gate
    holds the run, 130 when interrupted.
    """
    begin()
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        end(_run())
    except (KeyboardInterrupt, RuntimeError):  # DuckDB turns the former into the latter
        if not interrupted.is_set():
            raise
        # Everything is closed by now. Threads inside native calls would only print errors at an
        # ordinary exit.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)


def _quiet_first(arguments: list[str]) -> list[str]:
    """Move ``--quiet`` before the command: it belongs to all of them."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = [argument for argument in arguments[:end] if argument != "--quiet"]
    return ["--quiet"] * (len(options) < end) + options + arguments[end:]


def _run() -> int:
    """Run the command and return its exit status."""
    try:
        try:
            app(args=_quiet_first(sys.argv[1:]), standalone_mode=True)
        except CopydeskError as error:
            fail(str(error))
        except OSError as error:  # a full disk, a read-only home
            if interrupted.is_set() or "--verbose" in sys.argv or "-v" in sys.argv:
                raise
            fail(f"{error}; --verbose shows where")
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code + "\n")
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End the command on SIGTERM as Ctrl-C does."""
    interrupted.set()
    if (connect := sys.modules.get("copydesk.warehouse.query.connect")) is not None:
        connect.interrupt_statements()
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
