"""Which reader a file needs, by its name."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from tasks.sources.media import media_type_of, without_compression
from tasks.sources.reading import Reader

SUFFIXES = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".tar": "tar",
    ".tsv": "csv",
    ".wacz": "wacz",
    ".warc": "warc",
    ".wet": "warc",
    ".xml": "wxr",
    ".zip": "zip",
}
READERS = {
    "csv": "tasks.sources.readers.csv_rows",
    "file": "tasks.sources.readers.document",
    "jsonl": "tasks.sources.readers.json_lines",
    "parquet": "tasks.sources.readers.parquet",
    "tar": "tasks.sources.readers.tar",
    "wacz": "tasks.sources.readers.wacz",
    "warc": "tasks.sources.readers.warc",
    "wxr": "tasks.sources.readers.wxr",
    "zip": "tasks.sources.readers.zip",
}


def kind_of(name: str, *, asked: bool = False) -> str | None:
    """Tell the kind of a file; None for one that is left alone, unless it was asked for."""
    name = name.lower()
    plain = without_compression(name)
    for suffix, kind in SUFFIXES.items():
        if plain.endswith(suffix):
            return kind
    return "file" if asked or media_type_of(name) is not None else None


def reader_of(kind: str) -> Reader:
    """Import the reader of a kind, and with it the libraries that it needs."""
    return cast(Reader, import_module(READERS[kind]))
