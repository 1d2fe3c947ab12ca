"""Named moments in the life of a run and of a version, for tests that stop a process there."""

from __future__ import annotations

import os
import signal
from typing import Final

_VARIABLE: Final = "COPYDESK_KILL_AT"


def checkpoint(name: str) -> None:
    """Pass a named moment. With COPYDESK_KILL_AT=name the process kills itself there.

    ``name#3`` does it the third time. SIGKILL is what the kernel sends when memory is out: no
    handler runs, no buffer is flushed.
    """
    wanted = os.environ.get(_VARIABLE)
    if not wanted:
        return
    step, _, count = wanted.partition("#")
    if step == name:
        left = int(count or 1) - 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        os.environ[_VARIABLE] = f"{step}#{left}"
