"""Web archives: WARC files, each record compressed by itself, or all together, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import MEMBER, UNRESOLVED, Reading, parts, with_handle
from copydesk.tasks.sources.formats.warc.payload_index import Bodies, Where
from copydesk.tasks.sources.formats.warc.records import (
    HEAD,
    Head,
    read_head,
    read_page,
    read_record,
    record_of,
)
from copydesk.tasks.sources.formats.warc.walk import (
    Found,
    compression_of_archive,
    walk_members,
    walk_stream,
)
from copydesk.tasks.sources.streams.compression import TooLargeError, unpacked
from copydesk.tasks.sources.streams.gzip_members import read_member
from copydesk.tasks.sources.streams.reader_cache import parked
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
    """Offer the revisits whose originals came after them, and say which have none."""
    for missing in reading.bodies.waiting() if reading.bodies else ():
        original = reading.bodies.find(missing.how.values()) if reading.bodies else None
        if original is None:
            yield missing
        elif original.place:
            kind, path, inside, place, *_ = parts(missing.item)
            yield with_handle(
                missing.item, kind, path, inside, place, *_original(path, inside, original)
            )


def record_keys(item: Item) -> tuple[str, ...]:
    """Give what a revisit in any archive may call the record by; of no page of one, nothing."""
    kind, *rest = parts(item)
    if kind not in ("warc", "wacz") or len(rest) != 5 or rest[3]:
        return ()
    identity, _, moment = (item.fingerprint or "").rpartition(" ")
    return tuple(key for key in (identity.strip(), f"{moment} {item.url}", rest[4]) if key)


def record_place(item: Item) -> tuple[str, str]:
    """Tell a record's archive, as ``record_item`` takes it, and its place there."""
    *archive, place = json.loads(item.handle)[:4]
    return json.dumps(archive, ensure_ascii=False), place


def record_item(source: str, archive: str, place: str) -> Item:
    """Make an item by which a record can be read, and nothing else."""
    handle = json.dumps([*json.loads(archive), place, ""], ensure_ascii=False)
    return Item(source, locator=f"{archive} {place}", url="", handle=handle)


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
    bodies: Bodies = field(init=False)

    def __post_init__(self) -> None:
        """Take part in the index of the source."""
        self.bodies = self.reading.bodies or Bodies()

    def offer(self) -> Iterator[Item | Missing]:
        """Offer the pages."""
        try:
            with self._raw() as stream:
                compression = compression_of_archive(stream, self.inside or self.path)
                if compression == "each":
                    for found in walk_members(stream):
                        yield from self._offer(found)
                    return
            with self._plain() as stream:
                for found in walk_stream(stream):
                    yield from self._offer(found)
        except Exception as error:
            yield self.reading.unreadable(self.reading.item(self.kind, self.path), error)

    def read(self, item: Item) -> RawDocument | Missing:
        """Read a record's page; one without its end is none."""
        reading = self.reading
        cap = reading.limits.document
        place, original, *elsewhere = parts(item)[3:]  # of what is no revisit, its digest
        try:
            data = self._bytes(place, 2 * HEAD if original else cap + 2 * HEAD)
            date = read_head(record_of(data)).date
            if original:
                holder = Archive(reading, "warc", *elsewhere) if elsewhere else self
                data = holder._bytes(original, cap + 2 * HEAD)
            media_type = item.media_type or read_head(record_of(data)).media_type
            page = read_page(record_of(data), cap)
        except TooLargeError as error:
            return reading.rejected(item, RejectReason.TOO_LARGE, f"{item.locator} is {error}")
        except Exception as error:
            return reading.unreadable(item, error)
        if page.problem is not None:
            return reading.truncated(item, page.problem)
        seen = date or reading.clock()
        return RawDocument(item, page.body, item.url, seen, media_type, page.how)

    def _raw(self) -> BinaryIO:
        """Open the file as it is."""
        stream = self.reading.place.open(self.path)
        return open_member(stream, self.inside) if self.inside else stream

    def _plain(self) -> BinaryIO:
        """Open what is under the compression of the whole file."""
        stream = self._raw()
        compression = compression_of_archive(stream, self.inside or self.path)
        stream.seek(0)
        return unpacked(stream, compression)

    def _offer(self, found: Found) -> Iterator[Item | Missing]:
        reading, place = self.reading, found.place
        lost = self._blank(place)
        if found.problem is not None:
            yield reading.unreadable(lost, OSError(found.problem))
            return
        try:
            head = read_head(record_of(found.head))
        except Exception as error:
            yield reading.unreadable(lost, error)
            return
        if head.is_revisit:
            yield from self._revisit(place, head)
            return
        if head.is_text:
            page = self.bodies.find([head.refers_to_record] if head.refers_to_record else [])
            if page is None or not page.place:  # else the page itself was offered
                yield self._item(place, head)
            return
        self.bodies.add(head.keys, Where(self.path, self.inside, place if head.is_page else ""))
        if head.is_page:
            yield self._item(place, head)

    def _revisit(self, place: str, head: Head) -> Iterator[Item | Missing]:
        original = self.bodies.find(head.repeats.values())
        if original is None:
            detail = f"{head.url} was unchanged, and what it repeats is in no archive that was read"
            seen = head.date or self.reading.clock()
            item = self._item(place, head)
            missing = Missing(item, Fate.SKIPPED, UNRESOLVED, detail, seen, head.repeats)
            if self.reading.bodies is None:
                yield missing
            else:
                self.bodies.wait(missing)
        elif original.place:
            yield self._item(place, head, original)

    def _item(self, place: str, head: Head, original: Where | None = None) -> Item:
        rest = [""] if head.is_text else ["", head.digest or ""]
        if original:
            rest = _original(self.path, self.inside, original)
        return self.reading.item(
            self.kind,
            self.path,
            self.inside,
            place,
            *rest,
            member=self._member(place),
            url=head.url,
            media_type=head.media_type,
            fingerprint=f"{head.identity or head.digest or ''} {head.place[:14]}",
        )

    def _blank(self, place: str) -> Item:
        member = self._member(place)
        return self.reading.item(self.kind, self.path, self.inside, place, "", member=member)

    def _member(self, place: str) -> str:
        return f"{self.inside}{MEMBER}{place[1:]}" if self.inside else place[1:]

    def _bytes(self, place: str, cap: int) -> bytes:
        offset = int(place[1:])
        if place[0] == "m":
            with self._raw() as stream:
                member, _ = read_member(stream, offset, cap, to_end=False)
            if member is None:
                raise EOFError("the file ends before it")
            if member.problem:
                raise (EOFError if member.is_cut else OSError)(member.problem)
            return member.head
        place_ = self.reading.place
        key = (place_, self.path, self.inside, place_.fingerprint(self.path))
        with parked(key, offset, self._plain) as stream:
            stream.seek(offset)
            return read_record(stream, cap)


def _original(path: str, inside: str, original: Where) -> list[str]:
    """Write where the original of a revisit lies, as its handle has it."""
    same = original[:2] == (path, inside)
    return [original.place] if same else [original.place, *original[:2]]
