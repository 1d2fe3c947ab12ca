"""Where the bodies lie that revisits repeat: an index over the archives of a source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlite3 import Connection

CACHE_KIB = 32_768
"""Of the index in memory, what is beyond goes to a temporary file: a million records took 35 MiB,
and 303 in a dictionary."""
TOGETHER = 4096  # keys written at once: a third of the time of one by one

_FORM = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE bodies (key BLOB PRIMARY KEY, archive INTEGER, place TEXT) WITHOUT ROWID;
BEGIN
"""
_PUT = """
INSERT INTO bodies VALUES (?, ?, ?) ON CONFLICT (key)
DO UPDATE SET archive = excluded.archive, place = excluded.place
WHERE excluded.place != '' OR bodies.place = ''
"""
_GET = "SELECT archive, place FROM bodies WHERE key = ?"


class Where(NamedTuple):
    """A record: its archive, what that is inside of, and its place; an empty one is no page."""

    path: str
    inside: str
    place: str


class Bodies:
    """Grows while archives are gone through; memory does not grow with them.

    A key is a body's digest, or the date and address of a record.
    """

    def __init__(self) -> None:
        """Begin empty; nothing is opened before the first record."""
        self._names: list[tuple[str, str]] = []
        self._new: dict[bytes, tuple[int, str]] = {}

    @cached_property
    def _base(self) -> Connection:
        """Open a temporary file of SQLite's own, which ends with this object."""
        import sqlite3

        base = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        base.executescript(f"PRAGMA cache_size = -{CACHE_KIB};{_FORM}")
        return base

    def add(self, keys: Iterable[str], where: Where) -> None:
        """Say what a record holds. The nearest before a revisit counts, and a page before others.

        The same archive is nearer than another, and is read with less.
        """
        if not self._names or self._names[-1] != where[:2]:  # one archive after the other
            self._names.append(where[:2])
        value = (len(self._names) - 1, where.place)
        for key in map(_short, keys):
            if where.place or not self._new.get(key, (0, ""))[1]:
                self._new[key] = value
        if len(self._new) >= TOGETHER:
            self._base.executemany(_PUT, [(key, *value) for key, value in self._new.items()])
            self._new.clear()

    def find(self, keys: Iterable[str]) -> Where | None:
        """Find the record that one of the keys names, the first that names any."""
        for key in map(_short, keys):
            found = self._new.get(key)
            if not found or not found[1]:
                found = self._base.execute(_GET, (key,)).fetchone() or found
            if found:
                path, inside = self._names[found[0]]
                return Where(path, inside, found[1])
        return None


def _short(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=12).digest()
