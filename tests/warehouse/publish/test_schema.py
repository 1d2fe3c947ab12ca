"""What makes a published version one of another layout, and what does not."""

from __future__ import annotations

import dataclasses

import duckdb
import pytest

from copydesk.schemas.published import PUBLISHED
from copydesk.schemas.published_views import ARTICLES, VIEWS
from copydesk.schemas.table_model import ColumnType
from copydesk.warehouse.publish import schema
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.schema import has_tables, layout_hash, refresh_comments
from tests.warehouse.sample import Look, ingest, rows

PINNED = "a4d919ede535ecf1"
"""Of today's tables, views and SQL. Where the first half is another, homes rebuild the published
file: change it here only together with them."""


def test_the_layout_is_the_pinned_one():
    assert layout_hash() == PINNED


def test_another_hash_is_of_other_tables():
    assert not has_tables("0" * 16)


def replaced(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    first, *remainder = PUBLISHED["revisions"].columns
    columns = (dataclasses.replace(first, **changes), *remainder)
    table = dataclasses.replace(PUBLISHED["revisions"], columns=columns)
    monkeypatch.setattr(schema, "PUBLISHED", PUBLISHED | {"revisions": table})


def test_a_reworded_sentence_leaves_the_layout(monkeypatch):
    replaced(monkeypatch, sentence="Says the same in other words.")
    assert layout_hash() == PINNED


def test_a_comment_in_sql_leaves_the_layout(monkeypatch):
    real = schema.statements
    monkeypatch.setattr(schema, "statements", lambda name: "-- why this is so\n" + real(name))
    assert layout_hash() == PINNED


@pytest.mark.parametrize(
    "change", [{"name": "other"}, {"kind": ColumnType.TRUTH}, {"nullable": True}]
)
def test_another_name_or_type_is_another_layout(monkeypatch, change):
    replaced(monkeypatch, **change)
    assert not has_tables(layout_hash()[::-1])
    assert layout_hash()[:8] != PINNED[:8]
    assert layout_hash()[8:] == PINNED[8:]


def test_other_sql_of_views_leaves_the_tables(monkeypatch):
    real = schema.statements
    monkeypatch.setattr(schema, "statements", lambda name: real(name) + "\nSELECT 1;")
    assert layout_hash() != PINNED


def comments(path) -> set[tuple[str, str | None]]:
    with duckdb.connect(path, read_only=True) as connection:
        return set(connection.execute(schema._COMMENTS).fetchall())


def test_a_version_that_is_brought_up_gets_todays_sentences(home, lake, monkeypatch):
    ingest(lake, "one", [Look("a")])
    first = publish(home)
    with monkeypatch.context() as patch:
        replaced(patch, sentence="Says the same in other words.")
        ingest(lake, "two", [Look("b")])
        second = publish(home)
    assert {row[2] for row in comments(second.path) - comments(first.path)} == {
        "Says the same in other words."
    }
    tables = [*PUBLISHED.values(), *VIEWS.values()]
    reported = {(table.name, None, table.sentence) for table in tables} | {
        (table.name, column.name, column.sentence) for table in tables for column in table.columns
    }
    assert reported <= comments(first.path)
    assert ARTICLES.sentence


def test_sentences_that_stand_are_not_written_again(home, lake, tmp_path):
    ingest(lake, "one", [Look("a")])
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(publish(home).path.read_bytes())
    with duckdb.connect(copy) as connection:
        assert refresh_comments(connection) == 0


def test_a_version_with_other_views_is_brought_up_and_not_rebuilt(home, lake, monkeypatch):
    ingest(lake, "one", [Look("a")])
    with monkeypatch.context() as patch:
        real = schema.statements
        older = real("publish/views").replace("'incomplete'", "'partial'")
        patch.setattr(
            schema, "statements", lambda name: f"{older}\nCREATE VIEW former AS SELECT 2;"
        )
        first = publish(home)
    second = publish(home)
    assert second.changed
    assert rows(home, "SELECT base FROM publication") == [(first.version,)]
    (sql,) = rows(home, "SELECT sql FROM duckdb_views() WHERE view_name = 'slices'")
    assert "'incomplete'" in sql[0]
    assert "'partial'" not in sql[0]
    assert rows(home, "SELECT count(*) FROM duckdb_views() WHERE view_name = 'former'") == [(0,)]
    assert not publish(home).changed
