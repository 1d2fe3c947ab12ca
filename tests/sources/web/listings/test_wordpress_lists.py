"""What sites make of WordPress's REST API: every post once, and those that are gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from copydesk.schemas.items import NAMED, Fate
from tests.servers.site import FakeTime, Page, Request, Site
from tests.sources.web.test_source import Run


class Blog:
    """An API that counts truly; how it lists is chosen."""

    def __init__(self, site: Site, count: int, *, cap: int = 100, hidden: tuple[int, ...] = (),
                 refuses: int = 100, counts: bool = True, write=lambda post: post,
                 around: str = "{}", keyed: bool = False) -> None:  # fmt: skip
        self.keyed = keyed
        self.site, self.cap, self.hidden, self.refuses = site, cap, hidden, refuses
        self.counts, self.write, self.around = counts, write, around
        self.posts = {n: f"/post-{n}/" for n in range(1, count + 1)}
        self.edited = dict.fromkeys(self.posts, "2024-05-01T10:00:00")
        self.protected: set[int] = set()
        self.text = ""
        self.calls: list[dict[str, str]] = []
        site.add("/wp-json/", Page("{}"))
        site.add("*", self.answer)

    @property
    def api(self) -> str:
        return f"{self.site.url}/wp-json/"

    def answer(self, request: Request) -> Page:
        parts = urlsplit(request.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if not parts.path.endswith("/wp/v2/posts"):
            number = next((n for n, path in self.posts.items() if path == parts.path), None)
            return Page(f"<h1>{number}</h1>" if number else "", 200 if number else 404)
        self.calls.append(query)
        size, page = int(query["per_page"]), int(query.get("page", 1))
        if size > self.refuses:
            return Page('{"code":"rest_invalid_param"}', 400)
        size = min(size, self.cap)
        since = query.get("modified_after", "")
        selection = [n for n in self.posts if self.edited[n] > since]
        if "include" in query:
            selection = [n for n in map(int, query["include"].split(",")) if n in self.posts]
        pages = -(-len(selection) // size)
        if page > max(1, pages):
            return Page('{"code":"rest_post_invalid_page_number"}', 400)
        part = [n for n in selection[(page - 1) * size : page * size] if n not in self.hidden]
        headers = {"X-WP-Total": str(len(selection)), "X-WP-TotalPages": str(pages)}
        body = json.dumps([self.write(self.post(n)) for n in part])
        if self.keyed and part:
            body = json.dumps({str(n): self.post(n) for n in part})
        return Page(self.around.format(body), headers=headers if self.counts else {})

    def post(self, n: int) -> dict:
        return {
            "id": n, "link": self.site.url + self.posts[n], "modified_gmt": self.edited[n],
            "date_gmt": "2024-04-01T09:00:00", "title": {"rendered": f"Post {n}"},
            "content": {"rendered": f"<p>Post {n}.</p>{self.text}",
                        "protected": n in self.protected},
        }  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {"hidden": (5,)},
        {"hidden": (5, 101, 230, 250)},
        {"cap": 50},
        {"cap": 10, "hidden": tuple(range(30, 60))},
        {"cap": 30, "counts": False},
        {"refuses": 50},
        {"refuses": 10},
        {"write": lambda post: post | {"id": str(post["id"])}},
        {"write": lambda post: post | {"link": "/" + post["link"].split("/", 3)[3]}},
        {"around": "<br /><b>Notice</b>: x in /y.php [3]<br />\n{}"},
        {"around": "\ufeff{}<!-- cached -->"},
        {"keyed": True, "hidden": (3, 4, 199)},
    ],
)
def test_every_post_however_the_site_lists_them(options):
    with Site() as site:
        blog = Blog(site, 250, **options)
        run = Run(site, blog.api)
        hidden = blog.hidden
        assert len(run.items) == 250 - len(hidden)
        assert len(run.documents) == len(run.items)
        assert {document.how.get("from") for document in run.documents} == {"rest"}
        missed = [document for document in run.listings if document.reason == "not_listed"]
        assert len(missed) == bool(hidden)
        assert all(f"{len(hidden):,} post" in document.detail for document in missed)


@pytest.mark.parametrize(
    "answer",
    [
        Page("<html>Not here</html>"),
        Page('{"code":"x","data":[]}'),
        Page(""),
        Page("[{]"),
        Page("", 404),
    ],
)
def test_an_api_that_is_none_fails(answer):
    with Site({"*": answer}) as site:
        (row,) = Run(site, "/wp-json/").listings
        assert (row.fate, row.reason) == (
            Fate.FAILED, "http_404" if answer.status == 404 else "wrong_type"
        )  # fmt: skip


def test_a_list_that_breaks_off_is_no_list():
    with Site() as site:
        blog = Blog(site, 250)
        whole = blog.answer
        site.add("*", lambda request: Page("", 500) if "page=2" in request.path else whole(request))
        run = Run(site, blog.api)
        assert [(listing.fate, listing.reason) for listing in run.listings] == [
            (Fate.FAILED, "http_500")
        ]


def known_after(run: Run) -> dict:
    """What the next run knows of the items too."""
    return run.known | {document.item.locator: dict(document.how) for document in run.documents}


def test_a_post_that_is_listed_no_more_is_gone():
    with Site() as site:
        blog = Blog(site, 120)
        first = Run(site, blog.api)
        del blog.posts[7]
        blog.posts[121], blog.edited[121] = "/post-121/", "2024-06-01T10:00:00"
        blog.edited[8] = "2024-06-02T10:00:00"
        again = Run(site, blog.api, known=known_after(first))
        assert {item.url.rpartition("post-")[2] for item in again.items} == {"121/", "8/", "7/"}
        assert [(item.fate, item.item.url) for item in again.missing] == [
            (Fate.GONE, f"{site.url}/post-7/")
        ]
        state = known_after(first) | known_after(again)
        calls = len(blog.calls)
        assert not Run(site, blog.api, known=state).items
        assert len(blog.calls) == calls + 2


def test_a_post_that_moved_is_the_same_article():
    with Site() as site:
        blog = Blog(site, 3)
        first = Run(site, blog.api)
        blog.posts[2], blog.edited[2] = "/renamed/", "2024-06-01T10:00:00"
        again = Run(site, blog.api, known=known_after(first))
        (document,) = again.documents
        assert document.item.locator == f"{site.url}/post-2/"
        assert document.url == f"{site.url}/renamed/"
        assert document.how[NAMED] == f"{site.url}/post-2/"
        assert not again.missing


def test_a_password_set_later_is_said():
    with Site() as site:
        blog = Blog(site, 3)
        first = Run(site, blog.api)
        blog.protected.add(2)
        blog.edited[2] = "2024-06-01T10:00:00"
        again = Run(site, blog.api, known=known_after(first))
        assert [(row.fate, row.reason) for row in again.missing] == [(Fate.SKIPPED, "protected")]


def test_all_posts_are_listed_once_a_week():
    with Site() as site:
        blog = Blog(site, 3, counts=False)
        time = FakeTime()
        first = Run(site, blog.api, time=time)
        del blog.posts[1]
        assert not Run(site, blog.api, known=known_after(first), time=time).items
        time.seconds += timedelta(days=8).total_seconds()
        again = Run(site, blog.api, known=known_after(first), time=time)
        assert [row.fate for row in again.missing] == [Fate.GONE]
        assert datetime.fromtimestamp(time.seconds, UTC) > datetime(1970, 1, 8, tzinfo=UTC)


def test_what_the_sitemap_has_beside_the_api_is_said():
    with Site() as site:
        blog = Blog(site, 1)
        site.add("/robots.txt", Page("", 404))
        site.add("/", Page(f'<link rel="https://api.w.org/" href="{blog.api}" />'))
        assert not [
            listing for listing in Run(site, "/").listings if listing.reason == "not_in_api"
        ]
        urls = [site.url + blog.posts[1], *(f"{site.url}/recipe/{n}/" for n in range(8))]
        body = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
        site.add("/wp-sitemap.xml", Page(f"<urlset>{body}</urlset>", media_type="text/xml"))
        for path in ("/sitemap.xml", "/sitemap_index.xml"):
            site.add(path, Page("", 404))
        (note,) = [listing for listing in Run(site, "/").listings if listing.reason == "not_in_api"]
        assert "8 addresses" in note.detail
        assert f"copydesk ingest {site.url}/wp-sitemap.xml" in note.detail
