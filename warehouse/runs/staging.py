"""Batches stored outside the tables, so that an interrupted run resumes where it stopped.

Below ``_staging/<run>/`` each attempt at a batch has files of its own. The manifest
``<batch>.json`` is written last and only once: it lists the files that count.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Final

import pyarrow as pa

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.json_form import from_json, to_json
from copydesk.schemas.tables import RAW_INDEX, SIGNED
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.runs.models import BatchFrames, StagedBatch
from copydesk.warehouse.runs.validation import check_batch
from copydesk.warehouse.storage.delta_tables import row_group
from copydesk.warehouse.storage.raw_files import Raw, write_warc
from copydesk.warehouse.storage.storage import Store

FOLDER: Final = "_staging"

_MANIFEST: Final = re.compile(rf"{FOLDER}/[^/]+/\d+\.json")


def staged_batch(store: Store, run_id: str, batch: int) -> StagedBatch | None:
    """Read a batch's manifest; None when it is not staged."""
    data = store.get(_manifest(run_id, batch))
    return None if data is None else from_json(StagedBatch, data)


def staged_batches(store: Store, run_id: str) -> list[StagedBatch]:
    """List a run's batches in order."""
    return [
        from_json(StagedBatch, data)
        for file in store.list(f"{FOLDER}/{run_id}")
        if _MANIFEST.fullmatch(file.path) and (data := store.get(file.path)) is not None
    ]


def stage(
    store: Store,
    run_id: str,
    batch: int,
    frames: BatchFrames,
    *,
    unknown_raw: Iterable[Raw],
) -> StagedBatch:
    """Validate a batch and store it, with those of its raw documents that no file has yet."""
    tables = check_batch(run_id, batch, frames)
    prefix = f"{batch:06d}-{secrets.token_hex(4)}"
    tables["ledger"] = _with_records(tables["ledger"], tables["observations"])
    tables |= {
        name: signature_table
        for name in SIGNED
        if (signature_table := getattr(frames, name)) is not None
    }
    warc, rows = write_warc(unknown_raw)
    files: dict[str, str] = {}
    if warc:
        files["raw"] = f"raw/{run_id}/{prefix}.warc.zst"
        store.put_unnamed(files["raw"], warc)
        checkpoint("stage:raw")
    for row in rows:
        row |= {"run_id": run_id, "batch": batch}
        row.setdefault("file", files.get("raw"))
    tables["raw_index"] = pa.Table.from_pylist(rows, arrow_schema(RAW_INDEX))
    for name, table in tables.items():
        if table.num_rows:
            files[name] = f"{FOLDER}/{run_id}/{prefix}.{name}.parquet"
            store.put_table(files[name], table, row_group=row_group(name))
            checkpoint(f"stage:{name}")
    manifest = StagedBatch(
        run_id, batch, files, {name: table.num_rows for name, table in tables.items()}, len(warc)
    )
    store.sync(files.values())
    if store.put_new(_manifest(run_id, batch), to_json(manifest)):
        checkpoint("stage:manifest")
        return manifest
    store.delete(files.values())  # another process was quicker with the same batch
    return staged_batch(store, run_id, batch) or manifest


def files_of(batches: Iterable[StagedBatch], table: str) -> list[str]:
    """List the batches' files with rows of a table."""
    return [batch.files[table] for batch in batches if table in batch.files]


def forget_staged(store: Store, run_id: str) -> None:
    """Delete a run's staged files; its raw files stay."""
    store.drop_folder(f"{FOLDER}/{run_id}")


def _with_records(ledger: pa.Table, observations: pa.Table) -> pa.Table:
    """Add to each ledger row the record hash of its item's observation."""
    records = dict(
        zip(
            observations["item_id"].to_pylist(),
            observations["record_hash"].to_pylist(),
            strict=True,
        )
    )
    hashes = [records.get(item) for item in ledger["item_id"].to_pylist()]
    index = ledger.schema.get_field_index("record_hash")
    return ledger.set_column(index, "record_hash", pa.array(hashes, pa.string()))


def _manifest(run_id: str, batch: int) -> str:
    return f"{FOLDER}/{run_id}/{batch:06d}.json"
