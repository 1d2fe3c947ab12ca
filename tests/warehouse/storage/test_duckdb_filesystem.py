"""Files of a bucket as DuckDB's threads read them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from copydesk.warehouse.storage.duckdb_filesystem import LakeFiles


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "letters"
    file.write_bytes(b"abcdefghij")
    return file


def test_threads_that_share_a_file_read_at_positions_of_their_own(path: Path) -> None:
    with (
        LakeFiles("file").open(str(path)) as file,
        ThreadPoolExecutor(1) as first,
        ThreadPoolExecutor(1) as second,
    ):
        first.submit(file.seek, 2).result()
        second.submit(file.seek, 7).result()
        assert first.submit(file.read, 3).result() == b"cde"
        assert second.submit(file.read, 2).result() == b"hi"
        assert first.submit(file.read, 1).result() == b"f"
        assert second.submit(file.tell).result() == 9


def test_a_shared_file_moves_and_ends_as_a_file_does(path: Path) -> None:
    with LakeFiles("file").open(str(path)) as file:
        assert file.read(4) == b"abcd"
        assert file.seek(-3, 2) == 7
        assert file.seek(1, 1) == 8
        assert file.read() == b"ij"
        assert file.read() == b""
        assert file.seek(0) == 0
        assert file.read(0) == b""
        assert file.read(-1) == b"abcdefghij"
