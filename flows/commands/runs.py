"""``copydesk runs``: lists runs, and releases or drops those that a quality gate holds."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.flows.commands.options import (
    DEFAULT_HOME,
    HomeOption,
    LakeOption,
    fail,
    print_json,
    say,
)
from copydesk.flows.workspace import Workspace

if TYPE_CHECKING:
    from copydesk.schemas.run_profile import Profile
    from copydesk.warehouse.history.runs import Rejection, RunRecord
    from copydesk.warehouse.lake import Lake

STATES = ("committed", "held", "running", "unfinished", "abandoned")

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]

group = typer.Typer(
    name="runs", help="Runs: their results, and those that a quality gate holds.",
    no_args_is_help=True,
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group)


@group.command(name="list")
def list_(
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    source: Annotated[str | None, typer.Option(help="Only runs of this source.")] = None,
    state: Annotated[
        str | None, typer.Option(metavar="|".join(STATES), help="Only runs in this state.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Maximum number of runs, newest first.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List runs, newest first: committed, held, running, unfinished and abandoned ones.

    **Examples:** `copydesk runs list --state held` · `copydesk runs list --source harbour --json`
    """
    from copydesk.warehouse.history.runs import run_records
    from copydesk.warehouse.publish.versions import rollback_notice

    if state is not None and state not in STATES:
        raise typer.BadParameter(
            f"{state!r} is not one of {', '.join(STATES)}", param_hint="--state"
        )
    records = [
        _with_life(home, record) for record in run_records(Workspace(home, lake).open_lake())
    ]
    selected = [
        record
        for record in records
        if state in (None, record.state) and (source is None or source in record.source.split(", "))
    ][:most]
    if as_json:
        print_json([_values(record) for record in selected])
    elif selected:
        _print_table(selected)
    else:
        say("No matching runs.")
    if notice := rollback_notice(home):
        say(notice)


@group.command()
def show(
    run_id: RunArgument,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one run: fates of its items, reasons of rejects, findings of quality gates.

    **Example:** `copydesk runs show 20261124T084917-e5057366`
    """
    from copydesk.warehouse.history.runs import profiles_of, rejections, run_record

    store = Workspace(home, lake).open_lake()
    record = _with_life(home, run_record(store, run_id))
    rejected = rejections(store, record) if record.state != "abandoned" else []
    profiles = profiles_of(store, record)
    if as_json:
        more = {
            "rejected_for": [dataclasses.asdict(row) for row in rejected],
            "profiles": {name: dataclasses.asdict(row) for name, row in profiles.items()},
        }
        print_json(_values(record) | more)
    else:
        sys.stdout.write(_text(record, rejected, profiles))


@group.command()
def release(
    run_id: RunArgument,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Commit a run that a quality gate holds, and publish it. Its warnings stay in `runs`.

    **Example:** `copydesk runs release 20261124T084917-e5057366`
    """
    from copydesk.flows.notify import notify
    from copydesk.warehouse.publish.publish import publish

    store = Workspace(home, lake).open_lake()
    _must_be_held(home, store, run_id)
    sealed = store.run(run_id).release()
    from copydesk.tasks.dedup.rules import COPIES

    published = publish(home, lake=store, comparison=COPIES)
    notify(home)
    if as_json:
        print_json({"run_id": run_id, "fates": dict(sealed.fates), "version": published.version})
    fates = ", ".join(f"{count:,} {fate}" for fate, count in sealed.fates.items())
    say(f"Committed run {run_id} ({fates}) and published version {published.version}.")


@group.command()
def drop(
    run_id: RunArgument,
    home: HomeOption = DEFAULT_HOME,
    lake: LakeOption = None,
    reason: Annotated[str, typer.Option(help="Reason, stored with the run.")] = "dropped by hand",
    as_json: JsonOption = False,
) -> None:
    """Abandon a held or interrupted run: its rows are deleted, its id is not used again.

    The next run reads its items again. Published tables say that it was dropped.

    **Example:** `copydesk runs drop 20261124T084917-e5057366 --reason "the site was down"`
    """
    from copydesk.flows.notify import notify
    from copydesk.flows.run_locks import marked_alive
    from copydesk.warehouse.history.runs import run_record
    from copydesk.warehouse.publish.publish import publish
    from copydesk.warehouse.publish.versions import Serving

    store = Workspace(home, lake).open_lake()
    record = run_record(store, run_id)
    if record.state in ("committed", "abandoned"):
        fail(f"run {run_id} is {record.state}: only a held or interrupted run can be dropped")
    with marked_alive(home, run_id) as acquired:
        if not acquired:
            fail(f"run {run_id} is running in another process; stop it first")
        store.run(run_id).abandon("; ".join((reason, *record.findings)))
    if Serving(home).current() is not None:
        from copydesk.tasks.dedup.rules import COPIES

        publish(home, lake=store, comparison=COPIES)
        notify(home)
    if as_json:
        print_json({"run_id": run_id, "state": "abandoned"})
    say(f"Dropped run {run_id}.")


def _must_be_held(home: Path, lake: Lake, run_id: str) -> None:
    from copydesk.warehouse.history.runs import run_record

    record = run_record(lake, run_id)
    if record.state in ("held", "committed"):
        return
    if record.state == "unfinished" and lake.run(run_id).verdict is not None:
        return  # an interrupted release is resumed
    fail(
        f"run {run_id} is {_with_life(home, record).state}, not held; "
        "copydesk runs list --state held lists held runs"
    )


def _with_life(home: Path, record: RunRecord) -> RunRecord:
    """Return the record with its state refined by the run's lock on this machine."""
    from copydesk.flows.run_locks import marked_alive

    if record.state != "unfinished" or not (home / "locks" / f"{record.run_id}.lock").exists():
        return record
    with marked_alive(home, record.run_id) as acquired:
        return record if acquired else dataclasses.replace(record, state="running")


def _values(record: RunRecord) -> dict[str, Any]:
    values = dataclasses.asdict(record) | {"seconds": record.seconds}
    values["parameters"] = json.loads(record.parameters)
    return values


_COLUMNS = ("new", "revised", "unchanged", "rejected")
"""Fates with a column of their own; the others are summed."""


_WIDTH = 160
"""Width of a table outside a terminal: one line a run."""


def _print_table(records: list[RunRecord]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("run", "state", "flow", "source")
    for name in ("took", "items", *_COLUMNS, "others"):
        table.add_column(name, justify="right")
    for record in records:
        others = sum(count for fate, count in record.fates.items() if fate not in _COLUMNS)
        source = f"{record.source} {record.slice_key}" if record.slice_key else record.source
        table.add_row(
            record.run_id,
            _state(record),
            record.flow,
            source,
            _took(record.seconds),
            f"{record.items:,}",
            *(f"{record.fates.get(fate, 0):,}" for fate in (*_COLUMNS,)),
            f"{others:,}",
        )
    width = None if sys.stdout.isatty() else _WIDTH
    console = Console(file=sys.stdout, highlight=False, width=width)
    console.print(table)
    for record in records:
        for finding in record.findings:
            console.print(f"{record.run_id} {finding}", markup=False, soft_wrap=True)


def _state(record: RunRecord) -> str:
    if record.state == "committed" and not record.counted:
        return "replaced"
    return f"{record.state}, warned" if record.state == "committed" and record.findings else (
        record.state
    )  # fmt: skip


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _text(record: RunRecord, rejected: list[Rejection], profiles: Mapping[str, Profile]) -> str:
    """Describe a run as text, one field a line."""
    ended = record.finished_at
    lines = [
        ("run", record.run_id),
        ("state", _state(record)),
        ("reason", record.reason),
        ("flow", record.flow),
        ("source", record.source),
        ("slice", record.slice_key),
        ("parameters", record.parameters if record.parameters != "{}" else None),
        ("cleaner", record.cleaner_version),
        ("started", f"{record.started_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("ended" if record.state != "held" else "held since",
         f"{ended:%Y-%m-%d %H:%M:%S} UTC, after {_took(record.seconds)}" if ended else None),
        ("by", f"process {record.pid} on {record.host}"),
        ("batches", f"{record.staged:,} staged" if record.staged is not None else None),
        ("items", f"{record.items:,}"),
        *((f"  {fate}", f"{count:,}") for fate, count in record.fates.items()),
    ]  # fmt: skip
    text = [f"{name:<12} {value}" for name, value in lines if value]
    for name, profile in profiles.items():
        if profile.articles:
            words = f", with a median of {profile.words:,.0f} words"
            text.append(f"{'brought':<12} {name}: {profile.articles:,} articles{words}")
    if record.findings:
        text += ["", "Findings of quality gates:", *(f"  {line}" for line in record.findings)]
    if rejected:
        text += ["", "Rejected for:"]
        text += [
            f"  {line.reason} {line.items:,}, such as {line.example}: {line.detail}"
            for line in rejected
        ]
    if record.state == "held":
        text += ["", f"copydesk runs release {record.run_id}   commits and publishes it",
                 f"copydesk runs drop {record.run_id}      drops it"]  # fmt: skip
    return "\n".join(text) + "\n"
