"""The tables' descriptions, and what is made from them."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pandera.errors import SchemaErrors

from copydesk.schemas.arrow import (
    ARROW,
    arrow_schema,
    checks,
    frame,
    passes_checks,
    to_arrow,
    to_pandas,
)
from copydesk.schemas.article import Article
from copydesk.schemas.columns import FIELD_NAMES, MARKDOWN, METADATA, TEXT, TITLE
from copydesk.schemas.dictionary import data_dictionary
from copydesk.schemas.published import PUBLISHED
from copydesk.schemas.published_views import ARTICLES, VIEWS
from copydesk.schemas.table_model import Column, ColumnType
from copydesk.schemas.tables import OBSERVATIONS, TABLES
from copydesk.tasks.cleaning.metadata.model import Metadata

DICTIONARY = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_every_column_says_what_it_is() -> None:
    for table in (*TABLES.values(), *PUBLISHED.values(), *VIEWS.values()):
        assert len(set(table.names)) == len(table.names), table.name
        assert set(table.key) <= set(table.names)
        for column in table.columns:
            assert column.sentence[0].isupper(), column
            assert column.sentence.endswith("."), column
    assert set(ARROW) == set(ColumnType)


@pytest.mark.parametrize("name", TABLES)
def test_frames_have_no_column_of_objects(name: str) -> None:
    empty = frame(name, [])
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in empty.dtypes)
    assert to_arrow(TABLES[name], empty).schema == arrow_schema(TABLES[name])
    checks(name).validate(empty)


def test_a_frame_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="ledger has no column colour"):
        frame("ledger", [{"colour": "red"}])
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        frame("ledger", [{"observed_at": "yesterday"}])


def test_an_observation_is_hashed_and_counted() -> None:
    row = {"title": "A title", "text": "three words here", "observed_at": datetime.now(UTC)}
    data = frame("observations", [row])
    assert data.loc[0, "word_count"] == 3
    assert len(data.loc[0, "content_hash"]) == len(data.loc[0, "record_hash"]) == 32


VALUES: dict[ColumnType, Any] = {
    ColumnType.BYTES: b"x",
    ColumnType.DATE: date(2026, 1, 1),
    ColumnType.INTEGER: 1,
    ColumnType.MAP: [("a", "b")],
    ColumnType.REAL: 0.5,
    ColumnType.TEXT: "word",
    ColumnType.TEXTS: ["word"],
    ColumnType.TIME: datetime(2026, 1, 1, tzinfo=UTC),
    ColumnType.TRUTH: True,
}


def right(column: Column) -> Any:
    if column.one_of:
        return column.one_of[0]
    if column.pattern and "{" in column.pattern:  # a hash: so many digits
        return "a" * int(column.pattern.partition("{")[2].rstrip("}"))
    return VALUES[column.kind]


def wrong(column: Column) -> list[Any]:
    """Values at the edges of what a column allows, some of them within."""
    values: list[Any] = [None]
    if column.kind is ColumnType.TEXT:
        values += ["", " ", "word\n", "ä b", "A" * 32, "a" * 33]
    if column.kind is ColumnType.INTEGER:
        values += [-1, 0]
    if column.kind is ColumnType.REAL:
        values += [-0.1, 0.0, math.nan]
    return values


def passes_pandera(name: str, data: pa.Table) -> bool:
    try:
        checks(name).validate(to_pandas(data), lazy=True)
    except SchemaErrors:
        return False
    return True


@pytest.mark.parametrize("name", TABLES)
def test_arrow_tables_and_frames_pass_the_same_checks(name: str) -> None:
    table = TABLES[name]
    row = {column.name: right(column) for column in table.columns}
    schema = arrow_schema(table)
    good = pa.Table.from_pylist([row], schema)
    assert passes_checks(table, good)
    outcomes = {passes_pandera(name, good)}
    for column in table.columns:
        for value in wrong(column):
            data = pa.Table.from_pylist([row, row | {column.name: value}], schema)
            for rows in (data, data.slice(1)):  # the first is not unique but for its key
                passes = passes_checks(table, rows)
                assert passes == passes_pandera(name, rows), (column.name, value)
                outcomes.add(passes)
    assert outcomes == {True, False}
    assert not passes_checks(table, good.drop_columns([table.names[0]]))
    assert not passes_checks(table, good.append_column("colour", pa.array(["red"])))
    assert not passes_checks(table, pa.table([pa.nulls(1)] * len(schema), list(table.names)))


def test_a_cleaning_process_has_no_pandas_until_a_frame_is_asked_for() -> None:
    script = """
import sys, copydesk.tasks.workers.preloaded, pyarrow as pa
rows = pa.table({"number": [1, 2]})
assert "pandas" not in sys.modules and "copydesk.tasks.ingest.batch" in sys.modules
frame = rows.to_pandas()
assert pa.Table.from_pandas(frame).equals(rows)
assert pa.array(frame["number"]).equals(rows["number"].chunk(0))
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_data_dictionary_is_up_to_date() -> None:
    """Written by ``python -m copydesk.schemas.dictionary > docs/data-dictionary.md``."""
    assert DICTIONARY.read_text(encoding="utf-8") == data_dictionary()


def test_an_articles_fields_stand_in_one_list() -> None:
    """What cleaning gives, what is stored, compared and published: all are the schema's fields."""
    article_fields = {field.name for field in dataclasses.fields(Article)} - {"cuts"}
    assert article_fields == {
        TITLE.name,
        TEXT.name,
        MARKDOWN.name,
        *(column.name for column in METADATA),
    }
    collected = {field.name for field in dataclasses.fields(Metadata)}
    assert set(FIELD_NAMES) <= collected
    for table in (OBSERVATIONS, PUBLISHED["revisions"], ARTICLES):
        assert article_fields <= set(table.names), table.name
