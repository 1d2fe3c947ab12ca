"""Compares the texts of new runs while the file of the next version is still being made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from copydesk.warehouse.publish.duplicates import Compared, Comparison, NewVersion, compare
from copydesk.warehouse.publish.side_by_side import Start
from copydesk.warehouse.storage.duckdb_views import Snapshot, scratch

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class EarlyComparison:
    """A comparison that has begun, of the ``fresh`` ones among ``runs``; ``result`` waits for it.

    Another one may begin only after it has ended: both write the signature index.
    """

    runs: frozenset[str]
    fresh: frozenset[str]
    result: Callable[[], Compared | None]

    def is_of(self, runs: Collection[str], fresh: Collection[str]) -> bool:
        """Return whether it compares just these: a run may have been committed meanwhile."""
        return self.runs == frozenset(runs) and self.fresh == frozenset(fresh)


@contextlib.contextmanager
def comparing(
    lake: Lake,
    comparison: Comparison | None,
    new_version: NewVersion,
    published: Collection[str],
    *,
    most_items: int,
) -> Iterator[EarlyComparison | None]:
    """Begin to compare the runs that are not ``published``, in a thread; wait for it at the end.

    None without a comparison, and for runs of more than ``most_items``, which share no memory.
    """
    with contextlib.ExitStack() as stack:
        if comparison is None:
            yield None
            return
        connection = stack.enter_context(scratch(lake.store))
        Snapshot(connection, lake.tables)
        items = dict(
            connection.execute(
                "SELECT run_id, items FROM lake_runs WHERE state = 'committed'"
            ).fetchall()
        )
        fresh = items.keys() - (() if new_version.rebuild_copies else published)
        if sum(items[run] for run in fresh) > most_items:
            yield None
            return
        threads = stack.enter_context(ThreadPoolExecutor(1))
        call = partial(
            compare, connection, lake.tables, comparison, new_version, sorted(items), sorted(fresh)
        )
        result = threads.submit(copy_context().run, call).result
        yield EarlyComparison(frozenset(items), frozenset(fresh), result)


def awaited(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    comparison: Comparison | None,
    new_version: NewVersion,
    new_runs: Collection[str],
    early: EarlyComparison | None,
    start: Start,
) -> Callable[[], Compared | None]:
    """Return what waits for the comparison of the new runs.

    It begins here (``start``) unless ``early`` has begun and knows the same runs.
    """
    if comparison is None:
        return lambda: None
    rows = connection.execute("SELECT run_id FROM runs WHERE state = 'committed'").fetchall()
    runs = sorted(run for (run,) in rows)
    fresh = runs if new_version.rebuild_copies else sorted({*runs}.intersection(new_runs))
    if early is not None:
        if early.is_of(runs, fresh):
            return early.result
        early.result()
    return start(compare, lake.tables, comparison, new_version, runs, fresh)
