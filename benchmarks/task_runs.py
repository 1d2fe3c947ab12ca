"""What a task run costs on each engine: why a batch is hundreds of items.

    python -m benchmarks.task_runs [--runs 60] [--engines local dask ray]

Flows of task runs that do nothing, on a Prefect server that is up. ``first`` is the time of a flow
of one task run, the start of the engine's cluster included; ``each`` what a further one adds, on
the clock and in CPU seconds of this process, its children and the server. On a busy machine only
the CPU seconds say something.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.end_to_end import prefect_server


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--engines", nargs="*", default=["local", "dask", "ray"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, prefect_server(Path(name)) as server:
        print(f"{'engine':<8}{'first s':>9}{'each ms':>9}{'each CPU ms':>13}")
        for engine in arguments.engines:
            first, _ = measure(engine, 1, server)
            five, five_cpu = measure(engine, 5, server)
            many, many_cpu = measure(engine, 5 + arguments.runs, server)
            each = 1000 * (many - five) / arguments.runs
            cpu = 1000 * (many_cpu - five_cpu) / arguments.runs
            print(f"{engine:<8}{first:>9.1f}{each:>9.0f}{cpu:>13.0f}", flush=True)


def measure(engine: str, runs: int, server: psutil.Process) -> tuple[float, float]:
    """Give the seconds of one flow and the CPU seconds of all that took part."""
    from copydesk.flows.engines.placement import Placement
    from copydesk.flows.prefect_api import connection as api

    api.configure(verbose=False)
    server_url = api.recorded_server()
    assert server_url is not None
    from benchmarks.empty_task import cpu_now, several

    flow = several.with_options(task_runner=Placement.named(engine).task_runner(2))
    start, used = time.monotonic(), cpu_now(server.pid)
    with api.use(api.Api(server_url, "up")):
        used_up = flow(runs, server.pid)
    return time.monotonic() - start, used_up - used


if __name__ == "__main__":
    main()
