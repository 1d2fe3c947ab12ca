"""Exports published tables to plain files."""

from __future__ import annotations

import secrets
import shutil
from enum import StrEnum
from pathlib import Path

import duckdb

from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.query.connect import current_file
from copydesk.warehouse.storage.storage import reason


class ExportFormat(StrEnum):
    """Format of exported files."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


_OPTIONS = {
    ExportFormat.CSV: "FORMAT csv, HEADER",
    ExportFormat.JSONL: "FORMAT json",
    ExportFormat.PARQUET: "FORMAT parquet, COMPRESSION zstd",
}


def export(
    home: Path,
    folder: Path,
    *,
    format: ExportFormat = ExportFormat.PARQUET,  # noqa: A002  the option's name
    table: str = "articles",
    where: str | None = None,
    partition_by: str | None = None,
) -> int:
    """Write a published table as files into a new folder and return the number of rows.

    The folder appears when it is complete.

    Args:
        home: the folder given to ``copydesk --home``.
        folder: must be missing or empty.
        format: of the files.
        table: a table or view.
        where: an SQL condition over the table's columns.
        partition_by: makes a folder for each value of this column, or of ``published_date`` (the
            day of publication, UTC).

    Raises:
        WarehouseError: the folder is not empty, or the condition is wrong.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WarehouseError(f"{folder} exists and is not empty; name another")
    written = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    extra = ""
    if partition_by == "published_date":
        extra = ", CAST(published_at AT TIME ZONE 'UTC' AS DATE) AS published_date"
    # the condition is the user's own, who may read the files anyway
    rows = f'SELECT *{extra} FROM "{table}" WHERE ({where or "true"})'  # noqa: S608
    options = _OPTIONS[format]
    try:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{_escaped(current_file(home))}' AS warehouse (READ_ONLY)")
            connection.execute("USE warehouse")
            connection.execute("SET TimeZone = 'UTC'")
            written.mkdir(parents=True)
            target = written
            if partition_by is not None:
                options += f', PARTITION_BY ("{partition_by}")'
            else:
                target = written / f"{table}.{format.value}"
            result = connection.execute(
                f"COPY ({rows}) TO '{_escaped(target)}' ({options})"
            ).fetchall()
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
    return int(result[0][0])


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
