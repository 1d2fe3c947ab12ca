"""Look up a source's stored items by their locator."""

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
    """The rows of ``Lake.latest_items`` by locator; kept as Arrow columns, so that millions fit."""

    def __init__(self, table: pa.Table) -> None:
        """Index the table by its ``locator``."""
        self._table = table.combine_chunks()
        self._rows = {locator: row for row, locator in enumerate(table["locator"].to_pylist())}

    def __getitem__(self, locator: str) -> StoredItem:
        """Return what is stored of an item; KeyError if it was never seen."""
        row = self._rows[locator]
        return StoredItem(
            **{name: self._table[name][row].as_py() for name in _COLUMNS},
            how=dict(self._table["how"][row].as_py() or ()),
        )

    def __iter__(self) -> Iterator[str]:
        """Iterate over the locators."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self._rows)

    @property
    def how(self) -> Mapping[str, Mapping[str, str]]:
        """The stored transport metadata of each item that has any.

        While an item fails, the metadata of the listing that named it, and of the listings above,
        are omitted: a listing that answers "not modified" would not offer the item again. If the
        listing is unknown, all of the source's listings (rows that never gave an article) are
        omitted. Items that failed in a backfill's slice are retried by the backfill and omit
        nothing here.
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
        """Return the listings together with those that name them, up to the top."""
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
