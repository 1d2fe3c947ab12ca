"""``copydesk doctor``, ``maintain`` and ``forget``: commands that maintain the lake."""

from __future__ import annotations

import dataclasses
import re
import sys
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    LakeOption,
    print_json,
    say,
)
from copydesk.flows.workspace import Workspace
from copydesk.schemas.plural import plural

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

RETENTION_HOURS = 168.0
"""A week, the default of Delta Lake: longer than any reader or run takes."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(doctor)
    app.command()(maintain)
    app.command()(forget)


def doctor(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read and hash all texts and raw bytes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check the integrity of the lake and the published file.

    Reports each problem and how to fix it; exit status 1 when there is any.

    **Example:** `copydesk doctor --deep`
    """
    from copydesk.flows.prefect_api.health import examine_prefect
    from copydesk.warehouse.publish.versions import rollback_notice
    from copydesk.warehouse.upkeep.doctor import examine

    store = Workspace(home, lake).open_lake()
    in_prefect = _if_prefect_runs(
        lambda: examine_prefect(home), skipped="Could not check Prefect's deployments and runs"
    )
    findings = [*examine(home, lake=store, deep=deep), *in_prefect]
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        print_json(rows)
    else:
        for finding in findings:
            sys.stdout.write(f"{finding}\n")
    if held_runs := sum(run.held for run in store.unfinished()):
        say(f"Runs held by a quality gate: {held_runs}; copydesk runs list --state held")
    if notice := rollback_notice(home):
        say(notice)
    if findings:
        sys.exit(1)
    say("No problems found.")


def _if_prefect_runs(action: Callable[[], list[T]], *, skipped: str) -> list[T]:
    """Return what ``action`` returns with the running Prefect API, or an empty list without one.

    If the configured API does not answer, ``skipped`` is printed, which says what was omitted.
    """
    from copydesk.flows.prefect_api import connection
    from copydesk.flows.prefect_api.temporary_server import PrefectApiError

    connection.configure(verbose=False)
    try:
        with connection.use_existing() as api:
            return action() if api is not None else []
    except PrefectApiError as error:
        say(f"{skipped}: {error}")
        return []


def maintain(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    retention_hours: Annotated[
        float, typer.Option(min=0, help="Hours to keep files after they go out of use.")
    ] = RETENTION_HOURS,
    keep_raw_days: Annotated[
        float | None,
        typer.Option(min=0, help="Delete raw bytes that are older (default: keep all)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compact the lake's files and delete files out of use; runs and readers continue.

    Where a Prefect server is running, dead runs are closed and their slots freed first, as by
    `copydesk recover`.

    **Example:** `copydesk maintain --keep-raw-days 365`
    """
    from datetime import UTC, datetime, timedelta

    from copydesk.flows.prefect_api.crash_recovery import recover_all
    from copydesk.flows.prefect_api.forget import prefect_removal
    from copydesk.tasks.dedup.rules import COPIES
    from copydesk.warehouse.upkeep.compact import maintain as keep_up

    workspace = Workspace(home, lake)
    recovered = _if_prefect_runs(
        lambda: recover_all(workspace, in_prefect=True), skipped="Could not check for dead runs"
    )
    for run in recovered:
        say(f"{run.what}: {run.name}")
    with prefect_removal(home) as remove_elsewhere:  # for a removal that was interrupted
        actions = keep_up(
            workspace.open_lake(),
            now=datetime.now(UTC),
            retention=timedelta(hours=retention_hours),
            keep_raw=None if keep_raw_days is None else timedelta(days=keep_raw_days),
            comparison=COPIES,
            elsewhere=remove_elsewhere,
        )
    for action in actions:
        if action.number:
            say(f"{action.what}: {action.number:,} ({action.where})")
    if not any(action.number for action in actions):
        say("Nothing to do.")
    if as_json:
        print_json([dataclasses.asdict(action) for action in actions])


def forget(
    article: Annotated[
        str | None, typer.Argument(metavar="ARTICLE_ID|URL", help="The article.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="All articles of this site instead.")] = None,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    reason: Annotated[str | None, typer.Option(help="Reason, stored with the removal.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove an article, or a site's articles, everywhere and permanently.

    This covers raw bytes, the lake's rows, every published version and Prefect's records, and
    cannot be undone. If it is interrupted, the same command completes it.

    **Examples:** `copydesk forget https://site.example/a --reason "takedown 17"` ·
    `copydesk forget --site "Coast Wire"`
    """
    from datetime import UTC, datetime

    from copydesk.flows.prefect_api import connection
    from copydesk.flows.prefect_api.forget import prefect_removal
    from copydesk.tasks.dedup.rules import COPIES
    from copydesk.warehouse.upkeep.erase import forget as remove

    if (article is None) == (site is None):
        raise typer.BadParameter("name one article, or a site with --site")
    what = f"the articles of {site}" if site is not None else article
    if not yes:
        typer.confirm(f"Permanently remove {what}?", abort=True, err=True)
    is_id = article is not None and re.fullmatch(r"[0-9a-f]{32}", article) is not None
    connection.configure(verbose=False)
    with prefect_removal(home) as remove_elsewhere:
        removal = remove(
            home,
            lake=Workspace(home, lake).open_lake(),
            now=datetime.now(UTC),
            article_id=article if is_id else None,
            url=None if is_id else article,
            site=site,
            reason=reason,
            comparison=COPIES,
            elsewhere=remove_elsewhere,
        )
    say(
        f"Removed {plural(len(removal.articles), 'article')} from "
        f"{plural(len(removal.items), 'item')}, "
        f"with the raw bytes of {plural(removal.raw, 'document')}."
    )
    if as_json:
        print_json(dataclasses.asdict(removal))
