"""How a command's process begins and ends: without work that no run gains from.

Prefect and pandas bring two million objects that live as long as the process. Of 2.8 s of CPU that
importing the flow ``ingest`` takes in a process that ends at once, the collector had 0.6 s looking
through them for garbage, and taking the interpreter apart had 0.7 s.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
from typing import Final, NoReturn

COLLECT_AFTER: Final = 50_000
"""Objects made and not freed before the collector looks at the young ones (Python's own: 700)."""


def begin() -> None:
    """Let the collector look less often."""
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])


def end(status: int) -> NoReturn:
    """End the process once its threads have ended and its exit handlers have run.

    What an interpreter would do after that, freeing every object and unloading native modules, is
    left to the kernel: some of them abort there (``status 134``), when all is written.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # what an interpreter calls first
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:  # who read us has seen enough
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            status = status or EXIT_BROKEN_PIPE
    os._exit(status)


EXIT_BROKEN_PIPE: Final = 120
"""What Python itself ends with when its output cannot be flushed."""


interrupted = threading.Event()
"""Set by Ctrl-C and SIGTERM: what fails after it fails for that reason, whatever it says."""
