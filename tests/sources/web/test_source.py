"""Sources of the web against a real server that plays a site."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.source_kinds import SourceKind
from copydesk.tasks.sources import SourceError, open_sources
from copydesk.tasks.sources.web.javascript import needs_javascript
from copydesk.tasks.sources.web.listings.discovery import find_feeds
from copydesk.tasks.sources.web.open_web import kind_of_address
from copydesk.tasks.sources.web.web_options import Web
from tests.servers.site import FakeTime, Page, Request, Site, policy_for


def article(number: int) -> str:
    words = f"This is the text of article {number}. " * 30
    return f"<!doctype html><title>Article {number}</title><article><p>{words}</p></article>"


def with_etag(body: str, etag: str, media_type: str = "text/html", sent_bytes: list | None = None):
    def route(request: Request) -> Page:
        if request.headers.get("if-none-match") == etag:
            return Page(status=304, headers={"etag": etag})
        return Page(body, headers={"etag": etag}, media_type=media_type)

    return route


def feed(site: Site, *numbers: int, content: bool = False, path: str = "/{n}") -> str:
    inner = f"<content:encoded><![CDATA[{article(7)}]]></content:encoded>" if content else ""
    items = "".join(
        f"<item><title>Title {n}</title><link>{site.url}{path.format(n=n)}</link><guid>g{n}</guid>"
        f"<pubDate>Wed, 01 May 2024 10:00:00 +0000</pubDate>{inner}</item>"
        for n in numbers
    )
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>T</title>{items}</channel></rss>"
    )


def sitemap(site: Site, *paths: str) -> str:
    return "<urlset>" + "".join(f"<url><loc>{site.url}{p}</loc></url>" for p in paths) + "</urlset>"


class Run:
    """One run of a source: what it offered, what it read, and what the next run will know."""

    def __init__(self, site: Site, *inputs: str, known=None, others=(), **options) -> None:
        policy = policy_for(site, *others, time=options.pop("time", FakeTime()), robots=True,
                            **options.pop("guard", {}))  # fmt: skip
        sources = open_sources(
            [result if "://" in result else site.url + result for result in inputs],
            web=Web(policy=policy),
            **options,
        )
        sources = pickle.loads(pickle.dumps(sources)) if options.pop("pickled", False) else sources
        before = dict(known or {})
        self.found = [result for source in sources for result in source.discover(before)]
        self.items = [result for result in self.found if isinstance(result, Item)]
        self.listings = [result for result in self.found if isinstance(result, Missing)]
        self.results = [
            result for source in sources for result in source.acquire(self.items, before)
        ]
        self.documents = [result for result in self.results if isinstance(result, RawDocument)]
        self.missing = [result for result in self.results if isinstance(result, Missing)]
        assert [result.item.locator for result in self.results] == [
            result.locator for result in self.items
        ]
        self.known = before | {
            result.item.locator: dict(result.how)
            for result in [*self.listings, *self.results]
            if result.how
        }

    @property
    def bodies(self) -> list[str]:
        return [document.body.decode() for document in self.documents]


def test_addresses():
    with Site({f"/{n}": article(n) for n in range(3)}) as site:
        run = Run(site, "/0", "/1", "/gone", "/2", "/1")
        assert run.bodies == [article(0), article(1), article(2)]
        assert [(row.fate, row.reason) for row in run.missing] == [(Fate.GONE, "http_404")]
        assert {row.item.source for row in run.results} == {"127.0.0.1"}
        assert run.documents[0].item.locator == f"{site.url}/0"


def test_a_file_of_addresses(tmp_path):
    with Site({"/0": article(0), "/1": article(1)}) as site:
        path = tmp_path / "list.txt"
        path.write_text(f"# mine\n{site.url}/0\n\n{site.url}/1\n")
        (source,) = open_sources([f"@{path}"], web=Web(policy=policy_for(site)))
        assert [item.url for item in source.discover()] == [f"{site.url}/0", f"{site.url}/1"]
    with pytest.raises(SourceError, match=r"addresses in .*missing\.txt"):
        open_sources([f"@{tmp_path}/missing.txt"])


def test_a_page_that_did_not_change_is_not_sent_again():
    with Site({"/0": with_etag(article(0), '"0"')}) as site:
        first = Run(site, "/0")
        sent_bytes = site.sent
        second = Run(site, "/0", known=first.known)
        assert (len(first.documents), len(second.documents)) == (1, 0)
        assert second.missing[0].fate is Fate.NOT_MODIFIED
        assert site.sent == sent_bytes
        third = Run(site, "/0", known=second.known)
        assert third.missing[0].fate is Fate.NOT_MODIFIED


def test_a_feed_and_what_it_says_of_its_entries():
    with Site({f"/{n}": article(n) for n in range(3)}) as site:
        site.add("/feed.xml", with_etag(feed(site, 0, 1, 2), '"f"', "application/rss+xml"))
        run = Run(site, "/feed.xml")
        assert run.bodies == [article(0), article(1), article(2)]
        assert run.items[0].hints.title == "Title 0"
        assert run.items[0].hints.published_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
        (listing,) = run.listings
        assert (listing.fate, listing.reason) == (Fate.SKIPPED, "listing")
        assert listing.detail == "a feed of 3 entries"
        before = site.asked()
        again = Run(site, "/feed.xml", known=run.known)
        assert (again.items, [request.fate for request in again.listings]) == (
            [],
            [Fate.NOT_MODIFIED],
        )
        assert [request.path for request in site.requests[before:]] == ["/robots.txt", "/feed.xml"]
        site.add("/feed.xml", with_etag(feed(site, 3, 0), '"g"', "application/rss+xml"))
        third = Run(site, "/feed.xml", known=again.known)
        assert [item.fingerprint for item in third.items][1] == run.items[0].fingerprint
        assert third.items[0].fingerprint != run.items[0].fingerprint


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(Page(status=403), "http_403"), (Page(" "), "empty"), (Page(status=404), "http_404"),
     (Page(mood="close"), "disconnected"),
     (Page(b"%PDF", media_type="application/pdf"), "wrong_type"),
     (Page("<div id=root></div><script src=x></script>"), "needs_javascript")],
)  # fmt: skip
def test_the_feed_has_the_text_where_the_page_cannot_be_had(answer, reason):
    with Site({"/0": answer}) as site:
        site.add("/feed.xml", Page(feed(site, 0, content=True), media_type="text/xml"))
        (document,) = Run(site, "/feed.xml").documents
        assert document.how == {"from": "feed", "page": reason}
        assert b"<h1>Title 0</h1>" in document.body
        assert b"text of article 7" in document.body
        site.add("/feed.xml", Page(feed(site, 0), media_type="text/xml"))
        (missing,) = Run(site, "/feed.xml").missing
        assert missing.reason == reason


def test_a_feed_that_is_none():
    with Site({"/feed": article(0), "/rss.xml": Page(status=500)}) as site:
        run = Run(site, "/feed", "/rss.xml")
        assert [(listing.fate, listing.reason) for listing in run.listings] == [
            (Fate.FAILED, "wrong_type"),
            (Fate.FAILED, "http_500"),
        ]


def test_sitemaps_of_sitemaps():
    with Site({f"/{n}.html": article(n) for n in range(4)}) as site:
        site.add("/sitemap.xml", Page(
            "<sitemapindex>" + "".join(
                f"<sitemap><loc>{site.url}/{name}.xml</loc></sitemap>"
                for name in ("a", "post_tag-sitemap", "b", "sitemap", "gone")
            ) + "<sitemap><loc>http://elsewhere.example/x.xml</loc></sitemap></sitemapindex>"
        ))  # fmt: skip
        site.add("/a.xml", with_etag(sitemap(site, "/0.html", "/1.html", "/", "/x.jpg"), '"a"'))
        site.add(
            "/b.xml",
            with_etag(
                sitemap(site, "/2.html").replace(
                    "</urlset>", "<url><loc>http://elsewhere.example/9.html</loc></url></urlset>"
                ),
                '"b"',
            ),
        )
        run = Run(site, "/sitemap.xml")
        assert run.bodies == [article(0), article(1), article(2)]
        assert {row.item.url.rpartition("/")[2]: row.reason for row in run.listings} == {
            "sitemap.xml": "listing", "a.xml": "listing", "b.xml": "listing",
            "gone.xml": "http_404", "post_tag-sitemap.xml": "lists_no_articles", "": "no_article",
            "x.jpg": "no_article", "x.xml": "other_site", "9.html": "other_site",
        }  # fmt: skip
        site.add("/b.xml", with_etag(sitemap(site, "/2.html", "/3.html"), '"c"'))
        again = Run(site, "/sitemap.xml", known=run.known)
        assert [item.url.rpartition("/")[2] for item in again.items] == ["2.html", "3.html"]


def test_lastmod_is_the_fingerprint():
    with Site({"/0": article(0)}) as site:
        body = sitemap(site, "/0").replace("</url>", "<lastmod>2024-05-01</lastmod></url>")
        site.add("/sitemap.xml", Page(body))
        assert Run(site, "/sitemap.xml").items[0].fingerprint == "2024-05-01"


def test_no_more_articles_than_are_wanted():
    with Site({"*": article(0)}) as site:
        site.add("/sitemap.xml", Page(sitemap(site, *[f"/{n}" for n in range(1, 50)])))
        run = Run(site, "/sitemap.xml", item_limit=7)
        assert len(run.items) == 7
        assert not run.listings
        again = Run(site, "/sitemap.xml", item_limit=7, known=run.known)
        assert len(again.items) == 14
        whole = Run(site, "/sitemap.xml", item_limit=60, known=again.known)
        assert (len(whole.items), len(whole.listings)) == (49, 1)


class WordPress:
    """The part of WordPress's REST API that is used, as its documentation has it."""

    def __init__(self, site: Site, count: int) -> None:
        self.site = site
        self.posts = {n: {"modified": f"2024-05-01T10:{n // 60:02d}:{n % 60:02d}"} for n in
                      range(1, count + 1)}  # fmt: skip
        self.calls: list[dict] = []
        site.add("*", self.answer)
        site.add("/", Page(f'<link rel="https://api.w.org/" href="{site.url}/wp-json/" />'))

    def answer(self, request: Request) -> Page:
        parts = urlsplit(request.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if parts.path != "/wp-json/wp/v2/posts":
            return Page("no", 404)
        self.calls.append(query)
        selection = [int(n) for n in query["include"].split(",")] if "include" in query else [
            n for n, p in self.posts.items() if p["modified"] > query.get("modified_after", "")
        ]  # fmt: skip
        size, page = int(query["per_page"]), int(query.get("page", 1))
        part = selection[(page - 1) * size : page * size]
        if page > 1 and not part:
            return Page('{"code":"rest_post_invalid_page_number"}', 400)
        body = [self.post(n, "include" in query) for n in part if n in self.posts]
        return Page(json.dumps(body), media_type="application/json")

    def post(self, n: int, whole: bool) -> dict:
        short = {"id": n, "link": f"{self.site.url}/post-{n}/",
                 "modified_gmt": self.posts[n]["modified"]}  # fmt: skip
        if not whole:
            return short
        return short | {
            "date_gmt": "2024-04-01T09:00:00",
            "title": {"rendered": f"Post &#8220;{n}&#8221;"},
            "content": {"rendered": f"<p>Text {n}</p>", "protected": n == 13},
            "_embedded": {
                "author": [{"name": "Anna Berg"}],
                "wp:term": [[{"taxonomy": "category", "name": "City &amp; Land"}],
                            [{"taxonomy": "post_tag", "name": "market"}]],
            },
        }  # fmt: skip


def test_a_wordpress_by_its_api():
    with Site() as site:
        blog = WordPress(site, 250)
        run = Run(site, "/")
        assert "chose WordPress's REST API at" in run.listings[0].detail
        assert len(run.items) == 250
        assert [(row.item.url, row.reason) for row in run.missing] == [
            (f"{site.url}/post-13/", "protected")
        ]
        first = run.documents[0]
        assert first.url == f"{site.url}/post-1/"
        body = first.body.decode()
        assert "<h1>Post “1”</h1>\n<p>Text 1</p>" in body
        assert first.how["from"] == "rest"
        hints = first.item.hints
        assert (hints.authors, hints.section, hints.tags) == (
            ("Anna Berg",), "City & Land", ("market",),
        )  # fmt: skip
        assert len(blog.calls) == 4 + 3
        blog.posts[7]["modified"] = "2025-01-01T00:00:00"
        blog.posts[251] = {"modified": "2025-01-01T00:00:01"}
        again = Run(site, "/", known=run.known)
        assert [item.url for item in again.items] == [f"{site.url}/post-{n}/" for n in (7, 251)]
        before = site.asked()
        third = Run(site, "/", known=again.known)
        assert (third.items, third.listings[-1].fate) == ([], Fate.NOT_MODIFIED)
        assert site.asked() - before == 2  # robots.txt and one list


def test_a_wordpress_whose_api_gives_no_texts_is_read_by_its_pages():
    with Site({f"/post-{n}/": article(n) for n in (1, 2)}) as site:
        blog = WordPress(site, 2)
        blog.post = lambda n, whole: {"id": n, "link": f"{site.url}/post-{n}/"}
        assert Run(site, "/").bodies == [article(1), article(2)]


def test_a_wordpress_without_its_api_is_read_by_its_sitemap_or_feed():
    with Site({f"/{n}": article(n) for n in range(3)}) as site:
        site.add(
            "/",
            Page(
                f'<link rel="https://api.w.org/" href="{site.url}/wp-json/" />'
                '<link rel="alternate" type="application/rss+xml" href="/feed/">'
            ),
        )
        site.add("/feed/", Page(feed(site, 0, 1), media_type="text/xml"))
        run = Run(site, "/")
        assert run.listings[0].detail == f"chose the feed at {site.url}/feed/"
        assert run.bodies == [article(0), article(1)]
        site.add("/robots.txt", Page(f"Sitemap: {site.url}/map.xml"))
        site.add("/map.xml", Page(sitemap(site, "/2")))
        run = Run(site, "/")
        assert run.listings[0].detail == f"chose the sitemap at {site.url}/map.xml"
        assert run.bodies == [article(2)]


def test_what_was_chosen_is_not_looked_for_again():
    with Site(
        {"/0": article(0), "/": "<link rel=alternate type=application/atom+xml href=f>"}
    ) as s:
        s.add("/f", with_etag(feed(s, 0), '"f"', "text/xml"))
        run = Run(s, "/")
        assert run.listings[0].detail == f"chose the feed at {s.url}/f"
        before = s.asked()
        again = Run(s, "/", known=run.known)
        assert [request.path for request in s.requests[before:]] == ["/robots.txt", "/f"]
        assert again.listings[1].fate is Fate.NOT_MODIFIED
        del s.routes["/f"]
        s.add("/atom.xml", Page(feed(s, 0), media_type="text/xml"))
        s.add("/", article(1))
        third = Run(s, "/", known=again.known)
        assert third.listings[0].detail == f"chose the feed at {s.url}/atom.xml"


def test_a_site_that_lists_nothing_is_an_article():
    with Site({"/": article(0)}) as site:
        run = Run(site, "/")
        assert run.bodies == [article(0)]
        assert "read as an article" in run.listings[0].detail


def test_a_site_that_cannot_be_reached_is_a_row():
    with Site({"/": Page(mood="close")}) as site:
        (listing,) = Run(site, "/").listings
        assert (listing.fate, listing.reason) == (Fate.FAILED, "disconnected")


def test_robots_denied_is_a_row():
    routes = {"/robots.txt": Page("User-agent: *\nDisallow: /private"), "/private": article(0)}
    with Site(routes) as site:
        (missing,) = Run(site, "/private").missing
        assert (missing.fate, missing.reason) == (Fate.SKIPPED, "robots")


def test_sources_of_the_web_can_be_sent_to_another_process():
    sources = open_sources(["https://news.example/a", "https://news.example/feed/"])
    assert pickle.loads(pickle.dumps(sources)) == sources
    assert [source.name for source in sources] == ["news.example", "news.example"]


@pytest.mark.parametrize("address", ["http://u:p@news.example/", "https://", "http://[x/"])
def test_an_address_that_cannot_be_asked_is_named(address):
    with pytest.raises(SourceError, match="cannot request") as caught:
        open_sources([address])
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://x.example", SourceKind.SITE),
        ("https://x.example/", SourceKind.SITE),
        ("https://x.example/?feed=rss2", SourceKind.FEED),
        ("https://x.example/feed/", SourceKind.FEED),
        ("https://x.example/blog/atom.xml", SourceKind.FEED),
        ("https://x.example/news.rss", SourceKind.FEED),
        ("https://x.example/feeds/all.xml", SourceKind.ADDRESSES),
        ("https://x.example/sitemap.xml", SourceKind.SITEMAP),
        ("https://x.example/news-sitemap-2.xml.gz", SourceKind.SITEMAP),
        ("https://x.example/wp-json/", SourceKind.WORDPRESS),
        ("https://x.example/?rest_route=/", SourceKind.WORDPRESS),
        ("https://x.example/2024/05/why-rss-feeds-are-coming-back-again", SourceKind.ADDRESSES),
        ("https://x.example/story.html", SourceKind.ADDRESSES),
    ],
)
def test_kinds_of_addresses(url, kind):
    assert kind_of_address(url) is kind


def test_feeds_that_a_page_names():
    html = (
        b"<link rel='alternate' type='application/rss+xml' href='/feed/?a=1&amp;b=2'>"
        b"<LINK REL=alternate TYPE=application/atom+xml HREF=atom.xml>"
        b'<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
        b'<link rel="alternate" hreflang="de" href="/de/">'
        b'<link rel="alternate" type="application/rss+xml" href="javascript:x">'
    )
    assert find_feeds(html, "https://x.example/blog/") == [
        "https://x.example/feed/?a=1&b=2",
        "https://x.example/blog/atom.xml",
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div id='root'></div><script src=a></script>", True),
        ("<div id=__next></div><script>x</script><noscript>Turn on JavaScript</noscript>", True),
        ("<script></script><noscript>Please enable JavaScript</noscript><p>Loading", True),
        ("<script></script><noscript>Please enable JavaScript</noscript>" + "word " * 60, False),
        ("<div id=root><p>" + "word " * 60 + "</div><script></script>", False),
        ("<div id=root></div>", False),
        ('<div id=root></div><script>{"articleBody": "' + "word " * 100 + '"}</script>', False),
        ("", False),
    ],
)
def test_pages_that_need_scripts(html, expected):
    assert needs_javascript(html.encode()) is expected


def test_a_page_that_holds_its_text_undisplayed_is_left_to_cleaning():
    shell = "<div id=root></div><script src=x></script>{}"
    text = "".join(
        f"<p>The crane stays where it is, said speaker {n} of them.</p>" for n in range(9)
    )
    with Site({"/0": Page(shell.format(f"<noscript>{text}</noscript>"))}) as site:
        site.add("/feed.xml", Page(feed(site, 0), media_type="text/xml"))
        (document,) = Run(site, "/feed.xml").documents
        assert b"speaker 8" in document.body
        site.add("/feed.xml", Page(feed(site, 0, content=True), media_type="text/xml"))
        (document,) = Run(site, "/feed.xml").documents
        assert document.how == {"from": "feed", "page": "needs_javascript"}
