"""Signatures of a batch's texts, as the lake keeps them: what publishing compares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from schemas.frames import arrow_schema
from schemas.tables import SHINGLES, SIGNATURES
from tasks.dedup.forms import signature_rows
from tasks.dedup.signatures import VERSION, signatures
from tasks.rows import Row


def sign(run_id: str, batch: int, observations: Sequence[Row]) -> tuple[pa.Table, pa.Table]:
    """Give rows of the tables ``signatures`` and ``shingles``, each content once."""
    contents: dict[str, Row] = {}
    for row in observations:
        contents.setdefault(row["content_hash"], row)
    found = signatures([row["text"] for row in contents.values()])
    months = [_month(row.get("published_at") or row["observed_at"]) for row in contents.values()]
    signed, shingles = signature_rows(list(contents), months, found)
    own = {"run_id": run_id, "batch": batch, "signing": VERSION}
    return (
        _completed(signed, arrow_schema(SIGNATURES), own),
        _completed(shingles, arrow_schema(SHINGLES), own),
    )


def _month(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _completed(table: pa.Table, schema: pa.Schema, own: dict[str, Any]) -> pa.Table:
    """Bring a table to the lake's columns, with ``own`` values where it has none."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.repeat(pa.scalar(own[field.name], field.type), len(table))
        for field in schema
    ]
    return pa.table(columns, schema=schema)
