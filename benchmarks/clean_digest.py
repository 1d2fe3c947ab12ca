"""Hash what ``clean`` gives for every page and text of a folder: what moves or speeds code up.

``python -m benchmarks.clean_digest ../shared/data`` prints a line a column of documents. Two trees
that print the same lines clean every document alike, cuts and evidence included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from copydesk.tasks.cleaning import clean

FORMS = {
    "html": "text/html",
    "text_main": "text/plain",
    "text_page": "text/plain",
    "browser": "text/plain",
    "inscriptis": "text/plain",
    "w3m": "text/plain",
    "text": "text/plain",
}
"""Columns that hold documents, by what they are read as."""

OBSERVED = datetime(2026, 11, 1, tzinfo=UTC)


def documents(path: Path, column: str, step: int) -> Iterator[str | bytes]:
    """Give every ``step``-th document of a column."""
    for value in pq.read_table(path, columns=[column]).column(column).to_pylist()[::step]:
        if value:
            yield value


def digest(path: Path, column: str, step: int) -> tuple[int, str]:
    """Count a column's documents and hash their results."""
    count, hashed = 0, hashlib.sha256()
    for document in documents(path, column, step):
        result = clean(document, media_type=FORMS[column], observed_at=OBSERVED)
        record = {"type": type(result).__name__, **asdict(result)}
        hashed.update(json.dumps(record, sort_keys=True, default=str).encode())
        count += 1
    return count, hashed.hexdigest()[:16]


def main() -> None:
    """Print file, column, documents and hash."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take one document in so many")
    options = parser.parse_args()
    for path in sorted(options.folder.glob("*.parquet")):
        names = pq.read_schema(path).names
        for column in FORMS:
            if column in names:
                count, value = digest(path, column, options.every)
                print(f"{path.name:32} {column:12} {count:6} {value}", flush=True)


if __name__ == "__main__":
    main()
