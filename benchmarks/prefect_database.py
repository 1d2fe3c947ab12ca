"""How Prefect's database grows with runs, and what its vacuum service takes back.

``python -m benchmarks.prefect_database`` starts a server as ``copydesk serve`` does, writes flow
runs with task runs, logs and artifacts through its API, and lets them be older than the server
keeps them. Twice: the file must not grow the second time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from copydesk.flows.prefect_api.connection import FLOW_RUN_DAYS, answers, configure

LOGS = 12
TASK_RUNS = 3
LOOP_SECONDS = 20
TABLES = ("flow_run", "flow_run_state", "task_run", "log", "artifact", "events")


def main() -> None:
    """Print a table: rows and megabytes after each step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2_000)
    arguments = parser.parse_args()
    configure(verbose=False)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["PREFECT_HOME"] = folder
        os.environ["PREFECT_SERVER_DATABASE_TIMEOUT"] = "120"
        os.environ["PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS"] = str(LOOP_SECONDS)
        os.environ["PREFECT_SERVER_SERVICES_DB_VACUUM_ORPHAN_CLEANUP_LOOP_SECONDS"] = "60"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}/api"
        server = subprocess.Popen(
            [sys.executable, "-m", "copydesk.flows.prefect_api.ephemeral_server", str(port),
             "--schedules"], stdin=subprocess.PIPE,
        )  # fmt: skip
        try:
            while not answers(url):
                time.sleep(0.5)
            print(f"| {'step':<28} | {' | '.join(TABLES)} | MB |")
            print(f"| --- |{' --: |' * (len(TABLES) + 1)}")
            report("a new database", home)
            for time_of in ("first", "second"):
                started = time.monotonic()
                asyncio.run(write_runs(url, arguments.runs))
                print(f"<!-- {arguments.runs} runs: {time.monotonic() - started:.0f} s -->")
                report(f"{arguments.runs:,} runs, the {time_of} time", home)
                make_old(home)
                wait_for_vacuum(home)
                report(f"{FLOW_RUN_DAYS} days later", home)
        finally:
            server.kill()
            server.wait()


async def write_runs(url: str, runs: int) -> None:
    """Write flow runs as a batch run of copydesk leaves them."""
    transport = httpx.AsyncHTTPTransport(retries=3)
    async with httpx.AsyncClient(base_url=url, timeout=120, transport=transport) as client:
        flow = (await client.post("/flows/", json={"name": "ingest"})).json()["id"]
        slots = asyncio.Semaphore(1)

        async def write(number: int) -> None:
            async with slots:
                await write_run(client, flow, number)

        await asyncio.gather(*(write(number) for number in range(runs)))


async def write_run(client: httpx.AsyncClient, flow: str, number: int) -> None:
    """Write one flow run with its task runs, records of its log and an artifact."""

    async def post(path: str, row: object) -> httpx.Response:
        for wait in (0.1, 0.2, 0.4, 0.8, 1.6, 3, 6, 12, 25, 50):
            if (response := await client.post(path, json=row)).status_code != 503:
                break
            await asyncio.sleep(wait)  # SQLite is locked by another writer
        return response.raise_for_status()

    completed = {"type": "COMPLETED", "name": "Completed: 4 new"}
    row = {"flow_id": flow, "name": f"run-{number}", "state": {"type": "RUNNING"}}
    run = (await post("/flow_runs/", row)).json()["id"]
    for task in range(TASK_RUNS):
        row = {"flow_run_id": run, "task_key": "clean", "dynamic_key": str(task),
               "name": f"clean-{task}", "state": completed}  # fmt: skip
        await post("/task_runs/", row)
    moment = "2026-01-01T00:00:00Z"
    log = {"name": "prefect.flow_runs", "level": 20, "timestamp": moment, "flow_run_id": run}
    logs = [log | {"message": f"Cleaning: {line:,} of 500 items"} for line in range(LOGS)]
    await post("/logs/", logs)
    artifact = {"key": "harbour-run", "type": "markdown", "data": "| new | 4 |\n" * 40,
                "flow_run_id": run}  # fmt: skip
    await post("/artifacts/", artifact)
    end = {"state": completed, "force": True}
    await post(f"/flow_runs/{run}/set_state", end)


def make_old(home: Path) -> None:
    """Let all ended flow runs and events be older than the server keeps them."""
    with sqlite3.connect(home / "prefect.db", timeout=120) as database:
        database.execute("UPDATE flow_run SET end_time = '2020-01-01 00:00:00.000000'")
        database.execute("UPDATE events SET occurred = '2020-01-01 00:00:00.000000'")


def wait_for_vacuum(home: Path) -> None:
    """Wait until the old rows are gone, five minutes at most."""
    end = time.monotonic() + 300
    while sum(counts(home)[:5]) and time.monotonic() < end:
        time.sleep(2)


def counts(home: Path) -> list[int]:
    """Count the rows of the tables."""
    with sqlite3.connect(home / "prefect.db", timeout=120) as database:
        return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]


def report(step: str, home: Path) -> None:
    """Print a row of the table."""
    size = sum(file.stat().st_size for file in home.glob("prefect.db*")) / 1e6
    cells = " | ".join(f"{count:,}" for count in counts(home))
    print(f"| {step:<28} | {cells} | {size:.1f} |", flush=True)


if __name__ == "__main__":
    main()
