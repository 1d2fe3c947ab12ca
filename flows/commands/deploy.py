"""``copydesk serve``, ``deploy``, ``recover``: scheduled runs, and cleaning up after dead ones."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    DEFAULT_SOURCES_FILE,
    HomeOption,
    LakeOption,
    LogFormatOption,
    SourcesFileOption,
    VerboseOption,
    fail,
    print_json,
    say,
    say_old_deployments,
)
from copydesk.flows.prefect_api.connection import LOG_FORMAT_VARIABLE, LogFormat
from copydesk.flows.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copydesk.flows.prefect_api.crash_recovery import RecoveredRun
    from copydesk.flows.prefect_api.deployment_specs import Deployment

MaintainOption = Annotated[
    str,
    typer.Option(
        "--maintain", metavar="CRON", help="When to maintain the lake (UTC); '' for never."
    ),
]
PublishOption = Annotated[
    str | None,
    typer.Option(
        "--publish", metavar="CRON", help="When to publish in addition to each run's publication."
    ),
]
NIGHTLY = "30 3 * * *"
RECOVER_SECONDS = 60.0
"""Seconds between two checks of ``serve`` for dead runs: a few requests each."""

SERVE_LOCK = "serve"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)
    app.command()(deploy)
    app.command()(recover)


def serve(
    sources_file: SourcesFileOption = DEFAULT_SOURCES_FILE,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    maintain: MaintainOption = NIGHTLY,
    publish: PublishOption = None,
    at_once: Annotated[int, typer.Option(min=1, help="Maximum number of concurrent runs.")] = 4,
    verbose: VerboseOption = False,
    log_format: LogFormatOption = None,
) -> None:
    """Run every source on its schedule in this process, until it is stopped.

    A running Prefect server is used; otherwise one is started that ends with this process. A source
    that is due while its previous run is still running is skipped until the next time.

    **Example:** `copydesk serve --home /srv/articles`
    """
    from copydesk.flows.prefect_api import connection

    connection.configure(verbose=verbose, log_format=log_format or LogFormat.TEXT)
    workspace = Workspace(home, lake)
    planned = _planned(sources_file, workspace, maintain, publish)
    starting = connection.ApiStarting(home / "prefect-server.log", schedules=True)
    try:
        api = starting.wait()
        with connection.use(api):
            from copydesk.flows.prefect_api.crash_recovery import recover_all
            from copydesk.flows.prefect_api.deploy import repeat_in_background
            from copydesk.flows.prefect_api.deploy import serve as serve_until_stopped
            from copydesk.flows.run_locks import marked_alive

            with marked_alive(home, SERVE_LOCK) as is_only_server, contextlib.ExitStack() as watch:
                _say_recovered(recover_all(workspace, in_prefect=True, starting=is_only_server))
                say_old_deployments()
                _show(planned)
                say(f"Serving; UI at {api.url.removesuffix('/api')}. Ctrl-C stops it.")
                watch.enter_context(
                    repeat_in_background(
                        lambda: _say_recovered(recover_all(workspace, in_prefect=True)),
                        seconds=RECOVER_SECONDS,
                    )
                )
                serve_until_stopped(planned, workspace.home, at_once=at_once)
    finally:
        starting.stop()
    say("Stopped; the schedules pause until the next serve.")


def deploy(
    sources_file: SourcesFileOption = DEFAULT_SOURCES_FILE,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    maintain: MaintainOption = NIGHTLY,
    publish: PublishOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete deployments of sources that no longer exist.")
    ] = False,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print a prefect.yaml instead; no server is contacted.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was deployed.")] = False,
    verbose: VerboseOption = False,
) -> None:
    """Deploy each named source on its schedule to a Prefect server, for workers.

    Also deploys publish, maintain and backfill, a work pool, and an automation that detects dead
    runs. Repeat it after changes of the sources file. The server is the one in PREFECT_API_URL or a
    Prefect profile, or that of `copydesk up`.

    **Examples:** `copydesk deploy --sources-file news.toml` ·
    `copydesk deploy --yaml > prefect.yaml && prefect deploy --all`
    """
    from copydesk.flows.prefect_api import connection

    connection.configure(verbose=verbose)
    planned = _planned(sources_file, Workspace(home, lake), maintain, publish)
    if as_yaml:
        from copydesk.flows.prefect_api.deployment_specs import prefect_yaml

        sys.stdout.write(prefect_yaml(planned))
        return
    from copydesk.flows.prefect_api.deploy import delete
    from copydesk.flows.prefect_api.deploy import deploy as deploy_to_server

    if (api := connection.find_api()) is None:
        fail("there is no Prefect server: copydesk up starts one, PREFECT_API_URL sets another")
    with connection.use(api):
        deployed = deploy_to_server(planned, home, folder=str(Path.cwd()))
        if prune:
            delete(deployed.unplanned)
    if as_json:
        rows = [
            dataclasses.asdict(deployment) | {"entrypoint": deployment.entrypoint}
            for deployment in planned
        ]
        document = {"deployments": rows, "left_over": deployed.unplanned, "pruned": prune}
        print_json(document)
    else:
        _show(planned)
    for name in deployed.replaced:
        say(f"Replaced: {name}, which an earlier release named without the project")
    for name in deployed.unplanned:
        say(f"{'Deleted' if prune else 'Not in the sources file (--prune deletes it)'}: {name}")
    say(f"Deployed to {api.url.removesuffix('/api')}. Run them with:")
    say(f"  PREFECT_API_URL={api.url} prefect worker start --pool {planned[0].pool}")


def recover(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Close runs whose process or machine died, in Prefect and in the lake.

    Prefect's flow runs whose process is gone are marked as crashed, and slots of deployments that
    no run holds are freed, so that the next run starts. Unfinished runs of the lake are kept for a
    week, since the same request resumes them; then they are abandoned. The maintain flow, `copydesk
    maintain` and `copydesk serve` (every minute) do the same.

    **Example:** `copydesk recover --json`
    """
    from copydesk.flows.prefect_api import connection
    from copydesk.flows.prefect_api.crash_recovery import recover_all

    connection.configure(verbose=False)
    with connection.use_existing() as api:
        if api is not None:
            say_old_deployments()
        recovered = recover_all(Workspace(home, lake), in_prefect=api is not None)
    if as_json:
        print_json([dataclasses.asdict(run) for run in recovered])
        return
    _say_recovered(recovered)
    if not recovered:
        say("No dead runs.")


def _say_recovered(recovered: Sequence[RecoveredRun]) -> None:
    for run in recovered:
        say(f"{run.what}: {run.name}")


def _planned(
    file: Path, workspace: Workspace, maintain: str, publish: str | None
) -> list[Deployment]:
    from copydesk.flows.prefect_api.deployment_specs import deployments
    from copydesk.schemas.sources import SourcesFile, read_sources

    sources = read_sources(file) if file.exists() else SourcesFile()
    if not file.exists() and file != DEFAULT_SOURCES_FILE:
        fail(f"there is no {file}; copydesk sources example > {file} starts one")
    return deployments(
        sources,
        file=file.absolute(),
        workspace=workspace.absolute(),
        maintain_cron=maintain or None,
        publish_cron=publish,
    )


def _show(planned: list[Deployment]) -> None:
    if os.environ.get(LOG_FORMAT_VARIABLE) == LogFormat.JSON:
        for deployment in planned:
            say(f"{deployment.full_name}: {deployment.cron or 'on demand'}")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("deployment", "schedule (UTC)", "tags")
    for deployment in planned:
        table.add_row(
            deployment.full_name, deployment.cron or "on demand", ", ".join(deployment.tags)
        )
    Console(stderr=True, highlight=False).print(table)
