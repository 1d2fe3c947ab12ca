"""What a source offers and what was read of it, on the way from a source to cleaning.

Whatever a reader puts in, their texts are sound (``schemas.values``): every table, every plan and
every JSON can hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from copydesk.schemas.article import Hints
from copydesk.schemas.values import sound, sound_map, sound_or_none

NAMED = "named"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to read: plain values alone, so that a plan can be written to a file.

    ``source`` names the source; ``locator`` is the item's place in it, unique there and the
    same in every run (a path under the root, an address, ``archive.zip!member.html``).
    ``url`` is the address that the tables show. ``handle`` is what the source opens.
    ``fingerprint`` differs whenever the bytes may differ; None when only reading can tell.
    """

    source: str
    locator: str
    url: str
    handle: str
    media_type: str | None = None
    fingerprint: str | None = None
    hints: Hints | None = None

    def __post_init__(self) -> None:
        """Leave behind what cannot be stored."""
        put = object.__setattr__
        put(self, "source", sound(self.source))
        put(self, "locator", sound(self.locator))
        put(self, "url", sound(self.url))
        put(self, "handle", sound(self.handle))
        put(self, "media_type", sound_or_none(self.media_type))
        put(self, "fingerprint", sound_or_none(self.fingerprint))


@dataclass(frozen=True, slots=True)
class RawDocument:
    """An item's bytes as they came.

    ``observed_at`` is when they were true (UTC): now for a file or a fetch, a record's own
    date for a web archive. ``url`` is the address after redirects; ``how`` keeps what else
    the transport said (status, validators, encoding). (``NAMED``: the address that an article
    is named by, which has moved since).
    """

    item: Item
    body: bytes
    url: str
    observed_at: datetime
    media_type: str | None = None
    how: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Leave behind what cannot be stored."""
        put = object.__setattr__
        put(self, "url", sound(self.url))
        put(self, "media_type", sound_or_none(self.media_type))
        put(self, "how", sound_map(self.how))


class Fate(StrEnum):
    """What became of an input item: every item of a run has exactly one."""

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
"""Reasons of what was not asked for, though it was meant to be: a setting may allow it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An item that gave no bytes.

    ``fate`` is one of not_modified, gone, failed, skipped, rejected; ``reason`` is a short
    name (``dns``, ``robots``, ``http_404`` …), ``detail`` a sentence for people.
    """

    item: Item
    fate: Fate
    reason: str
    detail: str
    observed_at: datetime
    how: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Leave behind what cannot be stored."""
        object.__setattr__(self, "detail", sound(self.detail))
        object.__setattr__(self, "how", sound_map(self.how))
