"""Validation of a batch before it is stored: the tables' checks, and that its frames agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from copydesk.schemas.arrow import checks
from copydesk.schemas.items import Fate
from copydesk.schemas.tables import FRAMES, READ
from copydesk.warehouse.errors import InvalidBatch
from copydesk.warehouse.runs.models import BatchFrames

if TYPE_CHECKING:
    import pandas as pd
    from pandera.errors import SchemaErrors

_SHOWN: Final = 10
"""Number of problems in the message; the error's ``rows`` has all of them."""


def check_batch(run_id: str, batch: int, frames: BatchFrames) -> None:
    """Validate a batch.

    Raises:
        InvalidBatch: names each row, column and value that breaks a check.
    """
    problems: list[str] = []
    for name in FRAMES:
        problems.extend(_broken_rows(name, getattr(frames, name)))
    if not problems:
        problems.extend(_disagreements(run_id, batch, frames))
    if problems:
        listed_problems = "\n  ".join(problems[:_SHOWN])
        more = len(problems) - _SHOWN
        tail = f"\n  and {more} more" if more > 0 else ""
        raise InvalidBatch(
            f"batch {batch} of run {run_id} violates the tables' checks; none of it was stored:"
            f"\n  {listed_problems}{tail}",
            tuple(problems),
        )


def _broken_rows(name: str, data: pd.DataFrame) -> Iterator[str]:
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


def _disagreements(run_id: str, batch: int, frames: BatchFrames) -> Iterator[str]:
    for name in FRAMES:
        data: pd.DataFrame = getattr(frames, name)
        strange = data[(data["run_id"] != run_id) | (data["batch"] != batch)]
        for row in strange.itertuples():
            yield f"{name} row {row.Index}: belongs to run {row.run_id}, batch {row.batch}"
    ledger = frames.ledger
    read = set(ledger.loc[ledger["fate"] == READ, "item_id"])
    rejected = set(ledger.loc[ledger["fate"] == Fate.REJECTED.value, "item_id"])
    observed = set(frames.observations["item_id"])
    for item in sorted(read ^ observed):
        lacks = "no observation" if item in read else "no row with fate read in the ledger"
        yield f"item {item}: {lacks}"
    for item in sorted(set(frames.rejects["item_id"]) - rejected):
        yield f"rejects: item {item} is not rejected in the ledger"
    for item in sorted(set(frames.cuts["item_id"].unique()) - observed):
        yield f"cuts: item {item} has no observation"
