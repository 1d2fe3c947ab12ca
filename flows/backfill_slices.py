"""A backfill's plan in the lake and the state of each slice, without Prefect."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_locks import is_alive
from copydesk.flows.run_setup import Part
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.items import Item
from copydesk.schemas.json_form import from_json, to_json
from copydesk.schemas.plural import plural
from copydesk.tasks.backfill.slices import (
    BackfillScope,
    Plan,
    Slice,
    single_source,
    slices_of,
)
from copydesk.tasks.sources.source import FILES, PastEntry
from copydesk.tasks.workers.discovery import stall_seconds, with_stall_limit
from copydesk.warehouse.history.slices import Backfills, SliceRun, slice_runs
from copydesk.warehouse.lake import Lake

if TYPE_CHECKING:
    from copydesk.tasks.sources import Source


class BackfillError(CopydeskError):
    """A backfill cannot start or resume; the message says why and what to do."""


class State(StrEnum):
    """State of a slice."""

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
    State.EMPTY: "the source lists no items for it",
    State.WAITING: "not started",
    State.RUNNING: "running now",
    State.STOPPED: "interrupted; its finished batches are kept",
    State.HELD: "sealed; a quality gate holds it: copydesk runs release or drop",
    State.FAILED: "ended with an error; finished batches are kept",
    State.INCOMPLETE: "committed, but some of its items failed or were not found",
    State.EARLY: "committed before its last day was over",
    State.DONE: "committed",
}


FAILED: Final = frozenset({State.FAILED, State.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class SliceState:
    """A slice and its state; ``run`` is its current run, if any."""

    slice: Slice
    state: State
    run: SliceRun | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSlice:
    """An open run of a slice."""

    run_id: str
    alive: bool
    held: bool = False


def request_of(scope: BackfillScope) -> IngestRequest:
    """Return the request of a slice's run: the named source, or the input."""
    if scope.sources_file is not None:
        return IngestRequest((), scope.source, sources_file=scope.sources_file, gently=True)
    return IngestRequest(
        (scope.source,), allow_hosts=scope.allow_hosts, contact=scope.contact, gently=True
    )


def make_plan(
    scope: BackfillScope, request: IngestRequest, now: datetime
) -> tuple[Plan, list[list[Item]]]:
    """List the source's items in the range and divide them into slices; nothing is written.

    Raises:
        CopydeskError: The source cannot list past items, or cannot be read.
    """
    source = single_source(request.sources, scope)
    unread: list[str] = []

    def found() -> Iterable[PastEntry]:
        period = scope.period(request.addresses())
        for entry in with_stall_limit(lambda: source.past(period), stall_seconds()):
            if isinstance(entry, str):
                unread.append(entry)
            else:
                yield entry

    slices, items, undated = slices_of(scope, source.name, found())
    plan_ = Plan(scope, source.name, source.unit, tuple(slices), now, undated, tuple(unread))
    return plan_, items


def stored_plan(lake: Lake, scope: BackfillScope) -> Plan | None:
    """Read the stored plan of a backfill; None if it was never started."""
    data = Backfills(lake.store, scope.id).plan()
    return None if data is None else from_json(Plan, data)


def read_plan(records: Backfills) -> Plan:
    """Read the stored plan; BackfillError when it is missing."""
    if (data := records.plan()) is None:
        raise BackfillError(
            "the backfill's plan is missing from the lake; make a new one with --again"
        )
    return from_json(Plan, data)


def restarted(plan: Plan, now: datetime) -> Plan:
    """Return the plan with all earlier runs ignored."""
    return dataclasses.replace(plan, since=now)


def store_plan(lake: Lake, plan: Plan, items: Sequence[Sequence[Item]]) -> None:
    """Store a plan; it is complete when its last file is written."""
    records = Backfills(lake.store, plan.scope.id)
    for number, part in enumerate(items):
        if part:
            data = to_json(list(part), form=list[Item], without_defaults=True)
            records.keep_items(_items_key(number), data)
    for number in records.failures():
        records.forget_failure(number)
    records.keep_plan(to_json(plan))


def part_of_slice(lake: Lake, plan: Plan, number: int) -> Part:
    """Return the part of the source that a slice's run reads."""
    slice_ = plan.slices[number]

    def of(source: Source) -> Source | list[Item]:
        if not slice_.size:
            return []
        if slice_.patterns:
            return source.narrowed(slice_.patterns)
        data = Backfills(lake.store, plan.scope.id).items(_items_key(number))
        if data is None:
            raise BackfillError(
                f"the items of {slice_.key} are missing from the lake; make a new plan with --again"
            )
        return from_json(list[Item], data)

    return Part(plan.scope.id, slice_.key, of)


def release_downloads(plan: Plan, number: int, request: IngestRequest) -> None:
    """Delete the archives that a slice downloaded, as a month of them may fill the disk."""
    if patterns := plan.slices[number].patterns:
        single_source(request.sources, plan.scope).narrowed(patterns).release()


def slice_states(workspace: Workspace, plan: Plan) -> list[SliceState]:
    """Return the state of each slice of a plan, from the lake alone."""
    lake = workspace.open_lake(create=True)
    host = socket.gethostname()
    open_slices = {
        run.plan.slice_key: OpenSlice(
            run.plan.run_id,
            run.plan.host != host or is_alive(workspace.home, run.plan.run_id),
            run.held,
        )
        for run in lake.unfinished()
        if run.plan.slice_key is not None
    }
    runs = slice_runs(lake, [slice_.key for slice_ in plan.slices])
    return derive_states(plan, runs, open_slices, Backfills(lake.store, plan.scope.id).failures())


def derive_states(
    plan: Plan,
    runs: Mapping[str, SliceRun],
    open_slices: Mapping[str, OpenSlice],
    failures: Mapping[int, str],
) -> list[SliceState]:
    """Derive the state of each slice from current and open runs; a pure function."""
    return [
        _state(
            plan,
            slice_,
            runs.get(slice_.key),
            open_slices.get(slice_.key),
            failures.get(slice_.number),
        )
        for slice_ in plan.slices
    ]


def _state(
    plan: Plan,
    slice_: Slice,
    run: SliceRun | None,
    open_slice: OpenSlice | None,
    failure: str | None,
) -> SliceState:
    if run is not None and plan.since is not None and run.started_at < plan.since:
        run = None
    if open_slice is not None and open_slice.held:
        return SliceState(slice_, State.HELD, run, open_slice.run_id)
    if open_slice is not None and open_slice.alive:
        return SliceState(slice_, State.RUNNING, run, open_slice.run_id)
    if failure is not None:
        return SliceState(slice_, State.FAILED, run, failure)
    if open_slice is not None:
        return SliceState(slice_, State.STOPPED, run, open_slice.run_id)
    if run is None:
        return SliceState(slice_, State.WAITING if slice_.size else State.EMPTY)
    if run.failed or run.gone:
        return SliceState(slice_, State.INCOMPLETE, run, _unread(run))
    if slice_.over_at is not None and run.started_at < slice_.over_at:
        return SliceState(slice_, State.EARLY, run)
    return SliceState(slice_, State.DONE, run)


def _unread(run: SliceRun) -> str:
    """Return how many items of a slice failed or were not found, in words."""
    parts = [f"{plural(run.failed, 'item')} failed"] if run.failed else []
    parts += [f"{plural(run.gone, 'item')} not found (404, 410)"] if run.gone else []
    return ", ".join(parts)


def failures(states: Sequence[SliceState]) -> list[SliceState]:
    """Select the slices with unresolved failures."""
    return [state for state in states if state.state in FAILED]


def refuse_empty(plan: Plan) -> None:
    """Raise BackfillError for a plan of files without files: the path or the days are wrong.

    A site may well have published nothing on these days.
    """
    if plan.unit == FILES and not any(slice_.size for slice_ in plan.slices):
        scope = plan.scope
        span = f" of {scope.first} to {scope.last}" if scope.span is not None else ""
        reason = f"{scope.source} matches no file{span}"
        if plan.undated:
            reason += f"; {plural(plan.undated, 'file')} without a day (--undated)"
        raise BackfillError(reason)


def slices_to_run(states: Sequence[SliceState], *, only_failed: bool = False) -> list[int]:
    """Select the slices that the next run of the backfill processes."""
    settled = {State.DONE, State.EMPTY, State.HELD}
    return [
        state.slice.number
        for state in states
        if (state.state in FAILED if only_failed else state.state not in settled)
    ]


def _items_key(number: int) -> str:
    return f"items/{number:06}"
