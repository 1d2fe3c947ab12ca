from __future__ import annotations

import asyncio
import base64
import dataclasses
import datetime as dt
import gzip
import pickle
from email.utils import format_datetime

import pytest

from copydesk.schemas.items import Fate
from copydesk.tasks.sources.web.fetch.client import Guard
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.fetch.fetcher import Fetcher, Policy
from copydesk.tasks.sources.web.fetch.throttle import (
    FAILURES,
    Pace,
    RateLimit,
    backoff,
    retry_after_seconds,
)
from tests.servers.certificates import server_context
from tests.servers.site import FakeTime, Page, Request, Site, policy_for


def visits(site: Site, *paths: str, known=None, policy: Policy | None = None, **options):
    """Response pages one after the other; the visits, or why there was none."""
    policy = policy or policy_for(site, **{"time": FakeTime(), **options})

    async def run():
        collected = []
        async with Fetcher(policy) as guest:
            for path in paths:
                try:
                    collected.append(await guest.fetch(site.url + path, known))
                except FetchError as error:
                    collected.append(error)
        return collected

    return asyncio.run(run())


def sequence(*pages: Page):
    """Answer with one page after the other, the last for ever."""
    remaining = list(pages)
    return lambda request: remaining.pop(0) if len(remaining) > 1 else remaining[0]


def test_a_page_and_who_asks_for_it():
    with Site({"/": Page("hello", headers={"etag": '"1"', "last-modified": "x"})}) as site:
        (visit,) = visits(site, "/")
        assert (visit.body, visit.status, visit.url) == (b"hello", 200, f"{site.url}/")
        assert visit.media_type == "text/html; charset=utf-8"
        assert visit.transport["etag"] == '"1"'
        agent = site.requests[0].headers["user-agent"]
        assert agent.startswith("copydesk/")
        assert "+https://reader.example/about" in agent


def test_redirects_are_followed_and_kept():
    routes = {
        "/a": Page(status=301, headers={"location": "b#part"}),
        "/b": Page(status=302, headers={"location": "/c?x=ü"}),
        "/c?x=%C3%BC": "c",
    }
    with Site(routes) as site:
        (visit,) = visits(site, "/a")
        assert visit.url == f"{site.url}/c?x=%C3%BC"
        assert visit.transport["redirects"] == f"301 {site.url}/a → 302 {site.url}/b"


def test_redirects_in_a_circle_and_without_end():
    routes = {
        "/a": Page(status=302, headers={"location": "/b"}),
        "/b": Page(status=302, headers={"location": "/a"}),
        "/none": Page(status=302),
        **{f"/{n}": Page(status=302, headers={"location": f"/{n + 1}"}) for n in range(9)},
    }
    with Site(routes) as site:
        assert [e.reason for e in visits(site, "/a", "/0", "/none")] == ["redirects"] * 3
        assert site.asked() == 2 + 6 + 1


def test_nothing_new_costs_no_body():
    def route(request: Request) -> Page:
        same = request.headers.get("if-none-match") == '"1"'
        # a 304 without its ETag, as many hosts give it
        return Page(status=304) if same else Page("hello", headers={"etag": '"1"'})

    with Site({"/": route, "/old": Page(status=301, headers={"location": "/"})}) as site:
        (first,) = visits(site, "/old")
        (again,) = visits(site, "/old", known=first.transport)
        assert (first.not_modified, again.not_modified) == (False, True)
        assert (again.transport["status"], again.transport["etag"]) == ("304", '"1"')
        assert site.sent == len("hello")


@pytest.mark.parametrize("name", ["etag", "last-modified"])
@pytest.mark.parametrize("value", ['"caf\xc3\xa9-1"', 'W/"\xff"', "l\xf6rdag"])
def test_a_validator_beyond_ascii_is_sent_back_as_it_came(name, value):
    def answer(request: Request) -> Page:
        same = value in (
            request.headers.get("if-none-match"),
            request.headers.get("if-modified-since"),
        )
        return Page("", 304) if same else Page("text", headers={name: value})

    with Site({"/": answer}) as site:
        (first,) = visits(site, "/")
        assert first.transport[name] == value
        (again,) = visits(site, "/", known=first.transport)
        assert again.not_modified


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\0b", "\u65e5", " ", "", "a\x7f", "\ud83d"])
def test_a_validator_that_cannot_be_sent_is_left_out(value):
    with Site({"/": "text"}) as site:
        (visit,) = visits(site, "/", known={"etag": value, "url": f"{site.url}/"})
        assert visit.body == b"text"
        assert "if-none-match" not in site.requests[-1].headers


@pytest.mark.parametrize("target", ["http://[::1", "http://127.0.0.1:99999/", "http://a b/"])
def test_a_redirect_to_a_malformed_address_fails_that_page_alone(target):
    with Site({"/a": Page("", 301, {"location": target}), "/b": "text"}) as site:
        failed, visit = visits(site, "/a", "/b")
        assert failed.reason == "bad_address"
        assert visit.body == b"text"


@pytest.mark.parametrize(
    ("status", "fate", "tries"),
    [(400, "failed", 1), (401, "failed", 1), (403, "failed", 1), (404, "gone", 1),
     (410, "gone", 1), (429, "failed", 3), (451, "failed", 1), (500, "failed", 3),
     (502, "failed", 3), (503, "failed", 3), (501, "failed", 1)],
)  # fmt: skip
def test_statuses(status, fate, tries):
    with Site({"/": Page(status=status)}) as site:
        (error,) = visits(site, "/")
        assert (error.reason, error.consequence.fate) == (f"http_{status}", fate)
        assert site.asked() == tries


@pytest.mark.parametrize(
    ("mood", "reason", "tries"),
    [("hang", "timeout", 3), ("close", "disconnected", 3), ("cut", "truncated", 3)],
)
def test_failures_that_may_pass_are_tried_again(mood, reason, tries):
    with Site({"/": Page("x" * 999, mood=mood)}) as site:
        (error,) = visits(site, "/", read=0.2)
        assert error.reason == reason
        assert site.asked() == tries


def test_a_failure_that_passed_costs_nothing_but_time():
    time = FakeTime()
    pages = sequence(Page(status=500), Page(mood="close"), Page("hello"))
    with Site({"/": pages}) as site:
        (visit,) = visits(site, "/", time=time)
        assert visit.body == b"hello"
        assert time.slept == [backoff(1), backoff(2)]


@pytest.mark.parametrize("media_type", ["application/pdf", "image/png", "video/mp4", "font/woff"])
def test_other_types_are_not_pages(media_type):
    with Site({"/": Page(b"x", media_type=media_type), "/none": Page(b"x", media_type=None)}) as s:
        error, visit = visits(s, "/", "/none")
        assert (error.reason, error.consequence.fate) == ("wrong_type", "rejected")
        assert visit.media_type is None


def test_retry_after_is_kept():
    time = FakeTime()
    pages = sequence(Page(status=429, headers={"retry-after": "30"}), Page("hello"))
    with Site({"/": pages}) as site:
        (visit,) = visits(site, "/", time=time)
        assert visit.body == b"hello"
        assert sum(time.slept) == pytest.approx(30.0)


def test_a_host_that_asks_for_an_hour_is_left_alone():
    with Site({"/": Page(status=503, headers={"retry-after": "3600"}), "/b": "b"}) as site:
        first, second = visits(site, "/", "/b")
        assert (first.reason, second.reason) == ("http_503", "host_failing")
        assert "retry in 3,600 s" in second.detail
        assert site.asked() == 1


def test_a_host_that_fails_again_and_again_is_left_alone():
    with Site({"*": Page(status=500)}) as site:
        errors = visits(site, *[f"/{n}" for n in range(20)])
        assert site.asked() == FAILURES
        assert {error.reason for error in errors[2:]} == {"host_failing"}


def test_a_page_that_is_not_there_says_nothing_of_the_host():
    with Site({"/": "hello"}) as site:
        responses = visits(site, *[f"/{n}" for n in range(20)], "/")
        assert responses[-1].body == b"hello"


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_at_once_than_are_polite(concurrency):
    manners = RateLimit(delay=0, concurrency=concurrency, adapt=False)
    with Site({"*": "x"}) as site:
        desk = FetchLoop(policy_for(site, rate_limit=manners))
        urls = [f"{site.url}/{n}" for n in range(30)]
        result = list(desk.in_order(urls, lambda guest, url: guest.fetch(url)))
        desk.close()
        assert [visit.url for visit in result] == urls
        assert site.most_at_once <= concurrency


def test_requests_are_spread_in_time():
    time = FakeTime()
    with Site({"*": "x"}) as site:
        visits(
            site, *[f"/{n}" for n in range(5)], time=time, rate_limit=RateLimit(2.5, adapt=False)
        )
    assert time.slept == [2.5] * 4


def test_secrets_go_to_their_origin_alone(monkeypatch):
    monkeypatch.setenv("TOKEN_OF_A_TEST", "s3cret")
    with Site({"/": "x"}) as other, Site({"/": "own"}) as site:
        site.add("/away", Page(status=302, headers={"location": f"{other.url}/"}))
        secrets = ((f"http://127.0.0.1:{site.port}", "Authorization", "Bearer ${TOKEN_OF_A_TEST}"),)
        base = policy_for(site, other)
        policy = dataclasses.replace(base, secrets=secrets)
        visits(site, "/", "/away", policy=policy)
        assert [request.headers.get("authorization") for request in site.requests] == [
            "Bearer s3cret"
        ] * 2
        assert other.asked() == 1
        assert "authorization" not in other.requests[0].headers
        assert b"s3cret" not in pickle.dumps(policy)
        monkeypatch.delenv("TOKEN_OF_A_TEST")
        (error,) = visits(site, "/", policy=policy)
        assert (error.reason, error.detail) == (
            "no_secret", "the environment has no TOKEN_OF_A_TEST",
        )  # fmt: skip


def test_a_proxy_is_asked_for_public_machines_alone(monkeypatch):
    monkeypatch.setenv("PASSWORD_OF_A_TEST", "p@ss")

    async def resolve(host, port):
        return ["10.0.0.1" if host == "inside.example" else "93.184.216.34"]

    with Site({"http://news.example/a": "through the proxy"}) as proxy:
        guard = Guard(
            resolve=resolve, proxy=f"http://me:${{PASSWORD_OF_A_TEST}}@127.0.0.1:{proxy.port}"
        )

        async def run(url):
            policy = Policy(guard=guard, robots=False, shared=None)
            async with Fetcher(policy) as guest:
                return await guest.fetch(url)

        assert asyncio.run(run("http://news.example/a")).body == b"through the proxy"
        argument = base64.b64decode(proxy.requests[0].headers["proxy-authorization"].split()[1])
        assert argument == b"me:p@ss"
        with pytest.raises(FetchError) as caught:
            asyncio.run(run("http://inside.example/a"))
        assert (caught.value.reason, proxy.asked()) == ("blocked", 1)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://[2606:4700::1111]/a", True),
        ("http://[::1]/a", False),
        ("http://[fd00::1]/a", False),
    ],
)
def test_addresses_of_ipv6_through_a_proxy(address, asked):
    with Site({"*": "through the proxy"}) as proxy:
        guard = Guard(proxy=f"http://127.0.0.1:{proxy.port}")

        async def run():
            async with Fetcher(Policy(guard=guard, robots=False, shared=None)) as fetcher:
                return await fetcher.fetch(address)

        if asked:
            assert asyncio.run(run()).body == b"through the proxy"
        else:
            with pytest.raises(FetchError, match="not public"):
                asyncio.run(run())
        assert bool(proxy.requests) is asked


def test_no_cookie_is_kept():
    with Site({"*": Page("x", headers={"set-cookie": "a=b"})}) as site:
        visits(site, "/1", "/2")
        assert all("cookie" not in request.headers for request in site.requests)


def test_a_certificate_of_nobody_is_a_failure(tmp_path):
    context = server_context(tmp_path, "news.example")
    with Site({"/": "x"}, ssl_context=context) as site:
        (error,) = visits(site, "/")
        assert error.reason == "tls"
        assert not site.asked()


def test_names_that_do_not_exist():
    async def nobody(host, port):
        raise FetchError("dns", f"{host} cannot be found")

    with Site() as site:

        async def run():
            async with Fetcher(policy_for(site, time=FakeTime(), resolve=nobody)) as guest:
                await guest.fetch("http://nobody.example/")

        with pytest.raises(FetchError) as caught:
            asyncio.run(run())
        assert caught.value.reason == "dns"


def test_the_pace_follows_the_host():
    pace = Pace(RateLimit(delay=1.0))
    assert [pace.reserve(0.0) for _ in range(3)] == [0.0, 1.0, 2.0]
    pace.answered(4.0)
    assert pace.delay == 4.0
    pace.failed(10.0, "http_429", None)
    pace.failed(10.0, "http_429", None)
    slower = pace.delay
    assert slower > 8.0
    for _ in range(99):
        pace.answered(0.1)
    assert pace.delay == 1.0
    pace.crawl_delay = 1e9
    assert pace.delay == 300.0
    pace.crawl_delay = 0.0
    pace.latency = 1e9
    assert pace.delay == 60.0
    pace.failed(100.0, "http_503", 20.0)
    assert pace.reserve(100.0) >= 20.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), (" 0 ", 0.0), ("-5", None), ("soon", None), ("", None), (None, None),
     (format_datetime(dt.datetime(2026, 1, 1, 0, 1, tzinfo=dt.UTC), usegmt=True), 60.0),
     (format_datetime(dt.datetime(2025, 1, 1, tzinfo=dt.UTC), usegmt=True), 0.0)],
)  # fmt: skip
def test_retry_after(value, seconds):
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()
    assert retry_after_seconds(value, now) == seconds


PAGE = b"<html><body><p>The ferry leaves at nine.</p></body></html>"


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_whole_page_of_a_wrong_length_is_read(coding):
    body = gzip.compress(PAGE) if coding else PAGE
    headers = {"content-length": str(len(body) * 2)} | (
        {"content-encoding": coding} if coding else {}
    )
    pages = {"/": Page(body * 2, mood="cut", headers=headers)}
    with Site(pages) as site:
        (visit,) = visits(site, "/")
        assert visit.body == PAGE


def test_a_page_that_is_cut_is_not_read():
    with Site({"/": Page(PAGE, mood="cut")}) as site:
        (error,) = visits(site, "/")
        assert error.reason == "truncated"


def test_not_modified_is_no_answer_to_a_first_request():
    with Site({"/": Page("", 304)}) as site:
        (error,) = visits(site, "/")
        assert error.reason == "http_304"
        assert error.consequence.fate is Fate.FAILED
