"""Items that sources offer, and the documents read from them.

Their texts can be stored in every table, plan and JSON file (``schemas.values``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from copydesk.schemas.article import Hints
from copydesk.schemas.credentials import (
    map_without_credentials,
    text_without_credentials,
    without_credentials,
)
from copydesk.schemas.values import sound, sound_map, sound_or_none

NAMED = "named"
FROM, FEED = "from", "feed"
"""In ``RawDocument.how``: what a document was made from where it is no page, such as a feed."""
TRUNCATED = "truncated"
"""In ``RawDocument.how``: why the crawler that read it stopped before its end."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item to read, in plain values, so that a plan can be written to a file.

    ``source`` is the source's name; ``locator`` is the item's place in it, unique there and the
    same in every run (a path under the root, an address, ``archive.zip!member.html``).
    ``url`` is the address in the tables. ``handle`` is what the source opens.
    ``fingerprint`` changes whenever the bytes may have changed; None when only reading shows it.
    """

    source: str
    locator: str
    url: str
    handle: str
    media_type: str | None = None
    fingerprint: str | None = None
    hints: Hints | None = None

    def __post_init__(self) -> None:
        """Remove what cannot be stored: characters, values, credentials."""
        put = object.__setattr__
        put(self, "source", sound(self.source))
        put(self, "locator", without_credentials(sound(self.locator)))
        put(self, "url", without_credentials(sound(self.url)))
        put(self, "handle", sound(self.handle))
        put(self, "media_type", sound_or_none(self.media_type))
        put(self, "fingerprint", sound_or_none(self.fingerprint))


@dataclass(frozen=True, slots=True)
class ArchivedRange:
    """Where a document's record stays: ``length`` bytes of a web archive, a gzip member alone."""

    address: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class RawDocument:
    """An item's raw bytes.

    ``observed_at`` is when the content was current (UTC): the present for a file or a fetch, a
    record's date for a web archive. ``url`` is the address after redirects; ``how`` has metadata of
    the transport (status, validators, encoding; under ``NAMED`` the address that identifies the
    article, when it has moved since). ``archived`` is set where the bytes lie in an archive on the
    web.
    """

    item: Item
    body: bytes
    url: str
    observed_at: datetime
    media_type: str | None = None
    how: Mapping[str, str] = field(default_factory=dict)
    archived: ArchivedRange | None = None

    def __post_init__(self) -> None:
        """Remove what cannot be stored: characters, values, credentials."""
        put = object.__setattr__
        put(self, "url", without_credentials(sound(self.url)))
        put(self, "media_type", sound_or_none(self.media_type))
        put(self, "how", map_without_credentials(sound_map(self.how)))


class Fate(StrEnum):
    """Outcome of an input item; every item of a run has exactly one."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    NOT_MODIFIED = "not_modified"
    GONE = "gone"
    FAILED = "failed"
    SKIPPED = "skipped"
    RECLEANED = "recleaned"


REFUSED = frozenset({"blocked", "robots"})
"""Reasons for items that were deliberately not requested; a setting may allow them."""

UNKNOWN_TYPE = "unknown_type"
"""The reason of a row that stands for the files of one suffix, which no reader knows."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An item without bytes.

    ``fate`` is one of not_modified, gone, failed, skipped, rejected; ``reason`` is a short
    name (``dns``, ``robots``, ``http_404`` …), ``detail`` a readable sentence.
    """

    item: Item
    fate: Fate
    reason: str
    detail: str
    observed_at: datetime
    how: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remove what cannot be stored: characters, values, credentials."""
        object.__setattr__(self, "detail", text_without_credentials(sound(self.detail)))
        object.__setattr__(self, "how", map_without_credentials(sound_map(self.how)))
