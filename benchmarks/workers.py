"""From a web archive to published tables with one worker, two and more: what stays serial.

    python -m benchmarks.workers [--pages 2000] [--rounds 3] [--workers 1 2] [--engines local dask]

The same archive as in ``benchmarks.end_to_end``, by the command line on a Prefect server that is
up. Amdahl's law is fitted to all runs: seconds that no worker shortens, and seconds that workers
share. More workers than cores show nothing more; with one worker a second core still plans, runs
Dask's scheduler and serves Prefect, which the fit takes for serial. Small runs have more of it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.end_to_end import CLI, Measured, measure, prefect_server, write_archive


@dataclass(frozen=True)
class Fit:
    """Seconds that do not shrink, seconds of one worker's work, and the share of the first.

    ``error`` is the standard error of the share; nan if each number of workers ran once only.
    """

    serial: float
    parallel: float
    share: float
    error: float


def fitted(seconds: Mapping[int, Sequence[float]]) -> Fit:
    """Fit ``serial + parallel / workers`` to all runs, by least squares.

    ``seconds`` are those of repeated runs by number of workers, of which it needs two.
    """
    workers = np.repeat([float(each) for each in seconds], [len(runs) for runs in seconds.values()])
    measured = np.concatenate([np.asarray(runs, float) for runs in seconds.values()])
    design = np.column_stack([np.ones_like(workers), 1 / workers])
    (serial, parallel), *_ = np.linalg.lstsq(design, measured)
    whole = serial + parallel
    free = len(measured) - 2
    error = float("nan")
    if free:
        residuals = measured - design @ [serial, parallel]
        covariance = np.linalg.inv(design.T @ design) * (residuals @ residuals) / free
        gradient = np.array([parallel, -serial]) / whole**2
        error = float(np.sqrt(gradient @ covariance @ gradient))
    return Fit(float(serial), float(parallel), float(serial / whole), error)


def main() -> None:
    """Print the runs and the fit of each engine."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--batch-size", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--engines", nargs="+", default=["local", "dask"])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "pages.warc.gz"
        write_archive(arguments.data / "wcxb-dev-articles.parquet", archive, arguments.pages)
        with prefect_server(Path(name) / "prefect") as server:
            cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
            print(
                f"{arguments.pages:,} pages, batches of {arguments.batch_size}, {cores} cores, "
                f"load of the machine {load:.1f}"
            )
            for engine in arguments.engines:
                runs: dict[int, list[Measured]] = {workers: [] for workers in arguments.workers}
                for _ in range(arguments.rounds):
                    for workers, measured in runs.items():
                        measured.append(ingested(archive, engine, workers, arguments, server))
                show(engine, runs, arguments.pages)


def ingested(
    archive: Path, engine: str, workers: int, arguments: argparse.Namespace, server: psutil.Process
) -> Measured:
    """Ingest the archive into a home of its own."""
    with tempfile.TemporaryDirectory(dir=archive.parent) as home:
        options = {
            "--batch-size": arguments.batch_size,
            "--engine": engine,
            "--workers": workers,
            "--home": home,
        }
        words = [str(word) for option in options.items() for word in option]
        return measure([*CLI, "ingest", str(archive), *words], server)


def show(engine: str, runs: Mapping[int, Sequence[Measured]], pages: int) -> None:
    """Print a row for each number of workers, and the fit."""
    print(
        f"\n{engine:<8}{'workers':>8}{'seconds':>9}{'from':>7}{'to':>7}{'pages/s':>9}{'CPU s':>8}"
    )
    for workers, measured in runs.items():
        seconds = [run.seconds for run in measured]
        middle = statistics.median(seconds)
        cpu = statistics.median(run.cpu for run in measured)
        print(
            f"{'':<8}{workers:>8}{middle:>9.1f}{min(seconds):>7.1f}{max(seconds):>7.1f}"
            f"{pages / middle:>9.1f}{cpu:>8.1f}"
        )
    if len(runs) < 2:
        return
    fit = fitted({workers: [run.seconds for run in some] for workers, some in runs.items()})
    print(
        f"{engine}: {fit.serial:.1f} s + {fit.parallel:.1f} s / workers: "
        f"serial {fit.share:.0%} ± {fit.error:.0%}"
    )


if __name__ == "__main__":
    main()
