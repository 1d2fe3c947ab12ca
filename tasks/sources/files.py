"""Files of a folder: documents, and what holds documents."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from schemas.items import Fate, Item, Missing, RawDocument
from tasks.sources.clock import Clock, utc_now
from tasks.sources.limits import Limits
from tasks.sources.media import compression_of, media_type_of
from tasks.sources.names import pack_path, plain_path, unpack_path
from tasks.sources.packing import DAMAGED, TooLargeError, read_capped, unpacked
from tasks.sources.places import Entry, Place
from tasks.sources.protocol import NOTHING_KNOWN, Known

__all__ = ["FileSource", "media_type_of"]


@dataclass(frozen=True, slots=True)
class FileSource:
    """The files under one root that the patterns name, ``""`` naming all of them.

    A folder offers the files of a known kind; a file that a pattern names itself is offered
    whatever its suffix, and cleaning finds out what it is.
    """

    name: str
    place: Place
    patterns: tuple[str, ...] = ("",)
    limits: Limits = field(default_factory=Limits)
    clock: Clock = utc_now

    def discover(self, _known: Known = NOTHING_KNOWN, /) -> Iterator[Item | Missing]:
        """Offer the files, folder by folder in sorted order."""
        offered: set[str] = set()
        for pattern in self.patterns:
            for entry in self.place.walk(pattern):
                if entry.path not in offered:
                    offered.add(entry.path)
                    yield from self._offer(entry)

    def acquire(
        self, items: Sequence[Item], _known: Known = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        """Read the files; a file that holds many items is opened once for those in a row."""
        for (_kind, path), group in groupby(items, key=_place_of):
            for item in group:
                yield self._read(item, path)

    def _offer(self, entry: Entry) -> Iterator[Item | Missing]:
        media_type = media_type_of(entry.path)
        item = Item(
            source=self.name,
            locator=plain_path(entry.path),
            url=self.place.url(entry.path),
            handle=_handle("file", entry.path),
            media_type=media_type,
            fingerprint=entry.fingerprint,
        )
        if entry.problem is not None:
            yield self._missing(item, "unreadable", f"{entry.path}: {entry.problem}")
        elif entry.asked or media_type is not None:
            yield item

    def _read(self, item: Item, path: str) -> RawDocument | Missing:
        try:
            with self.place.open(path) as stream:
                body = read_capped(unpacked(stream, compression_of(path)), self.limits.document)
        except TooLargeError as error:
            return self._missing(item, "too_large", f"{path} is {error}")
        except DAMAGED as error:
            # Rights may be given later without a change of the file: it is read again.
            unknown = dataclasses.replace(item, fingerprint=None)
            return self._missing(unknown, "unreadable", f"{path}: {_cause(error)}")
        return RawDocument(item, body, item.url, self.clock(), item.media_type)

    def _missing(self, item: Item, reason: str, detail: str) -> Missing:
        return Missing(item, Fate.REJECTED, reason, plain_path(detail), self.clock())


def _handle(*parts: str) -> str:
    return json.dumps([pack_path(part) for part in parts], ensure_ascii=False)


def _place_of(item: Item) -> tuple[str, str]:
    kind, path, *_ = json.loads(item.handle)
    return kind, unpack_path(path)


def _cause(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or repr(error)
