"""Members of archives that are files themselves: tables, exports, archives in archives.

A member is read by the reader of its own format, from a storage that holds the member alone.
Nothing is unpacked under a name: what cannot be read in place goes to a nameless temporary file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, BinaryIO, Final, cast

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.plugins import PluginError
from copydesk.tasks.sources.files.folder import Entry, Storage
from copydesk.tasks.sources.files.media_types import compression_of
from copydesk.tasks.sources.files.paths import plain_path
from copydesk.tasks.sources.formats.context import MEMBER, Reading, parts, with_handle
from copydesk.tasks.sources.formats.registry import kind_of, reader_of
from copydesk.tasks.sources.streams.compression import TooLargeError, unpacked
from copydesk.tasks.sources.streams.sections import SizedReader, open_member, window

DEEPEST: Final = 3
"""Archives within archives that are read; real exports have one in another, bombs have many."""
UNPACKED_AT_MOST: Final = 4
"""Members of a process that stay unpacked, for the batches that read on in them."""
STEP: Final = 1 << 20  # bytes copied at once


class Names:
    """The names of an archive's members, each once; holds 12 bytes a name."""

    def __init__(self) -> None:
        """Start without any."""
        self._hashes: set[bytes] = set()

    def distinct(self, name: str, number: int) -> str:
        """Return the name, or with the member's number behind it where it occurred before."""
        hashed = hashlib.blake2b(os.fsencode(name), digest_size=12).digest()
        if hashed in self._hashes:
            return f"{name}#{number}"
        self._hashes.add(hashed)
        return name


@dataclass(frozen=True, slots=True)
class MemberStorage:
    """One member of an archive, as the storage of a file; of a tar archive by its position."""

    outer: Storage
    path: str
    name: str
    limit: int
    offset: int | None = None
    size: int = 0

    @property
    def root(self) -> str:
        """The archive's address."""
        return f"{self.outer.root}/{self.path}"

    def walk(self, pattern: str) -> Iterator[Entry]:  # noqa: ARG002  only the member is there
        """Offer the member."""
        yield Entry(self.name, self.fingerprint(self.name))

    def open(self, path: str) -> BinaryIO:
        """Open the member as a seekable stream; ``TooLargeError`` beyond the limit."""
        if path != self.name:
            raise FileNotFoundError(path)
        return self._in_place() or _unpacked_members.open(self, self._stream)

    def fingerprint(self, path: str) -> str | None:  # noqa: ARG002
        """Return the archive's fingerprint."""
        return self.outer.fingerprint(self.path)

    def url(self, path: str) -> str:
        """Return the address of the member in its archive."""
        return f"{self.outer.url(self.path)}{MEMBER}{plain_path(path)}"

    def _in_place(self) -> BinaryIO | None:
        """Open a member that is stored uncompressed in an uncompressed archive."""
        if self.offset is not None:
            if compression_of(self.path) is not None:
                return None
            return window(self.outer.open(self.path), self.offset, self.size)
        stream = self.outer.open(self.path)
        with zipfile.ZipFile(stream) as archive:
            is_stored = archive.getinfo(self.name).compress_type == zipfile.ZIP_STORED
        if is_stored:
            return open_member(stream, self.name)
        stream.close()
        return None

    def _stream(self) -> BinaryIO:
        stream = self.outer.open(self.path)
        if self.offset is None:
            return open_member(stream, self.name)
        stream = unpacked(stream, compression_of(self.path))
        stream.seek(self.offset)
        return window(stream, self.offset, self.size)


class _Unpacked(SizedReader):
    """A reader of a temporary file with a position of its own, so that threads may share it."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        super().__init__(size)
        self._file = file

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = os.pread(self._file.fileno(), len(buffer), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _UnpackedMembers:
    """Members unpacked to temporary files, the latest ones of this process."""

    def __init__(self) -> None:
        self._files: OrderedDict[object, tuple[IO[bytes], int]] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, storage: MemberStorage, source: object) -> BinaryIO:
        key = (storage, storage.fingerprint(storage.name))
        with self._lock:
            entry = self._files.get(key)
            if entry is not None:
                self._files.move_to_end(key)
        if entry is None:
            stream = source() if callable(source) else source
            entry = _copied(cast(IO[bytes], stream), storage.limit)
            with self._lock:
                self._files[key] = entry
                while len(self._files) > UNPACKED_AT_MOST:
                    self._files.popitem(last=False)  # whoever still reads it holds the file
        return cast(BinaryIO, io.BufferedReader(_Unpacked(*entry)))


_unpacked_members: Final = _UnpackedMembers()


def _copied(stream: IO[bytes], limit: int) -> tuple[IO[bytes], int]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed when nobody holds it
    size = 0
    while piece := stream.read(STEP):
        size += len(piece)
        if size > limit:
            raise TooLargeError(limit)
        file.write(piece)
    file.flush()
    return file, size


def offer_member(
    reading: Reading,
    storage: MemberStorage,
    stream: IO[bytes] | None,
    kind: str,
    path: str,
    *handle_parts: str,
) -> Iterator[Item | Missing]:
    """Offer what a member holds; ``stream`` has its bytes where they cannot be read again cheaply.

    ``kind``, ``path`` and ``handle_parts`` are of the archive; the member's own handle is added.
    """
    inner = dataclasses.replace(reading, storage=storage, bodies=None)
    blank = reading.item(kind, path, *handle_parts, "", member=storage.name)
    if _depth(storage) > DEEPEST:
        detail = f"{blank.locator}: more than {DEEPEST} nested archives"
        yield Missing(blank, Fate.SKIPPED, "too_deep", detail, reading.clock())
        return
    inner_kind = kind_of(storage.name) or "file"
    try:
        if stream is not None:
            _unpacked_members.open(storage, stream).close()
        reader = reader_of(inner_kind)
    except PluginError as error:
        yield reading.failed(blank, "no_reader", f"{blank.locator}: {error}")
        return
    except Exception as error:
        yield reading.unreadable(blank, error)
        return
    for offer in reader.offer(inner, Entry(storage.name, storage.fingerprint(storage.name))):
        if isinstance(offer, Missing):
            item = _outside(offer.item, kind, path, handle_parts)
            detail = f"{plain_path(path)}{MEMBER}{offer.detail}"
            yield dataclasses.replace(offer, item=item, detail=detail)
        else:
            yield _outside(offer, kind, path, handle_parts)


def read_member_items(
    reading: Reading, storage: MemberStorage, items: Sequence[Item]
) -> Iterator[RawDocument | Missing]:
    """Read items of one member, in their order."""
    inner = dataclasses.replace(reading, storage=storage, bodies=None)
    inside = [dataclasses.replace(item, handle=parts(item)[-1]) for item in items]
    try:
        results = reader_of(parts(inside[0])[0]).read(inner, storage.name, inside)
        for item, result in zip(items, results, strict=True):
            restored = dataclasses.replace(result.item, handle=item.handle)
            yield dataclasses.replace(result, item=restored)
    except PluginError as error:
        yield from (reading.failed(item, "no_reader", str(error)) for item in items)


def _outside(item: Item, kind: str, path: str, handle_parts: Sequence[str]) -> Item:
    """Return a member's item as one of its archive."""
    located = dataclasses.replace(item, locator=f"{plain_path(path)}{MEMBER}{item.locator}")
    return with_handle(located, kind, path, *handle_parts, item.handle)


def _depth(storage: Storage) -> int:
    depth = 0
    while isinstance(storage, MemberStorage):
        depth, storage = depth + 1, storage.outer
    return depth
