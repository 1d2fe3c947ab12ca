from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from copydesk.schemas.article import Article, Cut, CutKind, Reject, RejectReason
from copydesk.schemas.ids import article_id, item_id
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.ingest.plan import StoredItem, UnchangedItem
from copydesk.tasks.ingest.rows import Rows

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FILE = Item("s", "a.html", "file:a.html", "/in/a.html", fingerprint="12:34")
PAGE = Item("feed", "entry-1", "https://site.example/a", "https://site.example/a")


def document(item: Item, body: bytes = b"...") -> RawDocument:
    return RawDocument(item, body, item.url, NOW, how={"encoding": "utf-8"})


def test_an_article_gives_a_row_of_each_table() -> None:
    rows = Rows("r1", 3, "v1")
    cut = Cut(CutKind.COMMENTS, "phrase", 4, "Leave a reply")
    article = Article("Title", "Text.", authors=("A", "B"), evidence={"title": "h1"}, cuts=(cut,))
    rows.add_article(document(FILE), "f" * 64, article)
    tables = rows.tables()
    (ledger,), (observation,) = rows.ledger, rows.observations
    (retained,) = tables["cuts"].to_pylist()
    assert ledger["fate"] == "read"
    assert ledger["fingerprint"] == "12:34"
    assert ledger["how"] == [("encoding", "utf-8")]
    assert observation["authors"] == ["A", "B"]
    assert observation["article_id"] == item_id("s", "a.html") == retained["article_id"]
    assert (retained["kind"], retained["position"], retained["text"]) == (
        "comments",
        4,
        "Leave a reply",
    )
    assert (retained["run_id"], retained["batch"], retained["cleaner_version"]) == ("r1", 3, "v1")
    assert {name: len(data) for name, data in tables.items()} == {
        "observations": 1,
        "cuts": 1,
        "rejects": 0,
        "ledger": 1,
    }


def test_rejects_and_missing_items_have_their_reason_in_both_tables() -> None:
    rows = Rows("r1", 0, "v1")
    rows.add_reject(document(FILE), "f" * 64, Reject(RejectReason.NO_BODY, "a title alone", "T"))
    rows.add_missing(Missing(PAGE, Fate.REJECTED, "too_large", "1 GB", NOW))
    rows.add_missing(Missing(PAGE, Fate.FAILED, "dns", "no such host", NOW, how={"status": "0"}))
    assert [row["fate"] for row in rows.ledger] == ["rejected", "rejected", "failed"]
    assert [row["reason"] for row in rows.rejects] == ["no_body", "too_large"]
    assert rows.rejects[0]["evidence"] == "T"


def test_a_seen_item_keeps_the_content_that_is_known() -> None:
    rows = Rows("r2", 0, "v2")
    stored = StoredItem(
        "12:34", "new", article_id="a" * 32, content_hash="c" * 32, cleaner_version="v1"
    )
    rows.add_seen(UnchangedItem(FILE, stored), NOW)
    (row,) = rows.ledger
    assert (row["fate"], row["article_id"], row["cleaner_version"]) == ("unchanged", "a" * 32, "v1")


def test_a_page_is_the_same_article_from_every_source() -> None:
    def of(source: str, canonical: str | None, url: str) -> str:
        return article_id(source, f"{source}-1", canonical=canonical, url=url)

    page = "https://site.example/a"
    assert of("feed", None, page) == of("sitemap", None, "HTTPS://Site.example/a#top")
    assert of("feed", page, "https://site.example/a?utm_source=feed") == of("sitemap", None, page)
    assert of("feed", "https://elsewhere.example/a", page) == of("sitemap", None, page)
    assert of("feed", "https://site.example/", page) == of("sitemap", None, page)
    assert of("one", None, "file:a.txt") != of("two", None, "file:a.txt")


def test_a_time_of_another_zone_is_the_same_instant() -> None:
    import pandera.pandas  # noqa: F401  as where a batch is refused: after it pyarrow alone loses the zone

    from copydesk.schemas.arrow import frame

    berlin = datetime(2024, 4, 26, 10, tzinfo=timezone(timedelta(hours=2)))
    row = {"title": "a", "text": "b", "published_at": berlin}
    assert frame("observations", [row])["published_at"].tolist() == [berlin]
