"""Sealing: decides each item's fate and writes a run's rows once, ready to append.

The manifest ``_sealed/<run>.json`` is written last and only once. After that nothing of the run is
computed again, however often the commit is repeated.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.run_profile import read_profiles, write_profiles
from copydesk.schemas.tables import TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.runs.models import Sealed, StagedBatch
from copydesk.warehouse.runs.profiles import sealed_profiles
from copydesk.warehouse.runs.request_order import order_by_request
from copydesk.warehouse.runs.same_edit import keep_previous_texts
from copydesk.warehouse.runs.shared_names import rename_conflicting
from copydesk.warehouse.runs.staging import FOLDER as STAGED
from copydesk.warehouse.runs.staging import files_of
from copydesk.warehouse.storage.delta_tables import row_group
from copydesk.warehouse.storage.duckdb_views import (
    Snapshot,
    make_macros,
    scratch,
    select,
    statements,
)
from copydesk.warehouse.storage.storage import Store

if TYPE_CHECKING:
    import duckdb

FOLDER: Final = "_sealed"

ORDER: Final = (
    *("raw_index", "observations", "cuts", "rejects"),
    *("signatures", "shingles", "ledger"),
)
"""The tables of a run, in the order of their appends; ``runs`` comes after them."""

_ROWS_A_BATCH: Final = 2048
"""Rows in memory at a time while a sealed file is appended: about 10 MB of text."""


_LARGEST: Final = 256_000_000
"""Largest sealed file of a local lake, in bytes of staged rows. It becomes a file of the table
as it is, and deleting one of its rows rewrites all of it."""


_LEVELS: Final = {"observations": 2}
"""Levels of compression that differ from 3, which takes 1.4 times as long for texts to save a
twentieth of their bytes."""


def sealed_run(store: Store, run_id: str) -> Sealed | None:
    """Read a run's manifest; None when it is not sealed. LakeError when it is damaged."""
    data = store.get(_manifest(run_id))
    if data is None:
        return None
    try:
        return _read(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LakeError(
            f"{store.uri(_manifest(run_id))} is damaged ({error}): copydesk doctor says what to do"
        ) from error


def seal(
    store: Store,
    snapshot: Snapshot,
    run_id: str,
    batches: Sequence[StagedBatch],
    *,
    started_at: datetime | None,
    recleans: bool = False,
) -> tuple[Sealed, bool]:
    """Compare a run's batches with the lake and write what it will add.

    Args:
        store: the lake's files.
        snapshot: the lake to compare with.
        run_id: the run.
        batches: its staged batches.
        started_at: when the run started; None for readings of stored bytes, which have no order.
        recleans: the batches are readings of stored bytes, not sightings.

    Returns:
        What the run adds, and whether this call has sealed it; false when another process did.
    """
    prefix = f"{FOLDER}/{run_id}/{secrets.token_hex(4)}"
    store.make_folder(f"{FOLDER}/{run_id}")
    files: dict[str, tuple[str, ...]] = {}
    rows: dict[str, int] = {}
    connection = snapshot.connection
    for name in ("observations", "ledger", "raw_index", "signatures"):
        snapshot.view(name)
    listing = store.list(f"{STAGED}/{run_id}") if store.local is not None else ()
    sizes = {file.path: file.size for file in listing}
    large = set()
    for name in ORDER:
        staged = files_of(batches, name)
        rows_of = select(TABLES[name], [store.uri(file) for file in staged])
        connection.execute(f"CREATE TEMP VIEW unordered_{name} AS {rows_of}")
        connection.execute(f"CREATE TEMP VIEW staged_{name} AS FROM unordered_{name}")
        connection.execute(f"CREATE TEMP VIEW apart_{name} AS FROM staged_{name}")
        connection.execute(f"CREATE TEMP VIEW run_{name} AS FROM apart_{name}")
        if sum(sizes.get(file, 0) for file in staged) > _LARGEST:
            large.add(name)
    make_macros(connection)
    ledger = [store.uri(file) for file in files_of(batches, "ledger")]
    order_by_request(connection, ledger, started_at)
    rename_conflicting(connection)
    if not recleans:
        keep_previous_texts(connection)
    connection.execute(statements("runs/seal"))
    before = {}
    if recleans:
        connection.execute(statements("runs/seal_reclean"))
        before = sealed_profiles(connection, "runs/profile_before")
    for name in ORDER:
        file = f"{prefix}.{name}.parquet"
        options = f"ROW_GROUP_SIZE {row_group(name)}, COMPRESSION_LEVEL {_LEVELS.get(name, 3)}"
        if name in large:
            file = file.removesuffix(".parquet")
            options += f", FILE_SIZE_BYTES {_LARGEST}"
        rows[name] = _copy(connection, f"sealed_{name}", store.uri(file), options)
        written = [part.path for part in store.list(file)] if name in large else [file]
        if rows[name]:
            files[name] = tuple(written)
        else:
            store.delete(written)
        checkpoint(f"seal:{name}")
    fates = _counts(connection, "SELECT fate, count(*) FROM sealed_ledger GROUP BY fate")
    reasons = _counts(connection, "SELECT reason, count(*) FROM run_rejects GROUP BY reason")
    profiles = sealed_profiles(connection, "runs/profile")
    sealed = Sealed(run_id, files, rows, fates, reasons, profiles, before)
    store.sync(chain(*files.values()))
    if store.put_new(_manifest(run_id), _write(sealed)):
        checkpoint("seal:manifest")
        return sealed, True
    store.delete(chain(*files.values()))  # another process was quicker
    return sealed_run(store, run_id) or sealed, False


def sealed_rows(store: Store, sealed: Sealed, table: str) -> pa.RecordBatchReader:
    """Stream the rows that a sealed run adds to a table."""
    schema = arrow_schema(TABLES[table])

    def batches() -> Iterator[pa.RecordBatch]:
        with scratch(store) as connection:
            reader: pa.RecordBatchReader = connection.sql(
                select(TABLES[table], [store.uri(file) for file in sealed.files[table]])
            ).to_arrow_reader(_ROWS_A_BATCH)
            for batch in reader:
                yield batch.cast(schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def forget_sealed(store: Store, run_id: str) -> None:
    """Delete a run's sealed files, the manifest last."""
    store.drop_folder(f"{FOLDER}/{run_id}")
    store.delete([_manifest(run_id)])


def _copy(connection: duckdb.DuckDBPyConnection, relation: str, uri: str, options: str) -> int:
    target = uri.replace("'", "''")
    row = connection.execute(
        f"COPY (FROM {relation}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, {options})"
    ).fetchone()
    return int(row[0]) if row else 0


def _counts(connection: duckdb.DuckDBPyConnection, sql: str) -> Mapping[str, int]:
    rows = connection.execute(f"{sql} ORDER BY 2 DESC, 1").fetchall()
    return {str(name): int(count) for name, count in rows}


def _manifest(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.json"


def _write(sealed: Sealed) -> bytes:
    return json.dumps(
        {
            "run_id": sealed.run_id,
            "files": dict(sealed.files),
            "rows": dict(sealed.rows),
            "fates": dict(sealed.fates),
            "reasons": dict(sealed.reasons),
            "profiles": write_profiles(sealed.profiles),
            "before": write_profiles(sealed.before),
        }
    ).encode()


def _read(data: bytes) -> Sealed:
    values = json.loads(data)
    values["files"] = {
        name: (paths,) if isinstance(paths, str) else tuple(paths)  # older releases wrote one file
        for name, paths in values["files"].items()
    }
    for name in ("profiles", "before"):  # older releases did not write them
        values[name] = read_profiles(values.get(name))
    return Sealed(**values)
