"""Read, clean and stage the batches of a planned run; the first of them while Prefect starts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from copydesk.flows.engines.worker import pool_here
from copydesk.flows.planning import PreparedRun
from copydesk.flows.requests import IngestRequest, resolved
from copydesk.flows.workspace import Workspace
from copydesk.schemas.json_form import from_json
from copydesk.tasks.ingest.batch import BatchCounts, process_batch
from copydesk.tasks.ingest.plan import PlannedBatch
from copydesk.tasks.workers.pool import cores, open_shared_pool
from copydesk.warehouse.runs.open_runs import Plans


def clean_planned(
    workspace: Workspace, run_id: str, request: IngestRequest, number: int
) -> BatchCounts:
    """Read, clean and stage a batch, unless that was begun early: then wait for its result."""
    early = _early.get(run_id)
    if early is not None and (future := early.take(number)) is not None:
        with contextlib.suppress(Exception):  # tried again below, which says why it fails
            return future.result()
    return _clean(workspace, run_id, request, number)


@contextlib.contextmanager
def begun_early(
    request: IngestRequest, workspace: Workspace, prepared: PreparedRun, workers: int | None
) -> Iterator[None]:
    """Clean the run's first batches, one for each process, from the start of this block on.

    For batches that are read in this process's cleaning processes. At the end of the block, what
    was begun and is not finished is stopped; the run's next attempt does it again.
    """
    run_id = prepared.run_id
    if not all(source.reads_where_cleaned for source in resolved(request, run_id).sources):
        yield  # the state of a site's hosts belongs to the flow
        return
    early = _early[run_id] = EarlyBatches(lambda number: _clean(workspace, run_id, request, number))
    numbers = islice(prepared.todo, workers or cores())
    # a daemon: the next number may never come, from a source that does not answer
    threading.Thread(target=early.begin, args=(numbers,), name="early", daemon=True).start()
    try:
        yield
    finally:
        del _early[run_id]
        if early.stop():
            open_shared_pool(workers).close()


@dataclass(slots=True)
class EarlyBatches:
    """Batches that are cleaned before somebody asks for them; each is cleaned once."""

    clean: Callable[[int], BatchCounts]
    _futures: dict[int, Future[BatchCounts] | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    def begin(self, numbers: Iterator[int]) -> None:
        """Begin each batch that nobody has taken, in a thread of its own."""
        with contextlib.suppress(Exception):  # whoever takes the numbers in turn raises it, too
            for number in numbers:
                future: Future[BatchCounts] = Future()
                with self._lock:
                    if self._stopped:
                        return
                    if number in self._futures:
                        continue
                    self._futures[number] = future
                threading.Thread(target=self._finish, args=(number, future), daemon=True).start()

    def take(self, number: int) -> Future[BatchCounts] | None:
        """Return a batch that was begun; None for the caller to clean it, also a second time."""
        with self._lock:
            future = self._futures.get(number)
            self._futures[number] = None
            return future

    def stop(self) -> bool:
        """Begin no further batches; return whether one is unfinished."""
        with self._lock:
            self._stopped = True
            return any(future and not future.done() for future in self._futures.values())

    def _finish(self, number: int, future: Future[BatchCounts]) -> None:
        try:
            future.set_result(self.clean(number))
        except BaseException as error:
            future.set_exception(error)


_early: dict[str, EarlyBatches] = {}
"""By run."""


def _clean(workspace: Workspace, run_id: str, request: IngestRequest, number: int) -> BatchCounts:
    request, lake = resolved(request, run_id), workspace.open_lake()
    batch = from_json(PlannedBatch, Plans(lake.store, run_id).get(number))
    with pool_here() as pool:
        return process_batch(
            lake,
            run_id,
            batch,
            sources=request.sources,
            pool=pool,
            now=datetime.now(UTC),
            rules=request.site_rules,
            lines=request.site_lines,
            keep_raw=request.keep_raw(),
        )
