"""What a site's files reserve: tdmrep.json, and robots.txt's groups of AI crawlers."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.web.fetch.fetcher import Fetcher
from copydesk.tasks.sources.web.fetch.robots import read_rules
from copydesk.tasks.sources.web.fetch.tdmrep import PATH, matches, read_tdmrep, reservations
from tests.servers.site import FakeTime, Page, Site, policy_for

POLICY = "https://news.example/policy.json"
FILE = [
    {"location": "/open/*", "tdm-reservation": 0},
    {"location": "/*.html$", "tdm-reservation": "1", "tdm-policy": POLICY},
    {"location": "/news", "tdm-reservation": 1},
]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/open/a.html", None),
        ("/a/b.html", f"1 {POLICY}"),
        ("/a/b.html?page=2", None),
        ("/news/1", "1"),
        ("/n%65ws", "1"),
        ("/other", None),
    ],
)
def test_the_first_entry_for_an_address_decides(path: str, value: str | None) -> None:
    rules = read_tdmrep(json.dumps(FILE).encode())
    expected = {} if value is None else {"tdmrep.json": value}
    assert reservations(rules, f"https://news.example{path}") == expected


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[1, null, []]", b'[{"location": 1}]', b'{"tdm-reservation": 1}', b"[" * 9999,
     b'[{"location": "/", "tdm-reservation": true}]', b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_entry_is_left_out(body: bytes) -> None:
    assert read_tdmrep(body) == ()


def test_a_single_object_is_an_entry() -> None:
    rules = read_tdmrep(b'\xef\xbb\xbf{"location": "/", "tdm-reservation": 1}')
    assert reservations(rules, "https://news.example") == {"tdmrep.json": "1"}


@given(st.text(alphabet="a/*$", max_size=12), st.text(alphabet="a/", max_size=12))
def test_patterns(pattern: str, path: str) -> None:
    import re

    body = pattern.removesuffix("$")
    expression = ".*".join(map(re.escape, body.split("*"))) + ("$" if body != pattern else "")
    assert matches(pattern, path) == (re.match(expression, path) is not None)


ROBOTS = b"""
User-agent: *
Content-Signal: search=yes, ai-train=no
Allow: /

User-agent: GPTBot/1.2
User-agent: ccbot
Disallow: /

User-agent: ClaudeBot
Disallow: /archive/

User-agent: PerplexityBot
Allow: /
"""


@pytest.mark.parametrize(
    ("path", "denied"), [("/a", "GPTBot, CCBot"), ("/archive/a", "GPTBot, CCBot, ClaudeBot")]
)
def test_groups_of_crawlers(path: str, denied: str) -> None:
    rules = read_rules(200, ROBOTS)
    assert rules.reservations(f"https://news.example{path}") == {
        "robots.txt": denied,
        "content-signal": "search=yes, ai-train=no",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"User-agent: *\nDisallow: /private\n",
        b"User-agent: Googlebot\nDisallow: /\n",
        b"User-agent: GPTBot\nAllow: /\n",
        b"User-agent: Googlebot\nContent-Signal: ai-train=no\nAllow: /\n",
        b"",
    ],
)
def test_other_groups_reserve_nothing(body: bytes) -> None:
    assert read_rules(200, body).reservations("https://news.example/a") == {}


def reserved(site: Site, *paths: str, **options) -> list[dict[str, str]]:
    async def ask() -> list[dict[str, str]]:
        async with Fetcher(policy_for(site, time=FakeTime(), **options)) as fetcher:
            found = []
            for path in paths:
                response = await fetcher.fetch(site.url + path)
                found.append({**response.transport, **await fetcher.reservations(response.url)})
            return found

    return asyncio.run(ask())


def test_a_site_is_asked_once() -> None:
    headers = {"tdm-reservation": "1", "tdm-policy": POLICY, "x-robots-tag": "noai"}
    routes = {
        "/a": Page("<p>a</p>", headers=headers),
        "/b": Page("<p>b</p>"),
        "/robots.txt": Page(ROBOTS, media_type="text/plain"),
        PATH: Page(b'[{"location": "/b", "tdm-reservation": 1}]', media_type="application/json"),
    }
    with Site(routes) as site:
        first, second, _ = reserved(site, "/a", "/b", "/b", robots=True)
        asked = [request.path for request in site.requests]
    assert {name: first[name] for name in headers} == headers
    assert first["robots.txt"] == "GPTBot, CCBot"
    assert "tdmrep.json" not in first
    assert second["tdmrep.json"] == "1"
    assert "tdm-reservation" not in second
    assert asked.count(PATH) == asked.count("/robots.txt") == 1


@pytest.mark.parametrize("answer", [Page("", 404), Page("", 503), Page("<html>", 200)])
def test_a_site_without_the_file_reserves_nothing(answer: Page) -> None:
    with Site({"/a": Page("<p>a</p>"), PATH: answer}) as site:
        found, again = reserved(site, "/a", "/a", robots=True)
    assert "tdmrep.json" not in found
    assert found == again


def test_a_site_of_ones_own_is_not_asked() -> None:
    with Site({"/a": Page("<p>a</p>")}) as site:
        reserved(site, "/a", robots=False)
        assert PATH not in [request.path for request in site.requests]
