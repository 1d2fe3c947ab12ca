"""The same lake in a bucket: an S3 server of its own, on this machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from copydesk.schemas.ids import sha256
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from tests.servers.s3 import S3
from tests.warehouse.sample import WITHOUT_ENDS, Look, frames, ingest, plan, rows, tables

pytestmark = pytest.mark.slow
RUNS = 4


@pytest.fixture(scope="module")
def bucket(s3: S3) -> dict[str, str]:
    s3.fill("lake", {})
    return s3.options


def test_a_run_and_its_tables(bucket: dict[str, str], home: Path, tmp_path: Path) -> None:
    lake = Lake.open("s3://lake/one", storage_options=bucket)
    here = Lake.open(tmp_path / "here")
    for each in (lake, here):
        first = [Look("a", 0, "A", bytes_=b"raw"), Look("b", 0, None), Look("c", 0, "A")]
        assert ingest(each, "r1", first).fates == {"new": 1, "duplicate": 1, "rejected": 1}
        assert ingest(each, "r2", [Look("a", 1, "B")]).fates == {"revised": 1}
    publish(home, lake=lake)
    publish(tmp_path / "other", lake=here)
    assert tables(home, WITHOUT_ENDS) == tables(tmp_path / "other", WITHOUT_ENDS)
    assert lake.raw(sha256(b"raw")) == b"raw"
    assert lake.run("r1").commit().already
    assert lake.store.list("_staging") == []
    assert maintain(lake, now=plan("x").started_at) is not None
    assert examine(home, lake=lake, deep=True) == []


def test_runs_at_once(bucket: dict[str, str], home: Path) -> None:
    def run(number: int) -> None:
        lake = Lake.open("s3://lake/two", storage_options=bucket)
        ingest(lake, f"r{number}", [Look(f"p{number}", number), Look("same", number)])

    with ThreadPoolExecutor(RUNS) as pool:
        list(pool.map(run, range(RUNS)))
    lake = Lake.open("s3://lake/two", storage_options=bucket, create=False)
    publish(home, lake=lake)
    assert rows(home, "SELECT count(*), count(DISTINCT item_id) FROM ledger") == [
        (2 * RUNS, RUNS + 1)
    ]
    assert examine(home, lake=lake) == []


def test_a_batch_is_staged_once_there_too(bucket: dict[str, str]) -> None:
    lake = Lake.open("s3://lake/three", storage_options=bucket)
    lake.begin(plan("r1"))

    def stage(number: int) -> object:
        first_lake = Lake.open("s3://lake/three", storage_options=bucket)
        return first_lake.run("r1").stage(0, frames("r1", 0, [Look("a", 0, f"text {number}")]))

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(stage, range(4))
    assert all(other == first for other in others)


def test_no_such_bucket(bucket: dict[str, str]) -> None:
    with pytest.raises(LakeError, match="cannot write s3://nowhere/lake"):
        Lake.open("s3://nowhere/lake", storage_options=bucket)
