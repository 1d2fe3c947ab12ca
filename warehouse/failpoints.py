"""Named moments in the life of a run and of a version: tests stop a process there.

Benchmarks measure between them.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Final

_VARIABLE: Final = "COPYDESK_KILL_AT"

_TOLD: ContextVar[Callable[[str], None] | None] = ContextVar("told", default=None)


@contextlib.contextmanager
def watched(tell: Callable[[str], None]) -> Iterator[None]:
    """Call ``tell`` with the name of each moment that is passed inside the block."""
    before = _TOLD.set(tell)
    try:
        yield
    finally:
        _TOLD.reset(before)


def checkpoint(name: str) -> None:
    """Pass a named moment. With COPYDESK_KILL_AT=name the process kills itself there.

    ``name#3`` does it the third time. SIGKILL is what the kernel sends when memory is out: no
    handler runs, no buffer is flushed.
    """
    if (tell := _TOLD.get()) is not None:
        tell(name)
    wanted = os.environ.get(_VARIABLE)
    if not wanted:
        return
    step, _, count = wanted.partition("#")
    if step == name:
        left = int(count or 1) - 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        os.environ[_VARIABLE] = f"{step}#{left}"
