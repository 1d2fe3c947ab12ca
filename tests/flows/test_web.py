"""``copydesk ingest`` of a site that a local server plays."""

from __future__ import annotations

from tests.flows.running import Cli
from tests.servers.site import Page, Site

FEED = """<?xml version="1.0"?>
<rss version="2.0"><channel><title>Harbour News</title><link>{url}/</link>
{items}
</channel></rss>"""
ITEM = """<item><title>Report {n} from the harbour</title><link>{url}/{n}/</link>
<pubDate>Tue, 0{n} Sep 2026 10:00:00 GMT</pubDate></item>"""
HTML = """<!doctype html><html lang="en"><head><title>Report {n} from the harbour – Harbour News
</title></head><body><nav><a href="/">Home</a> <a href="/about">About</a></nav><article>
<h1>Report {n} from the harbour</h1>
<p>On day {n} the harbour saw {n}00 ships come in, which is more than on the day before, and the
pilots said that the wind had been kind to everyone who was out on the water.</p>
<p>In the evening the last of the {n}00 ships was moored behind the old crane, where the fish
market used to be before it was moved to the other side of the river.</p>
</article><h3>Leave a Reply</h3><form><label>Comment</label><textarea></textarea></form></body>
</html>"""


def test_a_feed_is_read_and_then_asked_for_what_is_new(cli: Cli) -> None:
    with Site() as site:
        items = "".join(ITEM.format(url=site.url, n=n) for n in (1, 2, 3))
        site.add("/feed/", Page(FEED.format(url=site.url, items=items), media_type="text/xml"))
        for n in (1, 2):
            site.add(f"/{n}/", HTML.format(n=n))
        host = site.url.removeprefix("http://")
        summary = cli.ingest(f"{site.url}/feed/", "--allow-host", host)
        assert summary["fates"] == {"new": 2, "gone": 1, "skipped": 1}
        rows = cli.rows("select title, site, published_at, text from articles order by title")
        assert [row["title"] for row in rows] == [f"Report {n} from the harbour" for n in (1, 2)]
        assert rows[0]["published_at"] == "2026-09-01T10:00:00+00:00"
        assert rows[0]["text"].startswith("On day 1 the harbour")
        assert rows[0]["text"].endswith("other side of the river.")
        asked = site.asked("/1/")
        again = cli.ingest(f"{site.url}/feed/", "--allow-host", host)
        assert again["items"] - again["fates"].get("skipped", 0) == sum(
            again["fates"].get(fate, 0) for fate in ("unchanged", "not_modified", "gone")
        )
        assert asked == 1
        assert cli.rows("select count(*) n from revisions") == [{"n": 2}]
    assert cli.refused == ""


def test_a_private_host_that_was_not_allowed_is_refused(cli: Cli) -> None:
    with Site() as site:
        site.add("/1/", HTML.format(n=1))
        summary = cli.ingest(f"{site.url}/1/")
        assert summary["fates"] == {"skipped": 1}
        assert site.asked() == 0
    (row,) = cli.rows("select reason, detail from ledger")
    assert row["reason"] == "blocked"
