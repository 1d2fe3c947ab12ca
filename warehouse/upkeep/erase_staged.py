"""Taking removed items out of what is beside the tables: plans, staged batches, sealed runs."""

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
from copydesk.warehouse.storage.duckdb_views import explained, scratch, select

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.storage import Store
    from copydesk.warehouse.upkeep.removals import Removal

_OF_ITEMS: Final = ("observations", "cuts", "rejects")

_ESCAPED: Final = re.compile(r"\[([*?[])\]")

_GONE: Final = object()
"""Stands for a part of a plan that is about a removed item."""


def open_files(store: Store, table: str, *, run_id: str | None = None) -> list[str]:
    """List the files of open runs, or of one, that hold rows of a table, by path."""
    found: list[str] = []
    for run in [run_id] if run_id else [plan.run_id for plan in open_plans(store)]:
        found += staging.files_of(staging.staged_batches(store, run), table)
        sealed = sealing.sealed_run(store, run)
        if sealed is not None:
            found += sealed.files.get(table, ())
    return found


def remove_from_plans(store: Store, removal: Removal) -> frozenset[str]:
    """Take removed items out of plans, of runs and of backfills; gives the runs that had them."""
    for file in store.list(BACKFILLS):
        if file.path.endswith(".json"):
            _rewrite(store, file.path, lambda plan: _left(_without_files(plan, removal), removal))
    planned = set()
    for file in store.list(staging.FOLDER):
        _, run_id, *rest = file.path.split("/")
        if rest[0] == "plan" and _rewrite(store, file.path, lambda plan: _left(plan, removal)):
            planned.add(run_id)
    readers = removal.runs | planned
    for file in store.list(OPEN_RUNS):
        _rewrite(store, file.path, lambda plan: _unnamed_plan(plan, removal.names, readers))
    return frozenset(planned)


def without_names(parameters: str, names: frozenset[str], *, of_reader: bool) -> str:
    """Take the names of removed items out of a run's parameters, which are JSON."""
    before = json.loads(parameters)
    after = _unnamed(before, names, of_reader)
    return parameters if after == before else json.dumps(after, ensure_ascii=False)


def names_removed(text: str, names: frozenset[str], *, of_reader: bool) -> bool:
    """Tell whether an input is a removed item: its address, or the path of its file.

    A path is known by its end, so that only what has read the item (``of_reader``) tells by it.
    """
    if "://" in text or not of_reader:
        return text in names and "://" in text
    parts = text.replace("\\", "/").split("/")
    return any(f"file:{'/'.join(parts[start:])}" in names for start in range(len(parts)))


def remove_from_run(store: Store, run_id: str, items: Sequence[str]) -> bool:
    """Take items out of a run's staged batches and sealed files; tells whether any was there.

    The ledger's file is written last: a call after a crash finds the items in it again.
    """
    changed = False
    for batch in staging.staged_batches(store, run_id):
        files = {name: (file,) for name, file in batch.files.items() if name in TABLES}
        # sealing would look for an article of one that was read
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
    with scratch(store) as connection, explained("take items out of an open run"):
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
        kept = dict.fromkeys(_OF_ITEMS, "item_id NOT IN (SELECT item_id FROM gone)")
        # found by the signatures, and so before them
        kept["shingles"] = "content NOT IN (FROM numbers_gone)"
        kept["signatures"] = "content_hash NOT IN (FROM contents_gone)"
        kept["raw_index"] = (
            "sha256 NOT IN (SELECT raw_sha256 FROM gone WHERE raw_sha256 IS NOT NULL)"
        )
        for name, condition in kept.items():
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
    """Let rows that stay name no bytes which this run brought and which go with another item."""
    if "raw_sha256" not in TABLES[name].names:
        return rows
    left = "CASE WHEN raw_sha256 NOT IN (FROM bytes_gone) THEN raw_sha256 END AS raw_sha256"
    return f"SELECT * REPLACE ({left}) FROM ({rows})"  # noqa: S608


def _write(
    store: Store, connection: duckdb.DuckDBPyConnection, name: str, file: str, sql: str
) -> None:
    """Write a file anew, of the rows of a statement that reads it."""
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
    """Take files out of the slices of a backfill's plan: they are patterns below its source."""
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
    """Give what is left of a part of a plan; ``known`` is by the items' places."""
    if isinstance(values, dict):
        if _is_removed(values, removal) or any(
            isinstance(value, dict) and _is_removed(value, removal) for value in values.values()
        ):
            return _GONE
        left = {key: _left(value, removal) for key, value in values.items()}
        if isinstance(known := left.get("known"), dict):
            left["known"] = {key: how for key, how in known.items() if key not in removal.names}
        return {key: value for key, value in left.items() if value is not _GONE}
    if isinstance(values, list):
        return [left for value in values if (left := _left(value, removal)) is not _GONE]
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
