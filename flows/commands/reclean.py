"""``copydesk reclean``: clean stored documents again with the current cleaner."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    EXIT_HELD,
    ClusterOption,
    EngineOption,
    GatesOption,
    HomeOption,
    LakeOption,
    LogFormatOption,
    VerboseOption,
    WorkersOption,
    console_progress,
    fail,
    placement_for,
    print_json,
    say,
)
from copydesk.flows.process_exit import interrupted
from copydesk.flows.workspace import Workspace

if TYPE_CHECKING:
    from copydesk.flows.engines.placement import Placement
    from copydesk.flows.requests import RecleanRequest

_OTHER_RULES = 999_999
"""Number of the rules that ``--compare`` tries, above any that are stored."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(reclean)


def reclean(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Only report what would change, with a page of examples."),
    ] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Abandon held and interrupted runs of this request.")
    ] = False,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Only documents that meet this condition over the columns of `articles` that "
            "cleaning fills, `fate` (article, rejected), `reason`, `observed_at`, "
            "`cleaner_version`.",
        ),
    ] = None,
    site: Annotated[str | None, typer.Option(help="Of this site, by name or host.")] = None,
    sources: Annotated[
        list[str] | None, typer.Option("--source", help="Of this source; repeatable.")
    ] = None,
    to_version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Store results as this version: the cleaner's own, or `1.1`, `1.2` … for "
            "cleaner 1 with other site rules.",
        ),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Site rules (TOML) for all documents.")] = None,
    site_lines: Annotated[
        Path | None,
        typer.Option(help="A table of `copydesk chrome` for all documents: lines to cut, by site."),
    ] = None,
    sources_file: Annotated[
        Path,
        typer.Option(
            envvar="COPYDESK_SOURCES", help="The file of named sources, for their settings."
        ),
    ] = Path("sources.toml"),
    output: Annotated[
        Path, typer.Option("--output", "-o", help="With --compare: the page to write.")
    ] = Path("reclean.html"),
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="With --compare: size of a random sample of documents."),
    ] = None,
    gates: GatesOption = None,
    workers: WorkersOption = None,
    batch_size: Annotated[int, typer.Option(min=1, max=10_000, help="Documents per batch.")] = 500,
    engine_name: EngineOption = "local",
    cluster: ClusterOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the numbers as JSON on standard output.")
    ] = False,
    verbose: VerboseOption = False,
    log_format: LogFormatOption = None,
) -> None:
    """Clean stored documents again with the current cleaner; nothing is fetched.

    Every revision of every article then has the newest cleaner's text; revisions and observation
    times do not change. Use --compare first, which stores nothing. The same command resumes an
    interrupted run.

    **Examples:** `copydesk reclean --compare --output changes.html` ·
    `copydesk reclean --site blog.example` ·
    `copydesk reclean --where "fate = 'rejected' and reason = 'no_body'"` ·
    `copydesk reclean --compare --rules site-rules.toml`
    """
    from copydesk.flows.prefect_api import connection
    from copydesk.flows.requests import RecleanRequest
    from copydesk.tasks.cleaning.version import CLEANER_VERSION

    if compare and discard:
        raise typer.BadParameter("--compare and --discard exclude each other")
    if sample is not None and not compare:
        raise typer.BadParameter("--sample requires --compare")
    request = RecleanRequest(
        where,
        site,
        tuple(sources or ()),
        to_version,
        None if rules is None else str(rules.absolute()),
        str(sources_file.absolute()) if sources_file.exists() else None,
        gates,
        None if site_lines is None else str(site_lines.absolute()),
    )
    workspace = Workspace(home, lake)
    if compare and rules is not None and to_version is None:
        # nothing is stored: every reading is older than this, also those of the same cleaner
        request = dataclasses.replace(request, to_version=f"{CLEANER_VERSION}.{_OTHER_RULES}")
    if discard:
        _discard(request, workspace, as_json=as_json)
    elif compare:
        _compare(
            request, workspace, workers=workers, batch_size=batch_size, sample=sample,
            output=output, as_json=as_json,
        )  # fmt: skip
    else:
        connection.configure(verbose=verbose, log_format=log_format)
        _run(
            request, workspace, workers=workers, batch_size=batch_size, as_json=as_json,
            placement=placement_for(engine_name, cluster, workers),
        )  # fmt: skip


def _run(
    request: RecleanRequest,
    workspace: Workspace,
    *,
    workers: int | None,
    batch_size: int,
    as_json: bool,
    placement: Placement,
) -> None:
    from copydesk.flows.launch import launch_reclean

    try:
        with console_progress():
            summary = launch_reclean(
                request,
                workspace,
                workers=workers,
                batch_size=batch_size,
                placement=placement,
            )
    except BaseException as error:
        if not interrupted.is_set():
            raise
        say("Interrupted. The same command resumes this run.")
        raise KeyboardInterrupt from error
    if summary is None:
        say(
            "Nothing to do: no document was cleaned by a version older than "
            f"{request.choice.version}."
        )
    else:
        say(summary.text())
    if as_json:
        document = None if summary is None else dataclasses.asdict(summary)
        json.dump(document, sys.stdout, ensure_ascii=False, default=str)
        sys.stdout.write("\n")
    if summary is not None and summary.held:
        sys.exit(EXIT_HELD)


def _compare(
    request: RecleanRequest,
    workspace: Workspace,
    *,
    workers: int | None,
    batch_size: int,
    sample: int | None,
    output: Path,
    as_json: bool,
) -> None:
    from datetime import UTC, datetime

    from copydesk.flows.reclean_preview import compare
    from copydesk.tasks.reclean.comparison import lines
    from copydesk.tasks.reclean.comparison_page import compare_page

    with console_progress():
        tally = compare(request, workspace, workers=workers, batch_size=batch_size, sample=sample)
    if not tally.documents:
        say(f"Nothing to compare: no document was cleaned by a version older than {tally.version}.")
    else:
        words = request.words() if sample is None else f"{request.words()}, {sample:,} at random"
        page = compare_page(tally, choice=words, at=datetime.now(UTC))
        try:
            output.write_text(page, encoding="utf-8")
        except OSError as error:
            fail(f"cannot write {output}: {error.strerror}")
        say("\n".join([*lines(tally), f"Wrote {output}; nothing was stored."]))
    if as_json:
        print_json(tally.as_dict())


def _discard(request: RecleanRequest, workspace: Workspace, *, as_json: bool) -> None:
    from copydesk.flows.reclean_setup import discard

    dropped = discard(request, workspace)
    if as_json:
        json.dump({"dropped": dropped}, sys.stdout)
        sys.stdout.write("\n")
    say(f"Discarded {', '.join(dropped)}." if dropped else "No run to discard.")
