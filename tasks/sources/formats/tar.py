"""Tar archives of documents, compressed or not, read as a stream."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.files.media_types import compression_of, is_hidden, media_type_of
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.streams.reader_cache import cached_reader
from copydesk.tasks.sources.streams.sections import window


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the regular files among the members, with the places of their bytes."""
    try:
        with reading.open(entry.path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                tar.members = []  # type: ignore[attr-defined]  # it keeps every header
                media_type = media_type_of(member.name)
                if (
                    media_type is None
                    or is_hidden(member.name)
                    or not member.isreg()
                    or member.issparse()
                ):
                    continue
                yield reading.item(
                    "tar",
                    entry.path,
                    str(member.offset_data),
                    str(member.size),
                    member=member.name.removeprefix("./"),
                    media_type=media_type,
                    fingerprint=f"{member.size}-{member.mtime}",
                )
    except Exception as error:
        yield reading.unreadable(reading.item("tar", entry.path), error)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read members at their places; a compressed archive is unpacked up to the last of them."""
    for item in items:
        *_, offset, size = parts(item)
        try:
            key = (reading.storage, path, reading.storage.fingerprint(path))
            with cached_reader(key, int(offset), lambda: reading.open(path)) as stream:
                member = window(stream, int(offset), int(size))
                result = reading.document(item, member, compression=compression_of(item.locator))
        except Exception as error:
            result = reading.unreadable(item, error)
        yield result
