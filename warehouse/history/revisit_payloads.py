"""Finds stored bytes for revisit records of web archives, which refer to an earlier capture."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from copydesk.schemas.items import Item
from copydesk.warehouse.storage.duckdb_views import Snapshot, lake_errors, scratch, statements

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.lake import Lake

_ROWS = 2048  # in memory at a time

_KEYS = pa.schema(
    {"number": pa.int64(), "record": pa.string(), "place": pa.string(), "digest": pa.string()}
)
_NAMES = ("refers_to_record", "refers_to", "digest")
"""Keys of ``how`` by which a revisit refers to its original, in the order of the columns above."""


@dataclass(frozen=True, slots=True)
class StoredOriginal:
    """Where the original's bytes are stored, and their transport metadata."""

    raw_sha256: str
    file: str
    offset: int
    length: int
    media_type: str | None = None
    how: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revisit:
    """A record whose original has not been found; ``how`` has its references to it.

    Its ``item`` has no handle, since there are no bytes to open yet.
    """

    item: Item
    observed_at: datetime
    how: Mapping[str, str]


def originals(lake: Lake, references: Sequence[Mapping[str, str]]) -> dict[int, StoredOriginal]:
    """Find revisits' originals, by index in ``references``; the ledger is read once."""
    rows = [
        {"number": number, **dict(zip(_KEYS.names[1:], map(names.get, _NAMES), strict=True))}
        for number, names in enumerate(references)
    ]
    with scratch(lake.store) as connection, lake_errors("look for the originals of revisits"):
        snapshot = Snapshot(connection, lake.tables)
        for name in ("ledger", "raw_index"):
            snapshot.view(name)
        connection.register("given", pa.Table.from_pylist(rows, _KEYS))
        connection.execute("CREATE OR REPLACE TEMP TABLE asked AS FROM given")
        connection.unregister("given")
        return dict(_found(connection))


class PendingRevisits:
    """The revisits in a snapshot of the lake whose originals were missing when they were read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __len__(self) -> int:
        """Return the number of revisits."""
        row = self._connection.execute("SELECT count(*) FROM waiting").fetchone()
        return int(row[0]) if row else 0

    def revisits(self) -> Iterator[tuple[Revisit, StoredOriginal | None]]:
        """Return all of them, each with its original if the lake has it by now."""
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE asked AS "
            "SELECT number, record, place, digest FROM waiting"
        )
        matches = dict(_found(self._connection))
        for row in _rows(self._connection, "FROM waiting ORDER BY number"):
            item = Item(
                row["source"], row["locator"], row["url"], "", fingerprint=row["fingerprint"]
            )
            revisit = Revisit(item, row["observed_at"], dict(row["how"]))
            yield revisit, matches.get(row["number"])


@contextlib.contextmanager
def pending_revisits(
    lake: Lake, reason: str, *, of_slice: str | None = None
) -> Iterator[PendingRevisits]:
    """Find the revisits that the ledger lists under ``reason``, the name for a missing original.

    ``of_slice`` includes those whose originals are in runs of a slice that is to be read again.
    """
    with scratch(lake.store) as connection, lake_errors("look for revisits without originals"):
        snapshot = Snapshot(connection, lake.tables)
        for name in ("ledger", "raw_index"):
            snapshot.view(name)
        connection.execute(
            statements("history/waiting_revisits"), {"reason": reason, "slice": of_slice}
        )
        yield PendingRevisits(connection)


def _found(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, StoredOriginal]]:
    for row in _rows(connection, statements("history/originals")):
        row["how"] = dict(row["how"] or {})
        yield row.pop("number"), StoredOriginal(**row)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    result = connection.execute(sql)
    names = [column[0] for column in result.description or ()]
    while rows := result.fetchmany(_ROWS):
        yield from (dict(zip(names, row, strict=True)) for row in rows)
