"""What an analyst's connection gives, and what it refuses."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from copydesk.warehouse import Reader, connect
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.query.connect import interrupt_statements, refusal
from tests.warehouse.sample import Look, ingest


@pytest.fixture
def published(lake: Lake, home: Path) -> Path:
    ingest(lake, "r1", [Look("a", fields={"tags": ["x", "y"]}), Look("b", text="Other.")])
    return publish(home, lake=lake).path


def test_statements_of_all_threads_are_interrupted(published: Path, home: Path) -> None:
    closed = connect(home)
    closed.close()
    with connect(home) as connection, ThreadPoolExecutor() as pool:
        endless = "SELECT count(*) FROM range(100_000_000_000) WHERE range % 7 = 3"
        running = pool.submit(connection.execute, endless)
        while not running.done():  # it may not have begun yet
            interrupt_statements()
            time.sleep(0.05)
        assert isinstance(running.exception(), duckdb.InterruptException)
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_analysts_stay_inside(published: Path, home: Path, tmp_path: Path) -> None:
    connection = connect(home, seconds=0.5)
    for statement in (
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('/etc/passwd')",
        "FROM glob('/etc/*')",
        f"COPY articles TO '{tmp_path}/out.csv'",
        f"EXPORT DATABASE '{tmp_path}/out'",
        f"ATTACH '{tmp_path}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "DROP TABLE runs",
        "DELETE FROM ledger",
        "CREATE TABLE mine AS SELECT 1",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement).fetchall()
    with pytest.raises(duckdb.InterruptException):
        connection.execute("SELECT count(*) FROM range(10_000_000_000)").fetchall()
    connection.execute("CREATE TEMP TABLE mine AS FROM articles").fetchall()
    assert connection.execute("SELECT count(*) FROM mine").fetchall() == [(2,)]


def test_a_version_cannot_be_written_through_a_connection(published: Path, home: Path) -> None:
    """By the name that it is attached by a statement could copy over it, or attach it again."""
    before = published.read_bytes()
    connection = connect(home)
    ((name,),) = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = 'warehouse'"
    ).fetchall()
    connection.execute("USE memory")
    for path in (published, Path(name)):
        for statement in (
            f"COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
            f"COPY (SELECT 1) TO '{path}.wal' (USE_TMP_FILE false)",
            f"COPY (SELECT 1) TO '{path}.wal'",
            f"ATTACH '{path}' AS other (READ_ONLY false)",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement).fetchall()
    connection.execute("DETACH warehouse")
    for path in (published, Path(name)):
        with pytest.raises(duckdb.Error):
            connection.execute(f"ATTACH '{path}' AS other")
    connection.close()
    assert published.read_bytes() == before
    assert sorted(path.name for path in published.parent.iterdir()) == [
        "current.duckdb",
        "publish.lock",
        "warehouse-000001.duckdb",
        "warehouse-000001.json",
    ]
    assert published.stat().st_mode & 0o222 == 0


def test_what_memory_has_no_room_for_goes_to_a_file(published: Path, home: Path) -> None:
    with connect(home, memory_limit="50MB", threads=1) as connection:
        stored_rows = connection.execute(
            "SELECT max(place) FROM (SELECT row_number() OVER (ORDER BY md5(range::VARCHAR))"
            " AS place FROM range(1_000_000))"
        ).fetchall()
        assert stored_rows == [(1_000_000,)]
        with pytest.raises(duckdb.OutOfMemoryException) as caught:
            connection.execute("SELECT list(range) FROM range(20_000_000)").fetchall()
    assert "copydesk sql --memory" in refusal(caught.value)


def test_data_frames_and_arrow_out(published: Path, home: Path) -> None:
    with connect(home) as connection:
        frame = connection.sql("SELECT locator, tags FROM articles ORDER BY 1").df()
        assert frame["locator"].tolist() == ["a", "b"]
        table = connection.sql("FROM articles ORDER BY locator").to_arrow_table()
        assert table.column("tags").to_pylist() == [["x", "y"], None]
        batches = connection.sql("FROM articles").to_arrow_reader(1)
        assert [batch.num_rows for batch in batches] == [1, 1]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("FROM read_csv('/etc/passwd')", "cannot access files"),
        ("LOAD httpfs", "cannot access files"),
        ("DROP TABLE runs", "are read-only"),
        ("SET threads = 9", "limits"),
        ("SELECT count(*) FROM range(10_000_000_000)", "exceeded its time limit"),
        ("FROM nothing", "nothing does not exist"),
    ],
)
def test_a_refusal_says_what_is_meant(
    published: Path, home: Path, statement: str, says: str
) -> None:
    with connect(home, seconds=0.3) as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute(statement).fetchall()
    assert says in refusal(caught.value)


def test_a_reader_goes_on_to_the_newest(published: Path, lake: Lake, home: Path) -> None:
    reader = Reader(home, memory_limit="100MB", seconds=5)
    ingest(lake, "r2", [Look("c", 1, "Third.")])
    publish(home, lake=lake)
    assert reader.connection.execute("SELECT count(*) FROM articles").fetchall() == [(2,)]
    assert reader.refresh()
    assert not reader.refresh()
    assert reader.connection.execute("SELECT count(*) FROM articles").fetchall() == [(3,)]
    with pytest.raises(duckdb.Error, match="locked"):
        reader.connection.execute("SET memory_limit = '9GB'")
