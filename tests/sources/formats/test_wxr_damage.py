"""Exports as they are found: every item of one is an article, or a row that says why not."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.schemas.items import Missing, RawDocument
from copydesk.tasks.sources import Limits, open_sources
from tests.sources.formats.test_wxr import HEAD, export, post

TEXT = (
    "<p>The ferry left the pier at noon, and the dog that missed it waited until the evening.</p>"
)
NOTICE = (
    "<br />\n<b>Warning</b>: Undefined array key 3 in <b>/srv/x.php</b> on line <b>9</b><br />\n"
)


def posts(count: int = 3) -> list[str]:
    return [post(number, TEXT) for number in range(1, count + 1)]


def read(path: Path, data: bytes, **options) -> tuple[list[RawDocument], Counter[str]]:
    """Give the documents of an export, and how often each reason left something out."""
    file = path / "x.xml"
    file.write_bytes(data)
    (source,) = open_sources([str(file)], **options)
    result = list(source.discover())
    items = [offer for offer in result if not isinstance(offer, Missing)]
    results = list(source.acquire(items))
    documents = [offer for offer in results if isinstance(offer, RawDocument)]
    missing = [offer for offer in (*result, *results) if isinstance(offer, Missing)]
    return documents, Counter(offer.reason for offer in missing)


def with_second(change) -> bytes:
    """Give an export of three posts, the second changed."""
    first, second, third = posts()
    return export(first, change(second), third)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.replace("ferry", "fer\x0bry"),
        lambda p: p.replace("ferry", "fer\x00\x1b\x08\ufffery"),
        lambda p: p.replace("Post 2", "Po\x08st 2"),
        lambda p: p.replace("at noon", "at ]]> noon"),
        lambda p: p.replace("at noon", "a[b[0]]></code> x ]]> y ]]> noon"),
        lambda p: p.replace("at noon", "<item> of <rss> and </channel> at noon"),
        lambda p: p.replace("at noon", "&#8; &#xB; &#x110000; &nbsp; & noon"),
        lambda p: p.replace("<link>", "<link>&#8;&nbsp;").replace("/2/", "/2/?a=1&b=2&copy=3"),
        lambda p: p.replace("<![CDATA[Post 2]]>", "Tea & 5 < 6 <3 &eacute;&foo; Post 2"),
        lambda p: p.replace("<![CDATA[Post 2]]>", "<![CDATA[Post]]> 2 <![CDATA[x]]>"),
        lambda p: p.replace("Markt]]>", "Markt>"),
        lambda p: p.replace(
            "at noon", "<item><title><![CDATA[x]]]]><![CDATA[></title></item><item> at noon"
        ),
        lambda p: p.replace("</content:encoded>", "").replace("The ferry", "</b></i> The ferry"),
        lambda p: p.replace("</wp:comment>", ""),
        lambda p: p.replace("</item>", "</itme>"),
        lambda p: p.replace("<item>", '<item xml:lang="de" x=y>'),
        lambda p: p.replace("dc:creator", "dcx:creator").replace("wp:status", "WP:Status"),
        lambda p: p.replace("content:encoded", "ns7:encoded").replace(
            "<item>", '<item xmlns:ns7="http://purl.org/rss/1.0/modules/content/">'
        ),
        lambda p: p.replace(f"<![CDATA[{TEXT}]]>", TEXT),
        lambda p: p.replace(f"<![CDATA[{TEXT}]]>", "<div>" * 240 + TEXT + "</div>" * 240),
        lambda p: p.replace("</p>]]>", "</p>" + "<b>" * 3000 + "]]>"),
        lambda p: NOTICE + p + NOTICE,
        lambda p: "<!-- <item>no</item> -->" + p + "<!-- no end",
    ],
)  # fmt: skip
def test_what_is_broken_in_a_post_loses_no_post(tmp_path, change):
    documents, missing = read(tmp_path, with_second(change))
    assert not missing
    assert len(documents) == 3
    assert all(b"waited until the evening" in document.body for document in documents)
    assert all("\x08" not in (document.item.hints.title or "") for document in documents)


def test_markup_that_is_part_of_the_xml(tmp_path):
    data = with_second(
        lambda p: p.replace("<![CDATA[Post 2]]>", "A & B <b>c</b>").replace(
            f"<![CDATA[{TEXT}]]>", "<p>Waited <i>until</i> the evening.</p>"
        )
    )
    _, second, _ = read(tmp_path, data)[0]
    assert second.item.hints.title == "A & B c"
    assert b"<p>Waited <i>until</i> the evening.</p>" in second.body


def test_what_was_in_the_way_is_gone_and_the_rest_is_as_it_was(tmp_path):
    data = with_second(
        lambda p: (
            p.replace("Post 2", "The \x08second")
            .replace("at noon", "at ]]> noon")
            .replace("/2/", "/?p=2&lang=en")
        )
    )
    _, second, _ = read(tmp_path, data)[0]
    assert second.item.hints.title == "The second"
    assert second.url == "https://blog.example/?p=2&lang=en"
    assert b"at ]]> noon" in second.body


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32",
                                      "iso-8859-1", "windows-1252"])  # fmt: skip
def test_an_export_in_another_encoding(tmp_path, encoding):
    text = export(*posts(2)).decode().replace("Post 2", "Fähre zwei").replace("UTF-8", encoding)
    documents, missing = read(tmp_path, text.encode(encoding))
    assert not missing
    assert [document.item.hints.title for document in documents] == ["Post 1", "Fähre zwei"]


def test_stray_bytes_of_another_encoding(tmp_path):
    data = export(*posts(2)).replace(b"Post 2", "Fähre".encode("cp1252"))
    documents, _ = read(tmp_path, data + b"\xc3")
    assert documents[1].item.hints.title == "Fähre"


@pytest.mark.parametrize(
    ("before", "behind"),
    [(NOTICE, ""), ("\ufeff\n\n", ""), ("\u200b", "\n<!-- made by a plugin -->"), ("", NOTICE),
     ("PHP Notice: undefined <b>x", ""), (NOTICE * 400, ""), ("HTTP/1.1 200 OK\r\n\r\n", "")],
)  # fmt: skip
def test_what_a_server_wrote_around_an_export(tmp_path, before, behind):
    documents, missing = read(tmp_path, before.encode() + export(*posts()) + behind.encode())
    assert (len(documents), missing) == (3, {})


def test_two_exports_in_one_file(tmp_path):
    second = export(*(post(number, TEXT) for number in (4, 5)))
    documents, missing = read(tmp_path, export(*posts()) + b"\n" + second)
    assert (len(documents), missing) == (5, {})


@pytest.mark.parametrize(
    ("kept", "reasons"),
    [("</channel></rss>", {"truncated": 1}), ("</item>", {"truncated": 2}),
     ("<wp:status>", {"truncated": 2}), ("</p>]]></content:encoded>", {"truncated": 2})],
)  # fmt: skip
def test_a_cut_export_says_where_it_ends(tmp_path, kept, reasons):
    data = export(*posts())
    documents, missing = read(tmp_path, data[: data.rindex(kept.encode())])
    assert (len(documents), missing) == (3 - (reasons["truncated"] > 1), reasons)


def test_a_cut_export_that_is_packed(tmp_path):
    data = gzip.compress(export(*(post(n, f"{TEXT}{n * n}") for n in range(400))))
    (tmp_path / "x.xml.gz").write_bytes(data[: len(data) // 2])
    (source,) = open_sources([str(tmp_path)])
    result = list(source.discover())
    assert len(result) > 50
    assert {offer.reason for offer in result if isinstance(offer, Missing)} == {"truncated"}


def test_a_post_that_is_too_large_is_named_and_the_others_are_read(tmp_path):
    data = with_second(lambda p: p.replace("ferry", "ferry" + "x" * 90_000))
    documents, missing = read(tmp_path, data, limits=Limits(document=40_000))
    assert (len(documents), missing) == (2, {"too_large": 1})
    documents, missing = read(tmp_path, with_second(lambda p: p.replace("ferry", "y" * 11_000_000)))
    assert (len(documents), missing) == (3, {})


def test_what_is_no_article_of_the_site_is_said(tmp_path):
    secret = post(4, TEXT).replace(
        "<wp:status>", "<wp:post_password>x</wp:post_password><wp:status>"
    )
    data = export(
        post(1, TEXT), post(2, TEXT, status="draft"), post(3, TEXT, status="private"), secret,
        post(5, TEXT, type="recipe"), post(6, "", type="nav_menu_item"),
        post(7, "", type="attachment", status="inherit"),
        post(8, TEXT, type="form").replace("/8/", "/?post_type=form&#038;p=8"),
        post(9, "", type="page"),
    )  # fmt: skip
    documents, missing = read(tmp_path, data)
    assert [document.url for document in documents] == [
        "https://blog.example/1/",
        "https://blog.example/5/",
    ]
    assert missing == {"not_published": 2, "protected": 1, "not_an_article_type": 3, "empty": 1}


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_every_item_of_a_damaged_export_is_a_row(tmp_path, data):
    """At most one row for all that lies behind where reading ended."""
    whole = bytearray(export(*posts(6)))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(len(HEAD.encode()), len(whole) - 1))] = data.draw(
            st.integers(0, 255)
        )
    body = bytes(whole[: data.draw(st.integers(len(HEAD), len(whole)))])
    documents, missing = read(tmp_path, body)
    assert len(documents) + sum(missing.values()) >= body.count(b"<item>") or missing["truncated"]


def test_what_swallows_the_beginning_of_a_post_takes_no_other_with_it(tmp_path):
    first, second, third = posts()
    cut = first[: first.index("noon")]
    documents, missing = read(tmp_path, export(cut + "</item>\n", second, third))
    assert [document.item.hints.title for document in documents][-2:] == ["Post 2", "Post 3"]
    documents, missing = read(tmp_path, export(cut, second, third))
    assert [document.item.hints.title for document in documents][-2:] == ["Post 2", "Post 3"]
    documents, missing = read(tmp_path, export(first, second.replace("<item>", "<itxm>"), third))
    assert (len(documents), missing) == (2, {"invalid": 1})
