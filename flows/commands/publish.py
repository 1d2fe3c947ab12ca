"""Commands that write what others open: the published file, plain files."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

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


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(publish)
    app.command()(export)


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
    from copydesk.warehouse.publish import publish as publishing

    if rollback and rebuild:
        raise typer.BadParameter("--rollback and --rebuild exclude each other")
    if version is not None and not rollback:
        raise typer.BadParameter("--version goes with --rollback")
    if rollback:
        done = publishing.rollback(home, version)
    else:
        from copydesk.tasks.dedup.rules import COPIES

        opened = Workspace(home, lake).open_lake()
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
    from copydesk.warehouse.query.export import ExportFormat
    from copydesk.warehouse.query.export import export as write

    try:
        form = ExportFormat(format_)
    except ValueError:
        known = ", ".join(one.value for one in ExportFormat)
        raise typer.BadParameter(f"{format_!r} is none of {known}", param_hint="--format") from None
    rows = write(home, folder, format=form, table=table, where=where, partition_by=partition_by)
    say(f"Wrote {rows:,} rows to {folder}")
    if as_json:
        tell({"rows": rows, "folder": folder.absolute()})
