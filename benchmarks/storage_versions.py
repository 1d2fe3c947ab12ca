"""Sizes and publish times of the published file by storage version.

    python -m benchmarks.storage_versions [--articles 50000] [--home DIR]

The same made articles of 3 KB are published once in each format from the lake alone, then once more
after a run of 5,000 items of which 800 have changed and 200 are new. Seconds are those of the
process on all its cores.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.made_articles import RUN, Figures, changes, run
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.storage_format import StorageVersion


def measure(home: Path, articles: int) -> None:
    """Print a row of the table for each storage version."""
    lake = Lake.open(home / "lake")
    run(lake, "r0-load", [(number, 0) for number in range(articles)], 0, Figures(), "load")
    print(f"{articles:,} articles\n")
    print("| storage version | MB | first publish, s | publish of a run, s |")
    print("| --- | --: | --: | --: |")
    first: dict[StorageVersion, tuple[float, float]] = {}
    for version in StorageVersion:
        shutil.rmtree(home / "serving", ignore_errors=True)
        seconds = _published(home, lake, version)
        size = (home / "serving" / "current.duckdb").resolve().stat().st_size / 1e6
        first[version] = size, seconds
        shutil.copytree(home / "serving", home / f"serving-{version}", symlinks=True)
    run(lake, "r1-changes", changes(articles, 1), 1, Figures(), "changes")
    for version, (size, seconds) in first.items():
        shutil.rmtree(home / "serving", ignore_errors=True)
        (home / f"serving-{version}").rename(home / "serving")
        later = _published(home, lake, version)
        print(f"| `{version}` | {size:.1f} | {seconds:.1f} | {later:.2f} |", flush=True)


def _published(home: Path, lake: Lake, version: StorageVersion) -> float:
    start = time.process_time()
    publish(home, lake=lake, comparison=COPIES, storage_version=version)
    return time.process_time() - start


def main() -> None:
    """Measure at one size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=50_000, help=f"At least {RUN:,}.")
    parser.add_argument("--home", type=Path, help="Keep what is made here.")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp())
    try:
        measure(home, options.articles)
    finally:
        if options.home is None:
            shutil.rmtree(home)


if __name__ == "__main__":
    main()
