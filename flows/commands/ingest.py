"""``copydesk ingest``: load articles, clean them, and publish the tables."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    DEFAULT_SOURCES_FILE,
    EXIT_HELD,
    AllowHostsOption,
    ClusterOption,
    ContactOption,
    EngineOption,
    GatesOption,
    HomeOption,
    LakeOption,
    LogFormatOption,
    SourcesFileOption,
    VerboseOption,
    WorkersOption,
    console_progress,
    pairs,
    placement_for,
    say,
)
from copydesk.flows.process_exit import interrupted
from copydesk.flows.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(ingest)


def ingest(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Files, folders, globs, archives, addresses; `@FILE` lists addresses.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Name of the source (default: from the folder's path, or the host). Without "
            "inputs: a source of the sources file."
        ),
    ] = None,
    sources_file: SourcesFileOption = DEFAULT_SOURCES_FILE,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=COLUMN",
            help="Column of a table that holds a field, such as `text=body`.",
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(min=1, help="Maximum number of articles of each source in this run."),
    ] = None,
    contact: ContactOption = None,
    allow_hosts: AllowHostsOption = None,
    rules: Annotated[
        Path | None, typer.Option(help="Site rules (TOML): selectors for hard sites.")
    ] = None,
    site_lines: Annotated[
        Path | None, typer.Option(help="A table of `copydesk chrome`: lines to cut, by site.")
    ] = None,
    workers: WorkersOption = None,
    batch_size: Annotated[int, typer.Option(min=1, max=10_000, help="Items per batch.")] = 500,
    engine_name: EngineOption = "local",
    cluster: ClusterOption = None,
    gates: GatesOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON on standard output.")
    ] = False,
    verbose: VerboseOption = False,
    log_format: LogFormatOption = None,
) -> None:
    """Load or scrape articles, clean them, and publish Parquet and DuckDB tables.

    Items that were read before and have not changed are not read again. The same command resumes an
    interrupted run.

    **Examples:** `copydesk ingest seeds/` · `copydesk ingest 'export/**/*.html' --source blog` ·
    `copydesk ingest archive.warc.gz posts.jsonl.zst --column text=body` ·
    `copydesk ingest --source harbour-blog` ·
    `copydesk ingest https://blog.example --most 100 --contact me@site.example`
    """
    from copydesk.flows.early_start import start_early
    from copydesk.flows.prefect_api import connection

    connection.configure(verbose=verbose, log_format=log_format)
    if not inputs and source is None:
        raise typer.BadParameter("give an input, or a source of the sources file with --source")
    start_early(home, engine_name)
    from copydesk.flows.display.summary import SourceFailed
    from copydesk.flows.launch import launch_ingest
    from copydesk.flows.requests import IngestRequest

    placement = placement_for(engine_name, cluster, workers)
    request = IngestRequest(
        tuple(inputs or ()),
        source,
        columns=pairs(columns or (), "--column"),
        allow_hosts=tuple(allow_hosts or ()),
        contact=contact,
        most=most,
        sources_file=None if inputs else str(sources_file.absolute()),
        rules=None if rules is None else str(rules.absolute()),
        lines=None if site_lines is None else str(site_lines.absolute()),
        gates=gates,
    )
    failure: SourceFailed | None = None
    try:
        with console_progress():
            summary = launch_ingest(
                request,
                Workspace(home, lake),
                workers=workers,
                batch_size=batch_size,
                placement=placement,
            )
    except SourceFailed as error:
        summary, failure = error.summary, error
    except BaseException as error:
        if not interrupted.is_set():
            raise
        say("Interrupted. The same command resumes this run.")
        raise KeyboardInterrupt from error
    say(summary.text())
    if as_json:
        json.dump(dataclasses.asdict(summary), sys.stdout, ensure_ascii=False, default=str)
        sys.stdout.write("\n")
    if failure is not None:
        raise failure
    if summary.held:
        sys.exit(EXIT_HELD)
