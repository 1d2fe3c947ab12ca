"""``copydesk publish`` and ``copydesk doctor``: the published file and the lake as they stand."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Annotated

import typer

from flows.commands.shared import DEFAULT_HOME, HomeOption, say


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(publish)
    app.command()(doctor)


def publish(
    home: HomeOption = DEFAULT_HOME,
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
) -> None:
    """Bring what is committed to the file that analysts open, or go back to a kept version.

    Every run publishes; this is for after a repair, or when a version should not be seen.

    **Examples:** `copydesk publish --rebuild` · `copydesk publish --rollback`
    """
    from warehouse import publish as publishing

    if rollback and rebuild:
        raise typer.BadParameter("--rollback and --rebuild exclude each other")
    if version is not None and not rollback:
        raise typer.BadParameter("--version goes with --rollback")
    if rollback:
        done = publishing.rollback(home, version)
    else:
        done = publishing.publish(home, rebuild=rebuild, keep=keep)
    what = "is current" if done.changed else "is current already: nothing to do"
    say(f"Version {done.version} {what}: {done.counts.get('articles', 0):,} articles, {done.path}")


def doctor(
    home: HomeOption = DEFAULT_HOME,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every text and raw document, and hash it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check everything that must be true of the lake and the published file.

    Says what is wrong and how to mend it; exit status 1 when anything is.

    **Example:** `copydesk doctor --deep`
    """
    from warehouse.doctor import examine
    from warehouse.lake import Lake

    findings = examine(home, lake=Lake.open(home / "lake", create=False), deep=deep)
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{finding}\n")
    if findings:
        sys.exit(1)
    say("All is well.")
