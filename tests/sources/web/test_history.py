"""What a site lists of a range of days."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from copydesk.schemas.source_kinds import SourceKind
from copydesk.tasks.sources.dates.ranges import Span
from copydesk.tasks.sources.source import SourceError
from copydesk.tasks.sources.web.history import Dated, Unread, past
from copydesk.tasks.sources.web.source import WebSource
from tests.servers.site import Page, Request, Site, policy_for

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
RANGE = Span(date(2026, 1, 5), date(2026, 1, 6))
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>{url}/map-2025-12.xml</loc></sitemap>
<sitemap><loc>{url}/map-2026-01.xml</loc></sitemap>
<sitemap><loc>{url}/old.xml</loc><lastmod>2026-01-04</lastmod></sitemap>
<sitemap><loc>{url}/new.xml</loc><lastmod>2026-02-04</lastmod></sitemap>
<sitemap><loc>{url}/broken.xml</loc></sitemap></sitemapindex>"""
MAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>"""
ROW = "<url><loc>{url}{path}</loc>{rest}</url>"


def sitemap(url: str, *rows: tuple[str, str]) -> Page:
    body = "".join(
        ROW.format(url=url, path=path, rest=f"<lastmod>{day}</lastmod>" if day else "")
        for path, day in rows
    )
    return Page(MAP.format(rows=body), media_type="application/xml")


def told(source: WebSource, zone: ZoneInfo = UTC) -> dict[str, str | None]:
    return {
        urlsplit(entry.item.locator).path: entry.span.label if entry.span else None
        for entry in past(source, RANGE, zone)
        if isinstance(entry, Dated)
    }


def test_of_a_sitemap_only_parts_that_can_name_the_range_are_read() -> None:
    with Site() as site:
        site.add("/sitemap.xml", Page(INDEX.format(url=site.url), media_type="application/xml"))
        site.add(
            "/map-2026-01.xml",
            sitemap(
                site.url,
                ("/a", "2026-01-05T23:30:00Z"),
                ("/2026/01/06/b", "2026-03-01"),
                ("/c", "2026-01-04"),
                ("/d", "2026-01-07"),
            ),
        )
        site.add("/new.xml", sitemap(site.url, ("/e", ""), ("/f", "2026-01-06")))
        source = WebSource("s", SourceKind.SITEMAP, (f"{site.url}/sitemap.xml",), policy_for(site))
        expected = {
            "/a": "2026-01-05",
            "/2026/01/06/b": "2026-01-06",
            "/e": None,
            "/f": "2026-01-06",
        }
        assert told(source) == expected
        assert site.asked("/map-2025-12.xml") == site.asked("/old.xml") == 0
        assert told(source, BERLIN)["/a"] == "2026-01-06"
        unread = [entry for entry in past(source, RANGE, UTC) if isinstance(entry, Unread)]
        assert [entry.url for entry in unread] == [f"{site.url}/broken.xml"]


def test_the_items_are_those_that_the_schedule_offers() -> None:
    with Site() as site:
        site.add("/sitemap.xml", sitemap(site.url, ("/a", "2026-01-05")))
        source = WebSource("s", SourceKind.SITEMAP, (f"{site.url}/sitemap.xml",), policy_for(site))
        (of_the_past,) = [
            entry for entry in past(source.gently(), RANGE, UTC) if isinstance(entry, Dated)
        ]
        assert of_the_past.item in list(source.discover())


def posts(request: Request) -> Page:
    """WordPress's list of posts, with the parameters that a backfill uses."""
    query = {name: value[0] for name, value in parse_qs(urlsplit(request.path).query).items()}
    every = [
        {"id": n, "link": f"http://blog.example/{n}", "modified_gmt": "2026-02-01T00:00:00",
         "date_gmt": f"2026-01-{n:02}T23:30:00"}
        for n in range(1, 29)
    ]  # fmt: skip
    collected = [
        entry for entry in every
        if query["after"] < entry["date_gmt"] + "Z" < query["before"]
    ]  # fmt: skip
    return Page(json.dumps(collected), media_type="application/json")


def test_of_wordpress_the_days_in_the_zone_exactly() -> None:
    with Site() as site:
        site.add("*", posts)
        api = f"{site.url}/wp-json/"
        source = WebSource("s", SourceKind.WORDPRESS, (api,), policy_for(site))
        assert told(source) == {"/5": "2026-01-05", "/6": "2026-01-06"}
        assert told(source, BERLIN) == {"/4": "2026-01-05", "/5": "2026-01-06"}


def test_a_source_without_a_past_says_so_and_a_listing_that_is_gone_too() -> None:
    with Site() as site:
        feed = WebSource("s", SourceKind.FEED, (f"{site.url}/feed",), policy_for(site))
        with pytest.raises(SourceError, match="does not list its past"):
            list(past(feed, RANGE, UTC))
        removed = WebSource("s", SourceKind.SITEMAP, (f"{site.url}/sitemap.xml",), policy_for(site))
        with pytest.raises(SourceError, match="cannot read the sitemap"):
            list(past(removed, RANGE, UTC))
        front = WebSource("s", SourceKind.SITE, (f"{site.url}/",), policy_for(site))
        with pytest.raises(SourceError, match="cannot read"):
            list(past(front, RANGE, UTC))


def test_a_site_is_asked_for_one_thing_at_a_time() -> None:
    with Site() as site:
        source = WebSource("s", SourceKind.ADDRESSES, (), policy_for(site), item_limit=3)
        slow = source.gently()
        assert (slow.policy.rate_limit.concurrency, slow.item_limit) == (1, None)
        assert slow.policy.rate_limit == dataclasses.replace(
            source.policy.rate_limit, concurrency=1
        )
