"""A flow of tasks that do nothing, in a module of its own: workers of other processes import it."""

from __future__ import annotations

from contextlib import suppress

import psutil
from prefect import flow, task

from benchmarks.end_to_end import cpu_of


@task
def nothing(number: int) -> int:
    """Give the number back."""
    return number


@flow
def several(runs: int, server: int) -> float:
    """Run the task; gives the CPU seconds so far of all that takes part.

    They are read before the workers end, whom not every engine waits for. ``server`` is the
    Prefect server's process.
    """
    for future in [nothing.submit(number) for number in range(runs)]:
        future.result()
    return cpu_now(server)


def cpu_now(server: int) -> float:
    """Sum the CPU seconds of this process, its children, ended ones too, and the server."""
    process = psutil.Process()
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in [*process.children(recursive=True), psutil.Process(server)]:
        with suppress(psutil.NoSuchProcess):
            total += cpu_of(child)
    return total
