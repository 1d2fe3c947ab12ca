"""Records as crawlers and converters really write them, and what the ledger says of the others."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from pathlib import Path

import pytest

from copydesk.schemas.items import Fate, Missing, RawDocument
from copydesk.tasks.sources import open_sources
from copydesk.warehouse.storage.raw_files import zstd

PAGE = b"<!doctype html><html><title>Crane</title><p>The crane moved.</p></html>"
URL = "https://port.example/crane"


def record(
    block: bytes,
    *,
    kind: str | None = "response",
    url: str | None = URL,
    media_type: str | None = "application/http; msgtype=response",
    end: bytes = b"\r\n",
    **more: str,
) -> bytes:
    fields = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": "2024-05-01T10:00:00Z",
              "WARC-Record-ID": "<urn:uuid:1>", "Content-Type": media_type,
              "Content-Length": str(len(block))}  # fmt: skip
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = [f"{name}: {value}".encode() for name, value in fields.items() if value is not None]
    return end.join([b"WARC/1.0", *lines, b"", b""]) + block + end + end


def http(
    status: bytes = b"HTTP/1.1 200 OK", *headers: bytes, body: bytes = PAGE, end: bytes = b"\r\n"
) -> bytes:
    return end.join([status, *(headers or (b"Content-Type: text/html",)), b"", body])


def read(path: Path) -> tuple[list[RawDocument], list[Missing]]:
    (source,) = open_sources([str(path)])
    offers = list(source.discover())
    results = [*source.acquire([offer for offer in offers if not isinstance(offer, Missing)])]
    documents = [result for result in results if isinstance(result, RawDocument)]
    return documents, [row for row in [*offers, *results] if isinstance(row, Missing)]


STATUS_LINES = [
    b"HTTP/1.1  200 OK", b"http/1.1 200 OK", b"HTTP/1.1\t200 OK", b"HTTP/1.1 200", b"HTTP/2 200",
    b"HTTP/1.0 203 Non-Authoritative Information", b"HTTP 200 OK", b"HTTP/1.1 200 ", b"ICY 200 OK",
    b"HTTP/1.1 OK", b"\r\nHTTP/1.1 200 OK",
]  # fmt: skip
ODD = {
    **{line.decode(): record(http(line)) for line in STATUS_LINES},
    "no status line": record(http()[len(b"HTTP/1.1 200 OK\r\n") :]),
    "no headers at all": record(PAGE),
    "no type of the record": record(http(), kind=None),
    "an unknown type": record(http(), kind="capture"),
    "upper case": record(http(), kind="RESPONSE"),
    "no Content-Type of the record": record(http(), media_type=None),
    "the page's own Content-Type": record(http(), media_type="text/html"),
    "no HTTP in a response": record(PAGE, media_type="text/html"),
    "a resource": record(PAGE, kind="resource", media_type="text/html"),
    "a resource without a type": record(PAGE, kind="resource", media_type=None),
    "a resource with HTTP": record(http(), kind="resource", media_type=None),
    "line feeds alone": record(http(end=b"\n"), end=b"\n"),
    "an address in brackets": record(http(), url=f"<{URL}>"),
    "octet-stream": record(http(b"HTTP/1.1 200 OK", b"Content-Type: application/octet-stream")),
    "identified": record(
        http(b"HTTP/1.1 200 OK", b"Content-Type: application/octet-stream", body=b"Crane. " * 9),
        WARC_Identified_Payload_Type="text/plain",
    ),
    "application/xml": record(
        http(b"HTTP/1.1 200 OK", b"Content-Type: application/xml",
             body=b'<?xml version="1.0"?>\n<!-- x --><!DOCTYPE html>' + PAGE)
    ),
    "no type": record(http(b"HTTP/1.1 200 OK", b"Server: x")),
    "a type that is none": record(http(b"HTTP/1.1 200 OK", b"Content-Type: html")),
    "quoted": record(http(b"HTTP/1.1 200 OK", b'Content-Type: "text/html"')),
    "unknown and packed": record(
        http(b"HTTP/1.1 200 OK", b"Content-Type: unknown/unknown", b"Content-Encoding: gzip",
             body=gzip.compress(PAGE))
    ),
    "a folded header": record(http(b"HTTP/1.1 200 OK", b"Content-Type:", b" text/html")),
    "cut off behind the end": record(http(), WARC_Truncated="time"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("lower", [False, True])
def test_a_page_is_read_however_its_record_is_written(tmp_path, name, lower):
    data = ODD[name]
    if lower:
        head, mark, rest = data.partition(b"\n\n" if b"\r\n" not in data else b"\r\n\r\n")
        lines = (line.partition(b":") for line in head.split(b"\n"))
        head = b"\n".join(a.lower() + b + c if b else a for a, b, c in lines)
        data = head + mark + rest
    whole = record(http(), url="https://port.example/last")
    (tmp_path / "x.warc").write_bytes(data + whole)
    (tmp_path / "y.warc.gz").write_bytes(gzip.compress(data) + gzip.compress(whole))
    documents, missing = read(tmp_path)
    assert not missing
    assert [document.url for document in documents] == [URL, "https://port.example/last"] * 2
    assert b"rane" in documents[0].body
    assert documents[0].body == documents[2].body


def test_each_record_without_a_page_is_counted(tmp_path):
    others = [
        record(http(b"HTTP/1.1 404 Not Found")),
        record(http(b"HTTP/1.1 404 Not Found")),
        record(http(b"HTTP/1.1 301 Moved", b"Location: /")),
        record(http(b"HTTP/1.1 200 OK", b"Content-Type: image/png")),
        record(http(b"HTTP/1.1 200 OK", b"Content-Type: binary/octet-stream", body=b"\x7f")),
        record(http(), url="https://port.example/robots.txt"),
        record(b"20240501\n1.2.3.4", url="dns:port.example", media_type="text/dns"),
        record(b"x", kind="continuation", media_type=None),
        record(b"GET / HTTP/1.1\r\n\r\n", kind="request", media_type="application/http"),
        record(b"software: x", kind="warcinfo", url=None, media_type="application/warc-fields"),
        record(b"fetchTimeMs: 1", kind="metadata", media_type="application/warc-fields"),
    ]
    (tmp_path / "x.warc").write_bytes(b"".join(others) + record(http()))
    documents, missing = read(tmp_path)
    assert [document.url for document in documents] == [URL]
    assert {(row.fate, row.reason) for row in missing} == {(Fate.SKIPPED, "no_page")}
    counts = {row.item.locator.partition("!")[2]: row.detail.rpartition(": ")[2] for row in missing}
    assert counts == {
        "status 404": "2 records", "status 301": "1 record", "media type image/png": "1 record",
        "media type binary/octet-stream": "1 record", "robots.txt": "1 record",
        "media type text/dns": "1 record", "type continuation": "1 record",
    }  # fmt: skip


def test_groups_of_records_without_a_page_are_bounded(tmp_path):
    kinds = [record(http(b"HTTP/1.1 %d X" % status)) for status in range(400, 700)]
    (tmp_path / "x.warc").write_bytes(b"".join(kinds))
    _, missing = read(tmp_path)
    counts = Counter(row.item.locator.partition("!")[2].partition(" ")[0] for row in missing)
    assert counts == {"status": 100, "others": 1}
    assert missing[-1].detail.endswith(": 200 records")


def test_half_a_page_is_no_page(tmp_path):
    half = PAGE[:40]
    records = [
        record(http(body=half), WARC_Truncated="disconnect"),
        record(http(body=half), WARC_Segment_Number="1"),
        record(http(b"HTTP/1.1 200 OK", b"Content-Type: text/html", b"Content-Encoding: deflate",
                    body=zlib.compress(PAGE)[:20])),
    ]  # fmt: skip
    (tmp_path / "x.warc").write_bytes(b"".join(records))
    documents, missing = read(tmp_path)
    assert (documents, [row.reason for row in missing]) == ([], ["truncated"] * 3)


def arc(*pages: bytes, version: int = 1) -> bytes:
    more = {1: b"", 2: b"200 - - 0 x.arc "}[version]
    names = b"1 0 Port\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://x.arc 0.0.0.0 20040501100000 text/plain %b%d\n%b\n" % (more, 70, names)
    records = [
        b"http://port.example/%d 10.0.0.1 20040501100000 text/html %b%d\n%b\n"
        % (number, more, len(page), page)
        for number, page in enumerate(pages)
    ]
    return b"".join([head, *records]), [head, *records]


@pytest.mark.parametrize("version", [1, 2])
def test_arc_files_are_read(tmp_path, version):
    bodies = [PAGE, PAGE + b"\nhttp://x.example/ is not a record\n", b"x"]
    pages = [http(body=body) for body in bodies[:2]] + [http(b"HTTP/1.0 404 Not Found", body=b"x")]
    whole, records = arc(*pages, version=version)
    (tmp_path / "a.arc").write_bytes(whole)
    (tmp_path / "b.arc.gz").write_bytes(b"".join(map(gzip.compress, records)))
    (tmp_path / "c.arc.gz").write_bytes(gzip.compress(whole))
    (tmp_path / "d.arc.zst").write_bytes(zstd.compress(whole))
    documents, missing = read(tmp_path)
    assert [document.body for document in documents] == bodies[:2] * 4
    assert [d.url for d in documents] == ["http://port.example/0", "http://port.example/1"] * 4
    assert {d.observed_at.isoformat() for d in documents} == {"2004-05-01T10:00:00+00:00"}
    assert [row.reason for row in missing] == ["no_page"] * 4


def test_arc_files_are_read_on_after_damage(tmp_path):
    pages = [http(body=b"%d. " % number + PAGE) for number in range(5)]
    whole, _ = arc(*pages)
    damaged = whole.replace(b"text/html %d\n" % len(pages[2]), b"text/html 99\n")
    (tmp_path / "a.arc").write_bytes(damaged.replace(b"/2 10.0", b"/2 x10.0"))
    documents, missing = read(tmp_path)
    assert {int(document.body[:1]) for document in documents} >= {0, 3, 4}
    assert missing
    (tmp_path / "a.arc").write_bytes(b"FreeArc\1 or something else")
    documents, missing = read(tmp_path)
    assert (documents, [row.reason for row in missing]) == ([], ["unreadable"])


def test_headers_that_reserve_rights_are_kept(tmp_path):
    headers = (b"Content-Type: text/html", b"TDM-Reservation: 1", b"X-Robots-Tag: noai",
               b"X-Robots-Tag: noimageai", b"Server: nginx")  # fmt: skip
    (tmp_path / "a.warc").write_bytes(record(http(b"HTTP/1.1 200 OK", *headers)))
    ((document,), _) = read(tmp_path)
    assert document.how["tdm-reservation"] == "1"
    assert document.how["x-robots-tag"] == "noai, noimageai"
    assert "server" not in document.how
