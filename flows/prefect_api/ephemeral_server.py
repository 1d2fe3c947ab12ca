"""A Prefect API server that ends with its parent: ``python -m <this module> PORT``.

It stops at the end of its standard input, so that a killed parent leaves no server behind. It
serves no pages and only the services that a single process needs; with ``--schedules`` it is a
complete server with pages and scheduler.
"""

from __future__ import annotations

import os
import sys
import threading

import uvicorn

from copydesk.flows.process_exit import begin, end


def serve(port: int, *, schedules: bool = False) -> None:
    """Serve the API on loopback until standard input ends."""
    os.environ["PREFECT__SERVER_FINAL"] = "1"
    if not schedules:
        os.environ["PREFECT__SERVER_EPHEMERAL"] = "1"
        os.environ["PREFECT_UI_ENABLED"] = "0"
        os.environ["PREFECT_API_BLOCKS_REGISTER_ON_START"] = "false"
        delete_old_flow_runs()
    server = uvicorn.Server(
        uvicorn.Config(
            "prefect.server.api.server:create_app",
            factory=True,
            host="127.0.0.1",
            port=port,
            log_level="error",
            lifespan="on",
            timeout_graceful_shutdown=2,
        )
    )

    def stop_with_parent() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    threading.Thread(target=stop_with_parent, daemon=True).start()
    server.run()


def delete_old_flow_runs() -> None:
    """Have the server delete old flow runs where the settings say so, as a complete one does.

    By itself Prefect deletes only old events in a server like this one.
    """
    from prefect.server.services import db_vacuum, perpetual_services

    for service in perpetual_services.get_perpetual_services():
        if service.function is db_vacuum.schedule_vacuum_tasks:
            service.run_in_ephemeral = True


if __name__ == "__main__":
    begin()
    serve(int(sys.argv[1]), schedules="--schedules" in sys.argv[2:])
    end(0)
