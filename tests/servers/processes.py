"""The cleaning processes of a process, as the system lists them."""

from __future__ import annotations

import psutil


def cleaning(process: psutil.Process) -> list[psutil.Process]:
    """List those that the fork server of a process has begun."""
    return [
        item
        for server in process.children()
        if "multiprocessing.forkserver" in " ".join(server.cmdline())
        for item in server.children()
    ]
