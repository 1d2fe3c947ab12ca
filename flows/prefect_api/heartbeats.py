"""End a flow run without waiting for the thread that sends its heartbeats."""

from __future__ import annotations

import inspect
from functools import partial


def do_not_wait_for_heartbeats() -> None:
    """Let flow runs of this process end while that thread still sleeps.

    It sends nothing more once it was told to stop, but looks only once a second, for which
    Prefect waits. A release of Prefect that no longer can leave it behind waits.
    """
    from prefect import flow_engine

    send = getattr(flow_engine, "_send_heartbeats", None)
    if callable(send) and "join_on_exit" in inspect.signature(send).parameters:
        whole = send.func if isinstance(send, partial) else send
        flow_engine._send_heartbeats = partial(whole, join_on_exit=False)
