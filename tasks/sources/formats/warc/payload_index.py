"""An index of the bodies in a source's web archives, by which revisits find their originals."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlite3 import Connection

    from copydesk.schemas.items import Missing

CACHE_KIB = 32_768
"""Of the index in memory, what is beyond goes to a temporary file: a million records took 35 MiB,
and 303 in a dictionary."""
TOGETHER = 4096  # keys written at once: a third of the time of one by one

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE bodies (key BLOB PRIMARY KEY, archive INTEGER, position TEXT) WITHOUT ROWID;
CREATE TABLE waiting (number INTEGER PRIMARY KEY, item BLOB);
BEGIN
"""
_UPSERT = """
INSERT INTO bodies VALUES (?, ?, ?) ON CONFLICT (key)
DO UPDATE SET archive = excluded.archive, position = excluded.position
WHERE excluded.position != '' OR bodies.position = ''
"""
_INSERT_WAITING = "INSERT INTO waiting (item) VALUES (?)"
_SELECT_WAITING = "SELECT item FROM waiting ORDER BY number"
_SELECT = "SELECT archive, position FROM bodies WHERE key = ?"


class RecordLocation(NamedTuple):
    """A record: its archive, what that is inside of, and its position; an empty one is no page."""

    path: str
    inside: str
    position: str


class PayloadIndex:
    """The index, filled while archives are walked, in bounded memory.

    A key is a body's digest, the date and address of a record, or its id. A revisit that comes
    before its original can wait until all archives are walked.
    """

    def __init__(self) -> None:
        """Start empty; no file is opened before the first record."""
        self._names: list[tuple[str, str]] = []
        self._new: dict[bytes, tuple[int, str]] = {}
        self._waiting: list[tuple[bytes]] = []
        self._has_stored = False

    @cached_property
    def _base(self) -> Connection:
        """Open SQLite's own temporary file, which is deleted with this object."""
        import sqlite3

        base = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        base.executescript(f"PRAGMA cache_size = -{CACHE_KIB};{_SCHEMA}")
        return base

    def add(self, keys: Iterable[str], location: RecordLocation) -> None:
        """Add a record. The nearest one before a revisit wins, and pages win over other records.

        The same archive is nearer than another, and is read with less.
        """
        if not self._names or self._names[-1] != location[:2]:  # one archive after the other
            self._names.append(location[:2])
        value = (len(self._names) - 1, location.position)
        for key in map(_short, keys):
            if location.position or not self._new.get(key, (0, ""))[1]:
                self._new[key] = value
        if len(self._new) >= TOGETHER:
            self._base.executemany(_UPSERT, [(key, *value) for key, value in self._new.items()])
            self._new.clear()

    def find(self, keys: Iterable[str]) -> RecordLocation | None:
        """Find the record of the first key that has one."""
        for key in map(_short, keys):
            entry = self._new.get(key)
            if not entry or not entry[1]:
                entry = self._base.execute(_SELECT, (key,)).fetchone() or entry
            if entry:
                path, inside = self._names[entry[0]]
                return RecordLocation(path, inside, entry[1])
        return None

    def wait(self, missing: Missing) -> None:
        """Keep a revisit whose original has not been found yet."""
        self._waiting.append((pickle.dumps(missing),))
        if len(self._waiting) >= TOGETHER:
            self._base.executemany(_INSERT_WAITING, self._waiting)
            self._has_stored = True
            self._waiting.clear()

    @property
    def has_waiting(self) -> bool:
        """Return whether any revisit waits for its original."""
        return bool(self._waiting) or self._has_stored

    def waiting(self) -> Iterator[Missing]:
        """Yield the waiting revisits in their order."""
        stored = self._base.execute(_SELECT_WAITING) if self._has_stored else ()
        for (data,) in chain(stored, self._waiting):
            yield pickle.loads(data)  # noqa: S301 -- written above, in a file that nobody else sees


def _short(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=12).digest()
