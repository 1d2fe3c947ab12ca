"""Parquet, a few rows at a time; positions are row numbers."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.column_names import map_columns
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.rows import Row, offer_rows, read_rows

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 64
"""Rows decoded together: pages of the largest size measured (1.8 MB) stay near 100 MB."""


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the rows."""
    return offer_rows("parquet", _rows, reading, entry)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read rows; row groups before the first of them are not decoded."""
    return read_rows(_rows, reading, path, items)


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    import pyarrow.parquet as pq

    with reading.storage.open(path) as stream, pq.ParquetFile(stream) as table:
        columns = columns_to_read(table.schema_arrow.names, reading, path)
        start = 0
        for group in range(table.num_row_groups):
            end = start + table.metadata.row_group(group).num_rows
            if end > position:
                number = start
                for batch in table.iter_batches(ROWS_AT_ONCE, [group], columns):
                    if number + batch.num_rows > position:
                        skip = max(0, position - number)
                        rows = row_values(batch.slice(skip))
                        yield from enumerate(rows, start=number + skip)
                    number += batch.num_rows
            start = end


def row_values(batch: pa.RecordBatch) -> list[dict[str, object]]:
    """Return the rows' values; one that Python cannot hold (a date of the year 0) is None."""
    try:
        rows: list[dict[str, object]] = batch.to_pylist()
    except Exception:  # whatever Python's dates, zones and decoders raise
        names = batch.schema.names
        columns = [[_value(scalar) for scalar in column] for column in batch.columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    return rows


def _value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        buffer = getattr(scalar, "as_buffer", lambda: None)()  # a text's own bytes
        return None if buffer is None else buffer.to_pybytes().decode("utf-8", "replace")
    except Exception:
        return None


def columns_to_read(names: Sequence[str], reading: Reading, path: str = "") -> list[str] | None:
    """Name the columns to decode; all of them where the error message has to list them.

    Columns that the path of the file gives count as there.
    """
    try:
        mapped = set(map_columns([*names, *reading.partitions(path)], reading.columns).values())
    except ValueError:
        return None
    if not mapped.issuperset(reading.columns.values()):
        return None
    return [name for name in names if name in mapped]
