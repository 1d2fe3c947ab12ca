"""``copydesk reclean`` as people run it: compared, killed, gone on with, committed, discarded."""

from __future__ import annotations

import dataclasses
import json
import signal

import pytest

from copydesk.tasks.cleaning.version import CLEANER_VERSION
from tests.flows.running import Cli, articles, write

RULES = """
[[site]]
match = "paper.example"
title = "h2.real"
"""
PAGE = """<!doctype html><html lang="en"><head><title>Old title {n}</title>
<link rel="canonical" href="https://paper.example/{n}"></head><body>
<article><h1>Old title {n}</h1><h2 class="real">Real title {n}</h2>
<p>On day {n} the harbour saw {n}00 ships come in, which is more than on the day before, and the
pilots said that the wind had been kind to everyone who was out on the water.</p>
<p>In the evening the last of the {n}00 ships was moored behind the old crane, where the fish
market used to be before it was moved to the other side of the river.</p></article></body></html>"""
STATES = "select article_id, revision, valid_from, content_hash from revisions order by all"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kept_bytes_are_cleaned_again(cli: Cli) -> None:
    pages = {f"{n}.html": PAGE.format(n=n) for n in range(1, 4)}
    export = write(cli.folder / "export", {**articles(30), **pages})
    write(cli.folder, {"rules.toml": RULES})
    cli.ingest(export, "--source", "paper")
    write(export, {"1.html": PAGE.format(n=1).replace("kind", "unkind")})
    cli.ingest(export, "--source", "paper")
    before = cli.rows(STATES)
    assert len(before) == 34
    lake = cli.folder / "copydesk-data" / "lake"
    files = sorted((path, path.stat().st_mtime_ns) for path in lake.rglob("*"))
    rules = ("reclean", "--rules", "rules.toml")
    requested = (*rules, "--to-version", f"{CLEANER_VERSION}.1")

    # to compare stores nothing, and needs no version
    compared = json.loads(cli.ok(*rules, "--compare", "--json", "--output", "changes.html"))
    assert (compared["documents"], compared["changed"]) == (34, 4)
    assert compared["outcomes"]["title"] + compared["outcomes"]["text"] == 4
    page = (cli.folder / "changes.html").read_text()
    assert "<del>Old</del>" in page
    assert "<ins>Real</ins>" in page
    assert sorted((path, path.stat().st_mtime_ns) for path in lake.rglob("*")) == files

    batches = ("--batch-size", "10")
    killed = dataclasses.replace(cli, variables={"COPYDESK_KILL_AT": "seal:observations"})
    assert killed.run(*requested, *batches).returncode == -signal.SIGKILL
    (open_,) = json.loads(cli.ok("runs", "list", "--state", "unfinished", "--json"))
    assert open_["flow"] == "reclean"
    assert open_["staged"] >= 4
    assert cli.rows(STATES) == before
    completed = json.loads(cli.ok(*requested, *batches, "--json"))
    assert (completed["run_id"], completed["items"]) == (open_["run_id"], 34)
    assert completed["fates"] == {"unchanged": 30, "recleaned": 4}
    after = cli.rows(STATES)
    assert [row["content_hash"] for row in after] != [row["content_hash"] for row in before]
    for row in (*before, *after):
        del row["content_hash"]
    assert after == before
    assert {
        row["title"] for row in cli.rows("select title from revisions where url like '%html'")
    } == {f"Real title {n}" for n in range(1, 4)}
    versions = cli.rows("select distinct cleaner_version as v from revisions")
    assert versions == [{"v": f"{CLEANER_VERSION}.1"}]
    assert cli.ok("doctor", "--deep") == ""
    assert "Nothing to do" in cli.run(*requested).stderr
    assert cli.ingest(export, "--source", "paper")["fates"] == {"unchanged": 33}
    assert cli.rows("select count(*) as n from revisions") == [{"n": 34}]
    assert cli.refused == ""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_cleaning_that_was_begun_is_discarded(cli: Cli) -> None:
    cli.ingest(write(cli.folder / "export", articles(12)), "--source", "paper")
    requested = (
        "reclean",
        "--to-version",
        f"{CLEANER_VERSION}.1",
        "--where",
        "title like '%report%'",
    )
    killed = dataclasses.replace(cli, variables={"COPYDESK_KILL_AT": "seal:manifest"})
    assert killed.run(*requested).returncode == -signal.SIGKILL
    (dropped,) = json.loads(cli.ok(*requested, "--discard", "--json"))["dropped"]
    (output,) = json.loads(cli.ok("runs", "list", "--state", "abandoned", "--json"))
    assert (output["run_id"], output["reason"]) == (dropped, "discarded")
    assert "No run to discard" in cli.run(*requested, "--discard").stderr
    wrong = cli.run("reclean", "--to-version", "0", "--compare")
    assert wrong.returncode == 1
    assert (
        f"this cleaner is version {CLEANER_VERSION}: it can write {CLEANER_VERSION}, or "
        in wrong.stderr
    )
    assert (
        "nonsense"
        in cli.run("reclean", "--to-version", f"{CLEANER_VERSION}.1", "--where", "nonsense").stderr
    )
    assert cli.ok("doctor") == ""
