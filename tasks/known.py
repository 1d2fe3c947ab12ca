"""What the lake knows of a source's items, looked up by their place in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from schemas.items import Fate
from tasks.planning import Known

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = (
    *("fingerprint", "fate", "reason", "article_id"),
    *("content_hash", "raw_sha256", "cleaner_version"),
)


class KnownItems(Mapping[str, Known]):
    """The rows of ``Lake.latest_items`` by locator: Arrow columns, so that millions fit."""

    def __init__(self, table: pa.Table) -> None:
        """Index the table by its ``locator``."""
        self._table = table.combine_chunks()
        self._rows = {place: row for row, place in enumerate(table["locator"].to_pylist())}

    def __getitem__(self, locator: str) -> Known:
        """Give what is known of an item; KeyError when it was never seen."""
        row = self._rows[locator]
        return Known(
            **{name: self._table[name][row].as_py() for name in _COLUMNS},
            how=dict(self._table["how"][row].as_py() or ()),
        )

    def __iter__(self) -> Iterator[str]:
        """Go through the locators."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Count the items."""
        return len(self._rows)

    @property
    def how(self) -> Mapping[str, Mapping[str, str]]:
        """What the transport said of each item, where it said anything.

        While an item of the source failed, nothing is known of its listings (rows that never
        gave an article): one that is not modified would not offer the item again. What failed in
        a backfill's slice is tried again by the backfill, and nothing of the schedule's.
        """
        import pyarrow.compute as pc

        table = self._table
        failed = pc.equal(table["fate"], Fate.FAILED.value)
        if pc.any(pc.and_(failed, pc.invert(table["of_slice"]))).as_py():
            table = table.filter(pc.is_valid(table["article_id"]))
        places = table["locator"].to_pylist()
        return _How({place: row for row, place in enumerate(places)}, table)


class _How(Mapping[str, Mapping[str, str]]):
    def __init__(self, rows: Mapping[str, int], table: pa.Table) -> None:
        self._rows = rows
        self._how = table["how"]

    def __getitem__(self, locator: str) -> Mapping[str, str]:
        return dict(self._how[self._rows[locator]].as_py() or ())

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
