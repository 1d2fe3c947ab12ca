"""Unfinished removals: a file for each below ``_removals/``.

The file is on disk before the first byte is deleted, and is deleted last. An interrupted removal is
completed from it, since the tables may no longer have what it names.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from copydesk.schemas.json_form import from_json, to_json

if TYPE_CHECKING:
    from copydesk.warehouse.storage.storage import Store

FOLDER: Final = "_removals"

_HOST: Final = re.compile(r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)*)(?::\d+)?/?", re.I)

RawRange = tuple[str, int, int]
"""A record of a raw file: path, offset and length in bytes."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to remove: exactly one of an article's id, an address and a site."""

    article_id: str | None = None
    url: str | None = None
    site: str | None = None

    @property
    def host(self) -> str | None:
        """The site as a host name, where it can be one."""
        match = _HOST.fullmatch(self.site or "")
        return match[1].lower() if match else None

    def __post_init__(self) -> None:
        """Raise ValueError unless exactly one is set."""
        if len(self.given) != 1:
            raise ValueError("give exactly one of article_id, url and site")

    @property
    def given(self) -> list[str]:
        """The values that are set."""
        return [target for target in (self.article_id, self.url, self.site) if target is not None]


@dataclass(frozen=True, slots=True)
class Removal:
    """All that a removal deletes.

    ``articles`` and ``items`` are ids, ``contents`` and ``digests`` hashes of texts and of raw
    bytes, ``ranges`` the places of those bytes. ``names`` are addresses and paths by which the
    articles were read, and ``runs`` the runs that read them; other mentions are found by these.
    """

    removal_id: str
    request: Request | None
    requested_at: datetime
    home: str
    reason: str | None = None
    articles: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    contents: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    ranges: frozenset[RawRange] = frozenset()
    names: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()

    @classmethod
    def new(cls, request: Request, *, now: datetime, home: Path, reason: str | None) -> Self:
        """Begin a removal whose items are not yet known."""
        removal_id = f"forget-{uuid.uuid4().hex}"
        return cls(removal_id, request, now, str(Path(home).absolute()), reason)

    @classmethod
    def of_items(cls, items: Iterable[str]) -> Self:
        """Begin a removal of items that came back after an earlier request."""
        removal_id = f"forget-{uuid.uuid4().hex}"
        return cls(removal_id, None, datetime.min, "", items=frozenset(items))

    def joined(self, other: Removal) -> Self:
        """Return the union with what another look at the lake found."""
        return dataclasses.replace(
            self, **{name: getattr(self, name) | getattr(other, name) for name in _SETS}
        )


_SETS: Final = ("articles", "items", "contents", "digests", "ranges", "names", "runs")


def put_removal(store: Store, removal: Removal) -> None:
    """Store a removal; it is on disk when this returns."""
    path = _file(removal.removal_id)
    store.put(path, to_json(removal))
    store.sync([path])


def unfinished_removals(store: Store) -> list[Removal]:
    """List the unfinished removals, oldest first."""
    documents = [data for file in store.list(FOLDER) if (data := store.get(file.path))]
    removals = [from_json(Removal, data) for data in documents]
    return sorted(removals, key=lambda removal: (removal.requested_at, removal.removal_id))


def drop_removal(store: Store, removal: Removal) -> None:
    """Delete the file of a finished removal."""
    store.delete([_file(removal.removal_id)])


def _file(removal_id: str) -> str:
    return f"{FOLDER}/{removal_id}.json"
