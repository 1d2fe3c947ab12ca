from __future__ import annotations

import os
import time

import pytest

from copydesk.schemas.items import Missing, RawDocument
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.web.web_options import Web
from tests.servers.site import FakeTime, Page, Request, Site, policy_for

ROWS = b'{"id": "a", "text": "one"}\n{"id": "b", "text": "two"}\n'


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COPYDESK_DOWNLOADS", str(tmp_path / "downloads"))
    return tmp_path / "downloads"


def read(site: Site, path: str):
    policy = policy_for(site, time=FakeTime(), robots=True)
    (source,) = open_sources([site.url + path], web=Web(policy=policy))
    result = list(source.discover())
    items = [offer for offer in result if not isinstance(offer, Missing)]
    return result, {
        offer.item.locator: offer.body.decode()
        for offer in source.acquire(items)
        if isinstance(offer, RawDocument)
    }


def rows(request: Request) -> Page:
    if request.headers.get("if-none-match") == '"1"':
        return Page(status=304)
    return Page(ROWS, headers={"etag": '"1"'}, media_type="application/octet-stream")


def test_a_table_of_the_web_is_fetched_once(folder):
    with Site({"/x.jsonl": rows}) as site:
        result, documents = read(site, "/x.jsonl")
        assert documents == {"x.jsonl!a": "one", "x.jsonl!b": "two"}
        assert result[0].url == f"{site.url}/x.jsonl!a"
        assert read(site, "/x.jsonl") == (result, documents)
        assert site.asked("/x.jsonl") == 1
        (options,) = folder.glob("*.json")
        os.utime(options, (time.time() - 9999,) * 2)
        assert read(site, "/x.jsonl") == (result, documents)
        assert site.asked("/x.jsonl") == 2
        assert site.sent == len(ROWS)


@pytest.mark.parametrize(
    ("page", "reason"),
    [(Page(status=404), "http_404"), (Page(ROWS, mood="cut"), "truncated"),
     (Page(status=302, headers={"location": "http://169.254.169.254/x"}), "blocked")],
)  # fmt: skip
def test_what_cannot_be_fetched_is_a_row(page, reason, folder):
    with Site({"/x.jsonl": page}) as site:
        (missing,), documents = read(site, "/x.jsonl")
        assert isinstance(missing, Missing)
        assert missing.reason == "unreadable"
        assert reason in missing.detail
        assert documents == {}
        assert not [path for path in folder.iterdir() if path.suffix != ".lock"]


def test_robots_denied(folder):
    routes = {"/robots.txt": Page("User-agent: *\nDisallow: /"), "/x.jsonl": rows}
    with Site(routes) as site:
        (missing,), _ = read(site, "/x.jsonl")
        assert "robots" in missing.detail
        assert not site.asked("/x.jsonl")


def test_a_download_that_never_ends_has_a_time_limit(folder):
    with Site({"/x.jsonl": Page(ROWS, mood="drip")}) as site:
        policy = policy_for(site, download=0.5, read=30.0)
        (source,) = open_sources([f"{site.url}/x.jsonl"], web=Web(policy=policy))
        (missing,) = source.discover()
        assert "not complete after 0.5 s" in missing.detail
