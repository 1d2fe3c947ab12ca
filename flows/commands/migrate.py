"""``copydesk migrate``: upgrade a lake that an older release wrote."""

from __future__ import annotations

from typing import Annotated

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


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(migrate)


def migrate(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; change nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Upgrade a lake of an older release to this one; its version is in `lake.json`.

    Until then, every other command refuses a lake that this release would misread. Afterwards,
    older releases refuse the lake.

    **Example:** `copydesk migrate --dry-run`
    """
    from copydesk.warehouse.upkeep.migrate import migrate as bring_up

    migration = bring_up(Workspace(home, lake).open_lake(outdated=True), dry_run=dry_run)
    if as_json:
        print_json(
            {
                "before": migration.before,
                "after": migration.before if dry_run else migration.after,
                "steps": [{"to": step.to, "says": step.says} for step in migration.steps],
            }
        )
        return
    for step in migration.steps:
        say(f"To version {step.to}: {step.says}.")
    if not migration.steps:
        say(f"The lake has version {migration.after}: nothing to do.")
    else:
        say(f"The lake {'would have' if dry_run else 'has'} version {migration.after} now.")
