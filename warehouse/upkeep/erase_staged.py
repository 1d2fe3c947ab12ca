"""Erases removed items from files beside the tables: plans, staged batches, sealed runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.ids import article_id, item_id
from copydesk.schemas.items import Fate
from copydesk.schemas.tables import TABLES
from copydesk.warehouse.history.slices import FOLDER as BACKFILLS
from copydesk.warehouse.runs import sealing, staging
from copydesk.warehouse.runs.erased_items import REASON, SCRUBBED
from copydesk.warehouse.runs.open_runs import FOLDER as OPEN_RUNS
from copydesk.warehouse.runs.open_runs import open_plans
from copydesk.warehouse.storage.delta_tables import row_group
from copydesk.warehouse.storage.duckdb_views import lake_errors, scratch, select

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.storage import Store
    from copydesk.warehouse.upkeep.removals import Removal

_OF_ITEMS: Final = ("observations", "cuts", "rejects")

_ESCAPED: Final = re.compile(r"\[([*?[])\]")

_GONE: Final = object()
"""Marks a part of a plan that belongs to a removed item."""


def open_files(store: Store, table: str, *, run_id: str | None = None) -> list[str]:
    """List the paths of files with a table's rows, of all open runs or of one."""
    files: list[str] = []
    for run in [run_id] if run_id else [plan.run_id for plan in open_plans(store)]:
        files += staging.files_of(staging.staged_batches(store, run), table)
        sealed = sealing.sealed_run(store, run)
        if sealed is not None:
            files += sealed.files.get(table, ())
    return files


def remove_from_plans(store: Store, removal: Removal) -> frozenset[str]:
    """Erase removed items from plans of runs and backfills.

    Returns the ids of the affected runs.
    """
    for file in store.list(BACKFILLS):
        if file.path.endswith(".json"):
            _rewrite(store, file.path, lambda plan: _left(_without_files(plan, removal), removal))
    planned = set()
    for file in store.list(staging.FOLDER):
        _, run_id, *parts = file.path.split("/")
        if parts[0] == "plan" and _rewrite(store, file.path, lambda plan: _left(plan, removal)):
            planned.add(run_id)
    readers = removal.runs | planned
    for file in store.list(OPEN_RUNS):
        _rewrite(store, file.path, lambda plan: _unnamed_plan(plan, removal.names, readers))
    return frozenset(planned)


def without_names(parameters: str, names: frozenset[str], *, of_reader: bool) -> str:
    """Erase the names of removed items from a run's parameters, which are JSON."""
    before = json.loads(parameters)
    after = _unnamed(before, names, of_reader)
    return parameters if after == before else json.dumps(after, ensure_ascii=False)


def names_removed(text: str, names: frozenset[str], *, of_reader: bool) -> bool:
    """Return whether an input is a removed item: its address or its file's path.

    A path is recognized by its end, so it counts only for runs that read the item (``of_reader``).
    """
    if "://" in text or not of_reader:
        return text in names and "://" in text
    parts = text.replace("\\", "/").split("/")
    return any(f"file:{'/'.join(parts[start:])}" in names for start in range(len(parts)))


def remove_from_run(store: Store, run_id: str, items: Sequence[str]) -> bool:
    """Erase items from a run's staged batches and sealed files; returns whether it had any.

    The ledger's file is written last: after a crash a repeated call finds the items in it again.
    """
    changed = False
    for batch in staging.staged_batches(store, run_id):
        files = {name: (file,) for name, file in batch.files.items() if name in TABLES}
        # with the fate `read`, sealing would expect an article
        changed = _remove_rows(store, files, items, Fate.SKIPPED.value) or changed
    sealed = sealing.sealed_run(store, run_id)
    if sealed is not None:
        changed = _remove_rows(store, sealed.files, items, None) or changed
    return changed


def _remove_rows(
    store: Store, files: Mapping[str, tuple[str, ...]], items: Sequence[str], fate: str | None
) -> bool:
    if "ledger" not in files:
        return False
    with scratch(store) as connection, lake_errors("erase items from an open run"):
        for name in TABLES:
            rows = select(TABLES[name], [store.uri(file) for file in files.get(name, ())])
            connection.execute(f"CREATE OR REPLACE TEMP VIEW all_{name} AS {rows}")
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE gone AS SELECT item_id, content_hash, raw_sha256"  # noqa: S608
            " FROM all_ledger WHERE item_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"
            f" AND NOT starts_with(url, '{REASON}:')",
            [list(items)],
        )
        if not connection.execute("FROM gone LIMIT 1").fetchall():
            return False
        connection.execute(_CONTENTS_GONE)
        conditions = dict.fromkeys(_OF_ITEMS, "item_id NOT IN (SELECT item_id FROM gone)")
        # selected by the signatures, so erased before them
        conditions["shingles"] = "content NOT IN (FROM numbers_gone)"
        conditions["signatures"] = "content_hash NOT IN (FROM contents_gone)"
        conditions["raw_index"] = (
            "sha256 NOT IN (SELECT raw_sha256 FROM gone WHERE raw_sha256 IS NOT NULL)"
        )
        for name, condition in conditions.items():
            for file in files.get(name, ()):
                rows = _without_bytes(name, select(TABLES[name], [store.uri(file)]))
                if connection.execute(f"FROM ({rows}) WHERE NOT ({condition}) LIMIT 1").fetchall():
                    _write(store, connection, name, file, f"FROM ({rows}) WHERE {condition}")
        values = SCRUBBED if fate is None else SCRUBBED | {"fate": f"'{fate}'"}
        scrubbed = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
        for file in files["ledger"]:
            rows = _without_bytes("ledger", select(TABLES["ledger"], [store.uri(file)]))
            _write(
                store, connection, "ledger", file,
                f"SELECT * REPLACE ({scrubbed}) FROM ({rows})"  # noqa: S608
                " WHERE item_id IN (SELECT item_id FROM gone)"
                f" UNION ALL FROM ({rows}) WHERE item_id NOT IN (SELECT item_id FROM gone)",
            )  # fmt: skip
    return True


_CONTENTS_GONE: Final = """
CREATE OR REPLACE TEMP TABLE contents_gone AS
SELECT content_hash FROM gone WHERE content_hash IS NOT NULL
EXCEPT SELECT content_hash FROM all_ledger
    WHERE content_hash IS NOT NULL AND item_id NOT IN (SELECT item_id FROM gone);
CREATE OR REPLACE TEMP TABLE bytes_gone AS
SELECT raw_sha256 FROM gone SEMI JOIN all_raw_index ON sha256 = raw_sha256;
CREATE OR REPLACE TEMP TABLE numbers_gone AS
SELECT content FROM all_signatures WHERE content_hash IN (FROM contents_gone);"""


def _without_bytes(name: str, rows: str) -> str:
    """Clear references to bytes of this run that are erased with a removed item."""
    if "raw_sha256" not in TABLES[name].names:
        return rows
    digest = "CASE WHEN raw_sha256 NOT IN (FROM bytes_gone) THEN raw_sha256 END AS raw_sha256"
    return f"SELECT * REPLACE ({digest}) FROM ({rows})"  # noqa: S608


def _write(
    store: Store, connection: duckdb.DuckDBPyConnection, name: str, file: str, sql: str
) -> None:
    """Rewrite a file with the rows of a statement that reads it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(TABLES[name])
    sink = pa.BufferOutputStream()
    rows = connection.sql(sql).to_arrow_reader(row_group(name))
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch.cast(schema))
    store.put(file, sink.getvalue().to_pybytes())
    store.sync([file])


def _rewrite(store: Store, path: str, change: Callable[[Any], Any]) -> bool:
    data = store.get(path)
    if data is None:
        return False
    before = json.loads(data)
    after = change(before)
    if after == before:
        return False
    store.put(path, json.dumps(after, ensure_ascii=False).encode())
    store.sync([path])
    return True


def _unnamed_plan(
    plan: dict[str, Any], names: frozenset[str], readers: frozenset[str]
) -> dict[str, Any]:
    of_reader = plan["run_id"] in readers
    return plan | {"parameters": without_names(plan["parameters"], names, of_reader=of_reader)}


def _unnamed(values: Any, names: frozenset[str], of_reader: bool) -> Any:
    if isinstance(values, dict):
        return {key: _unnamed(value, names, of_reader) for key, value in values.items()}
    if isinstance(values, list):
        return [_unnamed(value, names, of_reader) for value in values]
    if isinstance(values, str) and names_removed(values, names, of_reader=of_reader):
        return f"{REASON}:"
    return values


def _without_files(plan: Any, removal: Removal) -> Any:
    """Erase files from the slices of a backfill's plan, which lists them as patterns."""
    if not isinstance(plan, dict) or "slices" not in plan:
        return plan
    slices = [
        part
        | {
            "patterns": [
                pattern
                for pattern in part["patterns"]
                if item_id(plan["source"], _ESCAPED.sub(r"\1", pattern)) not in removal.items
            ]
        }
        for part in plan["slices"]
    ]
    return plan | {"slices": slices}


def _left(values: Any, removal: Removal) -> Any:
    """Return a part of a plan without removed items; its ``known`` is keyed by locator."""
    if isinstance(values, dict):
        if _is_removed(values, removal) or any(
            isinstance(value, dict) and _is_removed(value, removal) for value in values.values()
        ):
            return _GONE
        remaining = {key: _left(value, removal) for key, value in values.items()}
        if isinstance(prior := remaining.get("known"), dict):
            remaining["known"] = {
                key: state for key, state in prior.items() if key not in removal.names
            }
        return {key: value for key, value in remaining.items() if value is not _GONE}
    if isinstance(values, list):
        return [remaining for value in values if (remaining := _left(value, removal)) is not _GONE]
    return values


def _is_removed(values: Mapping[str, Any], removal: Removal) -> bool:
    if values.get("item_id") in removal.items:
        return True
    source, locator = values.get("source"), values.get("locator")
    if not isinstance(source, str) or not isinstance(locator, str):
        return False
    url = values.get("url")
    by_address = article_id(source, locator, canonical=None, url=url if url else None)
    return item_id(source, locator) in removal.items or by_address in removal.articles
