"""Which failures of a task may pass by themselves, and how long to wait for it."""

from __future__ import annotations

from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Final, TypedDict

from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.tasks import exponential_backoff

from warehouse.errors import InvalidBatch, RunEnded, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun

MAY_PASS: Final = (OSError, WarehouseError)
"""A disk, a network or a store that does not answer; a lock that somebody holds."""

NEVER_PASS: Final = (InvalidBatch, RunEnded, CancelledError)


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell whether a failed task may be done again with another result."""
    try:
        state.result()
    except NEVER_PASS:
        return False
    except MAY_PASS:
        return True
    except BaseException:
        return False
    return False


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
