"""feedparser's own test files through copydesk's reader of feeds, against feedparser's results.

    pip download --no-binary :all: --no-deps feedparser==6.0.11 && tar xzf feedparser-6.0.11.tar.gz
    python -m benchmarks.feeds feedparser-6.0.11/tests

Compared are the files of which feedparser finds entries: how many there are, and of each the
title, the link and the dates. What feedparser has and copydesk has not, or has otherwise, is a
difference, and is printed; what copydesk has beside is better.
"""

from __future__ import annotations

import argparse
import io
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]

from copydesk.tasks.sources.web.fetch.urls import join
from copydesk.tasks.sources.web.listings.entry import Entry, plain_title
from copydesk.tasks.sources.web.listings.feeds import read_entries

BASE = "http://127.0.0.1:8097/feed"
"""Where feedparser's tests serve their files."""

_HEADER = re.compile(rb"^Header:\s*([A-Za-z-]+):\s*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Difference:
    """A file in which the two differ: the field, and what either has."""

    file: str
    field: str
    theirs: object
    copydesk: object


def compare(folder: Path) -> tuple[int, Counter[str], list[Difference]]:
    """Count the files with entries and what copydesk has beside, and give the differences."""
    files = 0
    better: Counter[str] = Counter()
    differences: list[Difference] = []
    for path in sorted(folder.rglob("*.xml")):
        body = path.read_bytes()
        headers = {k.decode().lower(): v.decode() for k, v in _HEADER.findall(body[:2000])}
        headers.setdefault("content-location", BASE)
        headers.setdefault("content-type", "application/xml")
        theirs = feedparser.parse(io.BytesIO(body), response_headers=dict(headers)).entries
        if not theirs:
            continue
        files += 1
        name = str(path.relative_to(folder))
        try:
            entries, _, _ = read_entries(body, headers["content-location"], headers["content-type"])
        except ValueError:
            entries = []
        if len(entries) < len(theirs):
            differences.append(Difference(name, "entries", len(theirs), len(entries)))
            continue
        better["entries"] += len(entries) > len(theirs)
        for field, their, our in _fields(theirs, entries, headers["content-location"]):
            if not their and our:
                better[field] += 1
            elif their != our:
                differences.append(Difference(name, field, their, our))
    return files, better, differences


def _fields(theirs: list[Any], entries: list[Entry], base: str) -> Iterator[tuple[str, Any, Any]]:
    for their, our in zip(theirs, entries, strict=False):
        hints = our.hints
        yield "title", plain_title(their.get("title")), hints and hints.title
        link = dict.get(their, "link") or ""
        yield "link", join(base, link) if link else "", our.url
        moments = (hints.published_at, hints.modified_at) if hints else ()
        dates = {moment.replace(microsecond=0) for moment in moments if moment}
        for field in ("published_parsed", "updated_parsed"):
            moment = _moment(dict.get(their, field))
            yield "date", moment, moment if moment in dates else max(dates, default=None)


def _moment(parsed: Any) -> datetime | None:
    return datetime(*parsed[:6]).replace(tzinfo=UTC) if parsed else None


def main() -> None:
    """Print the share that is the same or better, and each difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the tests of feedparser's source distribution")
    folder = parser.parse_args().folder
    start = time.process_time()
    files, better, differences = compare(folder)
    differing = {difference.file for difference in differences}
    share = 100 * (1 - len(differing) / files) if files else 0.0
    print(f"{files:,} files with entries: {share:.2f} % the same or better, "
          f"{len(differing)} differ ({time.process_time() - start:.1f} s)")  # fmt: skip
    print("beside:", ", ".join(f"{field} {count}" for field, count in better.items() if count))
    for difference in differences:
        print(
            f"  {difference.file}: {difference.field} {difference.theirs!r}, "
            f"here {difference.copydesk!r}"
        )


if __name__ == "__main__":
    main()
