"""Decide which failures of tasks and flows are retried, and after which waits.

A flow retries within its own run. Prefect's retries of flows put a waiting run into
``AwaitingRetry``, which ends as ``Crashed`` if a flow returns ``Failed``, and then keeps the slot
of its deployment.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Annotated, Any, Final, TypedDict, TypeVar

import httpx
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.exceptions import PrefectHTTPStatusError
from prefect.tasks import exponential_backoff
from pydantic import Field

from copydesk.flows.display.progress import progress
from copydesk.flows.display.summary import shorten
from copydesk.flows.prefect_api.run_log import log_event
from copydesk.tasks.sources import SourceError
from copydesk.tasks.sources.web.fetch.event_loop import close_fetch_loops
from copydesk.warehouse.errors import InvalidBatch, RunEnded, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun

MAY_PASS: Final = (OSError, WarehouseError)
"""Errors of a disk, network or store that does not respond, or of a lock of another process."""

NEVER_PASS: Final = (InvalidBatch, RunEnded, CancelledError)


ENGINE_FAILS: Final = (httpx.TransportError, PrefectHTTPStatusError)
"""Errors of a Prefect server that is restarting, or whose database is busy."""

JITTER: Final = 0.25
"""Random share of a wait, so that sources that failed together do not retry together."""

Waits = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(max_length=20)]
"""Seconds before each further attempt of a flow; without any there is one attempt."""

T = TypeVar("T")


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Return whether a failed task should be retried."""
    try:
        state.result()
    except BaseException as error:
        return passes(error)
    return False


def passes(error: BaseException) -> bool:
    """Return whether an error may be temporary."""
    return isinstance(error, MAY_PASS) and not isinstance(error, NEVER_PASS)


def may_pass_in_flow(error: Exception) -> bool:
    """Return whether a flow that failed with this error should be retried."""
    return passes(error) or isinstance(error, (*ENGINE_FAILS, SourceError))


def with_retries(
    attempt: Callable[[], T],
    waits: Sequence[float],
    failure: Callable[[T], str | None] = lambda _: None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Call ``attempt``, and again after each wait while it fails; return the last result.

    Args:
        attempt: Does the work. It can be repeated, since finished work is recorded in the lake.
        waits: Seconds before each further attempt.
        failure: Says why a result counts as a failure; None for a success.
        sleep: Waits so many seconds.

    Raises:
        Exception: what the last attempt raised, or an error that retries cannot fix.
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
        message = f"Attempt {number} of {len(waits) + 1} in {seconds:.0f} s: {shorten(why, 300)}"
        log_event("retry", message, level=logging.WARNING, attempt=number, seconds=seconds)
        progress().note(message)
        close_fetch_loops()  # otherwise hosts that failed would stay skipped
        sleep(seconds)
    return attempt()


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
    retry_jitter_factor=0.5,  # so that runs that failed together do not retry together
    retry_condition_fn=may_pass,
    cache_policy=NO_CACHE,
    persist_result=False,
)
"""Options of tasks that can be repeated safely: all of them, since the lake records finished
work."""
