"""What the lake knows of a source's items, looked up by their place in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from copydesk.schemas.items import Fate
from copydesk.tasks.ingest.plan import StoredItem
from copydesk.tasks.sources.source import INDEX

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = (
    *("fingerprint", "fate", "reason", "article_id"),
    *("content_hash", "raw_sha256", "cleaner_version"),
)


class KnownItems(Mapping[str, StoredItem]):
    """The rows of ``Lake.latest_items`` by locator: Arrow columns, so that millions fit."""

    def __init__(self, table: pa.Table) -> None:
        """Index the table by its ``locator``."""
        self._table = table.combine_chunks()
        self._rows = {locator: row for row, locator in enumerate(table["locator"].to_pylist())}

    def __getitem__(self, locator: str) -> StoredItem:
        """Return what is known of an item; KeyError when it was never seen."""
        row = self._rows[locator]
        return StoredItem(
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

        While an item failed, nothing is known of the listing that named it, and of those above
        it: one that is not modified would not offer the item again. Where it is not known which
        that was, all listings of the source (rows that never gave an article) are meant. What
        failed in a backfill's slice is tried again by the backfill, and nothing of the schedule's.
        """
        import pyarrow.compute as pc

        table = self._table
        failed = pc.equal(table["fate"], Fate.FAILED.value)
        failed = pc.and_(failed, pc.invert(table["of_slice"]))
        listings = set(table["failed_in"].filter(failed).to_pylist())
        to_reread: set[str] = set()
        if None in listings:
            table = table.filter(pc.is_valid(table["article_id"]))
        else:
            to_reread = self._with_indexes(listings)
        locators = enumerate(table["locator"].to_pylist())
        return _How({locator: row for row, locator in locators if locator not in to_reread}, table)

    def _with_indexes(self, listings: set[str]) -> set[str]:
        """Add the listings that name these, and so on."""
        indexes: set[str] = set()
        waiting = list(listings)
        while waiting:
            locator = waiting.pop()
            if locator not in indexes:
                indexes.add(locator)
                if locator in self._rows and (index := self[locator].how.get(INDEX)):
                    waiting.append(index)
        return indexes


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
