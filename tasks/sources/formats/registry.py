"""Finds the reader of a file by its name."""

from __future__ import annotations

import re
from importlib import import_module
from typing import cast

from copydesk.schemas.plugins import FORMATS, load_plugin, plugin_names
from copydesk.tasks.sources.files.folder import DELTA_LOG
from copydesk.tasks.sources.files.media_types import media_type_of, without_compression
from copydesk.tasks.sources.formats.context import FormatReader

SUFFIXES = {
    ".arc": "warc",
    ".csv": "csv",
    ".eml": "eml",
    ".json": "json",
    ".jsonl": "jsonl",
    ".mbox": "mbox",
    ".mht": "mhtml",
    ".mhtml": "mhtml",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".tar": "tar",
    ".tsv": "csv",
    ".wacz": "wacz",
    ".warc": "warc",
    ".wet": "warc",
    ".xml": "wxr",
    ".zip": "zip",
    DELTA_LOG: "delta",
}
READERS = {
    "csv": "copydesk.tasks.sources.formats.csv",
    "delta": "copydesk.tasks.sources.formats.delta",
    "eml": "copydesk.tasks.sources.formats.eml",
    "file": "copydesk.tasks.sources.formats.document",
    "json": "copydesk.tasks.sources.formats.json_records",
    "jsonl": "copydesk.tasks.sources.formats.jsonl",
    "mbox": "copydesk.tasks.sources.formats.mbox",
    "mhtml": "copydesk.tasks.sources.formats.mhtml",
    "parquet": "copydesk.tasks.sources.formats.parquet",
    "tar": "copydesk.tasks.sources.formats.tar",
    "wacz": "copydesk.tasks.sources.formats.warc.wacz",
    "warc": "copydesk.tasks.sources.formats.warc.reader",
    "wxr": "copydesk.tasks.sources.formats.wxr",
    "zip": "copydesk.tasks.sources.formats.zip",
}


_MAILDIR = re.compile(r"(?:^|/)(?:cur|new)/\d{5,}\.[^/]*$")
"""A mail of a Maildir: below ``cur`` or ``new``, by the second in which it came."""


def kind_of(name: str, *, is_named: bool = False) -> str | None:
    """Return the format of a file; None for one to ignore, unless the user named it."""
    if _MAILDIR.search(name):
        return "eml"
    name = name.lower()
    plain = without_compression(name)
    for suffix, kind in SUFFIXES.items():
        if plain.endswith(suffix):
            return kind
    if media_type_of(name) is not None:
        return "file"
    stem, dot, suffix = plain.rpartition(".")
    if stem and dot and suffix not in READERS and suffix in plugin_names(FORMATS):
        return suffix
    return "file" if is_named else None


def reader_of(kind: str) -> FormatReader:
    """Import the reader of a format, with the libraries that it needs.

    Raises:
        PluginError: the reader of another package does not load.
    """
    if kind in READERS:
        return cast(FormatReader, import_module(READERS[kind]))
    return cast(FormatReader, load_plugin(FORMATS, kind, ("offer", "read")))
