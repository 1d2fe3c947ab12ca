"""Shared by the readers of all formats: makes items, opens files, reports failures."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Final, Protocol
from urllib.parse import unquote

from copydesk.schemas.article import Hints, RejectReason
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.values import is_malformed
from copydesk.tasks.sources.files.folder import Entry, Storage
from copydesk.tasks.sources.files.media_types import compression_of
from copydesk.tasks.sources.files.paths import pack_path, plain_path, unpack_path
from copydesk.tasks.sources.formats.warc.payload_index import PayloadIndex
from copydesk.tasks.sources.source import Clock, Limits, cause, utc_now
from copydesk.tasks.sources.streams.compression import TooLargeError, read_capped, unpacked

MEMBER = "!"
"""Separates a file from the member in it, in locators and addresses."""

_PARTITION: Final = re.compile(r"([A-Za-z_][\w.-]{0,99})=(.+)")
_NO_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"

UNRESOLVED = "unresolved_revisit"
"""The reason of a revisit record whose original was not found."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A source's place and rules, as its readers need them.

    ``columns`` maps a field (``text``, ``title`` …) to the column of a table that holds it.
    ``bodies`` is shared by the web archives of one discovery.
    """

    name: str
    storage: Storage
    limits: Limits = field(default_factory=Limits)
    clock: Clock = utc_now
    columns: Mapping[str, str] = field(default_factory=dict)
    bodies: PayloadIndex | None = field(default=None, compare=False, repr=False)

    def item(
        self,
        kind: str,
        path: str,
        *handle_parts: str,
        member: str | None = None,
        url: str | None = None,
        media_type: str | None = None,
        fingerprint: str | None = None,
        hints: Hints | None = None,
    ) -> Item:
        """Make the item of a file, or of a member in it.

        ``parts`` gives ``handle_parts`` back.
        """
        inside = "" if member is None else MEMBER + plain_path(member)
        return Item(
            source=self.name,
            locator=plain_path(path) + inside,
            url=url if url and not is_malformed(url) else self.storage.url(path) + inside,
            handle=_handle(kind, path, *handle_parts),
            media_type=media_type,
            fingerprint=fingerprint,
            hints=hints,
        )

    def partitions(self, path: str) -> dict[str, str | None]:
        """Read the columns that the folders above a file give, as ``language=de`` does (Hive)."""
        columns: dict[str, str | None] = {}
        for name in reversed(f"{self.storage.root}/{path}".split("/")[:-1]):
            match = _PARTITION.fullmatch(name)
            if match is None:
                break
            value = unquote(match[2])
            columns.setdefault(match[1], None if value == _NO_VALUE else value)
        return columns

    def open(self, path: str) -> BinaryIO:
        """Open a file, decompressed."""
        return unpacked(self.storage.open(path), compression_of(path))

    def document(
        self,
        item: Item,
        stream: BinaryIO,
        *,
        observed_at: datetime | None = None,
        compression: str | None = None,
    ) -> RawDocument | Missing:
        """Read an item's bytes; a document that is damaged or too large is a ``Missing``."""
        try:
            body = read_capped(unpacked(stream, compression), self.limits.document)
        except TooLargeError as error:
            return self.rejected(item, RejectReason.TOO_LARGE, f"{item.locator} is {error}")
        except Exception as error:  # whatever a format's library raises at damaged bytes
            return self.unreadable(item, error)
        return RawDocument(item, body, item.url, observed_at or self.clock(), item.media_type)

    def rejected(self, item: Item, reason: RejectReason, detail: str) -> Missing:
        """Record why an item has no document; it is not read again until it changes."""
        return Missing(item, Fate.REJECTED, reason.value, plain_path(detail), self.clock())

    def failed(self, item: Item, reason: str, detail: str) -> Missing:
        """Record why an item could not be read now; the next run tries again."""
        return Missing(item, Fate.FAILED, reason, plain_path(detail), self.clock())

    def truncated(self, item: Item, detail: str) -> Missing:
        """Record that an item's end is missing; the next run tries again."""
        return self._rejected_now(item, RejectReason.TRUNCATED, detail)

    def unreadable(self, item: Item, error: Exception) -> Missing:
        """Record that bytes are damaged, inaccessible or end too early.

        Permissions may change and disks be repaired: the next run tries again.
        """
        if isinstance(error, EOFError):
            return self.truncated(item, cause(error))
        return self._rejected_now(item, RejectReason.UNREADABLE, cause(error))

    def _rejected_now(self, item: Item, reason: RejectReason, detail: str) -> Missing:
        """Drop the fingerprint, without which an item is read in every run."""
        item = dataclasses.replace(item, fingerprint=None)
        return self.rejected(item, reason, f"{item.locator}: {detail}")


class FormatReader(Protocol):
    """Reads one format: the functions that a reader module has to define."""

    def offer(self, reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
        """Offer the items of a file; of a damaged one, those before the damage, then a Missing."""
        ...

    def read(
        self, reading: Reading, path: str, items: Sequence[Item]
    ) -> Iterator[RawDocument | Missing]:
        """Read items of one file in their order, one result an item."""
        ...


def parts(item: Item) -> list[str]:
    """Split a handle into the kind, the path and the ``handle_parts`` of ``Reading.item``."""
    kind, *packed = json.loads(item.handle)
    return [kind, *map(unpack_path, packed)]


def with_handle(item: Item, kind: str, path: str, *handle_parts: str) -> Item:
    """Return the same item with another handle."""
    return dataclasses.replace(item, handle=_handle(kind, path, *handle_parts))


def _handle(kind: str, *handle_parts: str) -> str:
    return json.dumps([kind, *map(pack_path, handle_parts)], ensure_ascii=False)
