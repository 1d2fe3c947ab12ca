"""Web archives: WARC files, each record compressed by itself, or all together, or not at all."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import ArchivedRange, Fate, Item, Missing, RawDocument
from copydesk.schemas.plural import plural
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import MEMBER, UNRESOLVED, Reading, parts, with_handle
from copydesk.tasks.sources.formats.warc.payload_index import PayloadIndex, RecordLocation
from copydesk.tasks.sources.formats.warc.records import (
    HEAD,
    Head,
    read_head,
    read_page,
    read_record,
    record_of,
)
from copydesk.tasks.sources.formats.warc.walk import (
    RecordBeginning,
    compression_of_archive,
    walk_members,
    walk_stream,
)
from copydesk.tasks.sources.streams.compression import TooLargeError, unpacked
from copydesk.tasks.sources.streams.gzip_members import read_member
from copydesk.tasks.sources.streams.reader_cache import cached_reader
from copydesk.tasks.sources.streams.sections import open_member


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the pages in the archive, with the dates of their records.

    A record that cannot be read is a Missing; reading goes on with the next.
    """
    return Archive(reading, "warc", entry.path).offer()


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read records at their places."""
    archive = Archive(reading, "warc", path)
    for item in items:
        yield archive.read(item)


def late(reading: Reading) -> Iterator[Item | Missing]:
    """Offer the revisits whose originals came after them, and record those without one."""
    for missing in reading.bodies.waiting() if reading.bodies else ():
        original = reading.bodies.find(missing.how.values()) if reading.bodies else None
        if original is None:
            yield missing
        elif original.position:
            kind, path, inside, position, *_ = parts(missing.item)
            yield with_handle(
                missing.item, kind, path, inside, position, *_original(path, inside, original)
            )


def record_keys(item: Item) -> tuple[str, ...]:
    """Return the keys by which a revisit may refer to a record; empty if it is no page."""
    kind, *fields = parts(item)
    if kind not in ("warc", "wacz") or len(fields) != 5 or fields[3]:
        return ()
    identity, _, moment = (item.fingerprint or "").rpartition(" ")
    return tuple(key for key in (identity.strip(), f"{moment} {item.url}", fields[4]) if key)


def record_position(item: Item) -> tuple[str, str]:
    """Return a record's archive, in the form for ``record_item``, and its position in it."""
    *archive, position = json.loads(item.handle)[:4]
    return json.dumps(archive, ensure_ascii=False), position


def record_item(source: str, archive: str, position: str) -> Item:
    """Make an item that is only good for reading the record."""
    handle = json.dumps([*json.loads(archive), position, ""], ensure_ascii=False)
    return Item(source, locator=f"{archive} {position}", url="", handle=handle)


GROUPS = 100
"""Groups of records without a page that have a row of their own in the ledger."""
NO_PAGE = "no_page"


@dataclass(slots=True)
class Archive:
    """One WARC file, or the one that is ``inside`` of another archive.

    A revisit has the body of a record before it, in this archive or in another of the source; if
    there is none, of one after it, for which it waits until all archives are gone through.
    """

    reading: Reading
    kind: str
    path: str
    inside: str = ""
    bodies: PayloadIndex = field(init=False)
    no_pages: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        """Join the index of the source."""
        self.bodies = self.reading.bodies or PayloadIndex()

    def offer(self) -> Iterator[Item | Missing]:
        """Offer the pages."""
        try:
            with self._raw() as stream:
                compression = compression_of_archive(stream, self.inside or self.path)
                if compression == "each":
                    for beginning in walk_members(stream):
                        yield from self._offer(beginning)
                    yield from self._without_page()
                    return
            with self._plain() as stream:
                for beginning in walk_stream(stream):
                    yield from self._offer(beginning)
            yield from self._without_page()
        except Exception as error:
            yield self.reading.unreadable(self.reading.item(self.kind, self.path), error)

    def read(self, item: Item) -> RawDocument | Missing:
        """Read a record's page; one without its end is a ``Missing``."""
        reading = self.reading
        cap = reading.limits.document
        position, original, *elsewhere = parts(item)[3:]  # of what is no revisit, its digest
        try:
            data, end = self._bytes(position, 2 * HEAD if original else cap + 2 * HEAD)
            record = record_of(data)
            date = parse_date(record.headers.get("warc-date"))
            if original:
                holder = Archive(reading, "warc", *elsewhere) if elsewhere else self
                data, _ = holder._bytes(original, cap + 2 * HEAD)
                record = record_of(data)
            media_type = item.media_type or read_head(record).media_type
            page = read_page(record, cap)
        except TooLargeError as error:
            return reading.rejected(item, RejectReason.TOO_LARGE, f"{item.locator} is {error}")
        except Exception as error:
            return reading.unreadable(item, error)
        if page.problem is not None:
            return reading.truncated(item, page.problem)
        observed_at = date or reading.clock()
        archived = None if original else self._archived(position, end)
        return RawDocument(
            item, page.body, item.url, observed_at, media_type, page.transport, archived
        )

    def _raw(self) -> BinaryIO:
        """Open the file as it is."""
        stream = self.reading.storage.open(self.path)
        return open_member(stream, self.inside) if self.inside else stream

    def _plain(self) -> BinaryIO:
        """Open the file decompressed, if it is compressed as a whole."""
        stream = self._raw()
        compression = compression_of_archive(stream, self.inside or self.path)
        stream.seek(0)
        return unpacked(stream, compression)

    def _offer(self, beginning: RecordBeginning) -> Iterator[Item | Missing]:
        reading, position = self.reading, beginning.position
        if beginning.problem is not None:
            yield reading.unreadable(self._blank(position), OSError(beginning.problem))
            return
        try:
            head = read_head(record_of(beginning.head))
        except Exception as error:
            yield reading.unreadable(self._blank(position), error)
            return
        if head.is_revisit:
            yield from self._revisit(position, head)
            return
        if head.is_text:
            page = self.bodies.find([head.refers_to_record] if head.refers_to_record else [])
            if page is None or not page.position:  # else the page itself was offered
                yield self._item(position, head)
            return
        self.bodies.add(
            head.keys, RecordLocation(self.path, self.inside, position if head.is_page else "")
        )
        if head.is_page:
            yield self._item(position, head)
        elif head.no_page is not None:
            group = head.no_page if len(self.no_pages) < GROUPS else "others"
            self.no_pages[head.no_page if head.no_page in self.no_pages else group] += 1

    def _without_page(self) -> Iterator[Missing]:
        """Yield a row for each group of records that hold no page."""
        for group, count in self.no_pages.items():
            item = self.reading.item(self.kind, self.path, member=self._member(f":{group}"))
            detail = f"{item.locator}: {plural(count, 'record')}"
            yield Missing(item, Fate.SKIPPED, NO_PAGE, detail, self.reading.clock())

    def _revisit(self, position: str, head: Head) -> Iterator[Item | Missing]:
        original = self.bodies.find(head.repeats.values())
        if original is None:
            detail = f"{head.url} was unchanged, and what it repeats is in no archive that was read"
            observed_at = head.date or self.reading.clock()
            item = self._item(position, head)
            missing = Missing(item, Fate.SKIPPED, UNRESOLVED, detail, observed_at, head.repeats)
            if self.reading.bodies is None:
                yield missing
            else:
                self.bodies.wait(missing)
        elif original.position:
            yield self._item(position, head, original)

    def _item(self, position: str, head: Head, original: RecordLocation | None = None) -> Item:
        handle_parts = [""] if head.is_text else ["", head.digest or ""]
        if original:
            handle_parts = _original(self.path, self.inside, original)
        return self.reading.item(
            self.kind,
            self.path,
            self.inside,
            position,
            *handle_parts,
            member=self._member(position),
            url=head.url,
            media_type=head.media_type,
            fingerprint=f"{head.identity or head.digest or ''} {head.moment_and_url[:14]}",
        )

    def _blank(self, position: str) -> Item:
        member = self._member(position)
        return self.reading.item(self.kind, self.path, self.inside, position, "", member=member)

    def _member(self, position: str) -> str:
        return f"{self.inside}{MEMBER}{position[1:]}" if self.inside else position[1:]

    def _archived(self, position: str, end: int | None) -> ArchivedRange | None:
        """Tell where on the web a record's bytes lie, if they can be asked for by themselves."""
        address = self.reading.storage.url(self.path)
        if end is None or self.inside or not address.startswith(("http://", "https://")):
            return None
        offset = int(position[1:])
        return ArchivedRange(address, offset, end - offset)

    def _bytes(self, position: str, cap: int) -> tuple[bytes, int | None]:
        """Read a record's first bytes; gives the end of its gzip member, too, if it has one."""
        offset = int(position[1:])
        if position[0] == "m":
            with self._raw() as stream:
                member, end = read_member(stream, offset, cap, to_end=False)
            if member is None:
                raise EOFError("the file ends before it")
            if member.problem:
                raise (EOFError if member.is_cut else OSError)(member.problem)
            return member.head, end if len(member.head) < cap else None
        storage = self.reading.storage
        key = (storage, self.path, self.inside, storage.fingerprint(self.path))
        with cached_reader(key, offset, self._plain) as stream:
            stream.seek(offset)
            return read_record(stream, cap), None


def read_archived(data: bytes, cap: int) -> bytes | None:
    """Return the body of the page in a record's gzip member; None if it holds none whole."""
    try:
        member, _ = read_member(io.BytesIO(data), 0, cap + 2 * HEAD)
        if member is None or member.problem:
            return None
        page = read_page(record_of(member.head), cap)
    except Exception:  # whatever a library raises at bytes that are others by now
        return None
    return None if page.problem else page.body


def _original(path: str, inside: str, original: RecordLocation) -> list[str]:
    """Return the position of a revisit's original in the form of its handle."""
    same = original[:2] == (path, inside)
    return [original.position] if same else [original.position, *original[:2]]
