"""Erases items from the tables, raw files and open runs; all steps can be repeated."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from deltalake.exceptions import DeltaError

from copydesk.schemas.ids import site_hash
from copydesk.schemas.tables import TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.runs.erased_items import SCRUBBED, Forgotten, read_forgotten
from copydesk.warehouse.runs.open_runs import open_plans
from copydesk.warehouse.storage.duckdb_views import (
    Snapshot,
    lake_errors,
    listed,
    scratch,
    select,
    statements,
)
from copydesk.warehouse.storage.raw_files import blank
from copydesk.warehouse.storage.storage import reason as first_line
from copydesk.warehouse.upkeep.erase_staged import open_files, remove_from_run, without_names
from copydesk.warehouse.upkeep.removals import RawRange, Removal
from copydesk.warehouse.upkeep.shared_raw import copy_shared_bytes

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.lake_files import LakeFiles

ERASED_FROM: Final = ("observations", "cuts", "rejects")
"""Tables from which an item's rows are deleted."""

_HOST_MACRO: Final = r"""
CREATE OR REPLACE TEMP MACRO host_of_address(address) AS
    regexp_extract(lower(address), '^https?://(?:[^/?#@]*@)?(?:www\.)?([^/:?#]+)', 1)"""

_LOOKED_AT: Final = ("ledger", "observations", "raw_index")

_FOUND: Final = ("articles", "items", "contents", "digests", "names", "runs")


def view_all_runs(connection: duckdb.DuckDBPyConnection, lake: LakeFiles) -> None:
    """Create the views ``every_…`` of the rows of all runs, open ones included."""
    for name in _LOOKED_AT:
        uncommitted = [lake.store.uri(file) for file in open_files(lake.store, name)]
        _view(connection, name, [*lake.tables.files(name), *uncommitted])
    _view(connection, "runs", lake.tables.files("runs"))


def complete_removal(
    connection: duckdb.DuckDBPyConnection, removal: Removal, *, address_id: str | None = None
) -> Removal:
    """Add to a removal what the views ``every_…`` contain of its articles and items."""
    request = removal.request
    values = {
        "article_id": request.article_id if request else None,
        "url": request.url if request else None,
        "site": request.site.lower() if request and request.site else None,
        "host": request.host if request else None,
        "address_id": address_id,
        "articles": sorted(removal.articles),
        "items": sorted(removal.items),
    }
    for statement in statements("upkeep/removal_matches").split(";\n\n"):
        used = {name: value for name, value in values.items() if f"${name}" in statement}
        connection.execute(statement, used)
    result = connection.execute(
        statements("upkeep/removal_found"), {"removal_id": removal.removal_id}
    )
    names = [column[0] for column in result.description or ()]
    row: dict[str, Any] = dict(zip(names, result.fetchall()[0], strict=True))
    ranges = frozenset((file, offset, length) for file, offset, length in row["ranges"] or ())
    identities: dict[str, Any] = {name: frozenset(row[name] or ()) for name in _FOUND}
    return removal.joined(dataclasses.replace(removal, ranges=ranges, **identities))


def erase(lake: LakeFiles, removal: Removal) -> None:
    """Erase a removal's items from open runs, raw files, tables and the tables' old files."""
    items = sorted(removal.items)
    if not items:
        return
    for plan in open_plans(lake.store):
        remove_from_run(lake.store, plan.run_id, items)
        checkpoint("forget:open-run")
    copy_shared_bytes(lake, removal, view_all_runs)
    checkpoint("forget:shared-raw")
    _erase_raw(lake, removal.ranges)
    checkpoint("forget:raw")
    condition = f"item_id IN ({listed(items)})"
    for name in ERASED_FROM:
        lake.tables.delete(name, condition)
        checkpoint(f"forget:{name}")
    _erase_signatures(lake)
    if removal.digests:
        digests = f"sha256 IN ({listed(sorted(removal.digests))})"
        lake.tables.delete("raw_index", f"{digests} AND NOT {_kept_by(removal)}")
    checkpoint("forget:raw_index")
    lake.tables.update("ledger", condition, SCRUBBED)
    checkpoint("forget:ledger")
    _erase_names(lake, removal)
    checkpoint("forget:runs")
    _erase_old_files(lake)
    checkpoint("forget:old-files")


def _kept_by(removal: Removal) -> str:
    """Return the SQL condition for rows that ``copy_shared_bytes`` added."""
    return f"file LIKE '%{removal.removal_id}%'"


def erase_returned(lake: LakeFiles, *, run_id: str | None = None) -> int:
    """Erase what runs brought back that had it before it was forgotten; returns the items.

    With ``run_id`` what one run that has ended brought.
    """
    if not (forgotten := read_forgotten(lake.store, lake.tables)):
        return 0
    with scratch(lake.store) as connection, lake_errors("look for what was forgotten"):
        for name in _LOOKED_AT:
            _view(connection, name, lake.tables.files(name), run_id)
        removal = _returned(connection, lake, forgotten)
    erase(lake, removal)
    return len(removal.items)


def erase_forgotten_from_run(lake: LakeFiles, run_id: str) -> None:
    """Erase from an open run what was removed by request since it was staged."""
    if not (forgotten := read_forgotten(lake.store, lake.tables)):
        return
    with scratch(lake.store) as connection, lake_errors("look for what was forgotten"):
        for name in _LOOKED_AT:
            files = open_files(lake.store, name, run_id=run_id)
            _view(connection, name, [lake.store.uri(file) for file in files])
        removal = _returned(connection, lake, forgotten)
    if removal.items:
        _erase_raw(lake, removal.ranges)
        remove_from_run(lake.store, run_id, sorted(removal.items))


def _returned(
    connection: duckdb.DuckDBPyConnection, lake: LakeFiles, forgotten: Forgotten
) -> Removal:
    """Find removed items in the views ``every_…``."""
    Snapshot(connection, lake.tables).view("forgotten", everything=True)
    _view_hashed(connection, forgotten.sites)
    rows = connection.execute(statements("upkeep/forgotten_items")).fetchall()
    return complete_removal(connection, Removal.of_items(item for (item,) in rows))


def _view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: Sequence[str],
    run_id: str | None = None,
) -> None:
    connection.execute(_HOST_MACRO)
    rows = select(TABLES[name], files)
    condition = "true" if run_id is None else f"run_id = '{run_id}'"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW every_{name} AS SELECT * FROM ({rows}) WHERE {condition}"  # noqa: S608
    )


def _view_hashed(connection: duckdb.DuckDBPyConnection, sites: frozenset[str]) -> None:
    """Create tables of the hosts and site names with these hashes."""
    for table, sql in (
        (
            "forgotten_hosts",
            "SELECT host_of_address(url) FROM every_ledger"
            " UNION SELECT host_of_address(canonical_url) FROM every_observations",
        ),
        ("forgotten_sites", "SELECT DISTINCT site FROM every_observations"),
    ):
        names = [name for (name,) in connection.execute(sql).fetchall() if name] if sites else []
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest(CAST(? AS VARCHAR[])) AS name",
            [[name for name in names if site_hash(name) in sites]],
        )


def _erase_signatures(lake: LakeFiles) -> None:
    """Erase signatures of contents that no article has any more, their shingles first."""
    with scratch(lake.store) as connection:
        snapshot = Snapshot(connection, lake.tables)
        for name in ("observations", "signatures"):
            snapshot.view(name, everything=True)
        rows = connection.execute(
            "SELECT DISTINCT content_hash, content FROM lake_signatures"
            " WHERE content_hash NOT IN (SELECT content_hash FROM lake_observations)"
        ).fetchall()
    if rows:
        contents = ", ".join(str(content) for _, content in rows)
        lake.tables.delete("shingles", f"content IN ({contents})")
        checkpoint("forget:shingles")
        hashes = listed([content_hash for content_hash, _ in rows])
        lake.tables.delete("signatures", f"content_hash IN ({hashes})")
        checkpoint("forget:signatures")


def _erase_names(lake: LakeFiles, removal: Removal) -> None:
    """Erase the names of removed items from the parameters of runs."""
    with scratch(lake.store) as connection, lake_errors("read the runs"):
        Snapshot(connection, lake.tables)
        runs = connection.execute("SELECT run_id, parameters FROM lake_runs").fetchall()
    for run_id, parameters in runs:
        try:
            of_reader = run_id in removal.runs
            remaining = without_names(parameters, removal.names, of_reader=of_reader)
        except json.JSONDecodeError:  # of a release with another format
            continue
        if remaining != parameters:
            quoted = remaining.replace("'", "''")
            lake.tables.update("runs", f"run_id = '{run_id}'", {"parameters": f"'{quoted}'"})


def _erase_raw(lake: LakeFiles, ranges: Iterable[RawRange]) -> None:
    """Overwrite the records in their files; nothing else in a file moves."""
    by_file: dict[str, list[tuple[int, int]]] = {}
    for file, offset, length in sorted(ranges):
        by_file.setdefault(file, []).append((offset, length))
    for file, inside in by_file.items():
        lake.store.overwrite(file, [(offset, blank(length)) for offset, length in inside])
        checkpoint("forget:raw-file")


def _erase_old_files(lake: LakeFiles) -> None:
    """Delete the Parquet files that the tables no longer name: they still contain the rows."""
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
