"""The data contract and the Croissant card of an export, written beside its files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml  # type: ignore[import-untyped]

from copydesk.schemas.contract import CONTRACT_FILE, data_contract
from copydesk.schemas.croissant import CARD_FILE, ExportedFile, ExportedTable, croissant_card
from copydesk.schemas.schema_version import published_tables
from copydesk.schemas.table_model import Column, ColumnType, Table
from copydesk.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    import duckdb

_FORMATS: Final = {"csv": "csv", "jsonl": "json", "parquet": "parquet"}
"""ODCS's names of formats, by the endings of files."""


def write_cards(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    table: str,
    ending: str,
    partition: str | None,
    where: str | None,
) -> None:
    """Write ``datacontract.odcs.yaml`` and ``croissant.json`` into an export's folder.

    Args:
        connection: to the published version that was exported.
        folder: has the export's files.
        table: the exported table or view.
        ending: of the files.
        partition: the column whose values name folders.
        where: the condition that chose the rows.
    """
    description = _described(table, partition)
    row = connection.execute("SELECT lake, version, published_at FROM publication").fetchone()
    if row is None:
        raise WarehouseError("the published file does not say which version it is")
    lake, version, published_at = row
    exported = ExportedTable(
        table=description,
        files=[_file(path, folder) for path in sorted(folder.rglob(f"*.{ending}"))],
        ending=ending,
        partition=partition,
        where=where,
        lake=lake,
        version=version,
        published_at=published_at,
    )
    path = f"{partition}=*/*.{ending}" if partition else f"{table}.{ending}"
    server = {"server": "export", "type": "local", "path": path, "format": _FORMATS[ending]}
    contract = data_contract([description], servers=[server])
    (folder / CONTRACT_FILE).write_text(
        yaml.safe_dump(contract, allow_unicode=True, sort_keys=False, width=100), encoding="utf-8"
    )
    card = json.dumps(croissant_card(exported), ensure_ascii=False, indent=2)
    (folder / CARD_FILE).write_text(card + "\n", encoding="utf-8")


def _described(name: str, partition: str | None) -> Table:
    table = next((table for table in published_tables() if table.name == name), None)
    if table is None:
        raise WarehouseError(f"{name} is no published table or view, so it has no card")
    if partition is None or partition in table.names:
        return table
    day = Column(partition, ColumnType.DATE, "Day of publication (UTC).", nullable=True)
    return dataclasses.replace(table, columns=(*table.columns, day))


def _file(path: Path, folder: Path) -> ExportedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ExportedFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest)
