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
        requested = site.asked("/1/")
        again = cli.ingest(f"{site.url}/feed/", "--allow-host", host)
        assert again["items"] - again["fates"].get("skipped", 0) == sum(
            again["fates"].get(fate, 0) for fate in ("unchanged", "not_modified", "gone")
        )
        assert requested == 1
        assert cli.rows("select count(*) n from revisions") == [{"n": 2}]
    assert cli.refused == ""


def test_a_private_host_that_was_not_allowed_is_refused(cli: Cli) -> None:
    with Site() as site:
        site.add("/1/", HTML.format(n=1))
        completed = cli.run("ingest", f"{site.url}/1/")
        assert completed.returncode == 1
        assert site.asked() == 0
        machine = site.url.removeprefix("http://")
        assert f"--allow-host {machine}" in completed.stderr
        assert f'allow = ["{machine}"]' in completed.stderr
        assert "Nothing has changed" not in completed.stderr
        (row,) = cli.rows("select fate, reason, detail from ledger")
        assert (row["fate"], row["reason"]) == ("skipped", "blocked")
        assert "--allow-host" in row["detail"]

        # what it says to do, done
        cli.ingest(f"{site.url}/1/", "--allow-host", machine)
        again = cli.run("ingest", f"{site.url}/1/", f"{site.url}/1/", "--allow-host", "127.0.0.1")
        assert again.returncode == 0, again.stderr


NAMED = """[sources.harbour]
address = "{url}/{path}"
allow = {allow}
delay = 0
"""


def named(cli: Cli, site: Site, allow: str, path: str = "feed/", more: str = "") -> None:
    settings = NAMED.format(url=site.url, path=path, allow=allow) + more
    (cli.folder / "sources.toml").write_text(settings)


def test_a_named_source_is_allowed_at_any_port_and_checked_as_it_is_read(cli: Cli) -> None:
    with Site() as site:
        items = ITEM.format(url=site.url, n=1)
        site.add("/feed/", Page(FEED.format(url=site.url, items=items), media_type="text/xml"))
        site.add("/1/", HTML.format(n=1))

        named(cli, site, "[]")
        assert cli.run("sources", "check", "--offline").returncode == 0
        checked = cli.run("sources", "check")
        assert checked.returncode == 1
        assert "allow = [" in checked.stderr
        assert site.asked() == 0
        refused = cli.run("ingest", "--source", "harbour")
        assert refused.returncode == 1
        assert "allow = [" in refused.stderr
        assert "Nothing has changed" not in refused.stderr

        host = site.url.removeprefix("http://")
        cli.ok("sources", "check", "--allow-host", host)
        site.requests.clear()
        named(cli, site, f'["127.0.0.1:{site.port + 1}"]')
        assert cli.run("sources", "check").returncode == 1
        assert site.asked() == 0

        named(cli, site, '["127.0.0.1"]')
        cli.ok("sources", "check")
        requested = [request.path for request in site.requests]
        assert requested == ["/robots.txt", "/feed/", "/1/", "/.well-known/tdmrep.json"]
        assert cli.ingest("--source", "harbour")["fates"] == {"new": 1, "skipped": 1}
        assert [request.path for request in site.requests[len(requested) :]] == requested
        again = cli.run("ingest", "--source", "harbour")
        assert "Nothing has changed since the last run." in again.stderr

        site.add("/robots.txt", Page("User-agent: *\nDisallow: /", media_type="text/plain"))
        checked = cli.run("sources", "check", "--json")
        assert checked.returncode == 1
        assert "robots = false" in checked.stderr
        denied = cli.run("ingest", "--source", "harbour")
        assert denied.returncode == 1
        assert "robots = false" in denied.stderr
        assert "Nothing has changed" not in denied.stderr
        named(cli, site, '["127.0.0.1"]', more="robots = false\n")
        cli.ok("sources", "check")


def test_a_listing_that_is_not_understood_fails_and_is_asked_again(cli: Cli) -> None:
    with Site({"/feed/": "<html><body>We are moving house.</body></html>"}) as site:
        named(cli, site, '["127.0.0.1"]')
        checked = cli.run("sources", "check")
        assert checked.returncode == 1
        assert "is not a feed" in checked.stderr
        completed = cli.run("ingest", "--source", "harbour")
        assert completed.returncode == 1
        assert "Nothing has changed" not in completed.stderr
        site.add("/feed/", Page(FEED.format(url=site.url, items=""), media_type="text/xml"))
        empty = cli.run("ingest", "--source", "harbour")
        assert empty.returncode == 0
        assert "lists no articles" in empty.stderr
        assert "Nothing has changed" not in empty.stderr


def test_what_names_no_machine_is_a_wrong_setting(cli: Cli) -> None:
    with Site({"/feed/": FEED}) as site:
        named(cli, site, '["http://127.0.0.1:8000/"]')
        completed = cli.run("sources", "check")
        assert completed.returncode == 1
        assert "is not a machine" in completed.stderr
        assert cli.run("ingest", f"{site.url}/", "--allow-host", "http://127.0.0.1").returncode == 2
