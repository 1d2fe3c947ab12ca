"""Where the bodies lie that revisits repeat: an index over the archives of a source."""

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

_FORM = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE bodies (key BLOB PRIMARY KEY, archive INTEGER, place TEXT) WITHOUT ROWID;
CREATE TABLE waiting (number INTEGER PRIMARY KEY, item BLOB);
BEGIN
"""
_PUT = """
INSERT INTO bodies VALUES (?, ?, ?) ON CONFLICT (key)
DO UPDATE SET archive = excluded.archive, place = excluded.place
WHERE excluded.place != '' OR bodies.place = ''
"""
_WAIT = "INSERT INTO waiting (item) VALUES (?)"
_WAITING = "SELECT item FROM waiting ORDER BY number"
_GET = "SELECT archive, place FROM bodies WHERE key = ?"


class Where(NamedTuple):
    """A record: its archive, what that is inside of, and its place; an empty one is no page."""

    path: str
    inside: str
    place: str


class Bodies:
    """Grows while archives are gone through; memory does not grow with them.

    A key is a body's digest, the date and address of a record, or its name. What is asked for
    before it is there can wait until all archives are gone through.
    """

    def __init__(self) -> None:
        """Begin empty; nothing is opened before the first record."""
        self._names: list[tuple[str, str]] = []
        self._new: dict[bytes, tuple[int, str]] = {}
        self._waiting: list[tuple[bytes]] = []
        self._has_kept = False

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

    def wait(self, missing: Missing) -> None:
        """Keep what was asked for in vain."""
        self._waiting.append((pickle.dumps(missing),))
        if len(self._waiting) >= TOGETHER:
            self._base.executemany(_WAIT, self._waiting)
            self._has_kept = True
            self._waiting.clear()

    @property
    def has_waiting(self) -> bool:
        """Tell whether anything waits."""
        return bool(self._waiting) or self._has_kept

    def waiting(self) -> Iterator[Missing]:
        """Give what waits, in its order."""
        kept = self._base.execute(_WAITING) if self._has_kept else ()
        for (data,) in chain(kept, self._waiting):
            yield pickle.loads(data)  # noqa: S301 -- written above, in a file that nobody else sees


def _short(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=12).digest()
