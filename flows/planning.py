"""Plan a run batch by batch; the first batches are cleaned while the rest is being planned."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextvars import copy_context
from dataclasses import dataclass, field

from copydesk.flows.display.progress import progress
from copydesk.flows.requests import IngestRequest
from copydesk.schemas.items import Item, Missing
from copydesk.schemas.json_form import from_json, to_json
from copydesk.tasks.cleaning.sites.repeated_lines import cleaner_version
from copydesk.tasks.ingest.plan import PlannedBatch, keys_of, plan, shared_out
from copydesk.tasks.ingest.revisits import with_originals
from copydesk.tasks.ingest.seen_items import KnownItems
from copydesk.tasks.ingest.unplanned import planned
from copydesk.tasks.sources import NOTHING_KNOWN, Source
from copydesk.tasks.workers.pool import cores
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import RunPlan
from copydesk.warehouse.runs.open_runs import Plans
from copydesk.warehouse.runs.run import Run

_STOP_SECONDS = 2.0
"""Time for an unneeded planner to end; a source may never answer it."""


@dataclass(slots=True)
class PreparedRun:
    """A started run.

    ``todo`` yields the numbers of the batches that are not staged, and may wait until the next one
    is planned. ``items`` counts the planned items, which are all items once ``todo`` has ended;
    ``staged_items`` counts those of the staged batches.
    """

    run_id: str
    items: int
    todo: Iterable[int]
    staged_items: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Planner:
    """The inputs for planning a run of a request.

    ``narrowed`` returns the part of a source that a backfill's slice reads, or its items; ``run``
    is the initial record of the run in the lake.
    """

    lake: Lake
    request: IngestRequest
    run: RunPlan
    batch_size: int
    on_work: Callable[[], None]
    narrowed: Callable[[Source], Source | list[Item]] | None = None

    @contextlib.contextmanager
    def start(self) -> Iterator[PreparedRun]:
        """Plan a new run and begin it with its first batch. SourceError: an input is missing."""
        with self._prepared(PreparedRun(self.run.run_id, 0, ()), []) as prepared:
            yield prepared

    @contextlib.contextmanager
    def resume(self, run: Run) -> Iterator[PreparedRun]:
        """Continue planning an interrupted run; items in stored batches are not planned again."""
        plans = Plans(self.lake.store, run.run_id)
        stored = [from_json(PlannedBatch, plans.get(number)) for number in plans.numbers()]
        staged = {batch.batch: batch.rows["ledger"] for batch in run.batches}
        todo = tuple(batch.number for batch in stored if batch.number not in staged)
        items = sum(len(batch) for batch in stored)
        prepared = PreparedRun(run.run_id, items, todo, sum(staged.values()), run.plan.source)
        with self._prepared(prepared, stored) as prepared:
            yield prepared

    @contextlib.contextmanager
    def _prepared(self, prepared: PreparedRun, stored: list[PlannedBatch]) -> Iterator[PreparedRun]:
        progress().phase("Planning")
        sources = self.request.sources
        prepared.source = ", ".join(dict.fromkeys(source.name for source in sources))
        waiting = tuple(prepared.todo)
        numbers = self._store(self._batches(sources, stored), prepared, begun=bool(stored))
        if not all(source.reads_where_cleaned for source in sources):
            prepared.todo = (*waiting, *numbers)  # a site is not listed and fetched at once
            yield prepared
            return
        with contextlib.closing(BackgroundNumbers(numbers, waiting)) as in_background:
            in_background.wait_for_first()
            prepared.todo = in_background
            yield prepared

    def _batches(self, sources: list[Source], stored: list[PlannedBatch]) -> Iterator[PlannedBatch]:
        known = {source.name: KnownItems(self.lake.latest_items(source.name)) for source in sources}
        offered = (item for source in sources for item in self._offered(source, known[source.name]))
        batches = plan(
            with_originals(
                offered, self.lake, several=len(sources) > 1, of_slice=self.run.slice_key
            ),
            lambda name: known.get(name, {}),  # a delayed revisit may belong to another source
            cleaner_version=cleaner_version(self.request.site_lines),
            batch_size=self.batch_size,
            planned=keys_of(stored),
            first=1 + max((batch.number for batch in stored), default=-1),
        )
        return shared_out(batches, cores())

    def _offered(self, source: Source, seen_items: KnownItems) -> Iterable[Item | Missing]:
        if self.narrowed is None:
            return planned(source, seen_items.how, seen_items)
        narrowed = self.narrowed(source)
        if isinstance(narrowed, list):
            return narrowed
        return planned(narrowed, NOTHING_KNOWN, seen_items)

    def _store(
        self, batches: Iterator[PlannedBatch], prepared: PreparedRun, *, begun: bool
    ) -> Generator[int]:
        """Store each batch and yield its number; begin the run before the first is stored."""
        plans = Plans(self.lake.store, prepared.run_id)
        record = dataclasses.replace(
            self.run, source=prepared.source, host=socket.gethostname(), pid=os.getpid()
        )
        for batch in batches:
            if not begun:
                self.lake.begin(dataclasses.replace(record, is_planning=True))
                begun = True
            plans.put(batch.number, to_json(batch, without_defaults=True))
            prepared.items += len(batch)
            if batch.items:
                self.on_work()
            progress().advance(len(batch))
            yield batch.number
        whole = dataclasses.replace(record, items=prepared.items)
        if begun:
            self.lake.run(prepared.run_id).end_planning(prepared.items)
        else:
            self.lake.begin(whole)


@dataclass(slots=True)
class BackgroundNumbers:
    """Takes numbers from a generator in a thread; iterating waits for the next one.

    ``ready`` are numbers that come first. An error of the generator is raised in the iterating
    thread.
    """

    numbers: Generator[int]
    ready: tuple[int, ...] = ()
    _taken: list[int] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _error: BaseException | None = None
    _ended: bool = False
    _stopping: bool = False
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        """Start the thread, in the caller's context."""
        self._taken.extend(self.ready)
        target = copy_context().run
        self._thread = threading.Thread(target=target, args=(self._take,), daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[int]:
        """Yield all numbers, including earlier ones."""
        position = 0
        while self._has(position):
            yield self._taken[position]
            position += 1

    def wait_for_first(self) -> None:
        """Wait until there is a number, or certainly none."""
        self._has(0)

    def close(self) -> None:
        """Stop the thread; if it waits for a source, it ends with the process at the latest."""
        self._stopping = True
        self._thread.join(_STOP_SECONDS)

    def _has(self, position: int) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: position < len(self._taken) or self._ended)
            if position < len(self._taken):
                return True
            if self._error is not None:
                raise self._error
            return False

    def _take(self) -> None:
        try:
            for number in self.numbers:
                with self._changed:
                    self._taken.append(number)
                    self._changed.notify_all()
                if self._stopping:
                    break
        except BaseException as error:
            self._error = error
        finally:
            self.numbers.close()
            with self._changed:
                self._ended = True
                self._changed.notify_all()
