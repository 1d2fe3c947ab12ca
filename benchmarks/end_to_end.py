"""From a web archive to published tables, beside the script that people write for it today.

    python -m benchmarks.end_to_end [--data ../shared/data] [--pages 20000] [--rounds 1]

The pages of ``wcxb-dev-articles`` stand in one WARC, repeated under other addresses. Each round
runs, one after the other, in processes of their own:

- ``copydesk``: the command line on a Prefect server that is up; the server's CPU is counted;
- ``without Prefect``: the same steps called one after the other;
- ``trafilatura``: a script that reads the WARC, extracts text and metadata in a process pool and
  writes Parquet: no ledger, no evidence, no raw bytes, no copies, no published file.

CPU seconds are of the whole process tree; memory is the largest sum of its resident sizes,
polled. On a machine that does other things compare CPU seconds and what stands in one round. The
table of steps counts the CPU seconds of ``without Prefect``.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks.ingest_files import resident

POLL_SECONDS = 0.5
MESSAGE = 16  # pages sent to a process at once, as in tasks/workers/pool.py
PARQUET_ROWS = 2000
CLI = [str(Path(sys.executable).with_name("copydesk"))]  # as people start it
MODULE = [sys.executable, "-m", "benchmarks.end_to_end"]


@dataclass(frozen=True)
class Measured:
    """What one run took: seconds on the clock and on all cores, the peak in bytes."""

    seconds: float
    cpu: float
    peak: int


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--batch-size", type=int, default=500)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    batch, workers = str(arguments.batch_size), str(arguments.workers)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "pages.warc.gz"
        write_archive(arguments.data / "wcxb-dev-articles.parquet", archive, arguments.pages)
        runs: dict[str, list[Measured]] = {"copydesk": [], "without Prefect": [], "trafilatura": []}
        cpu: Counter[str] = Counter()
        clock: Counter[str] = Counter()
        with prefect_server(folder / "prefect") as server:
            before = prefect_rows(folder / "prefect")
            for number in range(arguments.rounds):
                ingest = [*CLI, "ingest", str(archive), "--batch-size", batch, "--workers", workers]
                home = folder / f"home-{number}"
                runs["copydesk"].append(measure([*ingest, "--home", str(home)], server))
                steps_file, plain = folder / "steps.json", folder / f"plain-{number}"
                command = [*MODULE, "--steps", str(archive), batch, workers]
                runs["without Prefect"].append(measure([*command, str(plain), str(steps_file)]))
                steps = json.loads(steps_file.read_text())
                cpu.update(steps["cpu"])
                clock.update(steps["clock"])
                script = [*MODULE, "--script", str(archive), workers, str(folder / "out.parquet")]
                runs["trafilatura"].append(measure(script))
            after = prefect_rows(folder / "prefect")
        show(runs, arguments)
        show_steps(cpu, clock, arguments)
    rows = {table: (after[table] - before[table]) / arguments.rounds for table in after}
    total, logs = sum(rows.values()), rows["log"]
    print(
        f"\nPrefect's database: {total:.0f} rows a run, {1000 * total / arguments.pages:.0f} "
        f"a 1,000 pages, of them {1000 * logs / arguments.pages:.0f} of the log"
    )


def show(runs: dict[str, list[Measured]], arguments: argparse.Namespace) -> None:
    """Print the medians of the rounds."""
    pages = arguments.pages
    load = os.getloadavg()[0]
    print(
        f"{pages:,} pages, batches of {arguments.batch_size}, {arguments.workers} processes, "
        f"rounds {arguments.rounds}, load of the machine {load:.0f}"
    )
    header = ("run", "seconds", "pages/s", "CPU s", "pages/CPU s", "cores", "peak MB")
    print("".join(f"{each:>{18 if at == 0 else 12}}" for at, each in enumerate(header)))
    middle = {
        label: Measured(
            statistics.median(each.seconds for each in some),
            statistics.median(each.cpu for each in some),
            max(each.peak for each in some),
        )
        for label, some in runs.items()
    }
    for label, run in middle.items():
        print(
            f"{label:>18}{run.seconds:>12.1f}{pages / run.seconds:>12.1f}{run.cpu:>12.1f}"
            f"{pages / run.cpu:>12.1f}{run.cpu / run.seconds:>12.2f}{run.peak / 1e6:>12.0f}"
        )
    copydesk, plain, script = middle.values()
    print(
        f"\npages a second, of the script's: {script.seconds / copydesk.seconds:.2f}; "
        f"pages a CPU second: {script.cpu / copydesk.cpu:.2f}\n"
        f"the engine's share: {1 - plain.seconds / copydesk.seconds:.0%} of the time, "
        f"{1 - plain.cpu / copydesk.cpu:.0%} of the CPU seconds\n"
    )


def show_steps(cpu: Counter[str], clock: Counter[str], arguments: argparse.Namespace) -> None:
    """Print where the CPU seconds and the time of a run without Prefect went.

    Steps that are set in are done in the cleaning processes, beside one another.
    """
    rounds, whole = arguments.rounds, sum(cpu.values())
    print(f"{'step':<20}{'CPU s':>9}{'share':>9}{'ms a page':>12}{'seconds':>10}")
    for step in dict.fromkeys([*cpu, *clock]):
        seconds = cpu[step] / rounds
        clock_seconds = f"{clock[step] / rounds:>10.1f}" if step in clock else ""
        print(
            f"{step:<20}{seconds:>9.1f}{cpu[step] / whole:>9.1%}"
            f"{1000 * seconds / arguments.pages:>12.2f}{clock_seconds}"
        )


def write_archive(data: Path, target: Path, count: int) -> None:
    """Write pages as a crawler would, each under ``count / pages`` addresses."""
    import io

    import pyarrow.parquet as pq
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    pages = [html.encode() for html in pq.read_table(data, columns=["html"])["html"].to_pylist()]
    day = datetime(2026, 3, 1, tzinfo=UTC)
    headers = [("Content-Type", "text/html; charset=utf-8")]
    with target.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(count):
            turn, page = divmod(number, len(pages))
            crawled_at = day + timedelta(seconds=number)
            record = writer.create_warc_record(
                f"https://site-{turn}.example/{page}",
                "response",
                payload=io.BytesIO(pages[page]),
                http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": f"{crawled_at:%Y-%m-%dT%H:%M:%SZ}"},
            )
            writer.write_record(record)


def measure(command: list[str], server: psutil.Process | None = None) -> Measured:
    """Run a command; CPU seconds are its own, its children's and the server's meanwhile."""
    start, used = time.monotonic(), children_cpu()
    served = cpu_of(server)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, text=True)
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            with suppress(subprocess.TimeoutExpired):
                process.wait(POLL_SECONDS)
        seconds = time.monotonic() - start
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{command} ended with {process.returncode}:\n{output.read()}")
    for orphan in psutil.Process().children():  # a fork server, which ends after its command
        if server is None or orphan.pid != server.pid:
            os.waitpid(orphan.pid, 0)
    return Measured(seconds, children_cpu() - used + cpu_of(server) - served, peak)


def adopt_orphans() -> None:
    """Be the parent of what a command leaves behind: its cleaning processes' CPU seconds count."""
    set_child_subreaper = 36  # prctl(2)
    ctypes.CDLL(None).prctl(set_child_subreaper, 1)


def children_cpu() -> float:
    """Sum the CPU seconds of ended children and of what they have waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_of(process: psutil.Process | None) -> float:
    """Sum the CPU seconds of a process that runs."""
    if process is None:
        return 0.0
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def prefect_server(home: Path) -> Iterator[psutil.Process]:
    """Have a server for the commands of this block, whose processes are this one's children."""
    os.environ["PREFECT_HOME"] = str(home)
    subprocess.run([*CLI, "up", "--port", "0"], check=True, capture_output=True)
    server = psutil.Process(int((home / "server.pid").read_text()))
    adopt_orphans()
    try:
        yield server
    finally:
        stop_server(server)


def stop_server(server: psutil.Process) -> None:
    """Stop the server; one that waits for a connection to end does not wait for ever."""
    subprocess.run([*CLI, "down"], check=True, capture_output=True)
    with suppress(psutil.NoSuchProcess):
        _, survivors = psutil.wait_procs([server], timeout=10)
        for process in survivors:
            process.kill()


def prefect_rows(home: Path) -> dict[str, int]:
    """Count the rows of each table of Prefect's database."""
    connection = sqlite3.connect(f"file:{home / 'prefect.db'}?mode=ro", uri=True)
    with connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in names
        }


def run_steps(archive: str, batch_size: int, workers: int, home: Path, report: Path) -> None:
    """Do what the flow does, without Prefect, and say what each step took."""
    from concurrent.futures import ThreadPoolExecutor

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

    cpu: Counter[str] = Counter()
    clock: Counter[str] = Counter()

    @contextmanager
    def step(name: str) -> Iterator[None]:
        start, used = time.monotonic(), time.process_time()
        yield
        clock[name] += time.monotonic() - start
        cpu[name] += time.process_time() - used

    request, now = IngestRequest((archive,)), datetime.now(UTC)
    cpu["start"] = time.process_time()
    with step("plan"):
        preparing = prepare(request, Workspace(home), batch_size=batch_size, now=now)
        run = preparing.__enter__()
    lake = Lake.open(home / "lake")
    plans = Plans(lake.store, run.run_id)
    in_batches: Counter[str] = Counter()
    with step("batches"), CleaningPool(workers) as pool:

        def one(number: int) -> None:
            counts = process_batch(
                lake,
                run.run_id,
                from_json(PlannedBatch, plans.get(number)),
                sources=request.sources,
                pool=pool,
                now=now,
            )
            in_batches.update(counts.seconds)

        with ThreadPoolExecutor(workers + 1) as threads:
            list(threads.map(one, run.todo))
    cpu.update({f"  {name}": seconds for name, seconds in in_batches.items()})
    with step("seal"):
        lake.run(run.run_id).seal()
    with step("commit"):
        lake.run(run.run_id).commit()
    preparing.__exit__(None, None, None)
    with step("publish"):
        publish(home, comparison=COPIES)
    report.write_text(json.dumps({"cpu": cpu, "clock": clock}))


def run_script(archive: str, workers: int, target: str) -> None:
    """Do what people do: a pool of processes, each page through trafilatura, one Parquet file."""
    import multiprocessing

    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("url", "title", "author", "date", "sitename", "language", "text")
    schema = pa.schema([(name, pa.string()) for name in names])
    with (
        multiprocessing.get_context("spawn").Pool(workers) as pool,
        pq.ParquetWriter(target, schema, compression="zstd") as writer,
    ):
        rows: list[dict[str, str | None]] = []
        for row in pool.imap_unordered(_extract, _pages(archive), chunksize=MESSAGE):
            rows.append(row)
            if len(rows) == PARQUET_ROWS:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))
        pool.close()
        pool.join()  # so that the children's CPU seconds are counted


def _pages(archive: str) -> Iterator[tuple[str, bytes]]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with Path(archive).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            yield record.headers["WARC-Target-URI"], record.reader.read()


def _extract(page: tuple[str, bytes]) -> dict[str, str | None]:
    import trafilatura

    url, html = page
    extracted = trafilatura.bare_extraction(
        html, url=url, with_metadata=True, include_comments=False, include_tables=True
    )
    fields = extracted.as_dict() if extracted is not None else {}
    names = ("title", "author", "date", "sitename", "language", "text")
    return {"url": url} | {name: fields.get(name) for name in names}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--steps", archive, batch_size, workers, home, report]:
            run_steps(archive, int(batch_size), int(workers), Path(home), Path(report))
        case ["--script", archive, workers, target]:
            run_script(archive, int(workers), target)
        case _:
            main()
