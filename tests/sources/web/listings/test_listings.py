from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.article import Hints
from copydesk.tasks.sources.web.listings.entry import may_be_article, plain_title, same_site
from copydesk.tasks.sources.web.listings.feeds import is_feed, read_feed
from copydesk.tasks.sources.web.listings.sitemap_parser import (
    Sitemap,
    is_sitemap,
    lists_no_articles,
)

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title><language>en-GB</language>
<item><title>A &amp;amp; &lt;i&gt;B&lt;/i&gt;</title><link>https://blog.example/a?x=1&amp;y=2</link>
<guid isPermaLink="false">id1</guid><pubDate>Wed, 01 May 2024 10:00:00 +0200</pubDate>
<dc:creator><![CDATA[Anna Berg]]></dc:creator><category>City</category>
<description>short</description>
<content:encoded><![CDATA[<p>Long text</p>]]></content:encoded></item>
<item><title>No link</title></item>
<item><guid>https://blog.example/b</guid><author>b@blog.example (Ben)</author></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>T</title>
<entry><title type="html">A &lt;b&gt;x&lt;/b&gt;</title><link rel="alternate" href="/a"/>
<id>urn:1</id><updated>2024-05-01T10:00:00Z</updated><published>2024-04-01T10:00:00Z</published>
<author><name>Anna</name></author>
<content type="html">&lt;p&gt;Text&lt;/p&gt;</content></entry></feed>"""
JSON = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [
        {"id": "1", "url": "https://blog.example/a", "title": "A", "content_html": "<p>x</p>",
         "date_published": "2024-05-01T10:00:00Z", "authors": [{"name": "Anna"}], "tags": ["k"]}]}
).encode()  # fmt: skip


def test_rss():
    first, second = read_feed(RSS, "https://blog.example/feed").entries
    assert first.url == "https://blog.example/a?x=1&y=2"
    assert first.content == "<p>Long text</p>"
    assert first.hints == Hints(
        title="A & B",
        authors=("Anna Berg",),
        published_at=datetime(2024, 5, 1, 8, tzinfo=UTC),
        language="en-GB",
        tags=("City",),
    )
    assert (second.url, second.content) == ("https://blog.example/b", None)
    assert second.hints.authors == ("Ben",)


def test_atom():
    (entry,) = read_feed(ATOM, "https://blog.example/feeds/all.xml").entries
    assert (entry.url, entry.content) == ("https://blog.example/a", "<p>Text</p>")
    assert entry.hints.title == "A x"
    assert entry.hints.published_at == datetime(2024, 4, 1, 10, tzinfo=UTC)
    assert entry.hints.modified_at == datetime(2024, 5, 1, 10, tzinfo=UTC)


def test_markup_within_the_xml_of_atom_is_read():
    div = b'<div xmlns="http://www.w3.org/1999/xhtml">'
    body = ATOM.replace(b'"html">A &lt;b&gt;x&lt;/b&gt;', b'"xhtml">' + div + b"A <b>x</b></div>")
    body = body.replace(b'"html">&lt;p&gt;Text', b'"xhtml">' + div + b"<p>Text")
    body = body.replace(b"&lt;/p&gt;", b"</p></div>")
    (entry,) = read_feed(body, "https://blog.example/feeds/all.xml").entries
    assert (entry.hints.title, entry.content) == ("A x", "<p>Text</p>")
    assert entry.hints.published_at == datetime(2024, 4, 1, 10, tzinfo=UTC)


def test_json_feed():
    (entry,) = read_feed(JSON, "https://blog.example/feed.json").entries
    assert (entry.url, entry.content) == ("https://blog.example/a", "<p>x</p>")
    assert (entry.hints.authors, entry.hints.tags) == (("Anna",), ("k",))


def test_the_mark_of_an_entry_changes_with_it():
    (before, _), (same, _) = read_feed(RSS, "x").entries, read_feed(RSS, "x").entries
    after, _ = read_feed(RSS.replace(b"Long text", b"Longer text"), "x").entries
    assert before.mark == same.mark != after.mark


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>no</body></html>", b'{"a": 1}', b"\x00" * 99, b"http://x.example/"]
)
def test_what_is_no_feed(body):
    assert not is_feed(body)
    with pytest.raises(ValueError, match="neither RSS"):
        read_feed(body, "x")


def test_a_long_description_is_the_text():
    body = RSS.replace(b"<![CDATA[<p>Long text</p>]]>", b"").replace(b"short", b"word " * 400)
    assert len(read_feed(body, "x").entries[0].content or "") > 1500


def test_entities_of_feeds_are_not_resolved(tmp_path):
    (tmp_path / "secret").write_text("the secret")
    bomb = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    doctype = (
        f'<!DOCTYPE rss [<!ENTITY l0 "lol">{bomb}<!ENTITY s SYSTEM "file://{tmp_path}/secret">]>'
    )
    body = RSS.replace(b"<rss", doctype.encode() + b"<rss", 1).replace(b"short", b"&s;&l9;")
    for entry in read_feed(body, "x").entries:
        assert "secret" not in repr(entry)
        assert len(repr(entry)) < 3000


@given(st.one_of(st.binary(max_size=300), st.sampled_from([RSS, ATOM, JSON])), st.data())
def test_no_feed_raises_anything_else(body, data):
    for _ in range(data.draw(st.integers(0, 4))):
        if body:
            locator = data.draw(st.integers(0, len(body) - 1))
            body = body[:locator] + data.draw(st.binary(max_size=3)) + body[locator + 1 :]
    try:
        for entry in read_feed(body, "https://blog.example/feed").entries:
            assert entry.url
    except ValueError:
        assert not is_feed(body) or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


HEAD = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
)


def sitemap(*urls: str) -> bytes:
    body = "".join(f"<url><loc>{u}</loc><lastmod>2024-05-01</lastmod></url>\n" for u in urls)
    return f"{HEAD}{body}</urlset>".encode()


def urls(body: bytes) -> list[str]:
    return [location.url for location in Sitemap(body)]


def test_a_sitemap_packed_or_not():
    body = sitemap("https://blog.example/a?x=1&amp;y=2", " https://blog.example/b\n")
    for form in (body, gzip.compress(body), b"\xef\xbb\xbf" + body):
        assert is_sitemap(form)
        first, second = Sitemap(form)
        assert (first.url, second.url) == (
            "https://blog.example/a?x=1&y=2",
            "https://blog.example/b",
        )
        assert (first.modified, first.is_list) == ("2024-05-01", False)


def test_bare_ampersands_are_no_end():
    body = sitemap(*[f"https://blog.example/{i}?x=1&y=2&z=&copy" for i in range(5000)])
    addresses = urls(body)
    assert addresses == [f"https://blog.example/{i}?x=1&y=2&z=&copy" for i in range(5000)]


def test_an_index():
    body = (
        b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap>"
        b"<loc>https://blog.example/post-sitemap.xml</loc><lastmod>2024-05-01</lastmod></sitemap>"
        b"</sitemapindex>"
    )
    assert is_sitemap(body)
    (first,) = Sitemap(body)
    assert (first.url, first.is_list) == ("https://blog.example/post-sitemap.xml", True)


def test_news():
    body = (
        f"{HEAD}<url><loc>https://blog.example/a</loc><news:news><news:publication>"
        "<news:name>Ex</news:name><news:language>fr</news:language></news:publication>"
        "<news:publication_date>2024-05-01T10:00:00+02:00</news:publication_date>"
        "<news:title>L&#8217;été &amp; plus</news:title></news:news></url></urlset>"
    ).encode()
    (first,) = Sitemap(body)
    assert first.hints == Hints(
        title="L’été & plus", published_at=datetime(2024, 5, 1, 8, tzinfo=UTC), language="fr"
    )


def test_plain_text():
    assert urls(b"https://blog.example/a\r\n\r\nnonsense\nhttps://blog.example/b") == [
        "https://blog.example/a",
        "https://blog.example/b",
    ]


def test_a_large_sitemap_needs_little_memory():
    body = gzip.compress(sitemap(*[f"https://blog.example/story-{i}" for i in range(9_000)]))
    tracemalloc.start()
    assert sum(1 for _ in Sitemap(body)) == 9_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_more_than_the_protocol_allows_is_read():
    assert len(urls(sitemap(*[f"https://blog.example/{i}" for i in range(50_010)]))) == 50_010


def test_a_bomb_has_an_end():
    whole = gzip.compress(HEAD.encode()) + gzip.compress(b" " * 10_000_000) * 30
    assert urls(whole) == []


def test_a_cut_sitemap_is_read_as_far_as_it_goes():
    body = sitemap(*[f"https://blog.example/{i}" for i in range(1000)])
    assert len(urls(body[: len(body) // 2])) in range(490, 502)
    assert len(urls(gzip.compress(body)[:-200])) > 500


@given(
    st.data(),
    st.booleans(),
    st.sampled_from([b"", b"\n", b"\n<!-- by a -- plugin -->\n <!-- 2 -->"]),
)
def test_a_sitemap_is_whole_if_it_is_read_to_its_end(data, is_packed, behind):
    body = sitemap(*[f"https://blog.example/{i}" for i in range(20)])
    size = len(body)
    body += behind
    form = gzip.compress(body) if is_packed else body
    result = Sitemap(form)
    assert not result.whole
    assert (len(list(result)), result.whole) == (20, True)
    cut = data.draw(st.integers(1, (len(form) if is_packed else size) - 1))
    result = Sitemap(form[:cut])
    assert len(list(result)) <= 20
    assert not result.whole


def test_other_lists_that_are_whole_or_not():
    for body, whole in (
        (b"https://blog.example/a\n", True),
        (b"Back soon", False),
        (b"", False),
        (b"<html><body>Back soon</body></html>", False),
        (HEAD.encode() + b"</urlset>", True),
    ):
        result = Sitemap(body)
        list(result)
        assert result.whole is whole


@given(st.binary(max_size=300))
def test_no_sitemap_raises(body):
    list(Sitemap(body))
    list(Sitemap(HEAD.encode() + body))
    list(Sitemap(b"\x1f\x8b\x08" + body))
    is_sitemap(body)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/post_tag-sitemap.xml", True),
        ("https://x.example/wp-sitemap-taxonomies-category-1.xml", True),
        ("https://x.example/wp-sitemap-users-1.xml", True),
        ("https://x.example/author-sitemap2.xml", True),
        ("https://x.example/wp-sitemap-posts-post-1.xml", False),
        ("https://tags.example/sitemap.xml", False),
        ("https://x.example/sitemap-2024-05.xml", False),
        ("https://x.example/vintage-sitemap.xml", False),
    ],
)
def test_sitemaps_without_articles(url, expected):
    assert lists_no_articles(url) is expected


def test_sites_titles_and_articles():
    assert same_site("https://www.x.example/a", "http://x.example/b")
    assert same_site("https://news.x.example/", "https://x.example/")
    assert not same_site("https://y.example/", "https://x.example/")
    assert not same_site("nonsense", "nonsense")
    assert plain_title(" A\n &lt; B ") == "A < B"
    assert plain_title("<i></i>") is None
    assert may_be_article("https://x.example/2024/05/story.html")
    assert not may_be_article("https://x.example/")
    assert not may_be_article("https://x.example/a/picture.JPG")
