"""Revisits of web archives, from run to run: each is read once its original is there, and once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.tasks.backfill.slices import BackfillScope
from copydesk.warehouse import connect
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.storage.duckdb_views import Snapshot, scratch
from tests.flows.running import articles
from tests.flows.slice_worker import begin, fill
from tests.sources.formats.warc.test_warc import Crawl, digest_of, wet

TEXTS = list(articles(6).values())
ADDRESS = "https://news.example/{}"


def page(number: int) -> bytes:
    title, _, text = TEXTS[number].partition("\n")
    paragraphs = "".join(f"<p>{item}</p>" for item in text.strip().split("\n\n"))
    return f"<html><title>{title}</title><article><h1>{title}</h1>{paragraphs}".encode()


def originals(path: Path, *numbers: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    crawl = Crawl()
    for number in numbers:
        crawl.response(ADDRESS.format(number), page(number), date="2024-05-01T10:00:00Z")
    path.write_bytes(crawl.data())
    return path


def revisits(path: Path, *numbers: int, month: int = 6, name_it: bool = False) -> Path:
    """Say that pages were as before, by the digest or (``name_it``) by address and date alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    crawl = Crawl()
    for number in numbers:
        url = ADDRESS.format(number)
        digest = digest_of(b"" if name_it else page(number))
        refers = (url, "2024-05-01T10:00:00Z") if name_it else ("https://x.example/", "2020-01-01")
        record = crawl.writer.create_revisit_record(url, digest, *refers)
        record.rec_headers.replace_header("WARC-Date", f"2024-{month:02}-01T10:00:00Z")
        crawl.write(record)
    path.write_bytes(crawl.data())
    return path


def ingest(home: Path, *paths: Path, source: str | None = None, size: int = 500) -> None:
    request = IngestRequest(tuple(map(str, paths)), source)
    with prepare(request, Workspace(home), batch_size=size, now=datetime.now(UTC)) as prepared:
        for batch in prepared.todo:
            clean_batch.fn(Workspace(home), prepared.run_id, request, batch)
        commit_run.fn(Workspace(home), prepared.run_id, {})


def rows(home: Path, sql: str) -> list[tuple]:
    publish(home, lake=Workspace(home).open_lake())
    with connect(home) as connection:
        return connection.execute(sql).fetchall()


def sightings(home: Path) -> list[tuple]:
    """Give the ledger's rows that count by month, and by reason or fate."""
    lake = Workspace(home).open_lake()
    with scratch(lake.store) as connection:
        Snapshot(connection, lake.tables).view("ledger")
        return connection.execute(
            "select month(observed_at), coalesce(reason, fate), count(*) from lake_ledger"
            " where run_id in (from counted) group by all order by all"
        ).fetchall()


@pytest.mark.parametrize("name_it", [False, True])
def test_the_original_was_read_by_an_earlier_run_and_its_archive_is_gone(
    tmp_path: Path, name_it: bool
) -> None:
    home = tmp_path / "home"
    may = originals(tmp_path / "may" / "x.warc.gz", 0, 1)
    text = may.with_name("x.warc.wet.gz")
    text.write_bytes(wet(2).data())  # which is no page that a revisit repeats
    ingest(home, may, text)
    may.unlink()
    june = revisits(tmp_path / "june" / "x.warc.gz", 0, 1, 2, name_it=name_it)
    ingest(home, june)
    collected = [(5, "new", 3), (6, "unchanged", 2), (6, "unresolved_revisit", 1)]
    assert sightings(home) == collected
    assert rows(home, "select count(*), min(month(last_seen_at)), max(revision) from articles") == [
        (3, 5, 1)
    ]
    ingest(home, june)  # nothing is read twice; what waits has its row again
    now = datetime.now(UTC).month
    counted = {(m, what): n for m, what, n in sightings(home)}
    assert counted.pop((6, "unresolved_revisit")) == 2
    assert counted == {(5, "new"): 3, (6, "unchanged"): 2, (now, "unchanged"): 2}


def test_a_revisit_that_waits_is_read_when_a_run_of_another_source_brings_its_original(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    june = revisits(tmp_path / "june" / "x.warc.gz", 0, 1, 2)
    ingest(home, june)
    assert sightings(home) == [(6, "unresolved_revisit", 3)]
    june.unlink()
    ingest(home, originals(tmp_path / "may" / "x.warc.gz", 0, 1), size=1)
    collected = [(5, "new", 2), (6, "unchanged", 2), (6, "unresolved_revisit", 3)]
    assert sightings(home) == collected
    ingest(home, originals(tmp_path / "april" / "x.warc.gz", 4))  # nothing of it waits
    assert sightings(home) == [(5, "new", 3), *collected[1:]]
    ingest(home, originals(tmp_path / "april" / "y.warc.gz", 2), size=1)
    assert sightings(home) == [(5, "new", 4), (6, "unchanged", 3), (6, "unresolved_revisit", 3)]
    of_june = rows(
        home,
        "select locator, count(distinct source) from ledger where month(observed_at) = 6"
        " group by 1",
    )
    assert {sources for _, sources in of_june} == {1}  # the same items as before
    assert len(of_june) == 3


@pytest.mark.parametrize("first", ["may", "june"])
def test_one_run_of_two_sources(tmp_path: Path, first: str) -> None:
    home = tmp_path / "home"
    may = originals(tmp_path / "may" / "x.warc.gz", 0, 1)
    june = revisits(tmp_path / "june" / "x.warc.gz", 0, 1, 2)
    ingest(home, *((may, june) if first == "may" else (june, may)))
    assert sightings(home) == [(5, "new", 2), (6, "unchanged", 2), (6, "unresolved_revisit", 1)]


def test_a_slice_that_is_read_again_gives_again_what_waited_for_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingest(home, revisits(tmp_path / "june" / "x.warc.gz", 0))
    originals(tmp_path / "raw" / "2024-05-01.warc.gz", 0)
    scope = BackfillScope(
        str(tmp_path / "raw" / "{date:%Y-%m-%d}.warc.gz"), date(2024, 5, 1), date(2024, 5, 1)
    )
    waits, read = (6, "unresolved_revisit", 1), (6, "unchanged", 1)
    for _ in range(2):
        fill(home, begin(home, scope, again=True))
        result = sightings(home)
        assert read in result
        assert waits in result
        assert len(result) == 3  # and the page itself


def test_bytes_that_are_gone_leave_the_revisit_waiting(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingest(home, originals(tmp_path / "may" / "x.warc.gz", 0))
    june = revisits(tmp_path / "june" / "x.warc.gz", 0)
    request = IngestRequest((str(june),))
    with prepare(request, Workspace(home), batch_size=5, now=datetime.now(UTC)) as prepared:
        for file in (home / "lake" / "raw").rglob("*.warc.zst"):
            file.unlink()
        clean_batch.fn(Workspace(home), prepared.run_id, request, next(iter(prepared.todo)))
        commit_run.fn(Workspace(home), prepared.run_id, {})
    detail = "select detail from ledger where reason = 'unresolved_revisit'"
    assert rows(home, detail) == [
        ("https://news.example/0 was unchanged, and what it repeats cannot be read:"
         " its bytes are gone",)
    ]  # fmt: skip
