from __future__ import annotations

import base64
import gzip
import hashlib
import io
import pickle
import re
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources import Limits, open_sources
from copydesk.tasks.sources.formats.warc.payload_index import PayloadIndex, RecordLocation
from copydesk.tasks.sources.formats.warc.records import read_digest
from copydesk.tasks.sources.streams.compression import open_zstd
from copydesk.warehouse.storage.raw_files import zstd

CODINGS = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "deflate": zlib.compress,
    None: bytes,
}


def chunked(body: bytes) -> bytes:
    pieces = [body[i : i + 1000] for i in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def page(number: int) -> bytes:
    return f"<html><title>Page {number}</title><p>{f'Text {number}. ' * 200}".encode()


class Crawl:
    """Writes a web archive by the reference library; ``places`` says where each record begins."""

    def __init__(self, *, gzipped: bool = True) -> None:
        self.buffer = io.BytesIO()
        self.writer = WARCWriter(self.buffer, gzip=gzipped)
        self.places: list[int] = []
        self.write(self.writer.create_warcinfo_record("x.warc", {"software": "test"}))

    def write(self, record) -> None:
        self.places.append(self.buffer.tell())
        self.writer.write_record(record)

    def response(self, url, body, status="200 OK", date="2024-05-01T10:00:00Z", **headers) -> None:
        fields = {"Content-Type": "text/html; charset=utf-8"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        http = StatusAndHeaders(status, list(fields.items()), protocol="HTTP/1.1")
        self.write(
            self.writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                http_headers=http,
                warc_headers_dict={"WARC-Date": date},
            )
        )

    def pages(self, count: int) -> Crawl:
        for number in range(count):
            self.response(f"https://news.example/{number}", page(number))
        return self

    def data(self) -> bytes:
        return self.buffer.getvalue()


def with_dictionary(data: bytes, *, packed: bool = False, content: bytes | None = None) -> bytes:
    """Compress each record by itself with a dictionary, which the file begins with."""
    records = [b"WARC/1.0" + record for record in data.split(b"WARC/1.0")[1:]]
    samples = [page(number) for number in range(300)] + records
    dictionary = zstd.train_dict(samples, 4000)
    if content is None:
        content = dictionary.dict_content
    content = zstd.compress(content) if packed else content
    frame = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
    return frame + b"".join(zstd.compress(record, zstd_dict=dictionary) for record in records)


FORMS = {
    "x.warc.gz": lambda crawl: crawl(gzipped=True),
    "x.warc": lambda crawl: crawl(gzipped=False),
    "whole.warc.gz": lambda crawl: gzip.compress(crawl(gzipped=False)),
    "x.warc.zst": lambda crawl: zstd.compress(crawl(gzipped=False)),
    "own.warc.zst": lambda crawl: with_dictionary(crawl(gzipped=False)),
}


def read(path: Path, **options) -> tuple[list[RawDocument], list[Missing]]:
    """Read an archive; rows that count records without a page are left out."""
    (source,) = open_sources([str(path)], **options)
    result = offers_of(source)
    results = list(source.acquire([offer for offer in result if isinstance(offer, Item)]))
    return (
        [offer for offer in results if isinstance(offer, RawDocument)],
        [offer for offer in [*result, *results] if isinstance(offer, Missing)],
    )


def offers_of(source) -> list[Item | Missing]:
    offers = source.discover()
    return [o for o in offers if not isinstance(o, Missing) or o.reason != "no_page"]


def numbers(documents: list[RawDocument]) -> list[int]:
    """Tell which pages are there, each whole."""
    collected = [int(document.url.rpartition("/")[2]) for document in documents]
    assert [document.body for document in documents] == [page(number) for number in collected]
    return collected


@pytest.mark.parametrize("name", FORMS)
def test_pages_with_the_dates_of_their_records(tmp_path, name):
    def crawl(*, gzipped):
        it = Crawl(gzipped=gzipped).pages(3)
        it.response("https://news.example/picture", b"x", Content_Type="image/png")
        it.response("https://news.example/gone", b"gone", status="404 Not Found")
        it.response("https://news.example/robots.txt", b"x", Content_Type="text/plain")
        it.response("https://news.example/3", page(3), date="2023-01-02T03:04:05Z", ETag='"3"')
        return it.data()

    (tmp_path / name).write_bytes(FORMS[name](crawl))
    documents, missing = read(tmp_path)
    assert not missing
    assert numbers(documents) == [0, 1, 2, 3]
    assert documents[0].observed_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert documents[3].observed_at == datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert documents[3].how["etag"] == '"3"'
    assert documents[0].media_type == "text/html; charset=utf-8"
    assert len({document.item.locator for document in documents}) == 4
    (source,) = open_sources([str(tmp_path)])
    items = [document.item for document in documents]
    assert offers_of(source) == items
    assert numbers(list(source.acquire(items[::-1]))) == [3, 2, 1, 0]


@pytest.mark.parametrize("transfer", ["chunked", None])
@pytest.mark.parametrize("coding", CODINGS)
def test_bodies_of_every_coding(tmp_path, coding, transfer):
    crawl = Crawl()
    for number in range(3):
        body = CODINGS[coding](page(number))
        headers = {"Content_Encoding": coding} if coding else {}
        if transfer:
            body, headers["Transfer_Encoding"] = chunked(body), "chunked"
        crawl.response(f"https://news.example/{number}", body, **headers)
    (tmp_path / "x.warc.gz").write_bytes(crawl.data())
    documents, missing = read(tmp_path)
    assert (numbers(documents), missing) == ([0, 1, 2], [])


def test_revisits_have_the_body_of_what_they_repeat(tmp_path):
    crawl = Crawl()
    crawl.response("https://news.example/0", page(0))
    crawl.response("https://news.example/pic", b"png", Content_Type="image/png")
    first = "sha1:" + "A" * 32

    def revisit(url, digest, date, **refers):
        record = crawl.writer.create_revisit_record(url, digest, "https://x.example/", "2020-01-01")
        record.rec_headers.replace_header("WARC-Date", date)
        for name in ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"):
            record.rec_headers.remove_header(name)
        for name, value in refers.items():
            record.rec_headers.add_header(name.replace("_", "-"), value)
        crawl.write(record)

    digest = crawl.writer.create_warc_record(
        "https://news.example/0", "response", payload=io.BytesIO(page(0)),
        http_headers=StatusAndHeaders("200 OK", [], protocol="HTTP/1.1"),
    )  # fmt: skip
    crawl.writer.ensure_digest(digest, block=False)
    revisit("https://news.example/0", digest.rec_headers.get_header("WARC-Payload-Digest"),
            "2024-06-01T00:00:00Z")  # fmt: skip
    revisit("https://news.example/0", first, "2024-07-01T00:00:00Z",
            WARC_Refers_To_Target_URI="https://news.example/0",
            WARC_Refers_To_Date="2024-05-01T10:00:00Z")  # fmt: skip
    revisit("https://news.example/elsewhere", first, "2024-08-01T00:00:00Z")
    (tmp_path / "x.warc.gz").write_bytes(crawl.data())
    documents, (missing,) = read(tmp_path)
    assert numbers(documents) == [0, 0, 0]
    assert [document.observed_at.month for document in documents] == [5, 6, 7]
    assert (missing.fate, missing.reason) == (Fate.SKIPPED, "unresolved_revisit")


def digest_of(body: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()


def revisits(*bodies: bytes, gzipped: bool = True) -> Crawl:
    """A crawl a month later that found the pages as they were."""
    crawl = Crawl(gzipped=gzipped)
    for number, body in enumerate(bodies):
        record = crawl.writer.create_revisit_record(
            f"https://news.example/{number}", digest_of(body), "https://x.example/", "2020-01-01"
        )
        record.rec_headers.replace_header("WARC-Date", "2024-06-01T10:00:00Z")
        crawl.write(record)
    return crawl


@pytest.mark.parametrize("name", FORMS)
def test_a_revisit_repeats_a_record_of_an_archive_before_it(tmp_path, name):
    def crawl(*, gzipped):
        it = Crawl(gzipped=gzipped).pages(2)
        it.response("https://news.example/pic", b"png", Content_Type="image/png")
        return it.data()

    (tmp_path / f"05-{name}").write_bytes(FORMS[name](crawl))
    later = revisits(page(0), page(1), b"png", page(7)).data()
    (tmp_path / "06-x.warc.gz").write_bytes(later)
    (source,) = open_sources([str(tmp_path)])
    result = offers_of(source)
    items = [offer for offer in result if isinstance(offer, Item)]
    (missing_row,) = (offer for offer in result if isinstance(offer, Missing))
    assert (missing_row.reason, missing_row.item.url) == (
        "unresolved_revisit",
        "https://news.example/3",
    )
    documents = list(pickle.loads(pickle.dumps(source)).acquire(items[2:]))
    assert numbers(documents) == [0, 1]
    assert [offer.observed_at.month for offer in documents] == [6, 6]
    assert all(offer.item.locator.startswith("06-x.warc.gz!") for offer in documents)
    again = [offer for offer in source.discover() if isinstance(offer, Item)]
    assert again == items  # nothing is remembered from the first time
    (tmp_path / f"05-{name}").unlink()
    removed = list(source.acquire(items[2:]))
    assert [offer.reason for offer in removed] == ["unreadable"] * 2


def test_a_revisit_repeats_the_nearest_record(tmp_path):
    for month in ("05", "06"):
        (tmp_path / f"{month}.warc.gz").write_bytes(Crawl().pages(1).data())
    crawl = Crawl().pages(1)
    crawl.buffer.write(revisits(page(0)).data())
    (tmp_path / "07.warc.gz").write_bytes(crawl.data())
    (source,) = open_sources([str(tmp_path)])
    items = [offer for offer in source.discover() if isinstance(offer, Item)]
    assert len(items) == 4
    (tmp_path / "05.warc.gz").unlink()
    (tmp_path / "06.warc.gz").unlink()
    assert numbers(list(source.acquire(items[2:]))) == [0, 0]


@pytest.mark.parametrize("name", FORMS)
def test_a_revisit_repeats_a_record_that_comes_after_it(tmp_path, name):
    (tmp_path / "04.warc.gz").write_bytes(revisits(page(0), page(1), page(9)).data())
    (tmp_path / f"05-{name}").write_bytes(
        FORMS[name](lambda *, gzipped: Crawl(gzipped=gzipped).pages(2).data())
    )
    (source,) = open_sources([str(tmp_path)])
    result = list(source.discover())
    assert result == list(source.discover())  # in the same order every time
    items = [offer for offer in result if isinstance(offer, Item)]
    (missing_row,) = (offer for offer in result if isinstance(offer, Missing))
    assert (missing_row.reason, missing_row.item.url) == (
        "unresolved_revisit",
        "https://news.example/2",
    )
    assert missing_row.observed_at == datetime(2024, 6, 1, 10, tzinfo=UTC)
    assert missing_row.how["digest"] == digest_of(page(9))
    assert missing_row.how["refers_to"] == "20200101000000 https://x.example/"
    documents = list(source.acquire(items))
    assert numbers(documents) == [0, 1, 0, 1]
    assert [offer.observed_at.month for offer in documents] == [5, 5, 6, 6]
    assert len({offer.locator for offer in [*items, missing_row.item]}) == 5


def test_many_revisits_wait_for_what_they_repeat(tmp_path, monkeypatch):
    monkeypatch.setattr("copydesk.tasks.sources.formats.warc.payload_index.TOGETHER", 7)
    crawl = revisits(*[page(number) for number in range(40)])
    crawl.buffer.write(Crawl().pages(30).data())
    (tmp_path / "x.warc.gz").write_bytes(crawl.data())
    documents, missing = read(tmp_path)
    assert numbers(documents) == [*range(30), *range(30)]
    assert [row.item.url.rpartition("/")[2] for row in missing] == [str(n) for n in range(30, 40)]


def test_a_revisit_may_name_the_record(tmp_path):
    crawl = Crawl().pages(1)
    identity = re.search(rb"WARC-Record-ID: <(.*?)>\r\nWARC-Target", gzip.decompress(crawl.data()))
    nothing = digest_of(b"")  # of an answer without a body
    record = crawl.writer.create_revisit_record("https://news.example/0", nothing, "x", "2020")
    headers = record.rec_headers
    headers.remove_header("WARC-Refers-To-Target-URI")
    headers.remove_header("WARC-Refers-To-Date")
    headers.add_header("WARC-Refers-To", f"<{identity[1].decode()}>")
    crawl.write(record)
    crawl.response("https://news.example/empty", b"")
    (tmp_path / "x.warc.gz").write_bytes(crawl.data())
    documents, missing = read(tmp_path)
    assert numbers([document for document in documents if document.body]) == [0, 0]
    assert not missing


@given(st.sampled_from(["md5", "sha1", "sha256", "sha512"]), st.binary())
def test_a_digest_in_either_base_is_one(name, body):
    digest = hashlib.new(name, body).digest()
    base32 = base64.b32encode(digest).decode()
    forms = [digest.hex(), digest.hex().upper(), base32, base32.rstrip("="), base32.lower()]
    collected = {read_digest(f"{name}:{form}") for form in forms}
    collected.add(read_digest(f" {name.upper().replace('SHA', 'SHA-')}: {forms[0]}"))
    assert len(collected) == 1
    assert (collected == {None}) == (body == b"")


@given(st.text(max_size=60))
def test_no_digest_raises(text):
    result = read_digest(text)
    assert result is None or read_digest(result) == result


def test_a_revisit_in_a_wacz_repeats_a_record_of_another_archive_in_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as archive:
        archive.writestr("archive/a.warc.gz", Crawl().pages(1).data())
        archive.writestr("archive/b.warc", revisits(page(0), gzipped=False).data())
    documents, missing = read(tmp_path)
    assert (numbers(documents), missing) == ([0, 0], [])


def test_the_index_of_bodies():
    bodies = PayloadIndex()
    for number in range(3000):
        bodies.add([f"sha1:{number}", f"date {number}"], RecordLocation("a", "", f"m{number}"))
    bodies.add(["sha1:5"], RecordLocation("b", "c", ""))  # no page: the page counts
    bodies.add(["sha1:6"], RecordLocation("b", "c", "m1"))
    assert bodies.find(["none", "date 7"]) == RecordLocation("a", "", "m7")
    assert bodies.find(["sha1:5"]) == RecordLocation("a", "", "m5")
    assert bodies.find(["sha1:6"]) == RecordLocation("b", "c", "m1")
    assert bodies.find(["none"]) is None


def wet(*numbers: int, of: str = "urn:uuid:none") -> Crawl:
    """The texts of pages, as Common Crawl publishes them beside its archives."""
    crawl = Crawl()
    for number in numbers:
        headers = {"WARC-Date": "2024-05-01T10:00:00Z", "WARC-Refers-To": f"<{of}>"}
        crawl.write(
            crawl.writer.create_warc_record(
                f"https://news.example/{number}", "conversion", payload=io.BytesIO(page(number)),
                warc_content_type="text/plain", warc_headers_dict=headers,
            )
        )  # fmt: skip
    return crawl


def test_texts_of_pages(tmp_path):
    crawl = wet(0, 1)
    for media_type, url in (("image/png", "https://news.example/7"), ("text/plain", "x:7")):
        crawl.write(
            crawl.writer.create_warc_record(
                url, "conversion", payload=io.BytesIO(b"x"), warc_content_type=media_type
            )
        )
    (tmp_path / "x.warc.wet.gz").write_bytes(crawl.data())
    documents, missing = read(tmp_path)
    assert (numbers(documents), missing) == ([0, 1], [])
    assert {document.media_type for document in documents} == {"text/plain"}
    assert documents[0].observed_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert documents[0].how["text_of"] == "urn:uuid:none"


def test_the_text_of_a_page_that_is_there_is_left_out_and_no_revisit_repeats_it(tmp_path):
    crawl = Crawl().pages(1)
    identity = re.findall(rb"WARC-Record-ID: <(.*?)>", gzip.decompress(crawl.data()))[1].decode()
    (tmp_path / "1.warc.gz").write_bytes(crawl.data())
    (tmp_path / "2.warc.wet.gz").write_bytes(wet(0, of=identity).data())
    (tmp_path / "3.warc.wet.gz").write_bytes(wet(1).data())
    again = Crawl()
    record = again.writer.create_revisit_record(
        "https://news.example/1", digest_of(b"x"), "https://news.example/1", "2024-05-01T10:00:00Z"
    )
    again.write(record)
    (tmp_path / "4.warc.gz").write_bytes(again.data())
    documents, (missing,) = read(tmp_path)
    assert numbers(documents) == [0, 1]
    assert [document.media_type for document in documents] == [
        "text/html; charset=utf-8",
        "text/plain",
    ]
    assert missing.reason == "unresolved_revisit"


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_with_its_own_dictionary(tmp_path, packed):
    data = Crawl(gzipped=False).pages(40).data()
    with_it = with_dictionary(data, packed=packed)
    (tmp_path / "x.warc.zst").write_bytes(with_it)
    documents, missing = read(tmp_path)
    assert (numbers(documents), missing) == (list(range(40)), [])
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as archive:
        archive.writestr("archive/a.warc.zst", with_it)
    assert numbers(read(tmp_path / "x.wacz")[0]) == list(range(40))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Dictionary mismatch"),
        (b"a frame for another reader", "Dictionary mismatch"),
        (b"\x37\xa4\x30\xec" + bytes(40), "its dictionary is damaged"),
        (zstd.compress(bytes(1000))[:-3], "its dictionary is cut off"),
        (zstd.compress(bytes(1 << 26)), "its dictionary is larger than 33,554,432 bytes"),
    ],
)
def test_a_dictionary_that_cannot_be_used_is_named(tmp_path, content, says):
    data = with_dictionary(Crawl(gzipped=False).pages(1).data(), content=content)
    (tmp_path / "x.warc.zst").write_bytes(data)
    documents, (missing,) = read(tmp_path)
    assert not documents
    assert says in missing.detail


def test_a_file_that_ends_in_its_dictionary_is_truncated(tmp_path):
    data = with_dictionary(Crawl(gzipped=False).pages(1).data())
    (tmp_path / "x.warc.zst").write_bytes(data[:2000])
    _, (missing,) = read(tmp_path)
    assert (missing.reason, "ends in its dictionary" in missing.detail) == ("truncated", True)


@given(st.binary(max_size=200))
def test_no_frame_of_a_dictionary_raises_anything_else(content):
    for item in (content, zstd.compress(content), b"\x37\xa4\x30\xec" + content):
        try:
            open_zstd(io.BytesIO(b"\x5d\x2a\x4d\x18" + len(item).to_bytes(4, "little") + item))
        except ValueError as error:
            assert "dictionary" in str(error)


def test_resources_are_read(tmp_path):
    crawl = Crawl()
    crawl.write(
        crawl.writer.create_warc_record(
            "https://news.example/0", "resource", payload=io.BytesIO(page(0)),
            warc_content_type="text/html",
        )
    )  # fmt: skip
    (tmp_path / "x.warc.gz").write_bytes(crawl.data())
    documents, _ = read(tmp_path)
    assert numbers(documents) == [0]


@pytest.mark.parametrize("target", ["http://[::1", "http://a.example:99999/", "http://a b/"])
def test_a_malformed_address_of_a_record_loses_itself(tmp_path, target):
    crawl = Crawl()
    crawl.response(target, page(0), ETag="caf\xe9", date="0000-00-00T00:00:00Z")
    crawl.response("https://news.example/1", page(1))
    (tmp_path / "a.warc.gz").write_bytes(crawl.data())
    documents, missing = read(tmp_path)
    assert not missing
    assert [document.body for document in documents] == [page(0), page(1)]
    assert [document.url[:5] for document in documents] == ["file:", "https"]


@pytest.mark.parametrize("where", ["magic", "body", "checksum", "gap"])
def test_one_damaged_member_costs_one_record(tmp_path, where):
    crawl = Crawl().pages(9)
    data = bytearray(crawl.data())
    begin, end = crawl.places[4], crawl.places[5]  # page 3
    if where == "gap":
        data[begin:end] = b"nothing that anybody could read"
    else:
        locator = {"magic": begin + 1, "body": (begin + end) // 2, "checksum": end - 6}[where]
        data[locator] ^= 0xFF
    (tmp_path / "x.warc.gz").write_bytes(data)
    documents, (missing,) = read(tmp_path)
    assert numbers(documents) == [0, 1, 2, 4, 5, 6, 7, 8]
    assert missing.item.locator == f"x.warc.gz!{begin}"
    assert (missing.fate, missing.reason) == (Fate.REJECTED, "unreadable")


def test_a_broken_header_costs_one_record(tmp_path):
    crawl = Crawl(gzipped=False).pages(5)
    data = bytearray(crawl.data())
    data[crawl.places[2] : crawl.places[2] + 4] = b"WURC"
    (tmp_path / "x.warc").write_bytes(data)
    documents, (missing,) = read(tmp_path)
    assert numbers(documents) == [0, 2, 3, 4]
    assert missing.reason == "unreadable"


@pytest.mark.parametrize("wrong", [b"99999", b"00003"])
def test_a_wrong_length_costs_one_record(tmp_path, wrong):
    crawl = Crawl(gzipped=False).pages(9)
    data = crawl.data()
    locator = data.index(b"Content-Length: ", crawl.places[3]) + 16
    end = data.index(b"\r", locator)
    (tmp_path / "x.warc").write_bytes(data[:locator] + wrong + data[end:])
    documents, missing = read(tmp_path)
    retained = [document for document in documents if not document.url.endswith("/2")]
    assert numbers(retained) == [0, 1, 3, 4, 5, 6, 7, 8]
    assert missing


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("cut", [1, 5, 100, 300])
def test_a_truncated_archive_loses_its_last_record_and_says_so(tmp_path, name, cut):
    whole = FORMS[name](lambda *, gzipped: Crawl(gzipped=gzipped).pages(5).data())
    (tmp_path / name).write_bytes(whole[:-cut])
    documents, missing = read(tmp_path)
    if name == "x.warc" and cut == 1:  # only a line break is gone
        assert (numbers(documents), missing) == ([0, 1, 2, 3, 4], [])
    else:
        page_numbers = numbers(documents)
        assert page_numbers == list(range(len(page_numbers)))
        assert (
            page_numbers[:4] == [0, 1, 2, 3]
            or not name.startswith("x.warc")
            or name.endswith("zst")
        )
        assert {row.reason for row in missing} <= {"truncated", "unreadable"}
        assert missing


def test_filling_behind_the_last_record_is_no_damage(tmp_path):
    (tmp_path / "x.warc.gz").write_bytes(Crawl().pages(2).data() + bytes(999))
    documents, missing = read(tmp_path)
    assert (numbers(documents), missing) == ([0, 1], [])


@pytest.mark.parametrize("name", ["", "junk"])
def test_a_file_that_is_no_archive(tmp_path, name):
    (tmp_path / "x.warc.gz").write_bytes(name.encode())
    documents, missing = read(tmp_path)
    assert not documents
    assert len(missing) == bool(name)


def test_bombs_are_rows(tmp_path):
    crawl = Crawl().pages(1)
    bomb = gzip.compress(bytes(50_000_000))
    crawl.response("https://news.example/bomb", bomb, Content_Encoding="gzip")
    crawl.response("https://news.example/large", bytes(3_000_000))
    crawl.response("https://news.example/1", page(1))
    (tmp_path / "x.warc.gz").write_bytes(crawl.data())
    documents, missing = read(tmp_path, limits=Limits(document=2_000_000))
    assert numbers(documents) == [0, 1]
    assert [row.reason for row in missing] == ["too_large", "too_large"]


def test_a_page_that_the_crawler_cut_at_its_limit_is_kept_and_marked(tmp_path):
    crawl = Crawl()
    for number in range(2):
        crawl.response(f"https://news.example/{number}", page(number))
    data = crawl.data()
    text = gzip.decompress(data)
    for number, reason in enumerate(("length", "disconnect")):
        url = f"WARC-Target-URI: https://news.example/{number}\r\n".encode()
        text = text.replace(url, url + f"WARC-Truncated: {reason}\r\n".encode())
    (tmp_path / "x.warc").write_bytes(text)
    (document,), (missing,) = read(tmp_path)
    assert document.how["truncated"] == "length"
    assert missing.reason == "truncated"


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_wacz(tmp_path, compression):
    with zipfile.ZipFile(tmp_path / "x.wacz", "w", compression) as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr("archive/a.warc.gz", Crawl().pages(3).data())
        archive.writestr("archive/b.warc", Crawl(gzipped=False).pages(2).data())
    documents, missing = read(tmp_path)
    assert not missing
    assert numbers(documents) == [0, 1, 2, 0, 1]
    assert documents[0].item.locator.startswith("x.wacz!archive/a.warc.gz!")
    (tmp_path / "x.wacz").write_bytes((tmp_path / "x.wacz").read_bytes()[:-30])
    assert [row.reason for row in read(tmp_path)[1]] == ["unreadable"]


WHOLE = {
    name: FORMS[name](lambda *, gzipped: Crawl(gzipped=gzipped).pages(6).data()) for name in FORMS
}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_no_damage_raises_or_invents(tmp_path, name, data):
    whole = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(whole)
    documents, missing = read(path)
    if name == "x.warc.gz":
        assert len(documents) + 4 * max(1, len(missing)) >= 6
    for document in documents:
        assert len(document.body) <= len(whole) + 100_000
