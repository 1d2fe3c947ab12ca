"""Removing an article everywhere, by request, so that it does not come back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from deltalake.exceptions import DeltaError

from schemas.frames import arrow_schema
from schemas.identity import site_hash
from schemas.tables import FORGOTTEN, TABLES
from warehouse.copies import Comparison
from warehouse.duck import Cut, listed, scratch, statements
from warehouse.errors import LakeError
from warehouse.forgotten import REASON, host_of
from warehouse.publish import publish
from warehouse.raw import blank
from warehouse.serving import Serving
from warehouse.store import reason as first_line

if TYPE_CHECKING:
    import duckdb

    from warehouse.lake import Lake

_SCRUBBED: Final = {
    "url": f"'{REASON}:'",
    "locator": f"concat('{REASON}:', item_id)",
    "reason": f"'{REASON}'",
    **dict.fromkeys(("detail", "article_id", "content_hash", "record_hash"), "NULL"),
    **dict.fromkeys(("raw_sha256", "fingerprint", "how", "hints"), "NULL"),
}
"""What becomes of the ledger's rows: the count of a run's items must stay true."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed: articles and items by id, and the number of raw documents."""

    articles: tuple[str, ...]
    items: tuple[str, ...]
    raw: int
    version: int | None


def forget(
    home: Path,
    *,
    lake: Lake,
    now: datetime,
    article_id: str | None = None,
    url: str | None = None,
    site: str | None = None,
    reason: str | None = None,
    comparison: Comparison | None = None,
) -> Removal:
    """Remove an article (by id or address) or a site's articles: raw bytes, lake, every version.

    What must not come back is noted first, as hashes; then rows and bytes go; then all published
    versions but a new one. Killed in between, the same call again completes it. Connections that
    are open keep the version they have until they are closed. ``comparison`` is that of
    ``publish``. LakeError when nothing matches.
    """
    asked = [one for one in (article_id, url, site) if one is not None]
    if len(asked) != 1:
        raise ValueError("one of article_id, url and site says what to forget")
    with scratch(lake.store) as connection:
        cut = Cut(connection, lake.tables)
        for name in ("ledger", "observations"):
            cut.view(name, everything=True)
        articles, items = _matches(connection, article_id, url, site)
    if not items and site is None:
        raise LakeError(
            f"the lake has nothing of {asked[0]}; it takes a whole id or address, as"
            " copydesk show gives it"
        )
    noted = [("article_id", one) for one in articles] + [("item_id", one) for one in items]
    if site is not None:
        noted.append(("site", site_hash(host_of(f"//{site}") or site)))
        noted.append(("site", site_hash(site)))
    _note(lake, noted, now, reason)
    documents = _erase(lake, items)
    version = None
    if Serving(home).versions():
        version = publish(home, lake=lake, rebuild=True, keep=1, comparison=comparison).version
    return Removal(tuple(articles), tuple(items), documents, version)


def erase_again(lake: Lake) -> int:
    """Erase what a run brought back that was staged before it was forgotten; gives the items."""
    with scratch(lake.store) as connection:
        cut = Cut(connection, lake.tables)
        for name in ("ledger", "observations", "forgotten"):
            cut.view(name, everything=True)
        items = _column(connection, statements("forgotten_items"), [])
    if items:
        _erase(lake, items)
    return len(items)


def _erase(lake: Lake, items: list[str]) -> int:
    """Erase items from every table and from the raw files; gives the number of raw documents."""
    if not items:
        return 0
    with scratch(lake.store) as connection:
        cut = Cut(connection, lake.tables)
        for name in ("ledger", "raw_index"):
            cut.view(name, everything=True)
        digests = _column(
            connection,
            "SELECT DISTINCT raw_sha256 FROM lake_ledger"
            " WHERE raw_sha256 IS NOT NULL AND item_id IN (SELECT unnest(?))",
            [items],
        )
        places = connection.execute(
            'SELECT file, "offset", length FROM lake_raw_index WHERE sha256 IN (SELECT unnest(?))',
            [digests],
        ).fetchall()
    _erase_raw(lake, places)
    chosen = f"item_id IN ({listed(items)})"
    for name in ("observations", "cuts", "rejects"):
        lake.tables.delete(name, chosen)
    _erase_signatures(lake)
    if digests:
        lake.tables.delete("raw_index", f"sha256 IN ({listed(digests)})")
    lake.tables.update("ledger", chosen, _SCRUBBED)
    _erase_old_files(lake)
    return len(places)


def _erase_signatures(lake: Lake) -> None:
    """Erase the signatures of contents that no article has any more."""
    with scratch(lake.store) as connection:
        cut = Cut(connection, lake.tables)
        for name in ("observations", "signatures"):
            cut.view(name, everything=True)
        found = connection.execute(
            "SELECT DISTINCT content_hash, content FROM lake_signatures"
            " WHERE content_hash NOT IN (SELECT content_hash FROM lake_observations)"
        ).fetchall()
    if found:
        hashes = listed([content_hash for content_hash, _ in found])
        lake.tables.delete("signatures", f"content_hash IN ({hashes})")
        contents = ", ".join(str(content) for _, content in found)
        lake.tables.delete("shingles", f"content IN ({contents})")


def _matches(
    connection: duckdb.DuckDBPyConnection,
    article_id: str | None,
    url: str | None,
    site: str | None,
) -> tuple[list[str], list[str]]:
    """Find the articles, and all items that ever gave one of them."""
    if article_id is not None:
        articles = [article_id]
    elif url is not None:
        articles = _column(
            connection,
            "SELECT article_id FROM lake_observations WHERE $1 IN (url, canonical_url)"
            " UNION SELECT article_id FROM lake_ledger WHERE url = $1 AND article_id IS NOT NULL",
            [url],
        )
    else:
        articles = _column(
            connection,
            "SELECT DISTINCT article_id FROM lake_observations WHERE lower(site) = lower($1)"
            r" OR regexp_extract(url, '^https?://(?:www\.)?([^/:?#]+)', 1) = lower($1)",
            [site],
        )
    items = _column(
        connection,
        "SELECT item_id FROM lake_ledger WHERE article_id IN (SELECT unnest($1))"
        # the published id of a page whose canonical address many texts claim
        " OR left(sha256(article_id || chr(31) || url), 32) IN (SELECT unnest($1))"
        " UNION SELECT item_id FROM lake_observations WHERE article_id IN (SELECT unnest($1))",
        [articles],
    )
    return sorted(articles), sorted(items)


def _note(lake: Lake, noted: list[tuple[str, str]], now: datetime, reason: str | None) -> None:
    request = f"forget-{uuid.uuid4().hex}"
    rows = [
        {"kind": kind, "value": value, "requested_at": now, "reason": reason, "run_id": request}
        for kind, value in noted
    ]
    table = pa.Table.from_pylist(rows, arrow_schema(FORGOTTEN))
    lake.tables.append("forgotten", request, table.to_reader)


def _erase_raw(lake: Lake, places: list[tuple[str, int, int]]) -> None:
    """Blank the records in their files; nothing else of a file moves."""
    for file in sorted({file for file, _, _ in places}):
        data = lake.store.get(file)
        if data is not None:
            inside = [(offset, length) for name, offset, length in places if name == file]
            lake.store.put(file, blank(data, inside))
            lake.store.sync([file])


def _erase_old_files(lake: Lake) -> None:
    """Delete the Parquet files that the tables no longer name: they still hold the rows."""
    for name in TABLES:
        table = lake.tables.open(name)
        if table is None:
            continue
        try:
            table.vacuum(0, dry_run=False, enforce_retention_duration=False)
        except (DeltaError, OSError) as error:
            raise LakeError(
                f"cannot delete old files of the table {name}: {first_line(error)}"
            ) from error


def _column(connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> list[str]:
    return [str(value) for (value,) in connection.execute(sql, values).fetchall()]
