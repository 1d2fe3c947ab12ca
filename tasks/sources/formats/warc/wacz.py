"""WACZ: web archives in a zip file, as browsers that crawl write them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.formats.registry import kind_of
from copydesk.tasks.sources.formats.warc.reader import Archive


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the pages of all archives inside."""
    try:
        with reading.storage.open(entry.path) as stream, zipfile.ZipFile(stream) as archive:
            names = [name for name in archive.namelist() if kind_of(name) == "warc"]
    except Exception as error:
        yield reading.unreadable(reading.item("wacz", entry.path), error)
        return
    for name in names:
        yield from Archive(reading, "wacz", entry.path, name).offer()


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read records at their places."""
    for item in items:
        yield Archive(reading, "wacz", path, parts(item)[2]).read(item)
