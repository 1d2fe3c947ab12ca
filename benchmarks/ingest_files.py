"""Ingest 10,000 text files: time, peak memory, and the share of it that is the engine's.

    python -m benchmarks.ingest_files [--files 10000] [--batch-size 500]

The same run is made three times in processes of their own: through the command line with the
Prefect API started for it, on a server that is up, and by the same steps called one after the
other without Prefect. The engine's share is what the first two take longer than the third.
Memory is the largest sum of resident sizes of the process and its children, polled.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

POLL_SECONDS = 0.1
WORDS = (Path(__file__).parents[1] / "seeds" / "biden-pushes-for-peace-talks.txt").read_text()
CHROME = "\n\nNo responses yet\n\nLeave a Reply\n\nYour email address will not be published.\n"


@dataclass(frozen=True)
class Measured:
    """What one run took: seconds on the clock and on all cores, and the peak in bytes."""

    seconds: float
    peak: int


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--batch-size", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = folder / "in"
        size = write_articles(inputs, arguments.files)
        os.environ["PREFECT_HOME"] = str(folder / "prefect")
        command = [sys.executable, "-m", "copydesk.flows.cli"]
        batch = str(arguments.batch_size)
        ingest = [*command, "ingest", str(inputs), "--batch-size", batch, "--home"]
        steps = [sys.executable, "-m", "benchmarks.ingest_files", "--steps", str(inputs), batch]
        subprocess.run([*command, "up", "--port", "0"], check=True, capture_output=True)
        on_server = measure([*ingest, str(folder / "server")])
        subprocess.run([*command, "down"], check=True, capture_output=True)
        rows = {
            "without Prefect": (without := measure([*steps, str(folder / "steps")])),
            "server that is up": on_server,
            "server of its own": measure([*ingest, str(folder / "own")]),
            "again, nothing new": measure([*ingest, str(folder / "own")]),
        }
    print(f"{arguments.files:,} files, {size / 1e6:.1f} MB, batches of {batch}")
    print(f"{'run':<20}{'seconds':>9}{'files/s':>9}{'peak MB':>9}{'engine':>9}")
    for label, run in rows.items():
        share = 1 - without.seconds / run.seconds
        engine = f"{share:>8.0%}" if label.startswith("server") else ""
        speed = arguments.files / run.seconds
        print(f"{label:<20}{run.seconds:>9.1f}{speed:>9.0f}{run.peak / 1e6:>9.0f} {engine}")


def write_articles(folder: Path, count: int) -> int:
    """Write articles of the seed's sentences in another order each; gives their bytes."""
    folder.mkdir()
    order = random.Random(1)
    sentences = [
        sentence
        for line in WORDS.splitlines()
        for sentence in line.split(". ")
        if len(sentence) > 60
    ]
    size = 0
    for number in range(count):
        sample = order.sample(sentences, 20)
        paragraphs = [". ".join(sample[at : at + 3]) + "." for at in range(0, 20, 3)]
        title = f"Report {number}: {' '.join(sample[0].split()[:7])}"
        text = "\n\n".join([title, title, *paragraphs]) + CHROME
        (folder / f"{number:06}.txt").write_text(text)
        size += len(text.encode())
    return size


def measure(command: list[str]) -> Measured:
    """Run a command and watch its memory."""
    start = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    peak = 0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(POLL_SECONDS)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    seconds = time.monotonic() - start
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors}")
    return Measured(seconds, peak)


def resident(pid: int) -> int:
    """Sum the resident memory of a process and of all below it."""
    total = 0
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def run_steps(inputs: str, batch_size: int, home: Path) -> None:
    """Do what the flow does, without Prefect."""
    from datetime import UTC, datetime

    from copydesk.flows.requests import IngestRequest
    from copydesk.flows.run_setup import prepare
    from copydesk.flows.workspace import Workspace
    from copydesk.schemas.json_form import from_json
    from copydesk.tasks.dedup.rules import COPIES
    from copydesk.tasks.ingest.batch import process_batch
    from copydesk.tasks.ingest.plan import PlannedBatch
    from copydesk.tasks.workers.pool import CleaningPool
    from copydesk.warehouse.lake import Lake
    from copydesk.warehouse.publish.publish import publish
    from copydesk.warehouse.runs.open_runs import Plans

    request = IngestRequest((inputs,))
    now = datetime.now(UTC)
    with (
        prepare(request, Workspace(home), batch_size=batch_size, now=now) as run,
        CleaningPool() as pool,
    ):
        lake = Lake.open(home / "lake")
        plans = Plans(lake.store, run.run_id)

        def one(number: int) -> None:
            process_batch(
                Lake.open(home / "lake"),
                run.run_id,
                from_json(PlannedBatch, plans.get(number)),
                sources=request.sources,
                pool=pool,
                now=now,
            )

        from concurrent.futures import ThreadPoolExecutor

        from copydesk.tasks.workers.pool import cores

        with ThreadPoolExecutor(cores()) as threads:
            list(threads.map(one, run.todo))
        lake.run(run.run_id).seal()
        lake.run(run.run_id).commit()
    publish(home, comparison=COPIES)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--steps"]:
        run_steps(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
