"""Files of a folder: documents, and archives or tables that hold documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice
from typing import ClassVar

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.plugins import PluginError
from copydesk.tasks.sources.files.folder import CopyingStorage, Entry, Folder
from copydesk.tasks.sources.files.glob import literal_path
from copydesk.tasks.sources.files.media_types import media_type_of
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.formats.moved_posts import KIND as EXPORT
from copydesk.tasks.sources.formats.moved_posts import FirstAddresses
from copydesk.tasks.sources.formats.registry import kind_of, reader_of
from copydesk.tasks.sources.formats.unread import NO_ARTICLES, UnreadFiles
from copydesk.tasks.sources.formats.warc.payload_index import PayloadIndex
from copydesk.tasks.sources.source import (
    FILES,
    NOTHING_KNOWN,
    KnownTransport,
    PastEntry,
    Period,
    SourceBase,
)

__all__ = ["FileSource", "media_type_of"]


ARCHIVE = "warc"

LOOKED_AT = 10_000
"""Files of a folder among which an export is looked for, so that posts that moved are known."""


@dataclass(frozen=True, slots=True)
class FileSource(SourceBase):
    """The files under one root that match the patterns; the pattern ``""`` matches all.

    Files of known formats are offered. A file that a pattern names explicitly is offered whatever
    its suffix, and cleaning detects what it is. ``item_limit`` is the most unknown
    items that one run offers.
    """

    unit: ClassVar[str] = FILES
    is_checked_by_reading: ClassVar[bool] = False  # opening has looked for them

    reading: Reading
    patterns: tuple[str, ...] = ("",)
    item_limit: int | None = None

    @property
    def name(self) -> str:
        """The name that was given, or the root's."""
        return self.reading.name

    @property
    def address(self) -> str:
        """The root's address; for a local folder the source's name, as its path is private."""
        root = self.reading.storage.root
        return root if "://" in root else self.name

    @property
    def needs_known(self) -> bool:
        """Only if the number of unknown items is limited, or posts may have moved."""
        return self.item_limit is not None or self._may_hold_exports()

    def _may_hold_exports(self) -> bool:
        """Return whether there is XML among the first files of a folder, or among those named."""
        if any(kind_of(pattern) == EXPORT for pattern in self.patterns):
            return True
        storage = self.reading.storage
        if not isinstance(storage, Folder):
            return False
        entries = chain.from_iterable(map(storage.walk, self.patterns))
        return any(kind_of(entry.path) == EXPORT for entry in islice(entries, LOOKED_AT))

    def discover(
        self, known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[Item | Missing]:
        """Offer the files and the items in them, folder by folder in sorted order."""
        remaining = self.item_limit if self.item_limit is not None else -1
        first_addresses = FirstAddresses(known_transport)
        for result in map(first_addresses.noted, self._all()):
            if isinstance(result, Item) and result.locator not in known_transport:
                if remaining == 0:
                    return
                remaining -= 1
            yield result

    def _all(self) -> Iterator[Item | Missing]:
        offered: set[str] = set()
        bodies = PayloadIndex()
        unread, bare = UnreadFiles(), UnreadFiles(NO_ARTICLES)
        reading = dataclasses.replace(self.reading, bodies=bodies)
        for pattern in self.patterns:
            for entry in self.reading.storage.walk(pattern):
                if entry.path not in offered:
                    offered.add(entry.path)
                    yield from _offer(reading, entry, unread, bare)
        yield from unread.rows(reading)
        yield from bare.rows(reading)
        if bodies.has_waiting:
            from copydesk.tasks.sources.formats.warc.reader import late

            yield from late(reading)

    def acquire(
        self, items: Sequence[Item], _known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        """Read the items; a file that holds several consecutive items is opened once for them."""
        for (kind, path), group in groupby(items, key=lambda item: parts(item)[:2]):
            batch = list(group)
            try:
                reader = reader_of(kind)
            except PluginError as error:
                yield from (_not_read(self.reading, item, error) for item in batch)
                continue
            yield from reader.read(self.reading, path, batch)

    def past(self, period: Period, /) -> Iterator[PastEntry | str]:
        """Offer the files by the dates in their paths, without opening any."""
        from copydesk.tasks.sources.files.past import past_files

        yield from past_files(self.reading.storage, self.patterns, period)

    def narrowed(self, patterns: Sequence[str], /) -> FileSource:
        """Return a source of these files alone, without an item limit."""
        return dataclasses.replace(self, patterns=tuple(patterns), item_limit=None)

    def release(self) -> None:
        """Delete the downloads of the files that the patterns name."""
        storage = self.reading.storage
        paths = [literal_path(pattern) for pattern in self.patterns]
        if isinstance(storage, CopyingStorage):
            for path in filter(None, paths):
                storage.release(path)


def _offer(
    reading: Reading, entry: Entry, unread: UnreadFiles, bare: UnreadFiles
) -> Iterator[Item | Missing]:
    kind = kind_of(entry.path, is_named=entry.is_named)
    if entry.is_link:
        if kind is not None or entry.path.endswith("/"):
            item = reading.item("file", entry.path)
            detail = f"{item.locator}: {entry.problem}"
            yield Missing(item, Fate.SKIPPED, "link", detail, reading.clock())
        return
    if entry.problem is not None:
        item = reading.item("file", entry.path)
        yield reading.rejected(item, RejectReason.UNREADABLE, f"{item.locator}: {entry.problem}")
    elif kind is not None:
        try:
            reader = reader_of(kind)
        except PluginError as error:
            yield _not_read(reading, reading.item(kind, entry.path), error)
        else:
            is_bare = True
            for result in reader.offer(reading, entry):
                is_bare = False
                yield result
            if is_bare and kind != ARCHIVE:  # its records may be revisits, read later or never
                bare.add(entry.path)
    else:
        unread.add(entry.path)


def _not_read(reading: Reading, item: Item, error: PluginError) -> Missing:
    """Record that a file's reader cannot be loaded; the run continues with the others."""
    return reading.failed(item, "no_reader", f"{item.locator}: {error}")
