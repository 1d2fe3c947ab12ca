"""What a container holds is counted: by way of the lake, and in what a person reads of a run."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copydesk.flows.display.summary import Summary
from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from tests.servers.site import Page, Site, request_of
from tests.sources.formats.test_wxr import export, post
from tests.sources.web.listings.test_wordpress_lists import Blog

TEXT = (
    "<p>The ferry left the pier at noon, and the dog that missed it waited until evening.</p>" * 3
)


def fates(home: Path, request: IngestRequest, source: str) -> Counter[tuple[str, str | None]]:
    """Read as a run does; gives how often each fate and reason stand in the ledger."""
    with prepare(request, Workspace(home), batch_size=50, now=datetime.now(UTC)) as prepared:
        for batch in prepared.todo:
            clean_batch.fn(Workspace(home), prepared.run_id, request, batch)
        commit_run.fn(Workspace(home), prepared.run_id, {})
    rows = Workspace(home).open_lake().latest_items(source).to_pylist()
    return Counter((row["fate"], row["reason"]) for row in rows)


def test_every_item_of_an_export_is_in_the_ledger(tmp_path: Path) -> None:
    body = export(
        post(1, TEXT), post(2, TEXT, status="draft"), post(3, "", type="attachment"),
        post(4, TEXT).replace("<item>", "<itxm>"), post(5, ""), post(6, TEXT)[:300],
    )  # fmt: skip
    (tmp_path / "blog.xml").write_bytes(body[: -len("</channel></rss>")])
    request = IngestRequest((str(tmp_path / "blog.xml"),), source="blog")
    assert fates(tmp_path / "home", request, "blog") == {
        ("new", None): 1, ("skipped", "not_published"): 1, ("skipped", "not_an_article_type"): 1,
        ("rejected", "invalid"): 1, ("rejected", "empty"): 1, ("rejected", "truncated"): 2,
    }  # fmt: skip


def test_every_entry_of_listings_is_in_the_ledger(tmp_path: Path) -> None:
    page = f"<!doctype html><title>Ferry</title><article><h1>Ferry</h1>{TEXT}</article>"
    with Site({"/robots.txt": Page("", 404), "/1/": page}) as site:
        items = "".join(f"<item><title>{n}</title></item>" for n in "ab")
        site.add("/feed/", f"<rss><channel>{items}<item><link>/1/</link></item></channel></rss>")
        locations = "".join(f"<url><loc>{item}</loc></url>" for item in ("/1/", "/", "/x.pdf", ""))
        site.add("/sitemap.xml", f"<urlset>{locations}<url><loc>/no")
        inputs = (f"{site.url}/feed/", f"{site.url}/sitemap.xml")
        request = request_of(site, tmp_path, "site", *inputs)
        assert fates(tmp_path / "home", request, "site") == {
            ("new", None): 1, ("skipped", "listing"): 1, ("skipped", "no_address"): 3,
            ("skipped", "no_article"): 2, ("failed", "truncated"): 1,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("fates_", "skipped", "failed", "said"),
    [
        ({"failed": 1}, {}, True, None),
        ({"failed": 1, "skipped": 3}, {"listing": 1, "no_address": 2}, True, None),
        ({"skipped": 1}, {"no_address": 1}, False, "Nothing was read"),
        ({"skipped": 2}, {"unknown_type": 2}, True, None),
        ({"new": 1, "skipped": 2}, {"unknown_type": 2}, False, None),
        ({"unchanged": 4, "skipped": 1}, {"unknown_type": 1}, False, None),
        ({"skipped": 1}, {"listing": 1}, False, None),
        ({"unchanged": 4, "skipped": 1}, {"listing": 1}, False, "Nothing has changed"),
        ({"unchanged": 4, "skipped": 1}, {"no_address": 1}, False, None),
        ({"unchanged": 4, "gone": 1}, {}, False, None),
        ({"not_modified": 1}, {}, False, "Nothing has changed"),
        ({"unchanged": 4, "failed": 1}, {}, False, None),
        ({"new": 1}, {}, False, None),
    ],
)
def test_nothing_is_said_of_what_was_not_understood(fates_, skipped, failed, said) -> None:
    summary = Summary("run", Path("home"), "lake", sum(fates_.values()), fates_, skipped=skipped)
    assert summary.failed is failed
    for sentence in ("Nothing was read", "Nothing has changed"):
        assert (sentence in summary.text()) is (sentence == said)


def test_posts_that_are_gone_or_have_moved_by_way_of_the_lake(tmp_path: Path) -> None:
    def rows() -> dict[str, dict]:
        request = request_of(site, tmp_path, "blog", blog.api)
        fates(tmp_path / "home", request, "blog")
        result = Workspace(tmp_path / "home").open_lake().latest_items("blog").to_pylist()
        return {row["locator"].removeprefix(site.url): row for row in result}

    with Site({"/robots.txt": Page("", 404)}) as site:
        blog = Blog(site, 4)
        blog.text = TEXT
        before = rows()
        del blog.posts[1]
        blog.posts[2], blog.edited[2] = "/renamed/", "2024-06-01T10:00:00"
        blog.protected.add(3)
        blog.edited[3] = "2024-06-01T10:00:00"
        for _ in range(2):
            after = rows()
            assert after["/post-1/"]["fate"] == "gone"
            assert after["/post-2/"]["article_id"] == before["/post-2/"]["article_id"]
            assert (after["/post-3/"]["fate"], after["/post-3/"]["reason"]) == (
                "skipped", "protected",
            )  # fmt: skip
            assert "/renamed/" not in after
        blog.posts[2], blog.edited[2] = "/again/", "2024-06-03T10:00:00"
        assert rows()["/post-2/"]["article_id"] == before["/post-2/"]["article_id"]
