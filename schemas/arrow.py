"""Tables as Arrow schemas and as pandas frames that are checked.

The pandas frames are Arrow-backed throughout: no column of Python objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa

from copydesk.schemas.ids import content_hash, record_hash
from copydesk.schemas.plain_text import word_count
from copydesk.schemas.table_model import Column, Kind, Table
from copydesk.schemas.tables import TABLES

if TYPE_CHECKING:
    import pandera.pandas as pandera

ARROW: Final[Mapping[Kind, pa.DataType]] = {
    Kind.BYTES: pa.binary(),
    Kind.DATE: pa.date32(),
    Kind.INTEGER: pa.int64(),
    Kind.MAP: pa.map_(pa.string(), pa.string()),
    Kind.REAL: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.TRUTH: pa.bool_(),
}


DERIVED_BY: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "word_count": lambda row: word_count(row["text"]),
}
"""By column of ``tables.DERIVED``, how it is worked out from a row of ``observations``."""


def arrow_schema(table: Table) -> pa.Schema:
    """Give the Arrow schema, every column nullable: what the lake's files have."""
    return pa.schema([pa.field(column.name, ARROW[column.kind]) for column in table.columns])


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a frame of the table ``name`` from rows; what a row lacks is null.

    Of ``observations``, ``content_hash``, ``record_hash`` and what is derived are worked out
    where a row has none. ValueError names a column that the table does not have; a value of
    another type raises pyarrow.ArrowInvalid or pyarrow.ArrowTypeError.
    """
    table = TABLES[name]
    known = frozenset(table.names)
    # once pandera is imported, pyarrow 26 takes any zone's clock for that of UTC
    times = [column.name for column in table.columns if column.kind is Kind.TIME]
    plain: list[dict[str, Any]] = []
    for row in rows:
        if unknown := row.keys() - known:
            raise ValueError(f"{name} has no column {', '.join(sorted(unknown))}")
        full = _derived(row) if name == "observations" else dict(row)
        for one in times:
            if isinstance(value := full.get(one), datetime):
                full[one] = value.astimezone(UTC)
        plain.append(full)
    return to_pandas(pa.Table.from_pylist(plain, arrow_schema(table)))


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Give the same rows as an Arrow-backed frame."""
    data: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return data


def to_arrow(table: Table, data: pd.DataFrame) -> pa.Table:
    """Give a frame's rows with the table's Arrow schema."""
    return pa.Table.from_pandas(data, schema=arrow_schema(table), preserve_index=False)


@cache
def checks(name: str) -> pandera.DataFrameSchema:
    """Give the checks of the table ``name``: types, nulls, values, no column more or less."""
    import pandera.pandas as pandera

    table = TABLES[name]
    return pandera.DataFrameSchema(
        {column.name: _checked(column) for column in table.columns},
        strict=True,
        unique=list(table.key) or None,
        name=name,
    )


def _checked(column: Column) -> pandera.Column:
    import pandera.pandas as pandera

    found = []
    if column.one_of:
        found.append(pandera.Check.isin(column.one_of))
    if column.pattern is not None:
        found.append(pandera.Check.str_matches(rf"^(?:{column.pattern})$"))
    if column.minimum is not None:
        found.append(pandera.Check.ge(column.minimum))
    return pandera.Column(
        pd.ArrowDtype(ARROW[column.kind]), found, nullable=column.nullable, required=True
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
