"""The tables' descriptions, and what is made from them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from copydesk.schemas.arrow import ARROW, arrow_schema, checks, frame, to_arrow
from copydesk.schemas.article import Article
from copydesk.schemas.dictionary import data_dictionary
from copydesk.schemas.published import ARTICLES, PUBLISHED, VIEWS
from copydesk.schemas.table_model import ColumnType
from copydesk.schemas.tables import (
    FIELD_NAMES,
    MARKDOWN,
    METADATA,
    OBSERVATIONS,
    TABLES,
    TEXT,
    TITLE,
)
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
