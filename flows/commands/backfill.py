"""``copydesk backfill``: fill a range of the past, slice by slice."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    DEFAULT_SOURCES_FILE,
    AllowHostsOption,
    ClusterOption,
    ContactOption,
    EngineOption,
    HomeOption,
    LakeOption,
    SourcesFileOption,
    VerboseOption,
    WorkersOption,
    fail,
    placed,
    say,
    tell,
)
from copydesk.flows.process_exit import interrupted
from copydesk.flows.workspace import Workspace
from copydesk.schemas.plural import plural

if TYPE_CHECKING:
    from copydesk.flows.backfill_slices import SliceState
    from copydesk.tasks.backfill.slices import Plan, Wish

DAYS = ["%Y-%m-%d"]
SHOWN = 12  # slices of a plan that a person reads through; the table of --status has all


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(backfill)


def backfill(
    source: Annotated[
        str,
        typer.Argument(
            help="A source of the sources file; or a path with a date in it, a folder, archives, "
            "a list of paths (`warc.paths.gz`), a site."
        ),
    ],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAYS, help="First day, included.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAYS, help="Last day, included.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="day|month|archive", help="What a slice is (default: a day)."),
    ] = None,
    timezone: Annotated[
        str, typer.Option(help="In which the days are meant, such as `Europe/Berlin`.")
    ] = "UTC",
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Slices at once.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, and do nothing.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show how each slice stands, and do nothing.")
    ] = False,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Only slices that failed, or of which items did.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Plan anew, and do the slices that are done too.")
    ] = False,
    undated: Annotated[
        bool, typer.Option("--undated", help="A slice too for what tells no day.")
    ] = False,
    sources_file: SourcesFileOption = DEFAULT_SOURCES_FILE,
    contact: ContactOption = None,
    allow_hosts: AllowHostsOption = None,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    workers: WorkersOption = None,
    batch_size: Annotated[int, typer.Option(min=1, max=10_000, help="Items of a batch.")] = 500,
    engine_name: EngineOption = "local",
    cluster: ClusterOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the slices as JSON.")] = False,
    verbose: VerboseOption = False,
) -> None:
    """Fill a range of the past: each day (month, archive) is a run of its own.

    Both ends are included, as they are written, in the stated time zone. The same command goes on
    where it was stopped; a slice that is run again replaces what it gave before. Sites are asked
    for one thing at a time, so that the schedule is never behind the past.

    **Examples:** `copydesk backfill harbour --from 2026-01-01 --to 2026-03-31 --dry-run` ·
    `copydesk backfill 'raw/{date:%Y/%m/%d}/*.warc.gz' --from 2026-01-01 --to 2026-01-31` ·
    `copydesk backfill harbour --from 2026-01-01 --to 2026-03-31 --status`
    """
    from copydesk.flows.prefect_api import connection

    connection.configure(verbose=verbose)
    wish = _wish(source, first, last, by, timezone, undated, sources_file)
    wish = dataclasses.replace(wish, allow_hosts=tuple(allow_hosts or ()), contact=contact)
    workspace = Workspace(home, lake)
    if status:
        _status(wish, workspace, as_json=as_json)
        return
    if dry_run:
        _dry_run(wish, as_json=as_json)
        return
    from copydesk.flows.backfill import SlicesFailed
    from copydesk.flows.display.progress import progress, shown_in_terminal
    from copydesk.flows.launch import launch_backfill

    placement = placed(engine_name, cluster, workers)
    failure: SlicesFailed | None = None
    try:
        with shown_in_terminal():
            filled = launch_backfill(
                wish,
                workspace,
                parallel=parallel,
                again=again,
                only_failed=only_failed,
                workers=workers,
                batch_size=batch_size,
                placement=placement,
                show=lambda plan: progress().note(_planned(plan)),
            )
    except SlicesFailed as error:
        filled, failure = error.filled, error
    except BaseException as error:
        if not interrupted.is_set():
            raise
        say("Interrupted. The same command again goes on where this backfill stopped.")
        raise KeyboardInterrupt from error
    say(f"{filled.line()}; {filled.left:,} left to do. Tables: {home}/serving/current.duckdb")
    if as_json:
        _status(wish, workspace, as_json=True)
    if failure is not None:
        raise failure


def _wish(
    source: str,
    first: datetime | None,
    last: datetime | None,
    by: str | None,
    timezone: str,
    undated: bool,
    sources_file: Path,
) -> Wish:
    from copydesk.schemas.sources import read_sources
    from copydesk.tasks.backfill.slices import Wish
    from copydesk.tasks.sources.dates.ranges import By

    try:
        unit = By(by) if by else (By.ARCHIVE if first is None and last is None else By.DAY)
    except ValueError:
        known = ", ".join(one.value for one in By)
        raise typer.BadParameter(f"{by!r} is none of {known}", param_hint="--by") from None
    named = None
    if sources_file.exists() and source in read_sources(sources_file).sources:
        named = str(sources_file.absolute())
    ends = (first.date() if first else None, last.date() if last else None)
    return Wish(source, *ends, unit, timezone, undated, named)


def _dry_run(wish: Wish, *, as_json: bool) -> None:
    from datetime import UTC

    from copydesk.flows.backfill_slices import make_plan, request_of, states

    plan, _ = make_plan(wish, request_of(wish), datetime.now(UTC))
    if as_json:
        _write(plan, states(plan, {}, {}, {}))
        return
    say(_planned(plan))
    width = max((len(one.label) for one in plan.slices), default=0)
    for one in plan.slices:
        sys.stdout.write(f"{one.label:<{width}}  {one.size:>7,}\n")


def _status(wish: Wish, workspace: Workspace, *, as_json: bool) -> None:
    from copydesk.flows.backfill_slices import MEANINGS, look, planned

    plan = planned(workspace.open_lake(), wish)
    if plan is None:
        fail("no such backfill was begun: the same source, range, --by and --timezone name it")
    found = look(workspace, plan)
    if as_json:
        _write(plan, found)
        return
    _table(found)
    for state, count in Counter(one.state for one in found).items():
        say(f"{count:>6,} {state.value:<10} {MEANINGS[state]}")


def _planned(plan: Plan) -> str:
    """Say in some lines what a plan is."""
    wish = plan.wish
    full = [one for one in plan.slices if one.size]
    total = sum(one.size for one in full)
    lines = [f"{plan.source}: {plural(len(plan.slices), 'slice')}, {total:,} {plan.unit}"]
    if wish.span is not None:
        begins, ends = (moment.isoformat() for moment in wish.span.moments(wish.zone))
        lines[0] += f", {wish.first} to {wish.last} included, in {wish.timezone}"
        lines.append(f"That is from {begins} to before {ends}.")
    empty = len(plan.slices) - len(full)
    if empty:
        lines.append(f"Empty: {plural(empty, 'slice')}.")
    if plan.undated:
        lines.append(f"{plan.undated:,} {plan.unit} tell no day and are left out (--undated).")
    lines += [f"Not read: {one}" for one in plan.unread[:SHOWN]]
    if len(plan.unread) > SHOWN:
        lines.append(f"… and {len(plan.unread) - SHOWN:,} more.")
    return "\n".join(lines)


def _row(one: SliceState) -> dict[str, Any]:
    run = one.run
    return {
        "slice": one.slice.label,
        "key": one.slice.key,
        "state": one.state.value,
        "size": one.slice.size,
        "items": run.items if run else None,
        "new": run.new if run else None,
        "revised": run.revised if run else None,
        "rejected": run.rejected if run else None,
        "failed": run.failed if run else None,
        "run_id": run.run_id if run else None,
        "detail": one.detail,
    }


def _write(plan: Plan, found: Sequence[SliceState]) -> None:
    shown = {
        "backfill": plan.wish.id,
        "source": plan.source,
        "from": plan.wish.first,
        "to": plan.wish.last,
        "by": plan.wish.by.value,
        "timezone": plan.wish.timezone,
        "unit": plan.unit,
        "undated": plan.undated,
        "unread": plan.unread,
        "slices": [_row(one) for one in found],
    }
    tell(shown)


def _table(found: Sequence[SliceState]) -> None:
    from rich.console import Console
    from rich.table import Table

    columns = ("slice", "state", "items", "new", "revised", "rejected", "failed")
    table = Table()
    for name in columns:
        table.add_column(name, justify="left" if name in columns[:2] else "right", no_wrap=True)
    has_details = any(one.detail for one in found)
    if has_details:
        table.add_column("why", overflow="fold")
    for one in found:
        row = _row(one)
        cells = ["" if row[name] is None else str(row[name]) for name in columns]
        table.add_row(*cells, *([one.detail or ""] if has_details else []))
    Console(file=sys.stdout, highlight=False).print(table)
