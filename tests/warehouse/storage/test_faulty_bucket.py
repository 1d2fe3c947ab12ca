"""A bucket that fails now and then: nothing is lost or doubled, and what gives up says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.storage.storage import Store
from copydesk.warehouse.upkeep.doctor import examine
from tests.servers.faulty_s3 import Faults, faulty
from tests.servers.s3 import S3
from tests.warehouse.sample import WITHOUT_ENDS, Look, frames, ingest, plan, rows, tables

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket(s3: S3) -> Iterator[tuple[dict[str, str], Faults]]:
    s3.fill("faulty", {})
    with faulty(s3.url) as (url, faults):
        yield s3.options | {"aws_endpoint_url": url}, faults


@pytest.mark.parametrize("hang_up", [False, True])
def test_a_put_whose_answer_is_lost_is_known_as_ones_own(
    bucket: tuple[dict[str, str], Faults], *, hang_up: bool
) -> None:
    options, faults = bucket
    store, other = (Store("s3://faulty/puts", options) for _ in range(2))
    path = f"new-{hang_up}"
    faults.lost, faults.hang_up = 1, hang_up
    assert store.put_new(path, b"mine")
    assert faults.lost == 0
    assert not other.put_new(path, b"theirs")
    assert store.get(path) == b"mine"
    faults.lost = 1
    store.overwrite(path, [(0, b"M")])
    assert faults.lost == 0
    assert store.get(path) == b"Mine"


@pytest.mark.soak  # a minute each, of pauses before retries
@pytest.mark.parametrize("kind", ["busy", "lost"])
def test_runs_on_a_bucket_that_fails_are_those_of_a_sound_one(
    bucket: tuple[dict[str, str], Faults], home: Path, tmp_path: Path, kind: str
) -> None:
    options, faults = bucket
    lake = Lake.open(f"s3://faulty/{kind}", storage_options=options)
    here = Lake.open(tmp_path / "here")
    faults.happened.clear()
    if kind == "busy":
        faults.busy_share, faults.delay = 0.1, 0.005
    else:
        faults.lost, faults.hang_up = 1000, False
    for each in (lake, here):
        for number in range(2):
            looks = [Look("a", number, f"text {number}"), Look("b", number, None)]
            ingest(each, f"r{number}", looks, started=number)
    publish(home, lake=lake, comparison=COPIES)
    assert faults.happened[kind] > 20
    faults.busy_share, faults.delay, faults.lost = 0.0, 0.0, 0
    publish(tmp_path / "other", lake=here, comparison=COPIES)
    assert tables(home, WITHOUT_ENDS) == tables(tmp_path / "other", WITHOUT_ENDS)
    assert examine(home, lake=lake, deep=True) == []


@pytest.mark.soak  # ten retries with growing pauses
def test_a_bucket_that_never_answers_is_named(
    bucket: tuple[dict[str, str], Faults], home: Path
) -> None:
    options, faults = bucket
    lake = Lake.open("s3://faulty/down", storage_options=options)
    ingest(lake, "r0", [Look("a")])
    lake.begin(plan("r1", started=1))
    faults.busy_share = 1.0
    for step in (
        lambda: lake.run("r1").stage(0, frames("r1", 0, [Look("b", 1)])),
        lambda: Lake.open("s3://faulty/down", storage_options=options),
    ):
        with pytest.raises(LakeError, match=r"cannot (read|write|open|list) .*s3://faulty/down"):
            step()
    faults.busy_share = 0.0
    lake.run("r1").stage(0, frames("r1", 0, [Look("b", 1)]))
    lake.run("r1").seal()
    lake.run("r1").commit()
    publish(home, lake=lake)
    assert rows(home, "SELECT count(*) FROM articles") == [(2,)]
