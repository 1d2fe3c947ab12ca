"""Build rows of the lake's tables from what was read and cleaned. Pure: no clock, no disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, Final

import numpy as np
import pyarrow as pa

from copydesk.schemas.arrow import arrow_rows, arrow_schema
from copydesk.schemas.article import Article, Cut, Hints, Reject
from copydesk.schemas.columns import MARKDOWN, METADATA, TEXT, TITLE
from copydesk.schemas.ids import article_id, content_hash, item_id
from copydesk.schemas.items import NAMED, Fate, Item, Missing, RawDocument
from copydesk.schemas.json_form import from_json, to_json
from copydesk.schemas.table_model import ColumnType
from copydesk.schemas.tables import CUTS, READ
from copydesk.tasks.ingest.plan import UnchangedItem

Row = dict[str, Any]

_FORMS: Final[Mapping[ColumnType, Callable[[Any], Any]]] = {
    ColumnType.TEXTS: list,
    ColumnType.MAP: lambda value: list(value.items()) or None,
}
"""Conversions of field values by column type; other types stay as they are."""

_FIELDS: Final = tuple(
    (column.name, _FORMS.get(column.kind)) for column in (TITLE, TEXT, MARKDOWN, *METADATA)
)
"""The article fields that are columns of the same name."""


@dataclass(slots=True)
class Rows:
    """Rows of one batch, by table.

    ``order`` maps items, by source and locator, to their positions in the request.
    """

    run_id: str
    batch: int
    cleaner_version: str
    order: Mapping[tuple[str, str], int] = field(default_factory=dict)
    observations: list[Row] = field(default_factory=list)
    cuts: list[Sequence[Cut]] = field(default_factory=list)  # one entry per observation
    rejects: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)

    def add_article(self, document: RawDocument, sha256: str | None, article: Article) -> None:
        """Add a document that gave an article; ``sha256`` is its bytes' hash if they are stored."""
        item = document.item
        source_url = document.how.get(NAMED)
        row = self._row(item, document.url, document.observed_at) | {
            "article_id": article_id(
                item.source,
                item.locator,
                canonical=source_url or article.canonical_url,
                url=source_url or document.url,
            ),
            "content_hash": content_hash(article.title, article.text),
            "raw_sha256": sha256,
        }
        self.ledger.append(row | {"fate": READ} | _cleaned_with(document))
        self.observations.append(row | _fields(article))
        self.cuts.append(article.cuts)

    def add_reject(self, document: RawDocument, sha256: str | None, reject: Reject) -> None:
        """Add a document that gave no article; ``sha256`` is its bytes' hash if they are stored."""
        item = document.item
        row = self._row(item, document.url, document.observed_at) | {
            "reason": reject.reason.value,
            "detail": reject.detail,
            "raw_sha256": sha256,
        }
        self.rejects.append(row | {"evidence": reject.evidence or None})
        fate = {"fate": Fate.REJECTED.value}
        self.ledger.append(row | fate | _cleaned_with(document))

    def add_missing(self, missing: Missing) -> None:
        """Add an item that gave no bytes."""
        item = missing.item
        row = self._row(item, item.url, missing.observed_at) | {
            "reason": missing.reason,
            "detail": missing.detail,
        }
        if missing.fate is Fate.REJECTED:
            self.rejects.append(row)
        self.ledger.append(row | {"fate": missing.fate.value} | _transport(item, missing.how))

    def add_seen(self, unchanged: UnchangedItem, observed_at: datetime) -> None:
        """Add an unchanged item: a row of the ledger with its current content."""
        previous = unchanged.known
        self.ledger.append(
            self._row(unchanged.item, unchanged.item.url, observed_at)
            | {
                "fate": Fate.UNCHANGED.value,
                "reason": previous.reason,
                "article_id": previous.article_id,
                "content_hash": previous.content_hash,
                "raw_sha256": previous.raw_sha256,
                "cleaner_version": previous.cleaner_version,
            }
            | _transport(unchanged.item, {})
        )

    def tables(self) -> dict[str, pa.Table]:
        """Return the rows by table, as ``copydesk.schemas.arrow.arrow_rows`` does."""
        return {
            "observations": arrow_rows("observations", self.observations),
            "cuts": self._cut_table(),
            "rejects": arrow_rows("rejects", self.rejects),
            "ledger": arrow_rows("ledger", self._in_order(self.ledger)),
        }

    def _in_order(self, rows: list[Row]) -> list[Row]:
        """Sort rows by the positions of their items, the order in which a run is sealed."""
        return sorted(rows, key=lambda row: self.order.get((row["source"], row["locator"]), -1))

    def _cut_table(self) -> pa.Table:
        """Build the rows of cuts by column, because a page has about 150."""
        cuts = list(chain.from_iterable(self.cuts))
        cut_columns = {
            "position": [cut.position for cut in cuts],
            "kind": [cut.kind for cut in cuts],
            "rule": [cut.rule for cut in cuts],
            "score": [cut.score for cut in cuts],
            "text": [cut.text for cut in cuts],
        }
        of = pa.array(
            np.repeat(np.arange(len(self.cuts)), [len(article_cuts) for article_cuts in self.cuts])
        )
        columns = [
            pa.array(cut_columns[column.name], column.type)
            if column.name in cut_columns
            else pa.array([row[column.name] for row in self.observations], column.type).take(of)
            for column in arrow_schema(CUTS)
        ]
        return pa.table(columns, schema=arrow_schema(CUTS))

    def _row(self, item: Item, url: str, observed_at: datetime) -> Row:
        return {
            "run_id": self.run_id,
            "batch": self.batch,
            "item_id": item_id(item.source, item.locator),
            "source": item.source,
            "locator": item.locator,
            "url": url,
            "observed_at": observed_at,
            "cleaner_version": self.cleaner_version,
        }


def _fields(article: Article) -> Row:
    values = ((name, form, getattr(article, name)) for name, form in _FIELDS)
    return {name: form(value) if form else value for name, form, value in values}


def _cleaned_with(document: RawDocument) -> Row:
    """Return the settings that a later cleaning of the same bytes needs."""
    item = document.item
    return _transport(item, document.how) | {
        "media_type": document.media_type or item.media_type,
        "hints": write_hints(item.hints),
    }


def _transport(item: Item, transport: Mapping[str, str]) -> Row:
    return {"fingerprint": item.fingerprint, "how": list(transport.items()) or None}


def write_hints(hints: Hints | None) -> str | None:
    """Return hints as JSON; None if there are none."""
    if hints is None or hints == Hints():
        return None
    return to_json(hints, without_defaults=True).decode()


def read_hints(text: str | None) -> Hints | None:
    """Parse what ``write_hints`` returned."""
    return None if text is None else from_json(Hints, text)
