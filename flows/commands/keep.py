"""Commands that look after the lake and the published file.

``publish``, ``export``, ``doctor``, ``maintain``, ``forget``.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shared import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    LakeOption,
    say,
    tell,
)
from schemas.words import plural

RETENTION_HOURS = 168.0
"""A week, as Delta Lake's own default: longer than any reader or run takes."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(publish)
    app.command()(export)
    app.command()(doctor)
    app.command()(maintain)
    app.command()(forget)


def publish(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build from the lake alone, not on the last version.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the version before, or to --version.")
    ] = False,
    version: Annotated[
        int | None, typer.Option(min=1, help="With --rollback: the kept version to go back to.")
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Versions to keep, the new one included.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Bring what is committed to the file that analysts open, or go back to a kept version.

    Every run publishes; this is for after a repair, or when a version should not be seen.

    **Examples:** `copydesk publish --rebuild` · `copydesk publish --rollback`
    """
    from flows.lake import open_lake
    from warehouse import publish as publishing

    if rollback and rebuild:
        raise typer.BadParameter("--rollback and --rebuild exclude each other")
    if version is not None and not rollback:
        raise typer.BadParameter("--version goes with --rollback")
    if rollback:
        done = publishing.rollback(home, version)
    else:
        from tasks.dedup.comparison import COPIES

        opened = open_lake(home, lake)
        done = publishing.publish(home, lake=opened, rebuild=rebuild, keep=keep, comparison=COPIES)
    what = "is current" if done.changed else "is current already: nothing to do"
    say(f"Version {done.version} {what}: {done.counts.get('articles', 0):,} articles, {done.path}")
    if as_json:
        tell(dataclasses.asdict(done))


def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    home: HomeOption = DEFAULT_HOME,
    format_: Annotated[
        str, typer.Option("--format", metavar="parquet|csv|jsonl", help="The files' form.")
    ] = "parquet",
    table: Annotated[str, typer.Option(help="A published table or view.")] = "articles",
    where: Annotated[
        str | None, typer.Option(help="A condition in SQL over the table's columns.")
    ] = None,
    partition_by: Annotated[
        str | None,
        typer.Option(help="A column, or `published_date`: a folder for each of its values."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a published table as plain files, for those who want files.

    **Examples:** `copydesk export out/ --partition-by published_date` ·
    `copydesk export de.csv/ --format csv --where "language = 'de'"`
    """
    from warehouse.export import ExportFormat
    from warehouse.export import export as write

    try:
        form = ExportFormat(format_)
    except ValueError:
        known = ", ".join(one.value for one in ExportFormat)
        raise typer.BadParameter(f"{format_!r} is none of {known}", param_hint="--format") from None
    rows = write(home, folder, format=form, table=table, where=where, partition_by=partition_by)
    say(f"Wrote {rows:,} rows to {folder}")
    if as_json:
        tell({"rows": rows, "folder": folder.absolute()})


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
    from flows.lake import open_lake
    from warehouse.doctor import examine

    opened = open_lake(home, lake)
    findings = examine(home, lake=opened, deep=deep)
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

    from flows import engine
    from flows.forgetting import prefect_at_hand
    from flows.lake import open_lake
    from tasks.dedup.comparison import COPIES
    from warehouse.maintain import maintain as keep_up

    engine.configure(verbose=False)
    _close_dead_runs(home, lake)
    with prefect_at_hand(home) as elsewhere:  # for a removal that broke off
        done = keep_up(
            open_lake(home, lake),
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


def _close_dead_runs(home: Path, lake: str | None) -> None:
    """Recover where there is a server; the upkeep of the lake needs none."""
    from flows import engine
    from flows.recovery import recover_all

    engine.configure(verbose=False)
    try:
        api = engine.find_api()
        if api is None:
            return
        with engine.use(api):
            for one in recover_all(home, lake, in_prefect=True):
                say(f"{one.what}: {one.name}")
    except engine.EngineError as error:
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

    from flows import engine
    from flows.forgetting import prefect_at_hand
    from flows.lake import open_lake
    from tasks.dedup.comparison import COPIES
    from warehouse.forget import forget as remove

    if (article is None) == (site is None):
        raise typer.BadParameter("name one article, or a site with --site")
    what = f"the articles of {site}" if site is not None else article
    if not yes:
        typer.confirm(f"Remove {what} for ever?", abort=True, err=True)
    is_id = article is not None and re.fullmatch(r"[0-9a-f]{32}", article) is not None
    engine.configure(verbose=False)
    with prefect_at_hand(home) as elsewhere:
        removal = remove(
            home,
            lake=open_lake(home, lake),
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
