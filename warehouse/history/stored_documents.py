"""Documents whose bytes the lake keeps: chosen for another cleaning, and read back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from copydesk.schemas.tables import DERIVED, FIELD_NAMES, TITLE
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage.duckdb_views import Cut, explained, make_macros, scratch, statements
from copydesk.warehouse.storage.storage import reason

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake

_RECORD = ", ".join(
    f'any_value("{name}") AS "{name}"'
    for name in (TITLE.name, *FIELD_NAMES, *(column.name for column in DERIVED))
)
"""What is the same in all rows of one record."""

_ROWS: int = 200
"""Rows that are held at once with their texts: about a megabyte."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which documents: those whose newest reading is by an older cleaner than ``version``.

    ``versions`` are other ones for the documents of some sources.
    ``where`` is a condition in SQL over the columns of ``articles`` that cleaning gives, and
    ``fate`` (article or rejected), ``reason``, ``observed_at``, ``cleaner_version``, ``host``,
    ``size``. ``site`` is a site's name or host. No ``sources`` are all of them.
    """

    version: str
    where: str | None = None
    site: str | None = None
    sources: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document that was read: plain values alone, so that a plan can be written to a file.

    ``file``, ``offset`` and ``length`` are where its bytes lie. The rest is what cleaning was
    told of it, as JSON the ``hints``.
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
class Before:
    """What the newest reading of a document found; ``reason`` is that of a reject."""

    cleaner_version: str | None
    reason: str | None = None
    article_id: str | None = None
    title: str = ""
    text: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


class Chosen:
    """The documents of a choice, in a cut of the lake."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def count(self) -> tuple[int, int]:
        """Count those that can be read again, and those whose bytes are gone."""
        found = self._connection.execute(
            'SELECT count("file"), count(*) - count("file") FROM chosen'
        ).fetchone()
        return (int(found[0]), int(found[1])) if found else (0, 0)

    def documents(self, *, sample: int | None = None) -> Iterator[tuple[KeptDocument, Before]]:
        """Give those that can be read again, by source, each item once before any twice.

        ``sample`` takes so many by chance, the same ones each time.
        """
        limit = "" if sample is None else f"ORDER BY hash(item_id, bytes) LIMIT {int(sample)}"
        rows = self._connection.execute(
            f"""SELECT * FROM (SELECT * FROM chosen WHERE "file" IS NOT NULL {limit})
            ORDER BY source, state, "file", "offset" """  # noqa: S608
        )
        names = [column[0] for column in rows.description or ()]
        while found := rows.fetchmany(_ROWS):
            for values in found:
                row = dict(zip(names, values, strict=True))
                yield _document(row), _before(row)


@contextlib.contextmanager
def choose(lake: Lake, choice: Choice) -> Iterator[Chosen]:
    """Choose documents; LakeError says what is wrong with a condition."""
    with scratch(lake.store) as connection, explained("choose what to clean again"):
        cut = Cut(connection, lake.tables)
        for name in ("ledger", "observations", "raw_index"):
            cut.view(name)
        make_macros(connection)
        sql = statements("history/kept").replace("{record}", _RECORD)
        *made, chosen = sql.split(";\n\n")
        for statement in made:
            connection.execute(statement)
        condition = choice.where or "true"
        _must_be_one(condition)
        try:
            connection.execute(
                chosen.replace("{where}", condition),
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
                f"the condition {condition!r} cannot be asked: {reason(error)}"
            ) from error
        yield Chosen(connection)


def _must_be_one(condition: str) -> None:
    try:
        found = duckdb.extract_statements(f"SELECT (\n{condition}\n)")
    except duckdb.Error as error:
        raise LakeError(f"{condition!r} is no condition in SQL: {reason(error)}") from error
    if len(found) != 1:
        raise LakeError(f"{condition!r} is more than one condition")


def read_kept(lake: Lake, documents: Sequence[KeptDocument]) -> list[bytes | None]:
    """Read the documents' bytes; None where they are gone or are others than were indexed."""
    from copydesk.warehouse.storage.raw_files import read_many

    places = [(one.file, one.offset, one.length, one.raw_sha256) for one in documents]
    return read_many(lake.store, places)


def _document(row: Mapping[str, Any]) -> KeptDocument:
    return KeptDocument(
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


def _before(row: Mapping[str, Any]) -> Before:
    if row["fate"] == "rejected":
        return Before(row["cleaner_version"], row["reason"] or "rejected")
    return Before(
        row["cleaner_version"],
        None,
        row["article_id"],
        row["title"] or "",
        row["text"] or "",
        {name: row[name] for name in FIELD_NAMES},
    )
