"""Statements that burn one row, which DuckDB's own limits do not reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from copydesk.warehouse import Reader
from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.query.killable_process import memory_bytes
from tests.warehouse.sample import Look, ingest


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home = tmp_path_factory.mktemp("limits")
    ingest(Lake.open(home / "lake"), "r1", [Look("a"), Look("b", 0, "Another text.")])
    publish(home)
    reader = Reader(home, memory_limit="200MB", threads=1, seconds=1)
    yield reader
    reader.close()


def test_rows_come_as_a_table(reader: Reader) -> None:
    rows = reader.query("SELECT title, word_count FROM articles WHERE word_count >= ?", [1])
    assert rows.column_names == ["title", "word_count"]
    assert rows.num_rows == 2
    assert reader.query("SELECT $a AS a", {"a": "x"}).to_pylist() == [{"a": "x"}]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT levenshtein(repeat('ab', 60000), repeat('ba', 60000))", "longer than it may"),
        ("SELECT count(*) FROM range(100000000000)", "longer than it may|time limit"),
        ("SELECT length(repeat('x', 4000000000))", "memory"),
        ("SELECT length(list_sort(range(1000000000))::VARCHAR)", "memory|longer than it may"),
        ("SELECT * FROM read_csv('/etc/passwd')", "cannot access files"),
        ("SELECT nonsense FROM articles", "nonsense"),
        ("", "no statement"),
    ],
)
def test_a_statement_is_ended_at_its_limits(reader: Reader, sql: str, says: str) -> None:
    with pytest.raises(WarehouseError, match=says):
        reader.query(sql)
    assert reader.query("SELECT count(*) AS n FROM articles").to_pylist() == [{"n": 2}]


def test_no_process_is_left(reader: Reader) -> None:
    reader.query("SELECT 1")
    own = {child.pid for child in psutil.Process().children()}
    reader.close()
    assert not any(
        "statement_server" in " ".join(child.cmdline())
        for child in psutil.Process().children()
        if child.pid in own
    )


@pytest.mark.parametrize(
    ("size", "count"), [("2GB", 2 * 10**9), ("500 MiB", 500 * 2**20), ("1.5kb", 1500)]
)
def test_sizes(size: str, count: int) -> None:
    assert memory_bytes(size) == count


@pytest.mark.parametrize("size", ["", "2", "many GB"])
def test_what_is_no_size(size: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        memory_bytes(size)


def test_the_module_names_no_home(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="nothing is published"):
        Reader(tmp_path)
