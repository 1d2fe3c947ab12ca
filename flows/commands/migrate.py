"""``copydesk migrate``: a lake that an older release wrote, brought up to this one."""

from __future__ import annotations

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
    """Add the command of this module."""
    app.command()(migrate)


def migrate(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a lake of an older release up to this one; its version stands in `lake.json`.

    A lake that this release would misread is refused by every other command until then. An older
    release refuses the lake afterwards.

    **Example:** `copydesk migrate --dry-run`
    """
    from copydesk.warehouse.upkeep.migrate import migrate as bring_up

    done = bring_up(Workspace(home, lake).open_lake(outdated=True), dry_run=dry_run)
    if as_json:
        tell(
            {
                "before": done.before,
                "after": done.before if dry_run else done.after,
                "steps": [{"to": step.to, "says": step.says} for step in done.steps],
            }
        )
        return
    for step in done.steps:
        say(f"To version {step.to}: {step.says}.")
    if not done.steps:
        say(f"The lake has version {done.after}: there is nothing to do.")
    else:
        say(f"The lake {'would have' if dry_run else 'has'} version {done.after} now.")
