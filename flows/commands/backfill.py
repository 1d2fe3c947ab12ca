"""``copydesk backfill``: ingest a range of past days, slice by slice."""

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
    LogFormatOption,
    SourcesFileOption,
    VerboseOption,
    WorkersOption,
    console_progress,
    fail,
    placement_for,
    print_json,
    say,
)
from copydesk.flows.process_exit import interrupted
from copydesk.flows.workspace import Workspace
from copydesk.schemas.plural import plural

if TYPE_CHECKING:
    from copydesk.flows.backfill_slices import SliceState
    from copydesk.tasks.backfill.slices import BackfillScope, Plan

DAYS = ["%Y-%m-%d"]
SHOWN = 12  # lines that a plan shows; the table of --status has all slices


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
        datetime | None, typer.Option("--from", formats=DAYS, help="First day (inclusive).")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAYS, help="Last day (inclusive).")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="day|month|archive", help="What a slice is (default: a day)."),
    ] = None,
    timezone: Annotated[
        str, typer.Option(help="Time zone of the days, such as `Europe/Berlin`.")
    ] = "UTC",
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Slices to run concurrently.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; run nothing.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show the state of each slice; run nothing.")
    ] = False,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Only slices that failed or have failed items.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Make a new plan, and repeat finished slices.")
    ] = False,
    undated: Annotated[
        bool, typer.Option("--undated", help="Add a slice for items without a date.")
    ] = False,
    sources_file: SourcesFileOption = DEFAULT_SOURCES_FILE,
    contact: ContactOption = None,
    allow_hosts: AllowHostsOption = None,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    workers: WorkersOption = None,
    batch_size: Annotated[int, typer.Option(min=1, max=10_000, help="Items per batch.")] = 500,
    engine_name: EngineOption = "local",
    cluster: ClusterOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the slices as JSON.")] = False,
    verbose: VerboseOption = False,
    log_format: LogFormatOption = None,
) -> None:
    """Ingest a range of past days: each day (month, archive) is a run of its own.

    Both days are included, in the given time zone. The same command resumes where it was stopped; a
    slice that is run again replaces its earlier results. A site receives one request at a time, so
    that scheduled runs are not delayed.

    **Examples:** `copydesk backfill harbour --from 2026-01-01 --to 2026-03-31 --dry-run` ·
    `copydesk backfill 'raw/{date:%Y/%m/%d}/*.warc.gz' --from 2026-01-01 --to 2026-01-31` ·
    `copydesk backfill harbour --from 2026-01-01 --to 2026-03-31 --status`
    """
    from copydesk.flows.prefect_api import connection

    connection.configure(verbose=verbose, log_format=log_format)
    scope = _scope(source, first, last, by, timezone, undated, sources_file)
    scope = dataclasses.replace(scope, allow_hosts=tuple(allow_hosts or ()), contact=contact)
    workspace = Workspace(home, lake)
    if status:
        _status(scope, workspace, as_json=as_json)
        return
    if dry_run:
        _dry_run(scope, as_json=as_json)
        return
    from copydesk.flows.early_start import start_early

    start_early(home, engine_name)
    from copydesk.flows.backfill_result import SlicesFailed
    from copydesk.flows.display.progress import progress
    from copydesk.flows.launch import launch_backfill

    placement = placement_for(engine_name, cluster, workers)
    failure: SlicesFailed | None = None
    try:
        with console_progress():
            result = launch_backfill(
                scope,
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
        result, failure = error.result, error
    except BaseException as error:
        if not interrupted.is_set():
            raise
        say("Interrupted. The same command resumes this backfill.")
        raise KeyboardInterrupt from error
    say(f"{result.line()}; {result.remaining:,} left to do. Tables: {home}/serving/current.duckdb")
    if as_json:
        _status(scope, workspace, as_json=True)
    if failure is not None:
        raise failure


def _scope(
    source: str,
    first: datetime | None,
    last: datetime | None,
    by: str | None,
    timezone: str,
    undated: bool,
    sources_file: Path,
) -> BackfillScope:
    from copydesk.schemas.sources import read_sources
    from copydesk.tasks.backfill.slices import BackfillScope
    from copydesk.tasks.sources.dates.ranges import By

    try:
        unit = By(by) if by else (By.ARCHIVE if first is None and last is None else By.DAY)
    except ValueError:
        choices = ", ".join(unit_.value for unit_ in By)
        raise typer.BadParameter(f"{by!r} is not one of {choices}", param_hint="--by") from None
    named_in = None
    if sources_file.exists() and source in read_sources(sources_file).sources:
        named_in = str(sources_file.absolute())
    ends = (first.date() if first else None, last.date() if last else None)
    return BackfillScope(source, *ends, unit, timezone, undated, named_in)


def _dry_run(scope: BackfillScope, *, as_json: bool) -> None:
    from datetime import UTC

    from copydesk.flows.backfill_slices import derive_states, make_plan, request_of

    plan, _ = make_plan(scope, request_of(scope), datetime.now(UTC))
    if as_json:
        _write(plan, derive_states(plan, {}, {}, {}))
        return
    say(_planned(plan))
    width = max((len(slice_.label) for slice_ in plan.slices), default=0)
    for slice_ in plan.slices:
        sys.stdout.write(f"{slice_.label:<{width}}  {slice_.size:>7,}\n")


def _status(scope: BackfillScope, workspace: Workspace, *, as_json: bool) -> None:
    from copydesk.flows.backfill_slices import MEANINGS, slice_states, stored_plan

    plan = stored_plan(workspace.open_lake(), scope)
    if plan is None:
        fail("there is no such backfill; source, range, --by and --timezone identify it")
    states = slice_states(workspace, plan)
    if as_json:
        _write(plan, states)
        return
    _table(states)
    for state, count in Counter(state.state for state in states).items():
        say(f"{count:>6,} {state.value:<10} {MEANINGS[state]}")


def _planned(plan: Plan) -> str:
    """Describe a plan in a few lines."""
    scope = plan.scope
    full = [slice_ for slice_ in plan.slices if slice_.size]
    total = sum(slice_.size for slice_ in full)
    lines = [f"{plan.source}: {plural(len(plan.slices), 'slice')}, {total:,} {plan.unit}"]
    if scope.span is not None:
        begins, ends = (moment.isoformat() for moment in scope.span.moments(scope.zone))
        lines[0] += f", {scope.first} to {scope.last} inclusive, in {scope.timezone}"
        lines.append(f"That is from {begins} to before {ends}.")
    empty = len(plan.slices) - len(full)
    if empty:
        lines.append(f"Empty: {plural(empty, 'slice')}.")
    if plan.undated:
        lines.append(f"{plan.undated:,} {plan.unit} without a date are left out (--undated).")
    lines += [f"Not read: {slice_}" for slice_ in plan.unread[:SHOWN]]
    if len(plan.unread) > SHOWN:
        lines.append(f"… and {len(plan.unread) - SHOWN:,} more.")
    return "\n".join(lines)


def _row(state: SliceState) -> dict[str, Any]:
    run = state.run
    return {
        "slice": state.slice.label,
        "key": state.slice.key,
        "state": state.state.value,
        "size": state.slice.size,
        "items": run.items if run else None,
        "new": run.new if run else None,
        "revised": run.revised if run else None,
        "rejected": run.rejected if run else None,
        "failed": run.failed if run else None,
        "run_id": run.run_id if run else None,
        "detail": state.detail,
    }


def _write(plan: Plan, slice_states: Sequence[SliceState]) -> None:
    document = {
        "backfill": plan.scope.id,
        "source": plan.source,
        "from": plan.scope.first,
        "to": plan.scope.last,
        "by": plan.scope.by.value,
        "timezone": plan.scope.timezone,
        "unit": plan.unit,
        "undated": plan.undated,
        "unread": plan.unread,
        "slices": [_row(state) for state in slice_states],
    }
    print_json(document)


def _table(slice_states: Sequence[SliceState]) -> None:
    from rich.console import Console
    from rich.table import Table

    columns = ("slice", "state", "items", "new", "revised", "rejected", "failed")
    table = Table()
    for name in columns:
        table.add_column(name, justify="left" if name in columns[:2] else "right", no_wrap=True)
    has_details = any(state.detail for state in slice_states)
    if has_details:
        table.add_column("why", overflow="fold")
    for state in slice_states:
        row = _row(state)
        cells = ["" if row[name] is None else str(row[name]) for name in columns]
        table.add_row(*cells, *([state.detail or ""] if has_details else []))
    Console(file=sys.stdout, highlight=False).print(table)
