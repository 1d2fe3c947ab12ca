"""Sitemaps and feeds as they are found: what one names is read, or a row says why not."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.schemas.items import Fate
from copydesk.tasks.sources.web.listings.feeds import is_feed, read_feed
from copydesk.tasks.sources.web.listings.sitemap_parser import Sitemap
from tests.servers.site import Page, Site
from tests.sources.web.test_source import Run, article

NOTICE = b"<br />\n<b>Notice</b>: Undefined index: x in <b>/srv/x.php</b><br />\n"
BOOK = "https://x.example"


def urlset(*locations: str, root: str = "urlset", item: str = "url") -> bytes:
    body = "".join(f"<{item}><loc>{location}</loc></{item}>" for location in locations)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{body}</{root}>'.encode()


PLAIN = urlset(f"{BOOK}/a/", f"{BOOK}/b/")


@pytest.mark.parametrize(
    "body",
    [
        NOTICE + PLAIN,
        b"Warning: something in /x.php on line 3\n" + PLAIN,
        "\u200b\ufeff\n".encode() + PLAIN,
        PLAIN.decode().replace("UTF-8", "utf-16").encode("utf-16"),
        PLAIN.decode().encode("utf-16-le"),
        PLAIN.decode().encode("utf-16-be"),
        PLAIN.decode().upper().replace(BOOK.upper(), BOOK).replace("/A/", "/a/")
        .replace("/B/", "/b/").replace("<?XML VERSION", "<?xml version").encode(),
        PLAIN.replace(b"<urlset>", b'<sm:urlset xmlns:sm="x">').replace(b"</url>", b"</sm:url>")
        .replace(b"<url>", b"<sm:url>").replace(b"loc>", b"sm:loc>")
        .replace(b"</urlset", b"</sm:urlset"),
        PLAIN.replace(b"<loc>", b"<loc><![CDATA[").replace(b"</loc>", b"]]></loc>"),
        PLAIN.replace(b"<url>", b"<url><image:image><image:loc>/i.png</image:loc></image:image>"),
        PLAIN.replace(b"<url>", b"<!-- <url><loc>https://x.example/no/</loc></url> --><url>"),
        PLAIN.replace(b"<loc>", b"<loc>\n  ").replace(b"</loc>", b"\x0b\n</loc>"),
        PLAIN.replace(b"</url><url>", b"<url>"),
        PLAIN.replace(b"<url>", b"<uzl>", 1),
        PLAIN.replace(b"<?xml version", b"<!-- " + b"x " * 5000 + b"--><?xml version"),
        gzip.compress(NOTICE + PLAIN, mtime=0),
        gzip.compress(PLAIN[:60], mtime=0) + gzip.compress(PLAIN[60:], mtime=0) + b"\0\0\0",
        f"{BOOK}/a/\r\n{BOOK}/b/\r\n".encode(),
        f"{BOOK}/a/\n{BOOK}/b/".encode("utf-16"),
        b"<rss><channel><item><link>https://x.example/a/</link></item>"
        b"<item><link>https://x.example/b/</link></item></channel></rss>",
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="https://x.example/a/"/></entry>'
        b'<entry><link href="https://x.example/b/"/></entry></feed>',
    ],
)  # fmt: skip
def test_a_sitemap_in_any_dress(body):
    sitemap = Sitemap(body)
    assert [offer.url.strip() for offer in sitemap] == [f"{BOOK}/a/", f"{BOOK}/b/"]
    assert sitemap.is_known
    assert sitemap.whole


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"<!doctype html><html><body>Not found</body></html>", b"Back soon", b'{"a": 1}',
     b"<error/>", gzip.compress(b"<html>no</html>", mtime=0), b"\x1f\x8b\x08damaged", b"\x00" * 50],
)  # fmt: skip
def test_what_is_no_sitemap_is_not_called_an_empty_one(body):
    sitemap = Sitemap(body)
    assert not list(sitemap)
    assert not sitemap.is_known
    with Site({"/sitemap.xml": Page(body, media_type="text/html")}) as site:
        (row,) = Run(site, "/sitemap.xml").listings
    assert (row.fate, row.reason) == (Fate.FAILED, "wrong_type")


@pytest.mark.parametrize("form", [bytes, gzip.compress])
def test_a_cut_sitemap_gives_what_is_whole_and_says_that_it_is_cut(form):
    with Site() as site:
        many = urlset(*(f"{site.url}/{number * number}/" for number in range(2000)))
        packed = form(many)
        site.add("/sitemap.xml", Page(packed[: len(packed) * 3 // 4], media_type="text/xml"))
        site.add("*", article(1))
        run = Run(site, "/sitemap.xml", item_limit=3)
    assert len(run.items) == 3
    with Site({"/sitemap.xml": Page(urlset("/a/")[:-3])}) as site:
        site.add("/a/", article(1))
        run = Run(site, "/sitemap.xml")
        assert [(listing.fate, listing.reason) for listing in run.listings] == [
            (Fate.FAILED, "truncated")
        ]
        assert len(run.documents) == 1


def test_addresses_as_sitemaps_write_them():
    paths = ["/?p=1", "/a/1/", "a/2/", "//{host}/a/3/", "/p?x=1&y=2&lang=en", "/%C3%A9/", "/é/2",
             "https://{host}/secure/"]  # fmt: skip
    with Site({"*": article(1)}) as site:
        host = site.url.removeprefix("http://")
        body = urlset(*(path.format(host=host).replace("https", "http") for path in paths))
        site.add("/maps/sitemap.xml", Page(body, media_type="text/xml"))
        site.add("/robots.txt", Page("", 404))
        run = Run(site, "/maps/sitemap.xml")
        assert {path.url.removeprefix(site.url) for path in run.items} == {
            "/?p=1", "/a/1/", "/maps/a/2/", "/a/3/", "/p?x=1&y=2&lang=en", "/%C3%A9/",
            "/%C3%A9/2", "/secure/",
        }  # fmt: skip
        assert len(run.documents) == len(paths)


def test_each_address_that_is_left_out_has_a_row():
    with Site({"/robots.txt": Page("", 404)}) as site:
        body = urlset("/", "/x.pdf", "", "https://elsewhere.example/a/", "/a/", "  ")
        site.add("/sitemap.xml", Page(body))
        site.add("/a/", article(1))
        run = Run(site, "/sitemap.xml")
        reasons = Counter(listing.reason for listing in run.listings)
    assert len(run.items) == 1
    assert reasons == {"no_article": 2, "other_site": 1, "no_address": 1, "listing": 1}


def test_names_of_parts_are_believed_as_long_as_others_are_there():
    index = {"root": "sitemapindex", "item": "sitemap"}
    for names, read in (
        (["/tags-sitemap.xml", "/posts-sitemap.xml"], {"posts-sitemap.xml"}),
        (["/topics/one.xml", "/topics/two.xml"], {"one.xml", "two.xml"}),
    ):
        with Site({"/robots.txt": Page("", 404), "/a/": article(1)}) as site:
            site.add("/sitemap.xml", Page(urlset(*names, **index)))
            for name in names:
                site.add(name, Page(urlset("/a/")))
            run = Run(site, "/sitemap.xml")
            listed = {
                listing.item.url.rpartition("/")[2]
                for listing in run.listings
                if listing.reason == "listing"
            }
            assert listed == {*read, "sitemap.xml"}
            assert Counter(listing.reason for listing in run.listings)[
                "lists_no_articles"
            ] == 2 - len(read)


@pytest.mark.parametrize("named", ["part", "index", None])
def test_a_part_at_another_host_is_read_if_the_site_names_it(named):
    """The loopback's two names are two sites."""
    with Site({"/a/": article(1)}) as site:
        other = site.url.replace("127.0.0.1", "localhost")
        line = {"part": f"Sitemap: {other}/s1.xml", "index": "Sitemap: /sitemap.xml", None: ""}[
            named
        ]
        site.add("/robots.txt", Page(f"User-agent: *\nDisallow:\n{line}\n"))
        site.add(
            "/sitemap.xml", Page(urlset(f"{other}/s1.xml", root="sitemapindex", item="sitemap"))
        )
        site.add("/s1.xml", Page(urlset(f"{site.url}/a/", "https://third.example/b/")))
        run = Run(site, "/sitemap.xml")
        assert len(run.documents) == (named is not None)
        left_out = [listing.item.url for listing in run.listings if listing.reason == "other_site"]
        assert left_out == (["https://third.example/b/"] if named else [f"{other}/s1.xml"])


def test_articles_at_another_host_are_read_if_that_host_names_the_sitemap():
    with Site({"/a/": article(1)}) as site:
        other = site.url.replace("127.0.0.1", "localhost")
        site.add("/robots.txt", Page(f"Sitemap: {site.url}/sitemap.xml"))
        site.add("/sitemap.xml", Page(urlset(f"{other}/a/")))
        assert [document.url for document in Run(site, "/sitemap.xml").documents] == [f"{other}/a/"]


def test_a_relative_sitemap_of_robots_is_found():
    with Site({"/": "<title>Front</title>", "/a/": article(1), "/b/": article(2)}) as site:
        site.add("/robots.txt", Page("User-agent: *\nSitemap: /maps/s1.xml\nsitemap: maps/s2.xml"))
        site.add("/maps/s1.xml", Page(urlset("/a/")))
        site.add("/maps/s2.xml", Page(urlset("/b/")))
        assert len(Run(site, "/").documents) == 2


RSS = (
    '<?xml version="1.0"{declared}?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>{items}'
    "</channel></rss>"
)
ESCAPED = f"{BOOK}/a/?x=1&amp;y=2&amp;z=3&amp;lang=en"
ATOM = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}">'
    "<title>T</title>{items}</feed>"
)
FEED = f"{BOOK}/feed/"


def rss(*items: str) -> bytes:
    return RSS.format(declared="", items="".join(f"<item>{item}</item>" for item in items)).encode()


def links(body: bytes, media_type: str | None = None) -> list[str]:
    return [entry.url for entry in read_feed(body, FEED, media_type).entries]


@pytest.mark.parametrize(
    "markup",
    [
        f"<link>{BOOK}/a/?x=1&y=2&z=3&lang=en</link>",
        f"<link><![CDATA[{BOOK}/a/?x=1&y=2&z=3&lang=en]]></link>",
        f"<link/>{ESCAPED}<title>x</title>",
        f"<link>\n{BOOK}/a/?x=1&amp;y=2&#38;z=3&amp;lang=en\n</link>",
        f'<atom:link rel="self" href="{BOOK}/self"/><link>{ESCAPED}</link>',
        f'<atom:link rel="related" href="{BOOK}/r"/><link>{ESCAPED}</link>',
        f'<link>{ESCAPED}</link><atom:link rel="replies" href="{BOOK}/r"/>',
        f'<guid isPermaLink="true">{ESCAPED}</guid>',
        f'<guid>{ESCAPED}</guid><enclosure url="{BOOK}/x.mp3" type="audio/mpeg"/>',
        "<link>/a/?x=1&y=2&z=3&lang=en</link><title>Tea &nbsp; < 5 &foo; </title>",
        f"<title>\x0b\x08</b></title><link>{BOOK}/a/?x=1&y=2&z=3&lang=en</link>",
    ],
)  # fmt: skip
def test_the_link_of_an_item(markup):
    assert links(rss(markup)) == [f"{BOOK}/a/?x=1&y=2&z=3&lang=en"]


@pytest.mark.parametrize(
    "markup",
    [
        f'<link rel="replies" href="{BOOK}/r"/><link href="{BOOK}/a/"/>',
        f'<link rel="alternate" type="application/json" href="{BOOK}/j"/>'
        f'<link rel="alternate" type="text/html" href="{BOOK}/a/"/>',
        f'<link rel="alternate" type="application/pdf" href="{BOOK}/p"/><link href="{BOOK}/a/"/>',
        f'<link rel="enclosure" href="{BOOK}/x.mp3"/><link rel="alternate" href="{BOOK}/a/"/>',
        f'<link rel="edit" href="{BOOK}/e"/><link rel="self" href="/s"/><link href="{BOOK}/a/"/>',
        '<link href="a/"/>',
        f'<link rel="http://www.iana.org/assignments/relation/alternate" href="{BOOK}/a/"/>',
        '<link xml:base="/a/" href=""/>',
        f'<link rel="alternate" type="application/xhtml+xml" href="{BOOK}/a/"/>',
    ],
)  # fmt: skip
def test_the_link_of_an_entry(markup):
    body = ATOM.format(base=f"{BOOK}/", items=f"<entry><id>1</id>{markup}</entry>")
    assert links(body.encode()) == [f"{BOOK}/a/"]


@pytest.mark.parametrize(
    "body",
    [
        NOTICE + rss(f"<link>{BOOK}/a/</link>"),
        b"PHP Notice: x in /y.php\n" + rss(f"<link>{BOOK}/a/</link>"),
        "\u200b".encode() + rss(f"<link>{BOOK}/a/</link>"),
        rss(f"<link>{BOOK}/a/</link>").replace(b"<rss", b"<!-- " + b"x " * 9000 + b"--><rss"),
        rss(f"<link>{BOOK}/a/</link>").decode().encode("utf-16"),
        rss(f"<link>{BOOK}/a/</link>").decode().encode("utf-16-be"),
        b"\xef\xbb\xbf\n\n" + rss(f"<link>{BOOK}/a/</link>"),
        rss(f"<link>{BOOK}/a/</link>").replace(b"</rss>", b"</rss>\n<!-- 5 queries -->\n" + NOTICE),
        rss(f"<link>{BOOK}/a/</link>").replace(b"</channel></rss>", b""),
        rss(f"<link>{BOOK}/a/</link><title>a</b>"),
        json.dumps(
            {"version": "https://jsonfeed.org/version/1", "items": [{"id": 1, "url": f"{BOOK}/a/"}]}
        ).replace("/", "\\/").encode(),
        b"\xef\xbb\xbf" + NOTICE + json.dumps(
            {"items": [{"id": 1, "url": f"{BOOK}/a/"}], "version": "https://jsonfeed.org/version/1.1"}
        ).encode(),
    ],
)  # fmt: skip
def test_a_feed_in_any_dress(body):
    assert is_feed(body)
    assert links(body) == [f"{BOOK}/a/"]


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-8", "utf-16", "iso-8859-5"])
@pytest.mark.parametrize("where", ["header", "declaration"])
def test_the_encoding_of_a_feed(encoding, where):
    declared = f' encoding="{encoding}"' if where == "declaration" else ""
    items = f"<item><title>Новости порта</title><link>{BOOK}/a/</link></item>"
    body = RSS.format(declared=declared, items=items).encode(encoding)
    media_type = f"application/rss+xml; charset={encoding}" if where == "header" else "text/xml"
    (entry,) = read_feed(body, FEED, media_type).entries
    assert entry.hints.title == "Новости порта"


def test_entries_without_an_address_are_read_from_the_feed():
    text = "<content:encoded><![CDATA[<p>The whole text of {n}.</p>]]></content:encoded>"
    body = rss(
        f'<title>A</title><guid isPermaLink="false">tag:1</guid>{text.format(n=1)}',
        f"<title>Two</title>{text.format(n=2)}",
        "<title>Three</title><description>Three in a few words.</description>",
        "<title>Four</title>",
    )
    feed = read_feed(body, FEED)
    assert [entry.has_page for entry in feed.entries] == [False] * 3
    assert len({entry.url for entry in feed.entries}) == 3
    assert [entry.reason for entry in feed.skipped] == ["no_address"]
    with Site({"/feed/": Page(body, media_type="text/xml")}) as site:
        run = Run(site, "/feed/")
        assert [b"of 1." in run.documents[0].body, b"of 2." in run.documents[1].body] == [True] * 2
        assert len(run.documents) == 3
        assert len({entry.url for entry in run.documents}) == 3
        assert site.asked() == 2  # the feed and robots.txt


def test_entries_that_share_an_address():
    whole = "<link>/</link><guid>{n}</guid><description>{n} " + "word " * 400 + "</description>"
    short = "<link>/news</link><guid isPermaLink='false'>{n}</guid><title>{n}</title>"
    feed = read_feed(rss(*(whole.format(n=n) for n in range(3))), FEED)
    assert (len(feed.entries), len(feed.skipped)) == (3, 0)
    assert len({entry.url for entry in feed.entries}) == 3
    feed = read_feed(rss(*(short.format(n=n) for n in range(3)), short.format(n=0) + "#x"), FEED)
    assert [entry.url for entry in feed.entries] == [f"{BOOK}/news"]
    assert [entry.reason for entry in feed.skipped] == ["same_address"] * 3


@pytest.mark.parametrize("body", [rss(*(f"<link>{BOOK}/{n}/</link>" for n in range(9)))])
def test_a_cut_feed_says_so(body):
    with Site(
        {"/feed/": Page(body[: len(body) * 2 // 3], media_type="text/xml"), "*": article(1)}
    ) as site:
        run = Run(site, "/feed/", guard={"total": 2.0})
        assert [(listing.fate, listing.reason) for listing in run.listings] == [
            (Fate.FAILED, "truncated")
        ]
    assert 4 <= len(run.items) <= 6


def test_no_date_of_an_entry_is_made_up():
    entries = read_feed(
        rss(
            f"<link>{BOOK}/1</link><guid isPermaLink='false'>17</guid>",
            f"<link>{BOOK}/2</link><pubDate>Monday</pubDate>",
            f"<link>{BOOK}/3</link><pubDate>Wed, 30 Nov -0001 00:00:00 +0000</pubDate>",
            f"<link>{BOOK}/4</link><pubDate>05.01.2024 10:00</pubDate>",
            f"<link>{BOOK}/5</link><pubDate>Fri, 05 Jan 2024 12:00:00 CEST</pubDate>",
        ),
        FEED,
    ).entries
    days = [
        entry.hints.published_at and entry.hints.published_at.isoformat()[:16] for entry in entries
    ]
    assert days == [None, None, None, "2024-01-05T10:00", "2024-01-05T10:00"]


@settings(max_examples=150, deadline=None)
@given(st.data(), st.booleans())
def test_every_entry_of_a_damaged_listing_is_counted(data, is_rss):
    whole = bytearray(
        rss(*(f"<title>T{n}</title><link>{BOOK}/{n}/</link>" for n in range(8)))
        if is_rss
        else urlset(*(f"{BOOK}/{n}/" for n in range(8)))
    )
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(150, len(whole) - 1))] = data.draw(st.integers(0, 255))
    body = bytes(whole[: data.draw(st.integers(150, len(whole)))])
    if is_rss:
        try:
            feed = read_feed(body, FEED)
        except ValueError:
            return
        assert len(feed.entries) + len(feed.skipped) >= body.count(b"<item>") or feed.problem
    else:
        sitemap = Sitemap(body)
        assert len(list(sitemap)) >= body.count(b"<loc>") or sitemap.problem


def test_a_guid_that_is_no_address_does_not_become_one():
    guid = "<guid isPermaLink='false'>crane-1</guid>"
    body = rss(f"{guid}<title>One</title><description>The crane moved.</description>")
    (entry,) = read_feed(body, FEED).entries
    assert not entry.has_page
    assert entry.url.endswith(":crane-1")


def test_a_date_of_the_year_0_costs_itself_alone():
    link = "<link>/{n}</link><pubDate>{date}</pubDate>"
    dates = ("0000-00-00", "Wed, 01 May 2024 10:00:00 +0000")
    feed = read_feed(rss(*(link.format(n=n, date=date) for n, date in enumerate(dates))), FEED)
    assert [entry.hints.published_at is None for entry in feed.entries] == [True, False]


def test_a_redirect_in_raw_utf_8_leads_where_browsers_go():
    with Site({"/caf%C3%A9/": article(1)}) as site:
        raw = "/café/".encode().decode("latin-1")
        site.add("/old", Page(status=301, headers={"location": raw}))
        site.add("/older", Page(status=301, headers={"location": "/caf%C3%A9/"}))
        assert len(Run(site, "/old", "/older").documents) == 2


MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
CAPTION = "<media:content><media:description>A photo</media:description></media:content>"
NOTES = (
    '<itunes:summary xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">A</itunes:summary>'
)
EXCERPT = "<description>An excerpt</description>"


@pytest.mark.parametrize("title", ["T", "T & U"])
@pytest.mark.parametrize("inside", [CAPTION + EXCERPT, EXCERPT + CAPTION, EXCERPT + NOTES])
def test_captions_are_not_the_text_of_an_entry(inside, title):
    item = f"<item><title>{title}</title><link>{BOOK}/a/</link>{inside}</item>"
    feed = read_feed(f"<rss {MEDIA}><channel>{item}</channel></rss>".encode(), f"{BOOK}/feed")
    (entry,) = feed.entries
    assert (entry.url, entry.content, entry.summary) == (f"{BOOK}/a/", None, "An excerpt")


@pytest.mark.parametrize(
    "address",
    ["<guid>abc123</guid>", "<guid>urn:1</guid>", "<link>mailto:a@x.example</link>",
     "<link>javascript:void(0)</link>"],
)  # fmt: skip
def test_an_id_or_a_mail_is_not_a_page(address):
    item = f"<item><title>T</title>{address}{EXCERPT}</item>"
    feed = read_feed(f"<rss><channel>{item}</channel></rss>".encode(), f"{BOOK}/feed")
    (entry,) = feed.entries
    assert not entry.has_page
    assert "An excerpt" in (entry.content or "")


def test_items_within_an_extension_are_not_a_json_feeds_own():
    items = [{"id": "1", "url": f"{BOOK}/a/"}]
    feed = {"version": "https://jsonfeed.org/version/1", "_x": {"items": [{"id": "no"}]},
            "items": items}  # fmt: skip
    assert [e.url for e in read_feed(json.dumps(feed).encode(), BOOK).entries] == [f"{BOOK}/a/"]
