"""Removals that were asked for and are not finished: a file for each, below ``_removals/``.

The file is on the disk before the first byte is deleted and goes when nothing is left to do, so
that a removal that was killed is completed from it: what it names is gone from the tables by then.
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
"""A record of raw bytes: file, offset, length."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be removed: exactly one of an article's id, an address and a site."""

    article_id: str | None = None
    url: str | None = None
    site: str | None = None

    @property
    def host(self) -> str | None:
        """The site as a host, where it can be one."""
        found = _HOST.fullmatch(self.site or "")
        return found[1].lower() if found else None

    def __post_init__(self) -> None:
        """ValueError when it is not exactly one."""
        if len(self.given) != 1:
            raise ValueError("one of article_id, url and site says what to forget")

    @property
    def given(self) -> list[str]:
        """What was given."""
        return [one for one in (self.article_id, self.url, self.site) if one is not None]


@dataclass(frozen=True, slots=True)
class Removal:
    """All that a removal has to delete.

    ``articles`` and ``items`` are ids, ``contents`` and ``digests`` hashes of texts and of raw
    bytes, ``ranges`` where those lie. ``names`` are addresses and paths by which the articles
    were read, and ``runs`` those that read them: what else may name them is found by these.
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
        """Begin a removal of which nothing is known yet."""
        removal_id = f"forget-{uuid.uuid4().hex}"
        return cls(removal_id, request, now, str(Path(home).absolute()), reason)

    @classmethod
    def of_items(cls, items: Iterable[str]) -> Self:
        """Begin a removal of items that came back: nobody asked for it again."""
        removal_id = f"forget-{uuid.uuid4().hex}"
        return cls(removal_id, None, datetime.min, "", items=frozenset(items))

    def joined(self, other: Removal) -> Self:
        """Add what another look at the lake found."""
        return dataclasses.replace(
            self, **{name: getattr(self, name) | getattr(other, name) for name in _SETS}
        )


_SETS: Final = ("articles", "items", "contents", "digests", "ranges", "names", "runs")


def put_removal(store: Store, removal: Removal) -> None:
    """Write a removal down; it is on the disk when this returns."""
    path = _file(removal.removal_id)
    store.put(path, to_json(removal))
    store.sync([path])


def unfinished_removals(store: Store) -> list[Removal]:
    """List the removals that are not finished, the oldest first."""
    kept = [data for file in store.list(FOLDER) if (data := store.get(file.path))]
    found = [from_json(Removal, data) for data in kept]
    return sorted(found, key=lambda one: (one.requested_at, one.removal_id))


def drop_removal(store: Store, removal: Removal) -> None:
    """Delete the file: nothing is left to do."""
    store.delete([_file(removal.removal_id)])


def _file(removal_id: str) -> str:
    return f"{FOLDER}/{removal_id}.json"
