"""Zip archives of documents and other files. No member is unpacked under its name."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import BinaryIO, cast

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.files.media_types import compression_of, is_hidden, media_type_of
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.formats.members import (
    MemberStorage,
    offer_member,
    read_member_items,
)
from copydesk.tasks.sources.formats.registry import kind_of
from copydesk.tasks.sources.formats.unread import UnreadFiles

ENCRYPTED = 0x1  # APPNOTE.TXT 4.4.4, general purpose bit 0


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the documents in the archive and in its files, in the order of its directory.

    Of two members of one name the last counts, as for every unzip program; the others have a row.
    """
    unread = UnreadFiles()
    try:
        with reading.storage.open(entry.path) as stream, zipfile.ZipFile(stream) as archive:
            for number, member in enumerate(archive.infolist(), start=1):
                is_last = archive.NameToInfo[member.filename] is member
                if is_hidden(member.filename) or member.is_dir():
                    continue
                if kind_of(member.filename) is not None:
                    yield from _offer(reading, entry.path, member, None if is_last else number)
                else:
                    unread.add(member.filename)
    except Exception as error:
        yield reading.unreadable(reading.item("zip", entry.path), error)
    yield from unread.rows(reading, "zip", entry.path)


def _offer(
    reading: Reading, path: str, member: zipfile.ZipInfo, replaced: int | None
) -> Iterator[Item | Missing]:
    """Offer one member; ``replaced`` is its number if a later one has its name."""
    name = member.filename
    media_type = media_type_of(name)
    item = reading.item(
        "zip",
        path,
        name,
        member=name if replaced is None else f"{name}#{replaced}",
        media_type=media_type,
        fingerprint=f"{member.CRC:08x}-{member.file_size}",
    )
    if replaced is not None:
        detail = f"{item.locator}: a later member has the same name"
        yield Missing(item, Fate.SKIPPED, "same_name", detail, reading.clock())
    elif stat.S_ISLNK(member.external_attr >> 16):
        detail = f"{item.locator} is a symbolic link"
        yield Missing(item, Fate.SKIPPED, "link", detail, reading.clock())
    elif member.flag_bits & ENCRYPTED:
        detail = f"{item.locator} has a password"
        yield reading.rejected(item, RejectReason.ENCRYPTED, detail)
    elif media_type is not None:
        yield item
    else:
        yield from offer_member(reading, _storage(reading, path, name), None, "zip", path, name)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read members; the checksum of each is verified."""
    for (name, is_nested), group in groupby(items, key=_member_of):
        batch = list(group)
        if is_nested:
            yield from read_member_items(reading, _storage(reading, path, name), batch)
        else:
            yield from _read_documents(reading, path, batch)


def _member_of(item: Item) -> tuple[str, bool]:
    """Return the member that holds an item; documents, which are members, are one group."""
    fields = parts(item)
    return (fields[2], True) if len(fields) > 3 else ("", False)


def _storage(reading: Reading, path: str, name: str) -> MemberStorage:
    return MemberStorage(reading.storage, path, name, reading.limits.member)


def _read_documents(
    reading: Reading, path: str, items: Sequence[Item]
) -> Iterator[RawDocument | Missing]:
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
