"""What is stored of an address: never a password or a token, and that there was one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.credentials import (
    map_without_credentials,
    text_without_credentials,
    without_credentials,
)
from copydesk.schemas.ids import article_id
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.web.web_options import Web
from tests.ingest.test_rows import NOW
from tests.servers.site import FakeTime, Page, Request, Site, policy_for

SECRET = "s3cr3t-0123456789"
CLEAN = "https://x.example/a"


@pytest.mark.parametrize(
    "address",
    [
        f"https://anna:{SECRET}@x.example/a",
        f"https://{SECRET}@x.example/a",
        f"https://x.example/a?token={SECRET}",
        f"https://x.example/a?access_token={SECRET}",
        f"https://x.example/a?Api-Key={SECRET}&password={SECRET}",
        f"https://x.example/a;jsessionid={SECRET}",
        f"https://x.example/a?PHPSESSID={SECRET}",
        f"https://x.example/a?X-Amz-Credential={SECRET}&X-Amz-Signature={SECRET}",
        f"https://anna:{SECRET}@x.example/a?sig={SECRET}",
    ],
)
def test_credentials_are_removed_and_the_address_says_so(address):
    assert without_credentials(address) == f"{CLEAN}#credentials-removed"
    item = Item("s", address, address, "[]")
    document = RawDocument(
        item, b"", address, NOW, how={"url": address, "redirects": f"301 {address}"}
    )
    missing = Missing(item, Fate.FAILED, "dns", f"{address} answers 500", NOW, {"listing": address})
    assert SECRET not in repr((item, document, missing))
    ids = {article_id("s", url, canonical=None, url=url) for url in (item.url, CLEAN)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    "address",
    [CLEAN, f"{CLEAN}?p=7&key=crane&page=2", f"{CLEAN}?sid=12&author=anna", "https://x.example/@anna/1",
     f"{CLEAN}?tokens=3", f"{CLEAN}?tokenizer=x#part", "file:a?token=b.txt", "x.xml!https://x.example/?p=1"],
)  # fmt: skip
def test_other_addresses_stay_as_they_are(address):
    assert without_credentials(address) == address


def test_other_parameters_and_fragments_stay():
    address = f"https://x.example/a?p=7&token={SECRET}&lang=de#part"
    assert without_credentials(address) == "https://x.example/a?p=7&lang=de#part"
    text = f"see https://u:{SECRET}@x.example/a?p=1, then http://y.example/?api_key={SECRET}&q=2."
    assert text_without_credentials(text) == (
        "see https://x.example/a?p=1,#credentials-removed then "
        "http://y.example/?q=2.#credentials-removed"
    )
    same = {"etag": "1", "url": CLEAN}
    assert map_without_credentials(same) is same


@given(st.text(max_size=80))
def test_removing_twice_is_removing_once(text):
    once = without_credentials(f"https://{text}")
    assert without_credentials(once) == once


def test_a_feed_behind_a_token_is_read_and_stored_without_it():
    page = "<!doctype html><title>Crane</title><article><h1>Crane</h1><p>It moved.</p></article>"

    def feed(request: Request) -> Page:
        if request.headers.get("if-none-match") == '"1"':
            return Page(status=304)
        link = f"/crane?token={SECRET}&amp;p=1"
        body = f"<rss><channel><item><title>Crane</title><link>{link}</link></item></channel></rss>"
        return Page(body, headers={"etag": '"1"'}, media_type="application/rss+xml")

    with Site({f"/feed?auth_token={SECRET}": feed, f"/crane?token={SECRET}&p=1": page}) as site:
        policy = policy_for(site, time=FakeTime())
        address = f"{site.url}/feed?auth_token={SECRET}"
        (source,) = open_sources([address], web=Web(policy=policy))
        item, listing = source.discover()
        assert item.url == f"{site.url}/crane?p=1#credentials-removed"
        (document,) = source.acquire([item])
        assert isinstance(document, RawDocument)
        assert document.body.decode() == page
        stored = repr((document, listing))  # handles are in the plan alone
        assert SECRET not in stored.replace(item.handle, "").replace(listing.item.handle, "")
        (again,) = source.discover({listing.item.locator: dict(listing.how)})
        assert again.fate is Fate.NOT_MODIFIED
