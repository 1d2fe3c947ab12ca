"""Pages that a browser saved in one file."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.cleaning import clean
from copydesk.tasks.sources import open_sources
from tests.sources.formats.archive_files import zip_of

URL = "https://quay.example/news/" + "widened-" * 20 + "quay"
PARAGRAPHS = [
    f"Die Mole wird nach {n} Jahren Streit verbreitert, sagt der Rat." * 3 for n in range(4)
]
PAGE = (
    '<!doctype html><html lang="de"><head><title>Mole für alle</title></head><body>'
    "<article><h1>Mole für alle</h1>"
    + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    + "</article></body></html>"
)


def saved(
    page: str = PAGE, charset: str = "windows-1252", encoding: str = "quoted-printable"
) -> bytes:
    """Make a file as Chromium writes it: the page, a style sheet, a frame, an image."""
    root = EmailMessage()
    root["From"] = "<Saved by Blink>"
    root["Snapshot-Content-Location"] = URL
    root["Date"] = "Fri, 1 Mar 2024 10:00:00 +0100"
    root["MIME-Version"] = "1.0"
    root.set_type("multipart/related") if root.get("Content-Type") else root.make_related()
    for kind, text, place in (
        ("css", "p { color: red }", "cid:css-1@mhtml.blink"),
        ("html", page, URL),
        (
            "html",
            "<html><body><p>Advertisement in a frame.</p></body></html>",
            "cid:frame-2@mhtml.blink",
        ),
    ):
        part = EmailMessage()
        part.set_content(text, subtype=kind, charset=charset, cte=encoding)
        part["Content-Location"] = place
        root.attach(part)
    return root.as_bytes()


def read_all(path: Path) -> tuple[list[RawDocument], list[Missing]]:
    (source,) = open_sources([str(path)])
    offers = list(source.discover())
    results = list(source.acquire([offer for offer in offers if isinstance(offer, Item)]))
    documents = [result for result in results if isinstance(result, RawDocument)]
    return documents, [row for row in [*offers, *results] if isinstance(row, Missing)]


def test_the_page_is_read_with_its_address_and_time(tmp_path: Path):
    (tmp_path / "x.mhtml").write_bytes(saved())
    (tmp_path / "y.zip").write_bytes(zip_of({"a/y.mht": saved(charset="utf-8", encoding="base64")}))
    documents, missing = read_all(tmp_path)
    assert not missing
    assert [document.url for document in documents] == [URL, URL]
    assert {document.observed_at for document in documents} == {datetime(2024, 3, 1, 9, tzinfo=UTC)}
    for document in documents:
        article = clean(document.body, media_type=document.media_type, url=document.url)
        assert (article.title, article.text) == ("Mole für alle", "\n\n".join(PARAGRAPHS))


def test_a_file_without_a_page_says_so(tmp_path: Path):
    (tmp_path / "x.mhtml").write_bytes(b"")
    (tmp_path / "y.mhtml").write_bytes(saved()[:300])
    documents, missing = read_all(tmp_path)
    assert not documents
    assert [(row.item.locator, row.reason) for row in missing] == [
        ("x.mhtml", "unreadable"),
        ("y.mhtml", "unreadable"),
    ]
