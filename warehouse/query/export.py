"""Exports published tables to plain files."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import duckdb

from copydesk.schemas.plain_text import FORMULA_STARTS
from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.query.connect import current_file
from copydesk.warehouse.query.export_cards import write_cards
from copydesk.warehouse.storage.storage import reason


class ExportFormat(StrEnum):
    """Format of exported files; its value is their ending."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


_ISO: Final = "DATEFORMAT '%Y-%m-%d', TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'"  # the zone is UTC

_OPTIONS: Final = {
    ExportFormat.CSV: f"FORMAT csv, HEADER, {_ISO}",
    ExportFormat.JSONL: f"FORMAT json, {_ISO}",
    ExportFormat.PARQUET: "FORMAT parquet, COMPRESSION zstd",
}

PUBLISHED_DATE: Final = "published_date"
"""A value of ``partition_by`` that is no column of the tables: the day of publication (UTC)."""

_DAY: Final = f", CAST(make_timestamp(epoch_us(published_at)) AS DATE) AS {PUBLISHED_DATE}"


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """What an export contains, and in which form.

    Args:
        format: of the files.
        table: a table or view.
        where: an SQL condition over the table's columns.
        partition_by: makes a folder for each value of this column, or of ``published_date``.
        spreadsheet: in CSV, put ``'`` before texts that spreadsheets run as formulas.
        cards: also write a data contract and a Croissant card of the files.
    """

    format: ExportFormat = ExportFormat.PARQUET
    table: str = "articles"
    where: str | None = None
    partition_by: str | None = None
    spreadsheet: bool = False
    cards: bool = False


def export(home: Path, folder: Path, choices: ExportChoices | None = None) -> int:
    """Write a published table as files into a new folder and return the number of rows.

    The folder appears when it is complete. In CSV, lists and maps are JSON.

    Args:
        home: the folder given to ``copydesk --home``.
        folder: must be missing or empty.
        choices: what to export; by default the articles as Parquet.

    Raises:
        WarehouseError: the folder is not empty, or the condition is wrong.
    """
    choices = choices or ExportChoices()
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WarehouseError(f"{folder} exists and is not empty; name another")
    written = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    try:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{_escaped(current_file(home))}' AS warehouse (READ_ONLY)")
            connection.execute("USE warehouse")
            connection.execute("SET TimeZone = 'UTC'")
            written.mkdir(parents=True)
            rows = _copy(connection, written, choices)
            if choices.cards:
                write_cards(
                    connection,
                    written,
                    table=choices.table,
                    ending=choices.format.value,
                    partition=choices.partition_by,
                    where=choices.where,
                )
        if folder.exists():
            folder.rmdir()
        written.rename(folder)
    except duckdb.CatalogException as error:
        raise WarehouseError(
            f"cannot export to {folder}: {reason(error)} copydesk query 'show tables' lists them"
        ) from error
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(f"cannot export to {folder}: {reason(error)}") from error
    finally:
        shutil.rmtree(written, ignore_errors=True)
    return rows


def _copy(connection: duckdb.DuckDBPyConnection, folder: Path, choices: ExportChoices) -> int:
    """Write an export's files into its folder and return the number of rows."""
    options = _OPTIONS[choices.format]
    target = folder
    if choices.partition_by is not None:
        options += f", PARTITION_BY (\"{choices.partition_by}\"), FILE_EXTENSION '{choices.format}'"
    else:
        target = folder / f"{choices.table}.{choices.format.value}"
    day = _DAY if choices.partition_by == PUBLISHED_DATE else ""
    # the condition is the user's own, who may read the files anyway
    rows = f'SELECT *{day} FROM "{choices.table}" WHERE ({choices.where or "true"})'  # noqa: S608
    if choices.format is ExportFormat.CSV:
        described = connection.execute(f"DESCRIBE {rows}").fetchall()
        columns = ", ".join(_csv_column(name, kind, choices) for name, kind, *_ in described)
        rows = f"SELECT {columns} FROM ({rows})"  # noqa: S608
    result = connection.execute(f"COPY ({rows}) TO '{_escaped(target)}' ({options})").fetchone()
    return int(result[0]) if result else 0


def _csv_column(name: str, kind: str, choices: ExportChoices) -> str:
    column = f'"{name}"'
    if name == choices.partition_by:
        return column  # its values name folders
    if kind.endswith("[]") or kind.startswith("MAP"):
        return f"CAST(to_json({column}) AS VARCHAR) AS {column}"  # begins with a bracket
    if kind == "VARCHAR" and choices.spreadsheet:
        starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
        return (
            f"CASE WHEN {column}[1] IN ({starts}) THEN chr(39) || {column} ELSE {column} END"
            f" AS {column}"
        )
    return column


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
