"""Zip archives of documents. Nothing is unpacked to disk, so no member can leave a folder."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.files.media_types import compression_of, is_hidden, media_type_of
from copydesk.tasks.sources.formats.context import Reading, parts

ENCRYPTED = 0x1  # APPNOTE.TXT 4.4.4, general purpose bit 0


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the documents in the archive, in the order of its directory.

    Of two members of one name the last counts, as for every unzip program.
    """
    try:
        with reading.storage.open(entry.path) as stream, zipfile.ZipFile(stream) as archive:
            for member in archive.NameToInfo.values():
                media_type = media_type_of(member.filename)
                if media_type is None or is_hidden(member.filename):
                    continue
                item = reading.item(
                    "zip",
                    entry.path,
                    member.filename,
                    member=member.filename,
                    media_type=media_type,
                    fingerprint=f"{member.CRC:08x}-{member.file_size}",
                )
                if member.flag_bits & ENCRYPTED:
                    detail = f"{item.locator} has a password"
                    yield reading.rejected(item, RejectReason.ENCRYPTED, detail)
                else:
                    yield item
    except Exception as error:
        yield reading.unreadable(reading.item("zip", entry.path), error)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read members; the checksum of each is verified."""
    try:
        stream = reading.storage.open(path)
        archive = zipfile.ZipFile(stream)
    except Exception as error:
        yield from (reading.unreadable(item, error) for item in items)
        return
    with stream, archive:
        for item in items:
            member = parts(item)[2]
            try:
                body = cast(BinaryIO, archive.open(member))
            except Exception as error:
                yield reading.unreadable(item, error)
                continue
            with body:
                yield reading.document(item, body, compression=compression_of(member))
