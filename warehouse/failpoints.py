"""Named checkpoints in runs and publishing, for tests that kill the process and for benchmarks."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Final

_VARIABLE: Final = "COPYDESK_KILL_AT"

_CALLBACK: ContextVar[Callable[[str], None] | None] = ContextVar("told", default=None)


@contextlib.contextmanager
def watched(callback: Callable[[str], None]) -> Iterator[None]:
    """Call ``callback`` with the name of each checkpoint that is reached inside the block."""
    token = _CALLBACK.set(callback)
    try:
        yield
    finally:
        _CALLBACK.reset(token)


def checkpoint(name: str) -> None:
    """Mark a named checkpoint. With COPYDESK_KILL_AT=name the process kills itself there.

    ``name#3`` kills at the third pass. It sends SIGKILL, as the kernel does when memory runs out:
    no handler runs and no buffer is flushed.
    """
    if (callback := _CALLBACK.get()) is not None:
        callback(name)
    setting = os.environ.get(_VARIABLE)
    if not setting:
        return
    step, _, count = setting.partition("#")
    if step == name:
        passes = int(count or 1) - 1
        if passes == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        os.environ[_VARIABLE] = f"{step}#{passes}"
