"""Tables as Arrow schemas, and their checks: of Arrow tables here, of pandas frames by pandera.

All pandas frames are Arrow-backed: none has a column of Python objects. pandas and pandera are only
imported where a frame is asked for, and to name what is wrong: that takes a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from copydesk.schemas.ids import content_hash, record_hash, registrable_domain
from copydesk.schemas.plain_text import word_count
from copydesk.schemas.table_model import Column, ColumnType, Table
from copydesk.schemas.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pandera

ARROW: Final[Mapping[ColumnType, pa.DataType]] = {
    ColumnType.BYTES: pa.binary(),
    ColumnType.DATE: pa.date32(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.MAP: pa.map_(pa.string(), pa.string()),
    ColumnType.REAL: pa.float64(),
    ColumnType.TEXT: pa.string(),
    ColumnType.TEXTS: pa.list_(pa.string()),
    ColumnType.TIME: pa.timestamp("us", tz="UTC"),
    ColumnType.TRUTH: pa.bool_(),
}


DERIVED_BY: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "word_count": lambda row: word_count(row["text"]),
    "characters": lambda row: len(row["text"]),
    "host": lambda row: registrable_domain(row.get("url") or ""),
}
"""Functions that compute the columns of ``tables.DERIVED`` from a row of ``observations``."""


def arrow_schema(table: Table) -> pa.Schema:
    """Return a table's Arrow schema as in the lake's files, with every column nullable."""
    return pa.schema([pa.field(column.name, ARROW[column.kind]) for column in table.columns])


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows of the table ``name`` as a frame, like ``arrow_rows``."""
    return to_pandas(arrow_rows(name, rows))


def arrow_rows(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows of the table ``name``; values that a row lacks are null.

    In ``observations``, missing hashes and derived columns are computed.

    Raises:
        ValueError: a row has a column that the table does not have.
        pyarrow.ArrowInvalid, pyarrow.ArrowTypeError: a value has another type.
    """
    table = TABLES[name]
    names = frozenset(table.names)
    # once pandera is imported, pyarrow 26 reads local times of any zone as UTC
    times = [column.name for column in table.columns if column.kind is ColumnType.TIME]
    plain: list[dict[str, Any]] = []
    for row in rows:
        if unknown := row.keys() - names:
            raise ValueError(f"{name} has no column {', '.join(sorted(unknown))}")
        full = _derived(row) if name == "observations" else dict(row)
        for time in times:
            if isinstance(value := full.get(time), datetime):
                full[time] = value.astimezone(UTC)
        plain.append(full)
    return pa.Table.from_pylist(plain, arrow_schema(table))


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as an Arrow-backed frame."""
    import pandas as pd

    data: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return data


def to_arrow(table: Table, data: pd.DataFrame | pa.Table) -> pa.Table:
    """Return a frame as an Arrow table with the table's schema."""
    if isinstance(data, pa.Table):
        return data
    return pa.Table.from_pandas(data, schema=arrow_schema(table), preserve_index=False)


@cache
def checks(name: str) -> pandera.DataFrameSchema:
    """Return the checks of the table ``name``: types, nulls, values, and exactly its columns."""
    import pandera.pandas as pandera

    table = TABLES[name]
    return pandera.DataFrameSchema(
        {column.name: _checked(column) for column in table.columns},
        strict=True,
        unique=list(table.key) or None,
        name=name,
    )


def passes_checks(table: Table, data: pa.Table) -> bool:
    """Return whether an Arrow table passes ``checks``, which name what does not."""
    return (
        data.schema.equals(arrow_schema(table))
        and all(_holds(column, data[column.name]) for column in table.columns)
        and (not table.key or data.group_by(list(table.key)).aggregate([]).num_rows == len(data))
    )


def _holds(column: Column, values: pa.ChunkedArray) -> bool:
    if values.null_count and not column.nullable:
        return False
    if column.minimum is not None and not _all(pc.greater_equal(values, column.minimum)):
        return False
    if not column.one_of and column.pattern is None:
        return True
    distinct = values.unique().drop_null()  # the rows of a batch share most of their values
    if column.one_of and not _all(pc.is_in(distinct, pa.array(column.one_of))):
        return False
    pattern = column.pattern
    return pattern is None or _all(pc.match_substring_regex(distinct, f"^(?:{pattern})$"))


def _all(holds: pa.BooleanArray) -> bool:
    return pc.all(holds).as_py() is not False  # nulls do not count


def _checked(column: Column) -> pandera.Column:
    import pandas as pd
    import pandera.pandas as pandera

    conditions = []
    if column.one_of:
        conditions.append(pandera.Check.isin(column.one_of))
    if column.pattern is not None:
        conditions.append(pandera.Check.str_matches(rf"^(?:{column.pattern})$"))
    if column.minimum is not None:
        conditions.append(pandera.Check.ge(column.minimum))
    return pandera.Column(
        pd.ArrowDtype(ARROW[column.kind]), conditions, nullable=column.nullable, required=True
    )


def _derived(row: Mapping[str, Any]) -> dict[str, Any]:
    full = dict(row)
    if full.get("content_hash") is None:
        full["content_hash"] = content_hash(full["title"], full["text"])
    for name, value_of in DERIVED_BY.items():
        if full.get(name) is None:
            full[name] = value_of(full)
    if full.get("record_hash") is None:
        full["record_hash"] = record_hash(full)
    return full
