"""``copydesk doctor``, ``maintain`` and ``forget``: commands that look after the lake."""

from __future__ import annotations

import dataclasses
import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    LakeOption,
    say,
    tell,
)
from copydesk.flows.workspace import Workspace
from copydesk.schemas.plural import plural

if TYPE_CHECKING:
    from copydesk.warehouse.upkeep.doctor import Finding

RETENTION_HOURS = 168.0
"""A week, as Delta Lake's own default: longer than any reader or run takes."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(doctor)
    app.command()(maintain)
    app.command()(forget)


def doctor(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every text and raw document, and hash it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check everything that must be true of the lake and the published file.

    Says what is wrong and how to mend it; exit status 1 when anything is.

    **Example:** `copydesk doctor --deep`
    """
    from copydesk.warehouse.upkeep.doctor import examine

    opened = Workspace(home, lake).open_lake()
    findings = [*examine(home, lake=opened, deep=deep), *_examine_prefect()]
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        tell(rows)
    else:
        for finding in findings:
            sys.stdout.write(f"{finding}\n")
    if held := sum(run.held for run in opened.unfinished()):
        say(f"Runs that a quality gate holds: {held}; copydesk runs list --state held")
    if findings:
        sys.exit(1)
    say("All is well.")


def _examine_prefect() -> list[Finding]:
    """Look at the deployments, where a Prefect server is at hand; none is started for it."""
    from copydesk.flows.prefect_api import connection
    from copydesk.flows.prefect_api.old_entrypoints import old_deployments
    from copydesk.warehouse.upkeep.doctor import Finding

    connection.configure(verbose=False)
    try:
        if (api := connection.find_api()) is None:
            return []
        with connection.use(api):
            names = old_deployments()
    except connection.EngineError as error:
        say(f"The deployments were not looked at: {error}")
        return []
    says = "deployments of an earlier release, which no worker can start"
    mend = "copydesk deploy makes them anew"
    return [Finding("old-deployments", says, len(names), names[0], mend)] if names else []


def maintain(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    retention_hours: Annotated[
        float, typer.Option(min=0, help="Keep files for so long after they went out of use.")
    ] = RETENTION_HOURS,
    keep_raw_days: Annotated[
        float | None,
        typer.Option(min=0, help="Delete raw bytes that are older (default: keep them for ever)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compact the lake's files and delete what is left over; runs and readers may go on.

    Where a Prefect server runs, dead runs are closed and their slots freed first, as by `copydesk
    recover`.

    **Example:** `copydesk maintain --keep-raw-days 365`
    """
    from datetime import UTC, datetime, timedelta

    from copydesk.flows.prefect_api import connection
    from copydesk.flows.prefect_api.forget import prefect_at_hand
    from copydesk.tasks.dedup.rules import COPIES
    from copydesk.warehouse.upkeep.compact import maintain as keep_up

    connection.configure(verbose=False)
    _close_dead_runs(Workspace(home, lake))
    with prefect_at_hand(home) as elsewhere:  # for a removal that broke off
        done = keep_up(
            Workspace(home, lake).open_lake(),
            now=datetime.now(UTC),
            retention=timedelta(hours=retention_hours),
            keep_raw=None if keep_raw_days is None else timedelta(days=keep_raw_days),
            comparison=COPIES,
            elsewhere=elsewhere,
        )
    for one in done:
        if one.number:
            say(f"{one.what}: {one.number:,} ({one.where})")
    if not any(one.number for one in done):
        say("There was nothing to do.")
    if as_json:
        tell([dataclasses.asdict(one) for one in done])


def _close_dead_runs(workspace: Workspace) -> None:
    """Recover where there is a server; the upkeep of the lake needs none."""
    from copydesk.flows.prefect_api import connection
    from copydesk.flows.prefect_api.crash_recovery import recover_all

    connection.configure(verbose=False)
    try:
        api = connection.find_api()
        if api is None:
            return
        with connection.use(api):
            for one in recover_all(workspace, in_prefect=True):
                say(f"{one.what}: {one.name}")
    except connection.EngineError as error:
        say(f"Dead runs were not looked for: {error}")


def forget(
    article: Annotated[
        str | None, typer.Argument(metavar="ARTICLE_ID|URL", help="The article.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="All articles of this site instead.")] = None,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    reason: Annotated[str | None, typer.Option(help="Kept with the removal.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove an article, or a site's articles, everywhere, and keep it from coming back.

    Raw bytes, the lake's rows, every published version and what Prefect shows of it; this cannot
    be undone. Killed in between, the same command completes it.

    **Examples:** `copydesk forget https://site.example/a --reason "takedown 17"` ·
    `copydesk forget --site "Coast Wire"`
    """
    from datetime import UTC, datetime

    from copydesk.flows.prefect_api import connection
    from copydesk.flows.prefect_api.forget import prefect_at_hand
    from copydesk.tasks.dedup.rules import COPIES
    from copydesk.warehouse.upkeep.erase import forget as remove

    if (article is None) == (site is None):
        raise typer.BadParameter("name one article, or a site with --site")
    what = f"the articles of {site}" if site is not None else article
    if not yes:
        typer.confirm(f"Remove {what} for ever?", abort=True, err=True)
    is_id = article is not None and re.fullmatch(r"[0-9a-f]{32}", article) is not None
    connection.configure(verbose=False)
    with prefect_at_hand(home) as elsewhere:
        removal = remove(
            home,
            lake=Workspace(home, lake).open_lake(),
            now=datetime.now(UTC),
            article_id=article if is_id else None,
            url=None if is_id else article,
            site=site,
            reason=reason,
            comparison=COPIES,
            elsewhere=elsewhere,
        )
    say(
        f"Removed {plural(len(removal.articles), 'article')} from "
        f"{plural(len(removal.items), 'item')}, with {plural(removal.raw, 'raw document')}."
    )
    if as_json:
        tell(dataclasses.asdict(removal))
