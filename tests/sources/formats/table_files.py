"""Reads the rows of a file as texts, for the tests of tables."""

from __future__ import annotations

from pathlib import Path

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources import open_sources


def rows_of(path: Path, **options) -> tuple[list[str], list[Missing]]:
    """Read a file's rows, at once and again from the middle; gives texts and rows of the ledger."""
    (source,) = open_sources([str(path)], **options)
    offers = list(source.discover())
    items = [offer for offer in offers if isinstance(offer, Item)]
    results = list(source.acquire(items))
    documents = [result for result in results if isinstance(result, RawDocument)]
    if len(documents) == len(items):
        middle = len(items) // 2
        again = list(source.acquire(items[middle:]))
        assert [one.body for one in again if isinstance(one, RawDocument)] == [
            document.body for document in documents[middle:]
        ]
    texts = [document.body.decode() for document in documents]
    return texts, [row for row in [*offers, *results] if isinstance(row, Missing)]


def located(missing: list[Missing]) -> list[tuple[str, str]]:
    """Give each row's place within its file, and its reason."""
    return [(row.item.locator.partition("!")[2], row.reason) for row in missing]
