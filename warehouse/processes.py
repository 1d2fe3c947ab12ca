"""Whether a process of this machine is alive."""

from __future__ import annotations

import os


def is_running(pid: int) -> bool:
    """Return whether a process has this number, also one of another user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
