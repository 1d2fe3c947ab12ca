"""Tar archives of documents and other files, compressed or not, read as a stream."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from tarfile import (  # type: ignore[attr-defined]  # documented, and not in the stubs
    EmptyHeaderError,
    HeaderError,
    InvalidHeaderError,
    TruncatedHeaderError,
)
from typing import Self

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.files.media_types import compression_of, is_hidden, media_type_of
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.formats.members import (
    MemberStorage,
    Names,
    offer_member,
    read_member_items,
)
from copydesk.tasks.sources.formats.registry import kind_of
from copydesk.tasks.sources.formats.unread import UnreadFiles
from copydesk.tasks.sources.streams.reader_cache import cached_reader
from copydesk.tasks.sources.streams.sections import window


class _Header(tarfile.TarInfo):
    """A member's header; the archive keeps why none was found, which ``tarfile`` conceals."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile)
        except HeaderError as error:
            tarfile.end = error  # type: ignore[attr-defined]
            raise


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the documents among the members and in their files, with the positions of their bytes.

    Of two members of one name, the second has its number in the archive behind its name.
    """
    names, unread = Names(), UnreadFiles()
    try:
        with (
            reading.open(entry.path) as stream,
            tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as tar,
        ):
            for number, member in enumerate(tar, start=1):
                tar.members = []  # type: ignore[attr-defined]  # it keeps every header
                if is_hidden(member.name) or member.isdir():
                    continue
                if kind_of(member.name) is not None:
                    name = names.distinct(member.name.removeprefix("./"), number)
                    yield from _offer(reading, entry.path, tar, member, name)
                else:
                    unread.add(member.name)
            _check_end(tar)
    except Exception as error:
        yield reading.unreadable(reading.item("tar", entry.path), error)
    yield from unread.rows(reading, "tar", entry.path)


def _check_end(tar: tarfile.TarFile) -> None:
    """Raise an exception if the archive ended without its two blocks of zeros (POSIX ustar)."""
    end = getattr(tar, "end", None)
    if isinstance(end, EmptyHeaderError | TruncatedHeaderError):
        raise EOFError("the archive ends before its last block: members may be missing")
    if isinstance(end, InvalidHeaderError):
        raise tarfile.ReadError(f"the members from byte {tar.offset:,} on are damaged: {end}")


def _offer(
    reading: Reading, path: str, tar: tarfile.TarFile, member: tarfile.TarInfo, name: str
) -> Iterator[Item | Missing]:
    position = (str(member.offset_data), str(member.size))
    media_type = media_type_of(member.name)
    fingerprint = f"{member.size}-{member.mtime}"
    item = reading.item(
        "tar", path, *position, member=name, media_type=media_type, fingerprint=fingerprint
    )
    if not member.isreg() or member.issparse():
        detail = f"{item.locator} is a link, a device or has holes"
        yield Missing(item, Fate.SKIPPED, "link", detail, reading.clock())
    elif media_type is not None:
        yield item
    else:
        storage = _storage(reading, path, name, *position)
        packed = compression_of(path) is not None
        stream = tar.extractfile(member) if packed else None
        yield from offer_member(reading, storage, stream, "tar", path, *position, name)


def _storage(reading: Reading, path: str, name: str, offset: str, size: str) -> MemberStorage:
    return MemberStorage(reading.storage, path, name, reading.limits.member, int(offset), int(size))


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read members at their positions; a compressed archive is unpacked up to the last of them."""
    for member, group in groupby(items, key=_member_of):
        if member is None:
            yield from (_read_document(reading, path, item) for item in group)
        else:
            offset, size, name = member
            storage = _storage(reading, path, name, offset, size)
            yield from read_member_items(reading, storage, list(group))


def _member_of(item: Item) -> tuple[str, str, str] | None:
    """Return the member that holds an item; None for one that is a member itself."""
    fields = parts(item)
    return (fields[2], fields[3], fields[4]) if len(fields) > 5 else None


def _read_document(reading: Reading, path: str, item: Item) -> RawDocument | Missing:
    _, _, offset, size = parts(item)
    try:
        key = (reading.storage, path, reading.storage.fingerprint(path))
        with cached_reader(key, int(offset), lambda: reading.open(path)) as stream:
            member = window(stream, int(offset), int(size))
            return reading.document(item, member, compression=_compression_of(item.locator))
    except Exception as error:
        return reading.unreadable(item, error)


def _compression_of(locator: str) -> str | None:
    """Return a member's compression by its name, behind which there may be its number."""
    return compression_of(locator) or compression_of(locator.rpartition("#")[0])
