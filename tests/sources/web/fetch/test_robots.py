from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.fetcher import Fetcher
from copydesk.tasks.sources.web.fetch.robots import SIZE, read_rules
from tests.servers.site import FakeTime, Page, Request, Site, policy_for

DENY_X = b"User-agent: *\nDisallow: /x\nCrawl-delay: 2\nSitemap: https://news.example/map.xml\n"


@pytest.mark.parametrize(
    ("status", "body", "x", "y"),
    [
        (200, DENY_X, False, True),
        (203, DENY_X, False, True),
        (200, b"\xef\xbb\xbf" + DENY_X, False, True),
        (200, DENY_X.replace(b"\n", b"\r"), False, True),
        (200, b"User-agent: copydesk\nDisallow: /x\n\nUser-agent: *\nDisallow: /", False, True),
        (200, b"User-agent: CopyDesk/2\nDisallow: /y\n", True, False),
        (200, b"User-agent: copydesk of news # us\nDisallow: /y\n", True, False),
        (200, b"User-agent: copydesks\nDisallow: /\n", True, True),
        (200, b"User-agent: *\nDisallow: /\nAllow: /y\n", False, True),
        (200, DENY_X + b"# pad\n" * 200_000 + b"Disallow: /\n", False, True),
        (200, b"<html>Disallow: / is not for us</html>", True, True),
        (200, bytes(range(256)) * 50, True, True),
        (200, b"", True, True),
        (204, b"", True, True),
        (401, DENY_X, True, True),
        (403, DENY_X, True, True),
        (404, DENY_X, True, True),
        (410, DENY_X, True, True),
        (429, b"", False, False),
        (500, b"", False, False),
        (503, b"User-agent: *\nAllow: /", False, False),
    ],
)
def test_what_an_answer_means(status, body, x, y):
    rules = read_rules(status, body[:SIZE])
    url = "https://news.example"
    assert (rules.allows(f"{url}/x/1"), rules.allows(f"{url}/y")) == (x, y)


def test_delay_and_sitemaps():
    rules = read_rules(200, DENY_X)
    assert (rules.crawl_delay, rules.sitemaps) == (2.0, ("https://news.example/map.xml",))


@given(st.binary(max_size=400))
def test_no_file_raises(body):
    rules = read_rules(200, body)
    rules.allows("https://news.example/x")
    assert rules.crawl_delay >= 0


def visit(site: Site, *paths: str, time: FakeTime | None = None, **options) -> list[str]:
    """Response pages one after the other; what was got or why not."""

    async def run() -> list[str]:
        collected = []
        async with Fetcher(
            policy_for(site, time=time or FakeTime(), robots=True, **options)
        ) as guest:
            for path in paths:
                try:
                    collected.append((await guest.fetch(site.url + path)).body.decode())
                except FetchError as error:
                    collected.append(error.reason)
        return collected

    return asyncio.run(run())


def redirects(count: int, to: str = "/r/{n}"):
    def route(request: Request) -> Page:
        n = 0 if request.path == "/robots.txt" else int(request.path.rpartition("/")[2])
        if n >= count:
            return Page(DENY_X)
        return Page(status=302, headers={"location": to.format(n=n + 1)})

    return route


@pytest.mark.parametrize(("count", "x"), [(1, "robots"), (5, "robots"), (6, "x")])
def test_five_redirects_are_followed(count, x):
    routes = {"/robots.txt": redirects(count), "/x": "x", "/y": "y"}
    routes |= {f"/r/{n}": redirects(count) for n in range(9)}
    with Site(routes) as site:
        assert visit(site, "/x", "/y") == [x, "y"]


def test_it_is_asked_once_and_before_anything_else():
    with Site({"/robots.txt": Page(DENY_X), "/y": "y", "/z": "z"}) as site:
        assert visit(site, "/y", "/x", "/z", "/y") == ["y", "robots", "z", "y"]
        assert [request.path for request in site.requests] == ["/robots.txt", "/y", "/z", "/y"]


def test_it_is_asked_again_after_a_day():
    time = FakeTime()

    async def run(site):
        async with Fetcher(policy_for(site, time=time, robots=True)) as guest:
            for wait in (0, 23 * 3600, 2 * 3600):
                time.seconds += wait
                await guest.fetch(f"{site.url}/y")

    with Site({"/robots.txt": Page(DENY_X), "/y": "y"}) as site:
        asyncio.run(run(site))
        assert site.asked("/robots.txt") == 2


def test_a_redirect_leads_nowhere_that_robots_denies():
    routes = {"/robots.txt": Page(DENY_X), "/y": Page(status=301, headers={"location": "/x"})}
    with Site(routes) as site:
        assert visit(site, "/y") == ["robots"]
        assert not site.asked("/x")


def test_a_robots_txt_that_leads_to_a_private_machine_denies():
    page = Page(status=302, headers={"location": "http://169.254.169.254/robots.txt"})
    with Site({"/robots.txt": page, "/y": "y"}) as site:
        assert visit(site, "/y") == ["robots"]


@pytest.mark.parametrize(("mood", "reason"), [("hang", "timeout"), ("close", "disconnected")])
def test_a_host_that_cannot_be_asked_for_it_is_not_read(mood, reason):
    with Site({"/robots.txt": Page(mood=mood), "/y": "y"}) as site:
        assert visit(site, "/y", time=FakeTime(), read=0.2) == [reason]
        assert not site.asked("/y")


def test_the_crawl_delay_is_kept():
    time = FakeTime()
    with Site({"/robots.txt": Page(DENY_X), "/y": "y"}) as site:
        visit(site, *["/y"] * 4, time=time)
    assert time.slept == [2.0, 2.0, 2.0]
