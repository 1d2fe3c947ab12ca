"""Validation of a batch before it is stored: the tables' checks, and that its frames agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from copydesk.schemas.arrow import checks, passes_checks, to_arrow, to_pandas
from copydesk.schemas.items import Fate
from copydesk.schemas.tables import FRAMES, READ, TABLES
from copydesk.warehouse.errors import InvalidBatch
from copydesk.warehouse.runs.models import BatchFrames

if TYPE_CHECKING:
    import pandas as pd
    from pandera.errors import SchemaErrors

_SHOWN: Final = 10
"""Number of problems in the message; the error's ``rows`` has all of them."""


def check_batch(run_id: str, batch: int, frames: BatchFrames) -> dict[str, pa.Table]:
    """Validate a batch and return its rows as Arrow tables.

    Raises:
        InvalidBatch: names each row, column and value that breaks a check.
    """
    problems: list[str] = []
    for name in FRAMES:
        problems.extend(_broken_rows(name, getattr(frames, name)))
    tables = {}
    if not problems:
        tables = {name: to_arrow(TABLES[name], getattr(frames, name)) for name in FRAMES}
        problems.extend(_disagreements(run_id, batch, tables))
    if problems:
        listed_problems = "\n  ".join(problems[:_SHOWN])
        more = len(problems) - _SHOWN
        tail = f"\n  and {more} more" if more > 0 else ""
        raise InvalidBatch(
            f"batch {batch} of run {run_id} violates the tables' checks; none of it was stored:"
            f"\n  {listed_problems}{tail}",
            tuple(problems),
        )
    return tables


def _broken_rows(name: str, data: pd.DataFrame | pa.Table) -> Iterator[str]:
    if isinstance(data, pa.Table):
        if passes_checks(TABLES[name], data):
            return
        data = to_pandas(data)
    from pandera.errors import SchemaErrors

    try:
        checks(name).validate(data, lazy=True)
    except SchemaErrors as errors:
        yield from _named(name, data, errors)


def _named(name: str, data: pd.DataFrame, errors: SchemaErrors) -> Iterator[str]:
    for case in errors.failure_cases.itertuples(index=False):
        location = name
        if case.index is not None and case.index == case.index:  # not NaN: it is about one row
            locator = data.loc[case.index].get("locator") if "locator" in data.columns else None
            location = f"{name} row {case.index}" + (f" ({locator})" if locator else "")
        column = f" {case.column}" if case.column != name else ""
        yield f"{location}:{column} {case.check}, found {case.failure_case!r}"


def _disagreements(run_id: str, batch: int, tables: Mapping[str, pa.Table]) -> Iterator[str]:
    for name, data in tables.items():
        strange = pc.or_(pc.not_equal(data["run_id"], run_id), pc.not_equal(data["batch"], batch))
        if not pc.any(strange).as_py():
            continue
        numbers = pc.indices_nonzero(strange)
        for number, row in zip(numbers.to_pylist(), data.take(numbers).to_pylist(), strict=True):
            yield f"{name} row {number}: belongs to run {row['run_id']}, batch {row['batch']}"
    fates: dict[str, set[str]] = {READ: set(), Fate.REJECTED.value: set()}
    ledger = tables["ledger"]
    for item, fate in zip(ledger["item_id"].to_pylist(), ledger["fate"].to_pylist(), strict=True):
        fates.setdefault(fate, set()).add(item)
    read, observed = fates[READ], _items(tables["observations"])
    for item in sorted(read ^ observed):
        lacks = "no observation" if item in read else "no row with fate read in the ledger"
        yield f"item {item}: {lacks}"
    for item in sorted(_items(tables["rejects"]) - fates[Fate.REJECTED.value]):
        yield f"rejects: item {item} is not rejected in the ledger"
    for item in sorted(_items(tables["cuts"]) - observed):
        yield f"cuts: item {item} has no observation"


def _items(data: pa.Table) -> set[str]:
    return set(data["item_id"].unique().to_pylist())
