"""Bytes that records of web archives repeat, found among those that the lake keeps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from copydesk.schemas.items import Item
from copydesk.warehouse.storage.duckdb_views import Cut, explained, scratch, statements

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.lake import Lake

_ROWS = 2048  # that are held at once

_KEYS = pa.schema(
    {"number": pa.int64(), "record": pa.string(), "place": pa.string(), "digest": pa.string()}
)
_NAMES = ("refers_to_record", "refers_to", "digest")
"""Of ``how``: what a revisit calls its original by, in the order of the columns above."""


@dataclass(frozen=True, slots=True)
class KeptOriginal:
    """Where the bytes lie, and what was known of them when they were read."""

    raw_sha256: str
    file: str
    offset: int
    length: int
    media_type: str | None = None
    how: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revisit:
    """A record that repeats another which was not found; ``how`` says what it calls that by.

    Its ``item`` has no handle: how it can be read is yet to be found.
    """

    item: Item
    observed_at: datetime
    how: Mapping[str, str]


def originals(lake: Lake, asked: Sequence[Mapping[str, str]]) -> dict[int, KeptOriginal]:
    """Find what revisits repeat, by their number in ``asked``; one look at the ledger for all."""
    rows = [
        {"number": number, **dict(zip(_KEYS.names[1:], map(how.get, _NAMES), strict=True))}
        for number, how in enumerate(asked)
    ]
    with scratch(lake.store) as connection, explained("look for what records repeat"):
        cut = Cut(connection, lake.tables)
        for name in ("ledger", "raw_index"):
            cut.view(name)
        connection.register("given", pa.Table.from_pylist(rows, _KEYS))
        connection.execute("CREATE OR REPLACE TEMP TABLE asked AS FROM given")
        connection.unregister("given")
        return dict(_found(connection))


class Waiting:
    """The revisits in the lake that wait for what they repeat, in a cut of it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __len__(self) -> int:
        """Count them."""
        found = self._connection.execute("SELECT count(*) FROM waiting").fetchone()
        return int(found[0]) if found else 0

    def revisits(self) -> Iterator[tuple[Revisit, KeptOriginal | None]]:
        """Give all, each with what it repeats if the lake has that by now."""
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE asked AS "
            "SELECT number, record, place, digest FROM waiting"
        )
        found = dict(_found(self._connection))
        for row in _rows(self._connection, "FROM waiting ORDER BY number"):
            item = Item(
                row["source"], row["locator"], row["url"], "", fingerprint=row["fingerprint"]
            )
            revisit = Revisit(item, row["observed_at"], dict(row["how"]))
            yield revisit, found.get(row["number"])


@contextlib.contextmanager
def waiting_revisits(lake: Lake, reason: str, *, of_slice: str | None = None) -> Iterator[Waiting]:
    """Look which revisits wait, whose reason in the ledger it is.

    Those that wait for want of the runs of a slice, which is to be read again, are among them.
    """
    with scratch(lake.store) as connection, explained("look for records that wait"):
        cut = Cut(connection, lake.tables)
        for name in ("ledger", "raw_index"):
            cut.view(name)
        connection.execute(
            statements("history/waiting_revisits"), {"reason": reason, "slice": of_slice}
        )
        yield Waiting(connection)


def _found(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, KeptOriginal]]:
    for row in _rows(connection, statements("history/originals")):
        row["how"] = dict(row["how"] or {})
        yield row.pop("number"), KeptOriginal(**row)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    found = connection.execute(sql)
    names = [column[0] for column in found.description or ()]
    while rows := found.fetchmany(_ROWS):
        yield from (dict(zip(names, row, strict=True)) for row in rows)
