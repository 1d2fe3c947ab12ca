"""Steps of a publish that run in threads beside the others, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from copydesk.warehouse.storage.duckdb_views import second_connection

if TYPE_CHECKING:
    import duckdb

Start = Callable[..., Callable[[], Any]]
"""Function that starts a step (a function of a connection, and its further arguments) and returns
the function that waits for its result."""


@contextmanager
def side_by_side(connection: duckdb.DuckDBPyConnection, *, at_once: bool) -> Iterator[Start]:
    """Run steps beside the block; their connections stay open until its end.

    Steps see what was committed before they started. Without ``at_once`` each runs where its result
    is asked for, so that only one needs memory.
    """
    with ExitStack() as connections, ThreadPoolExecutor() as threads:

        def start(step: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
            other = connections.enter_context(second_connection(connection))
            call = partial(copy_context().run, step, other, *arguments)
            return threads.submit(call).result if at_once else call

        yield start
