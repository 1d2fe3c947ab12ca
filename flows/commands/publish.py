"""Commands that write files for readers: the published file, plain files."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    LakeOption,
    SpreadsheetOption,
    print_json,
    say,
)
from copydesk.flows.workspace import Workspace

if TYPE_CHECKING:
    from copydesk.warehouse.publish.storage_format import StorageVersion


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(publish)
    app.command()(export)


def publish(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Build from the lake alone, ignoring the last version."),
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the previous version, or to --version.")
    ] = False,
    version: Annotated[
        int | None, typer.Option(min=1, help="With --rollback: the version to go back to.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="End a rollback, and publish what was committed since.")
    ] = False,
    storage_version: Annotated[
        str | None,
        typer.Option(
            metavar="v1.0.0|v1.2.0|v1.4.0|v2.0.0",
            help="DuckDB's storage format from now on: older formats open in older clients, but "
            "are larger (initially v1.4.0).",
        ),
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Versions to keep, the new one included.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Publish committed rows in the file that analysts open, or go back to an older version.

    Every run publishes; use this after a repair, or to withdraw a version. After --rollback
    readers stay at the older version until --resume, even if runs commit meanwhile.

    **Examples:** `copydesk publish --rebuild` · `copydesk publish --rollback`
    """
    from copydesk.warehouse.publish import publish as publishing
    from copydesk.warehouse.publish.versions import rollback_notice

    if rollback and (rebuild or resume or storage_version):
        raise typer.BadParameter("--rollback can be combined only with --version")
    if version is not None and not rollback:
        raise typer.BadParameter("--version requires --rollback")
    if rollback:
        publication = publishing.rollback(home, version)
    else:
        from copydesk.flows.notify import notify
        from copydesk.tasks.dedup.rules import COPIES

        store = Workspace(home, lake).open_lake()
        publication = publishing.publish(
            home,
            lake=store,
            rebuild=rebuild,
            keep=keep,
            comparison=COPIES,
            storage_version=_storage_version(storage_version),
            resume=resume,
        )
        notify(home)
    what = "is current" if publication.changed else "is already current: nothing to do"
    say(
        f"Version {publication.version} {what}: "
        f"{publication.counts.get('articles', 0):,} articles, {publication.path}"
    )
    if publication.rolled_back_from is not None:
        say(str(rollback_notice(home)))
    if as_json:
        print_json(dataclasses.asdict(publication))


def _storage_version(name: str | None) -> StorageVersion | None:
    from copydesk.warehouse.publish.storage_format import StorageVersion

    try:
        return None if name is None else StorageVersion(name)
    except ValueError:
        versions = ", ".join(StorageVersion)
        raise typer.BadParameter(
            f"{name!r} is not one of {versions}", param_hint="--storage-version"
        ) from None


def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    home: HomeOption = DEFAULT_HOME,
    format_: Annotated[
        str, typer.Option("--format", metavar="parquet|csv|jsonl", help="Format of the files.")
    ] = "parquet",
    table: Annotated[str, typer.Option(help="A published table or view.")] = "articles",
    where: Annotated[
        str | None, typer.Option(help="A condition in SQL over the table's columns.")
    ] = None,
    partition_by: Annotated[
        str | None,
        typer.Option(help="A column, or `published_date`: one folder per value."),
    ] = None,
    card: Annotated[
        bool,
        typer.Option(
            "--card", help="Also write a data contract (ODCS) and a Croissant card of the files."
        ),
    ] = False,
    spreadsheet: SpreadsheetOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a published table as plain files.

    **Examples:** `copydesk export out/ --partition-by published_date` ·
    `copydesk export de.csv/ --format csv --where "language = 'de'"` · `copydesk export out/ --card`
    """
    from copydesk.warehouse.query.export import ExportChoices, ExportFormat
    from copydesk.warehouse.query.export import export as write

    try:
        form = ExportFormat(format_)
    except ValueError:
        choices = ", ".join(format_name.value for format_name in ExportFormat)
        raise typer.BadParameter(
            f"{format_!r} is not one of {choices}", param_hint="--format"
        ) from None
    if spreadsheet and form is not ExportFormat.CSV:
        raise typer.BadParameter("it goes with CSV", param_hint="--spreadsheet")
    chosen = ExportChoices(form, table, where, partition_by, spreadsheet, card)
    rows = write(home, folder, chosen)
    say(f"Wrote {rows:,} rows to {folder}")
    if as_json:
        print_json({"rows": rows, "folder": folder.absolute()})
