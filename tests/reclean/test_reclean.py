"""Kept bytes cleaned again: chosen, cut into batches, read back, compared, stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.flows.pipeline import commit_or_hold
from copydesk.schemas.article import Article, Hints, Reject, RejectReason
from copydesk.schemas.gates import Action, GateSettings
from copydesk.schemas.items import Item, RawDocument
from copydesk.schemas.json_form import from_json, to_json
from copydesk.tasks.cleaning.reservations import in_transport
from copydesk.tasks.cleaning.version import CLEANER_VERSION
from copydesk.tasks.ingest.batch import stage_documents
from copydesk.tasks.ingest.rows import Rows
from copydesk.tasks.reclean.batch import (
    ReadingBatch,
    VersionError,
    batches,
    checked_version,
    raw_document,
    reread,
)
from copydesk.tasks.reclean.comparison import Outcome, Tally, compared, lines
from copydesk.tasks.reclean.comparison_page import compare_page
from copydesk.tasks.workers.pool import CleaningPool, Task
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.history.stored_documents import (
    DocumentFilter,
    EarlierReading,
    StoredDocument,
    read_stored,
    select_documents,
)
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.runs.run import RECLEAN
from copydesk.warehouse.upkeep.compact import maintain
from copydesk.warehouse.upkeep.doctor import examine
from tests.warehouse.sample import hour, plan, rows

NOW = datetime(2026, 4, 1, tzinfo=UTC)


Cleaner = Callable[[Task], Article | Reject]


class Inline:
    """A pool without processes, with a cleaner of the test's own."""

    def __init__(self, cleaner: Cleaner) -> None:
        self.cleaner = cleaner
        self.tasks: list[Task] = []

    def clean(self, tasks: Iterable[Task], rules: object = None) -> list[Article | Reject]:
        self.tasks += (argument := list(tasks))
        return [self.cleaner(task) for task in argument]

    def run(self, work: Callable[[Inline], Any]) -> Any:
        return work(self)


def old(task: Task) -> Article | Reject:
    """Keep the chrome, and read no short text."""
    title, _, text = task.document.decode().partition("\n")
    if "short" in text:
        return Reject(RejectReason.NO_BODY, "nothing below the title")
    return Article(title, text, language="en", published_at=hour(0))


def new(task: Task) -> Article | Reject:
    result = old(dataclasses.replace(task, document=task.document.replace(b"short", b"brief")))
    assert isinstance(result, Article)
    if "lost" in result.title:
        return Reject(RejectReason.NOT_AN_ARTICLE, "a list of links")
    hinted = task.hints.authors if task.hints else ()
    return dataclasses.replace(result, text=result.text.replace(" Share", ""), authors=hinted)


def store(
    lake: Lake, run_id: str, texts: dict[str, str], *, at: float = 0, source: str = "wire"
) -> None:
    """Ingest texts as an older cleaner read them."""
    lake.begin(plan(run_id, started=at))
    documents = [
        RawDocument(
            Item(source, name, f"https://{source}.example/{name}", name, "text/plain", "f",
                 Hints(authors=("Ann Lee",))),
            text.encode(), f"https://{source}.example/{name}", hour(at),
        )
        for name, text in texts.items()
    ]  # fmt: skip
    pool = Inline(old)
    stage_documents(lake, Rows(run_id, 0, "0"), documents, cleaner=pool, rules=None, keep_raw="all")
    lake.run(run_id).seal()
    lake.run(run_id).commit()


def chosen(lake: Lake, **requested: Any) -> list[tuple[StoredDocument, EarlierReading]]:
    with select_documents(lake, DocumentFilter("1", **requested)) as result:
        return list(result.documents())


def clean_again(lake: Lake, run_id: str, cleaner: Cleaner = new, size: int = 2) -> Inline:
    """Stage a re-cleaning of all documents."""
    lake.begin(dataclasses.replace(plan(run_id, started=50), flow=RECLEAN))
    pool = Inline(cleaner)
    for batch in batches([document for document, _ in chosen(lake)], size=size):
        reread(
            lake, run_id, from_json(ReadingBatch, to_json(batch)), version="1",
            pool=cast("CleaningPool", pool), rules=None,
        )  # fmt: skip
    return pool


TEXTS = {
    "a": "One\nHarbour news of the day Share",
    "b": "Two\nNothing changes here",
    "c": "Three\nshort",
    "d": "Four lost\nlinks links links",
}


def test_documents_are_chosen(lake: Lake) -> None:
    store(lake, "r1", TEXTS)
    store(lake, "r2", {"a": "One\nLater news Share", "b": TEXTS["b"]}, at=1)
    store(lake, "r3", {"e": "Five\nElsewhere"}, at=2, source="other")
    result = chosen(lake)
    names = [(offer.source, offer.locator) for offer, _ in result]
    assert sorted(names[:1] + names[1:5]) == [("other", "e"), *(("wire", n) for n in "abcd")]
    assert names[5] == ("wire", "a")  # an item's second state after all first ones
    assert [offer.observed_at for offer, _ in result if offer.locator == "b"] == [hour(1)]
    assert result[5][1].text == "Later news Share"
    assert len(chosen(lake, sources=("other",))) == 1
    assert len(chosen(lake, site="wire.example")) == 5
    rejected = chosen(lake, where="fate = 'rejected' and reason = 'no_body'")
    assert [offer.locator for offer, _ in rejected] == ["c"]
    assert len(chosen(lake, where="title like 'O%' -- both")) == 2
    for wrong in ("nonsense", "true) or (", "1 = 1; drop table chosen"):
        with pytest.raises(LakeError, match="condition"):
            chosen(lake, where=wrong)
    with select_documents(lake, DocumentFilter("1")) as requested:
        some = [offer.item_id for offer, _ in requested.documents(sample=3)]
        assert some == [offer.item_id for offer, _ in requested.documents(sample=3)]
        assert len(some) == 3
    with select_documents(lake, DocumentFilter("0")) as requested:
        assert requested.count() == (0, 0)


def test_a_cleaning_again_is_stored(lake: Lake, home: Path) -> None:
    store(lake, "r1", TEXTS)
    store(lake, "r2", {"a": "One\nLater news Share"}, at=1)
    publish(home, lake=lake)
    pool = clean_again(lake, "r3")
    assert {task.hints for task in pool.tasks} == {Hints(authors=("Ann Lee",))}
    assert {task.media_type for task in pool.tasks} == {"text/plain"}
    sealed, verdict = commit_or_hold(lake.run("r3"), gates={}, now=NOW)
    assert (sealed.fates, verdict.findings) == (
        {"recleaned": 2, "new": 1, "rejected": 1, "unchanged": 1},
        (),
    )
    publish(home, lake=lake)
    assert rows(home, "SELECT locator, revision, text, authors FROM revisions ORDER BY ALL") == [
        ("a", 1, "Harbour news of the day", ["Ann Lee"]),
        ("a", 2, "Later news", ["Ann Lee"]),
        ("b", 1, "Nothing changes here", ["Ann Lee"]),
        ("c", 1, "brief", ["Ann Lee"]),
    ]
    assert chosen(lake) == []
    assert examine(home, lake=lake, deep=True) == []
    # a look that finds the bytes that are known is told from what was read last
    stored = {row["locator"]: row for row in lake.latest_items("wire").to_pylist()}
    assert {row["cleaner_version"] for row in stored.values()} == {"1"}
    assert {row["fingerprint"] for row in stored.values()} == {"f"}
    assert stored["d"]["fate"] == "rejected"


def test_a_cleaning_again_fills_what_older_rows_lack(lake: Lake, home: Path) -> None:
    """Reservations come from the headers that the ledger has; older rows are null until then."""
    item = Item("wire", "a", "https://wire.example/a", "a", "text/plain", "f")
    document = RawDocument(
        item, b"One\nHarbour news", "https://wire.example/a", hour(0),
        how={"x-robots-tag": "noai", "robots.txt": "GPTBot"},
    )  # fmt: skip
    lake.begin(plan("r1", started=0))
    stage_documents(
        lake, Rows("r1", 0, "0"), [document], cleaner=Inline(old), rules=None, keep_raw="all"
    )
    lake.run("r1").seal()
    lake.run("r1").commit()
    publish(home, lake=lake)
    asked = "SELECT quality, access, reservations, evidence['access'] FROM articles"
    assert rows(home, asked) == [(None, None, None, None)]

    def today(task: Task) -> Article | Reject:
        evidence = {"access": "json-ld isAccessibleForFree: true"}
        read = dataclasses.replace(
            new(task), access="free", quality=0.91, reservations=in_transport(task.transport or {})
        )
        return dataclasses.replace(read, evidence=evidence)

    clean_again(lake, "r2", today)
    commit_or_hold(lake.run("r2"), gates={}, now=NOW)
    publish(home, lake=lake)
    reserved = {"ai-crawlers": "robots.txt denies GPTBot", "noai": "header x-robots-tag"}
    assert rows(home, asked) == [(0.91, "free", reserved, "json-ld isAccessibleForFree: true")]
    assert rows(home, "SELECT kind FROM article_reservations ORDER BY kind") == [
        ("ai-crawlers",), ("noai",),
    ]  # fmt: skip
    assert rows(home, "SELECT * FROM unreserved_articles") == []
    with select_documents(lake, DocumentFilter("2", where="quality > 0.9")) as result:
        assert result.count()[0] == 1


def test_bytes_that_are_gone_are_counted_and_stay(lake: Lake, home: Path) -> None:
    store(lake, "r1", {"a": TEXTS["a"]})
    documents = [document for document, _ in chosen(lake)]
    maintain(lake, now=datetime(2099, 1, 1, tzinfo=UTC), keep_raw=hour(1) - hour(0))
    store(lake, "r2", {"b": TEXTS["b"]}, at=1)
    with select_documents(lake, DocumentFilter("1")) as requested:
        assert requested.count() == (1, 1)
    assert read_stored(lake, documents) == [None]
    lake.begin(dataclasses.replace(plan("r3"), flow=RECLEAN))
    (batch,) = batches(documents, size=5, raw_gone=1)
    completed = reread(
        lake, "r3", batch, version="1", pool=cast("CleaningPool", Inline(new)), rules=None
    )
    assert (completed.items, completed.raw_gone) == (0, 2)
    commit_or_hold(lake.run("r3"), gates={}, now=NOW)
    publish(home, lake=lake)
    assert rows(home, "SELECT text FROM articles WHERE title = 'One'") == [
        ("Harbour news of the day Share",)
    ]


def test_a_cleaner_that_loses_articles_is_held(lake: Lake, home: Path) -> None:
    store(lake, "r1", {f"page-{n}": f"Page {n}\nwords of page {n}" for n in range(30)})
    clean_again(lake, "r2", lambda _: Reject(RejectReason.NO_BODY, "nothing"), size=30)
    hold = {"": GateSettings(action=Action.HOLD)}
    sealed, verdict = commit_or_hold(lake.run("r2"), gates=hold, now=NOW)
    assert sealed.fates == {"rejected": 30}
    assert verdict.held
    assert "30 of 30 documents read were rejected (100%, usually 0%)" in verdict.findings[0]
    publish(home, lake=lake)
    assert rows(home, "SELECT count(*) FROM articles") == [(30,)]
    lake.run("r2").abandon("dropped")
    assert len(chosen(lake)) == 30
    assert examine(home, lake=lake, deep=True) == []


def document(number: int = 0, source: str = "wire", at: float = 0) -> StoredDocument:
    return StoredDocument(
        f"item-{number}", source, f"p{number}", f"https://wire.example/{number}", hour(at),
        f"{number:064x}", "raw/r/0.warc.zst", 0, 1,
    )  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("xyz"))), st.integers(1, 5))
def test_batches_hold_an_item_once(items: list[tuple[int, str]], size: int) -> None:
    documents = [document(number, source) for number, source in items]
    cut = list(batches(documents, size=size, raw_gone=7))
    assert [item for batch in cut for item in batch.documents] == documents
    assert [batch.number for batch in cut] == list(range(len(cut)))
    assert sum(batch.gone for batch in cut) == (7 if cut else 0)
    for batch in cut:
        assert 1 <= len(batch) <= size
        assert len({item.item_id for item in batch.documents}) == len(batch)
        assert len({item.source for item in batch.documents}) == 1
        assert from_json(ReadingBatch, to_json(batch)) == batch


@pytest.mark.parametrize("tail", ["", ".1", ".2.3"])
def test_versions_that_can_be_written(tail: str) -> None:
    assert checked_version(CLEANER_VERSION + tail) == CLEANER_VERSION + tail
    assert checked_version(None) == CLEANER_VERSION


@pytest.mark.parametrize("version", ["1", "0", "{}.", "{}.x", "{0}{0}", ""])
def test_versions_that_cannot(version: str) -> None:
    with pytest.raises(VersionError, match=rf"it can write {CLEANER_VERSION}, or "):
        checked_version(version.format(CLEANER_VERSION))


def test_a_media_type_that_nobody_kept_is_told_by_the_name() -> None:
    page = dataclasses.replace(document(), locator="folder/page.html")
    assert raw_document(page, b"x").item.media_type == "text/html"
    assert raw_document(dataclasses.replace(page, media_type="text/plain"), b"x").media_type == (
        "text/plain"
    )


ARTICLE = Article("A title", "one two three four\n\nfive six seven eight", language="en")


def before(title: str = "A title", text: str = ARTICLE.text, **fields: Any) -> EarlierReading:
    return EarlierReading("0", None, "f" * 32, title, text, {"language": "en", **fields})


@pytest.mark.parametrize(
    ("was", "after", "outcome", "fields"),
    [
        (before(), ARTICLE, Outcome.SAME, ()),
        (before(authors=[], tags=None), ARTICLE, Outcome.SAME, ()),
        (before(text="one two three four"), ARTICLE, Outcome.TEXT, ("text",)),
        (before("Another title"), ARTICLE, Outcome.TITLE, ("title",)),
        (before(published_at=hour(1)), ARTICLE, Outcome.FIELDS, ("published_at",)),
        (before(), Reject(RejectReason.NO_BODY, "no"), Outcome.LOST, ()),
        (EarlierReading("0", "no_body"), ARTICLE, Outcome.ACCEPTED, ()),
        (
            EarlierReading("0", "no_body"),
            Reject(RejectReason.EMPTY, ""),
            Outcome.STILL_REJECTED,
            (),
        ),
    ],
)
def test_what_becomes_of_a_document(
    was: EarlierReading, after: Article | Reject, outcome: Outcome, fields: Sequence[str]
) -> None:
    item = compared(document(), was, after)
    assert (item.outcome, item.fields) == (outcome, fields)


def test_a_comparison_is_counted() -> None:
    tally = Tally("1", raw_gone=2)
    tally.add(compared(document(1), before(), ARTICLE))
    tally.add(compared(document(2), before(text="one two three four"), ARTICLE))
    tally.add(compared(document(3), before(), Reject(RejectReason.NO_BODY, "no")))
    tally.add(compared(document(4), EarlierReading("0", "empty"), ARTICLE))
    for at, text in enumerate(("one Share 1", "one Share 2")):  # states that become one
        tally.add(compared(document(5, at=at), before(text=text), ARTICLE))
    counted = tally.as_dict()
    assert (counted["documents"], counted["changed"], counted["raw_gone"]) == (6, 5, 2)
    assert counted["outcomes"]["text"] == 3
    assert (counted["revisions_joined"], counted["revisions_parted"]) == (1, 0)
    assert counted["rejects"] == [
        {"before": None, "after": "no_body", "documents": 1},
        {"before": "empty", "after": None, "documents": 1},
    ]
    assert [comparison.outcome for comparison in tally.shown()][:2] == [
        Outcome.LOST,
        Outcome.ACCEPTED,
    ]
    assert "5 of 6 documents would change under cleaner 1" in lines(tally)[0]
    assert "1 would join the one before" in "\n".join(lines(tally))


@given(st.text(), st.text(), st.sampled_from(["text", "title", "lost", "accepted"]))
def test_a_page_shows_nothing_that_runs(one: str, other: str, kind: str) -> None:
    evil = f"<script>alert(1)</script>{one}"
    tally = Tally("1")
    was, after = before(evil, evil, site=evil), Article(other, f"{other}\n\n{evil}", site=other)
    if kind == "lost":
        tally.add(compared(document(), was, Reject(RejectReason.NO_BODY, evil)))
    elif kind == "accepted":
        tally.add(
            compared(
                document(), EarlierReading("0", "no_body"), dataclasses.replace(after, title=evil)
            )
        )
    else:
        tally.add(compared(document(), was, after))
    page = compare_page(tally, choice=evil, at=NOW)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.encode("utf-8")
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in page
