"""Files within archives are read by the readers of their own formats, wherever a batch begins."""

from __future__ import annotations

import gzip
import io
import json
import stat
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources import Limits, open_sources
from copydesk.warehouse.storage.raw_files import zstd
from tests.sources.formats.archive_files import tar_of, zip_of

WARC = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/%d\r\n"
    b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n"
)
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>Page %d of the crawl.</html>"
WXR = (
    '<rss xmlns:wp="http://wordpress.org/export/1.2/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{}</channel></rss>'
)
POST = (
    "<item><title>Post {0}</title><guid>https://y.example/?p={0}</guid>"
    "<content:encoded><![CDATA[<p>Post {0} of the export.</p>]]></content:encoded></item>"
)


ARCHIVES = {
    "x.zip": zip_of,
    "stored.zip": lambda members: zip_of(members, zipfile.ZIP_STORED),
    "x.tar": tar_of,
    "x.tar.gz": lambda members: tar_of(members, "w:gz"),
    "x.tar.zst": lambda members: zstd.compress(tar_of(members)),
}


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": ["p1", "p2"], "text": ["Row 1 of it.", "Row 2 of it."]}), buffer)
    return buffer.getvalue()


def files() -> dict[str, bytes]:
    records = [WARC % (n, len(HTTP % n), HTTP % n) for n in range(3)]
    rows = [{"id": f"j{n}", "text": f"Line {n} of it."} for n in range(3)]
    return {
        "a.txt": b"A document.",
        "crawl/c.warc": b"".join(records),
        "crawl/c.warc.gz": b"".join(map(gzip.compress, records)),
        "d.wacz": zip_of({"archive/a.warc.gz": gzip.compress(records[0])}),
        "export.xml": WXR.format("".join(map(POST.format, range(2)))).encode(),
        "rows.csv": b"id,text\nc1,Row one.\nc2,Row two.\n",
        "rows.jsonl.gz": gzip.compress("\n".join(map(json.dumps, rows)).encode()),
        "rows.parquet": parquet(),
        "sub/inner.zip": zip_of({"in.csv": b"id,text\ni1,Inner.\n", "in.html": b"<p>Inner</p>"}),
        "sub/inner.tar.gz": tar_of({"t.jsonl": b'{"id": "t1", "text": "Deep."}'}, "w:gz"),
    }


COUNTS = {"a.txt": 1, "c.warc": 3, "c.warc.gz": 3, "d.wacz": 1, "export.xml": 2, "rows.csv": 2,
          "rows.jsonl.gz": 3, "rows.parquet": 2, "inner.zip": 2, "inner.tar.gz": 1}  # fmt: skip


def read(path: Path, **options) -> tuple[list[RawDocument], list[Missing]]:
    (source,) = open_sources([str(path)], **options)
    offers = list(source.discover())
    results = [*source.acquire([offer for offer in offers if isinstance(offer, Item)])]
    documents = [result for result in results if isinstance(result, RawDocument)]
    return documents, [row for row in [*offers, *results] if isinstance(row, Missing)]


@pytest.mark.parametrize("name", ARCHIVES)
def test_files_of_every_kind_in_an_archive(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(ARCHIVES[name](files()))
    (source,) = open_sources([str(path)])
    items = list(source.discover())
    assert all(isinstance(item, Item) for item in items)
    counts: dict[str, int] = {}
    for item in items:
        archive, member, *_ = item.locator.split("!")
        assert archive == name
        counts[member.rpartition("/")[2]] = counts.get(member.rpartition("/")[2], 0) + 1
    assert counts == COUNTS
    assert len({item.locator for item in items}) == len(items)
    whole = list(source.acquire(items))
    assert all(isinstance(document, RawDocument) for document in whole)
    assert [document.item.locator for document in whole] == [item.locator for item in items]
    bodies = {document.item.locator: document.body for document in whole}
    for order in (items[::-1], items[3:9], items[::3]):
        assert [d.body for d in source.acquire(order)] == [bodies[i.locator] for i in order]
    urls = {document.url for document in whole}
    assert {"https://x.example/1", f"file:{name}!a.txt", f"file:{name}!rows.csv!c1"} <= urls


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz"])
def test_archives_in_archives_have_a_bound(tmp_path, name):
    body, members = ARCHIVES[name], {"a.txt": b"Deepest."}
    for _ in range(6):
        members = {name: body(members), "b.txt": b"Beside."}
    (tmp_path / name).write_bytes(body(members))
    documents, (missing,) = read(tmp_path)
    assert [document.body for document in documents] == [b"Beside."] * 4
    assert (missing.fate, missing.reason) == (Fate.SKIPPED, "too_deep")
    assert missing.item.locator == "!".join([name] * 5)


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_damaged_file_in_an_archive_loses_itself_alone(tmp_path, name):
    members = {"a.zip": b"PK no archive", "b.parquet": b"PAR1 no table",
               "c.csv": b"id,text\n1,Row.\n", "d.warc.gz": b"\x1f\x8b\x08no",
               "e.jsonl": b'{"text": "ok"}\n{"te'}  # fmt: skip
    (tmp_path / name).write_bytes(ARCHIVES[name](members))
    documents, missing = read(tmp_path)
    assert [document.item.locator.split("!")[1] for document in documents] == ["c.csv", "e.jsonl"]
    lost = {row.item.locator.split("!")[1] for row in missing}
    assert lost == {"a.zip", "b.parquet", "d.warc.gz", "e.jsonl"}
    assert all(row.detail.startswith(name) for row in missing)


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz"])
def test_a_file_that_unpacks_beyond_the_limit_is_a_row(tmp_path, name):
    members = {"a.csv": b"id,text\n1,Row.\n", "bomb.csv": b"id,text\n1," + bytes(3_000_000)}
    (tmp_path / name).write_bytes(ARCHIVES[name](members))
    documents, (missing,) = read(tmp_path, limits=Limits(member=1_000_000))
    assert len(documents) == 1
    assert missing.item.locator == f"{name}!bomb.csv"
    assert "larger than 1,000,000 bytes" in missing.detail


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_member_of_a_name_that_occurs_twice_is_accounted_for(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for body in ("one", "two", "three"):
            archive.writestr("a.txt", body)
        archive.writestr("b.csv", "id,text\n1,Old.\n")
        archive.writestr("b.csv", "id,text\n1,New.\n")
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    documents, missing = read(tmp_path)
    assert [document.body for document in documents] == [b"three", b"New."]
    assert [(row.reason, row.item.locator) for row in missing] == [
        ("same_name", f"x.zip!{name}") for name in ("a.txt#1", "a.txt#2", "b.csv#4")
    ]
    (tmp_path / "x.zip").unlink()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, body in (("a.txt.gz", b"one"), ("./a.txt.gz", b"two"), ("b.csv", b"text\nOld.")):
            header = tarfile.TarInfo(name)
            packed = gzip.compress(body) if name.endswith("gz") else body
            header.size = len(packed)
            archive.addfile(header, io.BytesIO(packed))
    (tmp_path / "x.tar").write_bytes(buffer.getvalue())
    documents, missing = read(tmp_path)
    assert [document.body for document in documents] == [b"one", b"two", b"Old."]
    assert [d.item.locator for d in documents[:2]] == ["x.tar!a.txt.gz", "x.tar!a.txt.gz#2"]
    assert not missing


def test_links_are_named_and_never_followed(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "../secret")):
            header = tarfile.TarInfo(f"{kind.decode()}.txt")
            header.type, header.linkname = kind, target
            archive.addfile(header)
    (tmp_path / "x.tar").write_bytes(buffer.getvalue())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    documents, missing = read(tmp_path)
    assert not documents
    assert [(row.fate, row.reason) for row in missing] == [(Fate.SKIPPED, "link")] * 3


EVIL = ["../../up.csv", "/etc/root.csv", "C:\\win.csv", "a\nb.csv", "%41!x.csv", "ü\u202e.csv",
        "x" * 400 + ".csv", "a!b!c.csv", "con.csv", " .csv", "-rf.csv"]  # fmt: skip


@pytest.mark.parametrize("name", ["x.zip", "x.tar"])
def test_evil_names_are_only_names(tmp_path, name):
    folder = tmp_path / "in"
    folder.mkdir()
    members = dict.fromkeys(EVIL, b"id,text\n1,Row of it.")
    (folder / name).write_bytes(ARCHIVES[name](members))
    documents, missing = read(folder)
    assert (len(documents), missing) == (len(EVIL), [])
    assert len({document.item.locator for document in documents}) == len(EVIL)
    assert [path.name for path in tmp_path.rglob("*")] == ["in", name]


@pytest.mark.parametrize(
    ("change", "count", "reason"),
    [
        (lambda data: data, 3, None),
        (lambda data: data[:2048], 2, "truncated"),  # between two members
        (lambda data: data[:2300], 2, "truncated"),  # in the header of the third
        (lambda data: data[:2048] + b"x" * 512 + data[2560:], 2, "unreadable"),
    ],
)
def test_a_tar_archive_that_ends_early_or_is_damaged_says_so(tmp_path, change, count, reason):
    path = tmp_path / "x.tar"
    path.write_bytes(change(tar_of({f"{n}.txt": b"A document." for n in range(3)})))
    documents, missing = read(path)
    assert len(documents) == count
    assert [row.reason for row in missing] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("text", "reasons"), [("Not a mailbox.\n", ["unreadable"]), ("\n", ["no_articles"])]
)
def test_a_mailbox_without_mails_is_rejected(tmp_path, text, reasons):
    path = tmp_path / "x.mbox"
    path.write_text(text)
    documents, missing = read(path)
    assert documents == []
    assert [row.reason for row in missing] == reasons
