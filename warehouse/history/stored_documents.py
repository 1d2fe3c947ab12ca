"""Selects documents whose bytes the lake has, for re-cleaning, and reads them back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from copydesk.schemas.columns import DERIVED, FIELD_NAMES, METADATA, TITLE
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage.duckdb_views import (
    Snapshot,
    lake_errors,
    make_macros,
    scratch,
    statements,
)
from copydesk.warehouse.storage.storage import reason

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake

_RECORD = ", ".join(
    f'any_value("{name}") AS "{name}"'
    for name in (TITLE.name, *(column.name for column in (*METADATA, *DERIVED)))
)
"""SELECT list of the columns that are the same in all rows of one record."""

_ROWS: int = 200
"""Rows in memory at a time, with their texts: about a megabyte."""


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Selects documents whose newest reading is by a cleaner older than ``version``.

    ``versions`` overrides ``version`` by source. ``where`` is an SQL condition over the columns of
    ``articles`` that cleaning sets, and ``fate`` (article or rejected), ``reason``,
    ``observed_at``, ``cleaner_version``, ``host`` and ``size``. ``site`` is a site's name or host.
    Without ``sources`` all sources are selected.
    """

    version: str
    where: str | None = None
    site: str | None = None
    sources: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A stored document, in plain values, so that a plan can be written to a file.

    ``file``, ``offset`` and ``length`` locate its bytes. The rest is cleaning's input beside the
    bytes; ``hints`` is JSON.
    """

    item_id: str
    source: str
    locator: str
    url: str
    observed_at: datetime
    raw_sha256: str
    file: str
    offset: int
    length: int
    media_type: str | None = None
    fingerprint: str | None = None
    hints: str | None = None
    how: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EarlierReading:
    """Result of a document's newest reading; ``reason`` is set for a reject."""

    cleaner_version: str | None
    reason: str | None = None
    article_id: str | None = None
    title: str = ""
    text: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


class SelectedDocuments:
    """The documents that a filter selects, in a snapshot of the lake."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def count(self) -> tuple[int, int]:
        """Count the documents that can be read again, and those whose bytes are missing."""
        row = self._connection.execute(
            'SELECT count("file"), count(*) - count("file") FROM chosen'
        ).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def documents(
        self, *, sample: int | None = None
    ) -> Iterator[tuple[StoredDocument, EarlierReading]]:
        """Return the documents that can be read again, by source, each item once before any twice.

        ``sample`` limits them to that many, drawn at random, the same ones at each call.
        """
        limit = "" if sample is None else f"ORDER BY hash(item_id, bytes) LIMIT {int(sample)}"
        result = self._connection.execute(
            f"""SELECT * FROM (SELECT * FROM chosen WHERE "file" IS NOT NULL {limit})
            ORDER BY source, state, "file", "offset" """  # noqa: S608
        )
        names = [column[0] for column in result.description or ()]
        while rows := result.fetchmany(_ROWS):
            for values in rows:
                row = dict(zip(names, values, strict=True))
                yield _document(row), _before(row)


@contextlib.contextmanager
def select_documents(lake: Lake, choice: DocumentFilter) -> Iterator[SelectedDocuments]:
    """Select documents; LakeError says what is wrong with the condition."""
    with scratch(lake.store) as connection, lake_errors("select what to clean again"):
        snapshot = Snapshot(connection, lake.tables)
        for name in ("ledger", "observations", "raw_index"):
            snapshot.view(name)
        make_macros(connection)
        sql = statements("history/kept").replace("{record}", _RECORD)
        *preparation, selection = sql.split(";\n\n")
        for statement in preparation:
            connection.execute(statement)
        condition = choice.where or "true"
        _must_be_one(condition)
        try:
            connection.execute(
                selection.replace("{where}", condition),
                {
                    "version": choice.version,
                    "versions": list(choice.versions.values()),
                    "of": list(choice.versions),
                    "sources": list(choice.sources) or None,
                    "site": choice.site,
                },
            )
        except duckdb.Error as error:
            raise LakeError(
                f"the condition {condition!r} cannot be evaluated: {reason(error)}"
            ) from error
        yield SelectedDocuments(connection)


def _must_be_one(condition: str) -> None:
    try:
        expressions = duckdb.extract_statements(f"SELECT (\n{condition}\n)")
    except duckdb.Error as error:
        raise LakeError(f"{condition!r} is not an SQL condition: {reason(error)}") from error
    if len(expressions) != 1:
        raise LakeError(f"{condition!r} is more than one condition")


def read_stored(lake: Lake, documents: Sequence[StoredDocument]) -> list[bytes | None]:
    """Read the documents' bytes; None where they are missing or differ from the index."""
    from copydesk.warehouse.storage.raw_files import read_many

    places = [
        (document.file, document.offset, document.length, document.raw_sha256)
        for document in documents
    ]
    return read_many(lake.store, places)


def _document(row: Mapping[str, Any]) -> StoredDocument:
    return StoredDocument(
        item_id=row["item_id"],
        source=row["source"],
        locator=row["locator"],
        url=row["url"],
        observed_at=row["observed_at"],
        raw_sha256=row["raw_sha256"],
        file=row["file"],
        offset=row["offset"],
        length=row["length"],
        media_type=row["kept_type"],
        fingerprint=row["fingerprint"],
        hints=row["hints"],
        how=dict(row["how"] or {}),
    )


def _before(row: Mapping[str, Any]) -> EarlierReading:
    if row["fate"] == "rejected":
        return EarlierReading(row["cleaner_version"], row["reason"] or "rejected")
    return EarlierReading(
        row["cleaner_version"],
        None,
        row["article_id"],
        row["title"] or "",
        row["text"] or "",
        {name: row[name] for name in FIELD_NAMES},
    )
