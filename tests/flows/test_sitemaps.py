"""A site's sitemaps from run to run, by way of the lake: what may have changed is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from tests.flows.running import articles
from tests.servers.site import Page, Site, request_of

OF_SITE = ("/robots.txt", "/.well-known/tdmrep.json")
LASTMOD = "<lastmod>2026-01-01</lastmod>"


def run(home: Path, site: Site) -> list[str]:
    """Read the site as a run does; gives the paths that were asked for but those of the site."""
    before = site.asked()
    request = request_of(site, home.parent, "site", f"{site.url}/sitemap.xml")
    with prepare(request, Workspace(home), batch_size=50, now=datetime.now(UTC)) as prepared:
        for batch in prepared.todo:
            clean_batch.fn(Workspace(home), prepared.run_id, request, batch)
        commit_run.fn(Workspace(home), prepared.run_id, {})
    return [item.path for item in site.requests[before:] if item.path not in OF_SITE]


def listing(root: str, item: str, *urls: str) -> str:
    return f"<{root}>{''.join(f'<{item}><loc>{u}</loc>{LASTMOD}</{item}>' for u in urls)}</{root}>"


@pytest.mark.slow
def test_a_page_that_failed_lets_its_own_sitemap_be_read_again(tmp_path: Path) -> None:
    texts = [text.replace("\n", "<p>") for text in articles(3).values()]
    pages = {f"/{n}": f"<title>{n}</title><article>{text}" for n, text in enumerate(texts)}
    with Site(pages) as site:
        site.add("/2", Page("no", status=403))

        def add(path: str, root: str, item: str, *paths: str) -> None:
            body = listing(root, item, *(site.url + entry for entry in paths))
            site.add(
                path,
                lambda request: (
                    Page(status=304)
                    if request.headers.get("if-none-match") == f'"{path}"'
                    else Page(body, headers={"etag": f'"{path}"'})
                ),
            )

        add("/sitemap.xml", "sitemapindex", "sitemap", "/a.xml", "/b.xml")
        add("/a.xml", "urlset", "url", "/0", "/1")
        add("/b.xml", "urlset", "url", "/2")
        home = tmp_path / "home"
        assert run(home, site) == ["/sitemap.xml", "/a.xml", "/b.xml", "/0", "/1", "/2"]
        assert run(home, site) == ["/sitemap.xml", "/b.xml", "/2"]
        site.add("/2", Page(f"<title>2</title><article>{texts[2]}"))
        assert run(home, site) == ["/sitemap.xml", "/b.xml", "/2"]
        assert run(home, site) == ["/sitemap.xml"]
