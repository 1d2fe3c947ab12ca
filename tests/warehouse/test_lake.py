"""A run's way into the lake: begin, stage, seal, commit, and what is asked of it later."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from copydesk.schemas.arrow import frame, to_pandas
from copydesk.schemas.ids import content_hash, sha256
from copydesk.warehouse.errors import InvalidBatch, LakeError, RunEnded
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.runs import sealing
from copydesk.warehouse.storage.version import newest
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import Look, frames, hour, ingest, plan, rows


def test_fates(lake: Lake) -> None:
    first = ingest(
        lake,
        "r1",
        [Look("a", 0, "one"), Look("b", 0, "two"), Look("c", 0, "one"), Look("d", 0, None)],
    )
    assert first.fates == {"new": 2, "duplicate": 1, "rejected": 1}
    again = ingest(
        lake, "r2", [Look("a", 1, "one"), Look("b", 1, "two!"), Look("e", 1, "new text")]
    )
    assert again.fates == {"new": 1, "revised": 1, "unchanged": 1}
    back = ingest(lake, "r3", [Look("b", 2, "two"), Look("a", 2, fate="failed")])
    assert back.fates == {"revised": 1, "failed": 1}


def test_white_space_makes_no_revision(lake: Lake) -> None:
    ingest(lake, "r1", [Look("a", 0, "one\n\ntwo")])
    assert ingest(lake, "r2", [Look("a", 1, "one two")]).fates == {"unchanged": 1}


def test_an_earlier_look_at_what_is_known_is_unchanged(lake: Lake) -> None:
    ingest(lake, "r1", [Look("a", 5, "one")])
    assert ingest(lake, "r2", [Look("a", 2, "one")]).fates == {"unchanged": 1}
    assert ingest(lake, "r3", [Look("a", 1, "zero")]).fates == {"revised": 1}


def test_two_items_of_one_article_in_one_run(lake: Lake) -> None:
    canonical = {"canonical_url": "https://example.org/story"}
    looks = [Look("a", 0, "one", fields=canonical), Look("b", 1, "one", fields=canonical)]
    assert ingest(lake, "r1", looks).fates == {"new": 1, "unchanged": 1}


def test_a_batch_is_staged_once(lake: Lake) -> None:
    lake.begin(plan("r1"))
    first = lake.run("r1").stage(0, frames("r1", 0, [Look("a", 0, "one")]))
    assert lake.run("r1").stage(0, frames("r1", 0, [Look("b", 0, "two")])) == first
    assert lake.run("r1").batches == [first]
    assert first.rows["ledger"] == 1
    lake.run("r1").seal()
    with pytest.raises(LakeError, match="sealed"):
        lake.run("r1").stage(1, frames("r1", 1, [Look("b", 0, "two")]))


def test_a_batch_that_breaks_a_check_names_its_rows(lake: Lake) -> None:
    lake.begin(plan("r1"))
    good = frames("r1", 0, [Look("a", 0, "one"), Look("b", 0, "two")])
    broken = to_pandas(good.observations)
    broken.loc[1, "title"] = None
    broken.loc[1, "content_hash"] = "nonsense"
    with pytest.raises(InvalidBatch) as caught:
        lake.run("r1").stage(0, dataclasses.replace(good, observations=broken))
    assert "observations row 1 (b): title" in str(caught.value)
    assert any("content_hash" in row and "nonsense" in row for row in caught.value.rows)
    assert lake.run("r1").batches == []


def test_frames_that_disagree_are_refused(lake: Lake) -> None:
    lake.begin(plan("r1"))
    good = frames("r1", 0, [Look("a", 0, "one")])
    without = dataclasses.replace(good, observations=frame("observations", []))
    with pytest.raises(InvalidBatch, match="no observation"):
        lake.run("r1").stage(0, without)
    with pytest.raises(InvalidBatch, match="belongs to run r1, batch 0"):
        lake.run("r1").stage(3, good)


def test_an_id_is_used_once(lake: Lake) -> None:
    ingest(lake, "r1", [Look("a")])
    with pytest.raises(RunEnded):
        lake.begin(plan("r1"))
    assert lake.run("r1").commit().already
    assert lake.run("r1").seal().fates == {"new": 1}
    with pytest.raises(RunEnded):
        lake.run("r1").abandon("too late")
    with pytest.raises(LakeError, match="not a run id"):
        lake.begin(plan("../r1"))


def test_an_abandoned_run_leaves_nothing(lake: Lake, home: Path) -> None:
    lake.begin(plan("r1"))
    lake.run("r1").stage(0, frames("r1", 0, [Look("a")]))
    lake.run("r1").seal()
    (run,) = lake.unfinished()
    assert (run.plan.run_id, len(run.batches), run.sealed is not None) == ("r1", 1, True)
    lake.run("r1").abandon("not wanted")
    lake.run("r1").abandon("not wanted")
    assert lake.unfinished() == []
    assert lake.run("r1").state == "abandoned"
    assert lake.raw(sha256(Look("a").body)) is None
    assert lake.store.list("raw") == lake.store.list("_staging") == []
    with pytest.raises(RunEnded, match="not wanted"):
        lake.run("r1").commit()
    assert examine(home, lake=lake) == []


def test_a_resumed_run_keeps_its_plan_but_for_the_process(lake: Lake) -> None:
    lake.begin(plan("r1", started=1))
    lake.begin(dataclasses.replace(plan("r1", started=2), pid=7))
    (run,) = lake.unfinished()
    assert (run.plan.pid, run.plan.started_at) == (7, hour(1))


def test_latest_items_for_planning(lake: Lake) -> None:
    ingest(lake, "r1", [Look("a", 0, "one"), Look("b", 0, "two"), Look("c", 0, "three")])
    ingest(
        lake,
        "r2",
        [
            Look("a", 1, fate="unchanged"),
            Look("b", 1, fate="failed"),
            Look("c", 1, None),
            Look("d", 1, "x", source="else"),
        ],
    )
    latest = {row["locator"]: row for row in lake.latest_items("wire").to_pylist()}
    assert sorted(latest) == ["a", "b", "c"]
    assert [latest[locator]["fate"] for locator in "abc"] == ["unchanged", "failed", "rejected"]
    assert latest["a"]["content_hash"] == content_hash("A title", "one")
    assert latest["b"]["article_id"] == Look("b").article
    assert latest["c"]["article_id"] is None  # its last reading gave none
    assert latest["a"]["observed_at"] == hour(1)


def test_raw_bytes_come_back_and_are_kept_once(lake: Lake) -> None:
    same = b"the same bytes"
    ingest(lake, "r1", [Look("a", bytes_=same), Look("b", bytes_=same)], batch_size=1)
    ingest(lake, "r2", [Look("c", bytes_=same), Look("d\r\nX: y", bytes_=b"other")])
    assert lake.raw(sha256(same)) == same
    assert lake.raw(sha256(b"other")) == b"other"
    assert len(lake.store.list("raw")) == 2


def test_altered_raw_bytes_are_noticed(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", [Look("a", bytes_=b"bytes" * 100)])
    (file,) = lake.store.list("raw")
    data = bytearray((home / "lake" / file.path).read_bytes())
    (home / "lake" / file.path).write_bytes(data[:-3])
    checks = {finding.check for finding in examine(home, lake=lake, deep=True)}
    assert checks == {"raw-files", "raw-bytes"}


def test_opening(home: Path) -> None:
    with pytest.raises(LakeError, match="no lake"):
        Lake.open(home / "lake", create=False)
    lake = Lake.open(home / "lake")
    assert Lake.open(home / "lake", create=False).identity == lake.identity
    newer = {"format": newest() + 1, "id": "x"}
    (home / "lake" / "lake.json").write_text(json.dumps(newer))
    with pytest.raises(LakeError, match="upgrade"):
        Lake.open(home / "lake")


def test_a_lake_without_a_single_row(lake: Lake, home: Path) -> None:
    assert lake.latest_items("wire").num_rows == 0
    assert lake.unfinished() == []
    assert ingest(lake, "r1", []).fates == {}
    assert examine(home, lake=lake) == []


def test_a_lake_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LakeError, match="cannot"):
        Lake.open(tmp_path / "file" / "lake")


def test_a_home_with_a_space_in_its_name(tmp_path: Path) -> None:
    home = tmp_path / "my papers, 100 % Ümläut"
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a")])
    publish(home, lake=lake)
    assert rows(home, "SELECT count(*) FROM articles") == [(1,)]


def test_a_large_run_lies_in_files_that_are_taken_as_they_are(
    lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_LARGEST", 100_000)
    monkeypatch.setattr(sealing, "row_group", lambda _table: 2048)
    lake.begin(plan("r1"))
    looks = [Look(f"item-{number}", 0, f"text {number}") for number in range(5000)]
    lake.run("r1").stage(0, frames("r1", 0, looks))
    sealed = lake.run("r1").seal()
    assert sealed.rows["observations"] == 5000
    assert len(sealed.files["observations"]) > 1
    assert sealing.sealed_run(lake.store, "r1") == sealed
    retained = [home / "lake" / file for file in sealed.files["observations"]]
    inodes = {file.stat().st_ino for file in retained}
    lake.run("r1").commit()
    table = home / "lake/tables/observations"
    assert {file.stat().st_ino for file in table.glob("*.parquet")} == inodes
    assert not list((home / "lake/_sealed").glob("**/*.parquet"))
    publish(home, lake=lake)
    assert rows(home, "SELECT count(*), count(DISTINCT text) FROM articles") == [(5000, 5000)]
    assert examine(home, lake=lake) == []
