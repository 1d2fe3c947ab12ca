"""A removal that was asked for is carried out whole, however often its process is killed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from copydesk.schemas.ids import sha256
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.failpoints import watched
from copydesk.warehouse.history.slices import Backfills
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.versions import Serving
from copydesk.warehouse.runs.open_runs import Plans
from copydesk.warehouse.runs.verdict import Verdict
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from copydesk.warehouse.upkeep.erase import forget
from copydesk.warehouse.upkeep.removals import unfinished_removals
from tests.dedup.made import article, text
from tests.servers.s3 import S3
from tests.warehouse.canaries import found_in
from tests.warehouse.sample import Look, frames, ingest, plan, rows
from tests.warehouse.worker import quick_processes

PARTS = ("text", "title", "address", "author", "tag", "standfirst", "site", "canonical", "bytes")
WORDS = {part: f"{part}{secrets.token_hex(6)}" for part in PARTS}
"""Canaries: a word for each part of an article."""

ADDRESS = f"https://coast.example/{WORDS['address']}"
SITE = f"Coast {WORDS['site']}"
FIELDS: dict[str, Any] = {
    "authors": [WORDS["author"]],
    "tags": [WORDS["tag"]],
    "standfirst": f"In short: {WORDS['standfirst']}.",
    "site": SITE,
    "canonical_url": f"https://coast.example/c/{WORDS['canonical']}",
}
WAYS = ("again", "maintain")
FORMS = ("article_id", "url", "site")

POINTS = (
    *("intent", "noted", "intent-whole", "plans", "open-run", "open-run#2", "shared-raw"),
    *("raw-file", "raw"),
    *("observations", "cuts", "rejects", "shingles", "signatures", "raw_index", "ledger", "runs"),
    *("old-files", "published", "elsewhere", "done"),
)
PUBLISHING = (
    *("take", "revisions", "write", "compare", "copies", "changes", "log", "search", "checkpoint"),
    *("close", "rename", "link", "swap", "prune"),
)
EVERY = (*(f"forget:{one}" for one in POINTS), *(f"publish:{one}" for one in PUBLISHING))


def gone(at: float, *, place: str = ADDRESS, also: str = "") -> Look:
    body = f"<h1>{WORDS['title']}</h1><p>{WORDS['text']} {WORDS['bytes']} {also}</p>".encode()
    return Look(
        place, at, f"{WORDS['text']} {also} " + text(article(-7, 3)), f"The {WORDS['title']}",
        bytes_=body, fields=FIELDS,
    )  # fmt: skip


def kept(number: int, at: float = 0) -> Look:
    return Look(f"kept-{number}", at, text(article(number, 2)))


def item_of(look: Look) -> dict[str, str]:
    return {"source": look.source, "locator": look.place, "url": look.place, "handle": "x"}


def fill(lake: Lake) -> None:
    """Leave committed runs, one that broke off, one that is held, and a backfill's plan."""
    ingest(lake, "r1", [gone(0), kept(1), Look("bad", 0, None)])
    failed = Look(ADDRESS, 1, fate="failed", source="other")
    ingest(lake, "r2", [gone(1, also="revised"), kept(2, 1), failed])
    lake.begin(plan("r3"))
    plans = Plans(lake.store, "r3")
    items = [item_of(gone(2)), item_of(kept(3))]
    options = {ADDRESS: {"etag": "x"}, "kept-3": {"etag": "y"}}
    plans.put(0, json.dumps({"number": 0, "items": items, "known": options}).encode())
    lake.run("r3").stage(0, frames("r3", 0, [gone(2, also="staged"), kept(3, 2)]))
    lake.begin(plan("r4"))
    lake.run("r4").stage(0, frames("r4", 0, [gone(3, also="sealed"), kept(4, 3)]))
    lake.run("r4").seal()
    lake.run("r4").judge(Verdict("r4", True, ("too many",), datetime.now(UTC)))
    Backfills(lake.store, "backfill-1").keep_items("items/000000", json.dumps(items).encode())


def by(form: str) -> dict[str, str]:
    return {form: {"article_id": gone(0).article, "url": ADDRESS, "site": SITE}[form]}


def remove(
    home: Path, request: dict[str, str], root: str | None = None, options: Any = None
) -> None:
    lake = Lake.open(root or home / "lake", storage_options=options)
    forget(
        home, lake=lake, now=datetime.now(UTC), comparison=COPIES, reason="takedown 17",
        elsewhere=lambda _: None, **request,
    )  # fmt: skip


def killed(home: Path, request: dict[str, str], step: str, root: str | None, options: Any) -> None:
    os.environ["COPYDESK_KILL_AT"] = step
    remove(home, request, root, options)
    sys.exit(0)


def kill(home: Path, form: str, step: str, root: str | None = None, options: Any = None) -> None:
    process = quick_processes().Process(target=killed, args=(home, by(form), step, root, options))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL, step


def upkeep(home: Path, lake: Lake) -> None:
    maintain(lake, now=datetime.now(UTC), retention=timedelta(0), comparison=COPIES)


def whole(home: Path, lake: Lake) -> None:
    """Nothing of the article is there; the others are, in the open runs too."""
    assert examine(home, lake=lake, deep=True) == []
    assert unfinished_removals(lake.store) == []
    lake.run("r3").seal()
    lake.run("r3").commit()
    lake.run("r4").release()
    publish(home, lake=lake, comparison=COPIES)
    assert examine(home, lake=lake, deep=True) == []
    assert rows(home, "SELECT locator FROM articles ORDER BY 1") == [
        (f"kept-{number}",) for number in range(1, 5)
    ]
    assert lake.raw(sha256(kept(1).body)) == kept(1).body
    assert lake.raw(sha256(kept(4).body)) == kept(4).body
    again = ingest(lake, "r9", [gone(9), kept(1, 9)])
    assert again.fates == {"skipped": 1, "unchanged": 1}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that every case has a copy of."""
    home = tmp_path_factory.mktemp("filled") / "home"
    lake = Lake.open(home / "lake")
    fill(lake)
    publish(home, lake=lake, comparison=COPIES)
    present = set().union(*found_in(home, WORDS).values())
    assert present == set(PARTS)  # else their absence says nothing
    return home


def completed(home: Path, filled: Path, form: str, step: str, way: str) -> None:
    shutil.copytree(filled, home, symlinks=True)
    lake = Lake.open(home / "lake")
    kill(home, form, step)
    checks = [finding.check for finding in examine(home, lake=lake, deep=True)]
    assert checks == ([] if step == "forget:done" else ["removal"])
    if way == "again":
        remove(home, by(form))
        assert examine(home, lake=lake, deep=True) == []
        assert Serving(home).versions() == [Serving(home).current()]
    upkeep(home, lake)
    assert found_in(home, WORDS) == {}
    whole(home, lake)
    upkeep(home, lake)
    assert found_in(home, WORDS) == {}


@pytest.mark.parametrize(
    ("form", "step", "way"),
    [("site", "forget:observations", "again"), ("url", "forget:raw_index", "maintain")],
)
def test_a_removal_that_was_killed_is_completed(
    home: Path, filled: Path, form: str, step: str, way: str
) -> None:
    completed(home, filled, form, step, way)


@pytest.mark.slow
@pytest.mark.parametrize(
    "step",
    ["forget:intent", "forget:plans", "forget:raw", "forget:runs", "publish:write", "publish:swap"],
)
def test_a_removal_that_was_killed_early_or_late_is_completed(
    home: Path, filled: Path, step: str
) -> None:
    number = EVERY.index(step)
    completed(home, filled, FORMS[number % 3], step, WAYS[number % 2])


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("step", EVERY)
def test_every_form_killed_at_every_step(
    home: Path, filled: Path, form: str, step: str, way: str
) -> None:
    completed(home, filled, form, step, way)


@pytest.mark.parametrize("moment", ["stage:manifest", "seal:ledger", "commit:ledger"])
def test_a_run_does_not_bring_back_what_is_forgotten_meanwhile(
    lake: Lake, home: Path, moment: str
) -> None:
    ingest(lake, "r1", [gone(0), kept(1)])
    publish(home, lake=lake, comparison=COPIES)
    reported: list[str] = []

    def forget_there(step: str) -> None:
        if step == moment and not reported:
            reported.append(step)
            remove(home, by("url"))

    with watched(forget_there):
        ingest(lake, "r2", [gone(2, also=moment), kept(2, 2)])
    assert reported == [moment]
    publish(home, lake=lake, comparison=COPIES)
    assert examine(home, lake=lake, deep=True) == []
    upkeep(home, lake)
    assert found_in(home, WORDS) == {}
    assert rows(home, "SELECT locator FROM articles ORDER BY 1") == [("kept-1",), ("kept-2",)]


def test_bytes_that_another_address_gave_too_are_kept_as_its_own(lake: Lake, home: Path) -> None:
    page = b"please log in"
    first, other = "https://a.example/first-of-all", "https://a.example/other"
    ingest(lake, "r1", [Look(first, 0, None, bytes_=page), Look("x", 0, None, bytes_=b"x")])
    ingest(lake, "r2", [Look(other, 1, None, bytes_=page)])
    forget(home, lake=lake, now=datetime.now(UTC), url=first)
    assert lake.raw(sha256(page)) == page
    assert lake.raw(sha256(b"x")) == b"x"
    assert examine(home, lake=lake, deep=True) == []
    assert found_in(home, {"address": first}) == {}
    lake.begin(plan("r3"))  # of bytes that a run brings which is not committed, nothing is kept
    pair = [Look(f"{first}/{name}", 2, None, bytes_=b"log in again") for name in "ab"]
    lake.run("r3").stage(0, frames("r3", 0, pair))
    forget(home, lake=lake, now=datetime.now(UTC), url=pair[0].url)
    lake.run("r3").seal()
    lake.run("r3").commit()
    assert examine(home, lake=lake, deep=True) == []
    assert lake.raw(sha256(pair[1].body)) is None
    forget(home, lake=lake, now=datetime.now(UTC), url=other)
    assert lake.raw(sha256(page)) is None
    upkeep(home, lake)
    assert found_in(home, {"address": other, "page": page.decode()}) == {}


def test_a_file_of_another_source_with_the_same_name_is_left_alone(lake: Lake, home: Path) -> None:
    first_look, other = (
        Look("index.html", 0, "mine"),
        Look("index.html", 0, "theirs", source="other"),
    )
    requested = {"inputs": ["/srv/x/index.html"]}
    for run_id, look in (("r1", first_look), ("r2", other)):
        lake.begin(replace(plan(run_id), parameters=json.dumps(requested)))
        lake.run(run_id).stage(0, frames(run_id, 0, [look]))
        lake.run(run_id).seal()
        lake.run(run_id).commit()
    kept_of = Backfills(lake.store, "backfill-1")
    for name, source in (("mine", "wire"), ("theirs", "other")):
        slices = [{"patterns": ["index.html", "inde[[]x.html"]}]
        kept_of.keep_items(name, json.dumps({"source": source, "slices": slices}).encode())
    forget(home, lake=lake, now=datetime.now(UTC), article_id=first_look.article)
    publish(home, lake=lake)
    parameters = dict(rows(home, "SELECT run_id, parameters FROM runs"))
    assert json.loads(parameters["r1"]) == {"inputs": ["forgotten:"]}
    assert json.loads(parameters["r2"]) == requested
    remaining = [json.loads(kept_of.items(name) or b"")["slices"] for name in ("mine", "theirs")]
    assert [part["patterns"] for (part,) in remaining] == [["inde[[]x.html"], slices[0]["patterns"]]
    assert rows(home, "SELECT text FROM articles") == [("theirs",)]


@pytest.mark.soak
@pytest.mark.parametrize("step", ["forget:intent", "forget:raw", "forget:ledger", "publish:swap"])
def test_a_removal_from_a_bucket_that_was_killed_is_completed(
    s3: S3, home: Path, step: str
) -> None:
    bucket = f"takedown-{step.replace(':', '-')}"
    s3.fill(bucket, {})
    root = f"s3://{bucket}/lake"
    lake = Lake.open(root, storage_options=s3.options)
    fill(lake)
    publish(home, lake=lake, comparison=COPIES)
    kill(home, "site", step, root, s3.options)
    assert [item.check for item in examine(home, lake=lake, deep=True)] == ["removal"]
    upkeep(home, lake)
    assert examine(home, lake=lake, deep=True) == []
    copy = home / "bucket"
    for file in lake.store.list(""):
        target = copy / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(lake.store.get(file.path) or b"")
    assert found_in(home, WORDS) == {}
