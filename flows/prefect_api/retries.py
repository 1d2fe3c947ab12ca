"""Which failures may pass by themselves, and how long to wait for it: of tasks, and of flows.

A flow tries again inside its run. Prefect's own retries of flows put a run that waits into a state
(``AwaitingRetry``) that ends as ``Crashed`` where a flow returns ``Failed``, and then keeps the
slot of its deployment.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Annotated, Any, Final, TypedDict, TypeVar

import httpx
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.exceptions import MissingContextError, PrefectHTTPStatusError
from prefect.logging import get_run_logger
from prefect.tasks import exponential_backoff
from pydantic import Field

from copydesk.flows.display.progress import progress
from copydesk.flows.display.summary import shorten
from copydesk.tasks.sources import SourceError
from copydesk.tasks.sources.web.fetch.event_loop import close_fetch_loops
from copydesk.warehouse.errors import InvalidBatch, RunEnded, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun

MAY_PASS: Final = (OSError, WarehouseError)
"""A disk, a network or a store that does not answer; a lock that somebody holds."""

NEVER_PASS: Final = (InvalidBatch, RunEnded, CancelledError)


ENGINE_FAILS: Final = (httpx.TransportError, PrefectHTTPStatusError)
"""The Prefect server is restarted, or its database is busy."""

JITTER: Final = 0.25
"""So that sources that failed together do not come back together."""

Waits = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(max_length=20)]
"""Seconds before each further attempt of a flow; none: it is tried once."""

T = TypeVar("T")


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell whether a failed task may be done again with another result."""
    try:
        state.result()
    except BaseException as error:
        return passes(error)
    return False


def passes(error: BaseException) -> bool:
    """Tell whether an error may be over in a moment."""
    return isinstance(error, MAY_PASS) and not isinstance(error, NEVER_PASS)


def may_pass_in_flow(error: Exception) -> bool:
    """Tell whether a flow that ended with an error may be done again with another result."""
    return passes(error) or isinstance(error, (*ENGINE_FAILS, SourceError))


def with_retries(
    attempt: Callable[[], T],
    waits: Sequence[float],
    failure: Callable[[T], str | None] = lambda _: None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Make an attempt, and another one after each wait while it fails; gives the last result.

    Args:
        attempt: Does the work; it may be done again, for what is done stands in the lake.
        waits: Seconds before each further attempt.
        failure: Says why a result is none to be content with; None where it is.
        sleep: Waits so many seconds.

    Raises:
        Exception: what the last attempt raised, or what does not pass by waiting.
    """
    for number, wait in enumerate(waits, start=2):
        try:
            result = attempt()
            why = failure(result)
        except Exception as error:
            if not may_pass_in_flow(error):
                raise
            why = f"{type(error).__name__}: {error}"
        if why is None:
            return result
        seconds = wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret
        said = f"Attempt {number} of {len(waits) + 1} in {seconds:.0f} s: {shorten(why, 300)}"
        run_logger().warning(said)
        progress().note(said)
        close_fetch_loops()  # else a host that was given up stays so for the life of the process
        sleep(seconds)
    return attempt()


def run_logger() -> logging.Logger | logging.LoggerAdapter[Any]:
    """Give the logger that Prefect shows with the flow run; without one, another."""
    try:
        return get_run_logger()
    except MissingContextError:
        return logging.getLogger("prefect.copydesk")


class Options(TypedDict):
    """Options of a task."""

    retries: int
    retry_delay_seconds: Callable[[int], list[float]]
    retry_jitter_factor: float
    retry_condition_fn: Callable[[Task[..., Any], TaskRun, State[Any]], bool]
    cache_policy: CachePolicy
    persist_result: bool


IDEMPOTENT: Final = Options(
    retries=3,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),  # 2, 4, 8 s
    retry_jitter_factor=0.5,  # so that runs that failed together do not come back together
    retry_condition_fn=may_pass,
    cache_policy=NO_CACHE,
    persist_result=False,
)
"""For tasks that may be done twice: each of ours, for what is done is found in the lake."""
