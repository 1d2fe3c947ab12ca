"""A file that is one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.files.media_types import compression_of, media_type_of
from copydesk.tasks.sources.formats.context import Reading


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the file."""
    yield reading.item(
        "file",
        entry.path,
        media_type=media_type_of(entry.path),
        fingerprint=entry.fingerprint,
    )


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read the file."""
    for item in items:
        try:
            stream = reading.storage.open(path)
        except Exception as error:
            yield reading.unreadable(item, error)
            continue
        with stream:
            yield reading.document(item, stream, compression=compression_of(path))
