"""Copies raw bytes that a removed item shares with a remaining one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.ids import sha256
from copydesk.schemas.items import Item, RawDocument
from copydesk.schemas.tables import RAW_INDEX
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage.duckdb_views import lake_errors, scratch
from copydesk.warehouse.storage.raw_files import pack, read_raw, write_warc

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from copydesk.warehouse.storage.lake_files import LakeFiles
    from copydesk.warehouse.upkeep.removals import Removal

_SHARED: Final = """
SELECT DISTINCT ON (l.raw_sha256) l.raw_sha256 AS digest, i.file, i."offset", i.length, i.run_id,
    i.batch, i.media_type, l.source, l.locator, l.url, l.observed_at, l.how
FROM every_ledger l JOIN every_raw_index i ON i.sha256 = l.raw_sha256
WHERE list_contains($digests, l.raw_sha256) AND NOT list_contains($items, l.item_id)
    AND NOT contains(i.file, $removal_id)
    AND i.run_id IN (SELECT run_id FROM every_runs)
ORDER BY l.raw_sha256, l.observed_at, l.item_id"""


def copy_shared_bytes(
    lake: LakeFiles, removal: Removal, views: Callable[[duckdb.DuckDBPyConnection, LakeFiles], None]
) -> None:
    """Write new records of bytes that remaining items share with removed ones.

    The record and its index row have the address at which the remaining item was read. ``views``
    creates the views ``every_…``.
    """
    if not removal.digests:
        return
    with scratch(lake.store) as connection, lake_errors("look for items that share raw bytes"):
        views(connection, lake)
        result = connection.execute(
            _SHARED,
            {
                "digests": sorted(removal.digests),
                "items": sorted(removal.items),
                "removal_id": removal.removal_id,
            },
        )
        names = [column[0] for column in result.description or ()]
        shared = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    packed = {}
    for row in shared:
        try:
            body = read_raw(lake.store, digest=row["digest"], **_place(row))
        except LakeError:
            continue  # already erased
        packed[row["digest"]] = pack(_document(row, body), row["digest"])
    if not packed:
        return
    of_run = {row["digest"]: row for row in shared}
    warc, rows = write_warc(packed.values())
    digest = sha256(warc)[:16]
    file = f"raw/{shared[0]['run_id']}/{removal.removal_id}-{digest}.warc.zst"
    lake.store.put(file, warc)
    lake.store.sync([file])
    for row in rows:
        old = of_run[row["sha256"]]
        row |= {"file": file, "run_id": old["run_id"], "batch": old["batch"]}
    table = pa.Table.from_pylist(rows, arrow_schema(RAW_INDEX))
    lake.tables.append("raw_index", f"{removal.removal_id}-{digest}", table.to_reader)


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("file", "offset", "length")}


def _document(row: dict[str, Any], body: bytes) -> RawDocument:
    item = Item(row["source"], row["locator"], row["url"], "")
    transport = dict(row["how"] or {})
    return RawDocument(item, body, row["url"], row["observed_at"], row["media_type"], transport)
