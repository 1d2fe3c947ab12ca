"""A backfill without an engine: its plan in the lake, the state of each slice, what is to do."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from copydesk.flows.requests import Request
from copydesk.flows.run_locks import is_alive
from copydesk.flows.run_setup import Part
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.items import Item
from copydesk.schemas.json_form import from_json, to_json
from copydesk.schemas.plural import plural
from copydesk.tasks.backfill.slices import (
    Plan,
    Slice,
    Wish,
    only,
    slices_of,
)
from copydesk.tasks.sources.source import FILES, PastEntry
from copydesk.tasks.workers.discovery import bound_seconds, watched
from copydesk.warehouse.history.slices import Backfills, SliceRun, slice_runs
from copydesk.warehouse.lake import Lake

if TYPE_CHECKING:
    from copydesk.tasks.sources import Source


class BackfillError(CopydeskError):
    """A backfill cannot begin or go on; the message says why and what to do."""


class State(StrEnum):
    """How a slice stands."""

    EMPTY = "empty"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    HELD = "held"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    EARLY = "early"
    DONE = "done"


MEANINGS: Final[Mapping[State, str]] = {
    State.EMPTY: "the source has nothing of it",
    State.WAITING: "not begun",
    State.RUNNING: "at work now",
    State.STOPPED: "broke off; goes on where its batches stand",
    State.HELD: "sealed; a quality gate holds it: copydesk runs release or drop",
    State.FAILED: "ended with an error; what it did is kept",
    State.INCOMPLETE: "committed, but some of its items failed or were not there",
    State.EARLY: "committed before its last day was over",
    State.DONE: "committed",
}


FAILED: Final = frozenset({State.FAILED, State.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class SliceState:
    """A slice and how it stands; ``run`` is the run that counts, if there is one."""

    slice: Slice
    state: State
    run: SliceRun | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSlice:
    """An unfinished run of a slice."""

    run_id: str
    alive: bool
    held: bool = False


def request_of(wish: Wish) -> Request:
    """Write what a slice's run reads: the named source, or the input."""
    if wish.sources_file is not None:
        return Request((), wish.source, sources_file=wish.sources_file, gently=True)
    return Request((wish.source,), allow_hosts=wish.allow_hosts, contact=wish.contact, gently=True)


def make_plan(wish: Wish, request: Request, now: datetime) -> tuple[Plan, list[list[Item]]]:
    """Look what the source has of the range, and cut it into slices; nothing is written.

    CopydeskError when the source has no past, or cannot be read.
    """
    source = only(request.sources, wish)
    unread: list[str] = []

    def found() -> Iterable[PastEntry]:
        period = wish.period(request.addresses())
        for one in watched(lambda: source.past(period), bound_seconds()):
            if isinstance(one, str):
                unread.append(one)
            else:
                yield one

    slices, items, undated = slices_of(wish, source.name, found())
    made = Plan(wish, source.name, source.unit, tuple(slices), now, undated, tuple(unread))
    return made, items


def planned(lake: Lake, wish: Wish) -> Plan | None:
    """Read the plan of a backfill that was begun."""
    data = Backfills(lake.store, wish.id).plan()
    return None if data is None else from_json(Plan, data)


def plan_of(kept: Backfills) -> Plan:
    """Read a plan that must be there."""
    if (data := kept.plan()) is None:
        raise BackfillError("the plan of the backfill is gone from the lake; plan with --again")
    return from_json(Plan, data)


def anew(plan: Plan, now: datetime) -> Plan:
    """Let no run that there is count as done."""
    return dataclasses.replace(plan, since=now)


def keep(lake: Lake, plan: Plan, items: Sequence[Sequence[Item]]) -> None:
    """Keep a plan; it stands when its last file does."""
    kept = Backfills(lake.store, plan.wish.id)
    for number, part in enumerate(items):
        if part:
            data = to_json(list(part), form=list[Item], without_defaults=True)
            kept.keep_items(_part(number), data)
    for number in kept.failures():
        kept.forget_failure(number)
    kept.keep_plan(to_json(plan))


def part_of(lake: Lake, plan: Plan, number: int) -> Part:
    """Give what the run of a slice reads."""
    one = plan.slices[number]

    def of(source: Source) -> Source | list[Item]:
        if not one.size:
            return []
        if one.patterns:
            return source.narrowed(one.patterns)
        data = Backfills(lake.store, plan.wish.id).items(_part(number))
        if data is None:
            raise BackfillError(f"the items of {one.key} are gone from the lake; plan with --again")
        return from_json(list[Item], data)

    return Part(plan.wish.id, one.key, of)


def look(workspace: Workspace, plan: Plan) -> list[SliceState]:
    """Tell how each slice of a plan stands, from the lake alone."""
    lake = workspace.open_lake(create=True)
    host = socket.gethostname()
    opened = {
        run.plan.slice_key: OpenSlice(
            run.plan.run_id,
            run.plan.host != host or is_alive(workspace.home, run.plan.run_id),
            run.held,
        )
        for run in lake.unfinished()
        if run.plan.slice_key is not None
    }
    runs = slice_runs(lake, [one.key for one in plan.slices])
    return states(plan, runs, opened, Backfills(lake.store, plan.wish.id).failures())


def states(
    plan: Plan,
    runs: Mapping[str, SliceRun],
    opened: Mapping[str, OpenSlice],
    failures: Mapping[int, str],
) -> list[SliceState]:
    """Tell how each slice stands: pure, from the runs that count and those that are open."""
    return [
        _state(plan, one, runs.get(one.key), opened.get(one.key), failures.get(one.number))
        for one in plan.slices
    ]


def _state(
    plan: Plan, one: Slice, run: SliceRun | None, open_: OpenSlice | None, failure: str | None
) -> SliceState:
    if run is not None and plan.since is not None and run.started_at < plan.since:
        run = None
    if open_ is not None and open_.held:
        return SliceState(one, State.HELD, run, open_.run_id)
    if open_ is not None and open_.alive:
        return SliceState(one, State.RUNNING, run, open_.run_id)
    if failure is not None:
        return SliceState(one, State.FAILED, run, failure)
    if open_ is not None:
        return SliceState(one, State.STOPPED, run, open_.run_id)
    if run is None:
        return SliceState(one, State.WAITING if one.size else State.EMPTY)
    if run.failed or run.gone:
        return SliceState(one, State.INCOMPLETE, run, _unread(run))
    if one.over_at is not None and run.started_at < one.over_at:
        return SliceState(one, State.EARLY, run)
    return SliceState(one, State.DONE, run)


def _unread(run: SliceRun) -> str:
    """Say how many items of a slice could not be read."""
    said = [f"{plural(run.failed, 'item')} failed"] if run.failed else []
    said += [f"{plural(run.gone, 'item')} not found (404, 410)"] if run.gone else []
    return ", ".join(said)


def failures(found: Sequence[SliceState]) -> list[SliceState]:
    """Choose the slices with failures left, be they of this time or of an earlier one."""
    return [one for one in found if one.state in FAILED]


def refuse_empty(plan: Plan) -> None:
    """Raise BackfillError for a plan of files that has none: the path or its days are mistaken.

    Days on which a site published nothing are no mistake.
    """
    if plan.unit == FILES and not any(one.size for one in plan.slices):
        wish = plan.wish
        span = f" of {wish.first} to {wish.last}" if wish.span is not None else ""
        said = f"{wish.source} matches no file{span}"
        if plan.undated:
            said += f"; {plural(plan.undated, 'file')} without a day (--undated)"
        raise BackfillError(said)


def to_do(found: Sequence[SliceState], *, only_failed: bool = False) -> list[int]:
    """Choose the slices that a run of the backfill takes up."""
    settled = {State.DONE, State.EMPTY, State.HELD}
    return [
        one.slice.number
        for one in found
        if (one.state in FAILED if only_failed else one.state not in settled)
    ]


def _part(number: int) -> str:
    return f"items/{number:06}"
