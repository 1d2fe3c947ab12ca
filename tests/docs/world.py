"""A folder in which the commands of the docs find what they name: files, a site, tables."""

from __future__ import annotations

import io
import re
import shutil
import sys
import zipfile
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from copydesk.warehouse.storage.raw_files import zstd
from tests.docs.examples import ROOT
from tests.flows.running import articles, warm, write
from tests.servers.site import Page, Site
from tests.sources.mail.made import newsletter

PAGE = """<!doctype html><html lang="en"><head><title>{title} – Example Blog</title>
<meta property="article:published_time" content="2026-03-0{n}T08:00:00+00:00"></head><body>
<nav><a href="/">Home</a> <a href="/about">About</a></nav><article><h1 class="headline">{title}</h1>
<p class="byline">By Jane Roe</p><time class="published" datetime="2026-03-0{n}">{n} March</time>
<div class="content">
<p>On day {n} the harbour saw {n}00 ships come in, which is more than on the day before, and the
pilots said that the wind had been kind to everyone who was out on the water.</p>
<p>In the evening the last of the {n}00 ships was moored behind the old crane, where the fish
market used to be before it was moved to the other side of the river.</p>
</div></article><h3>Leave a Reply</h3>
<form><label>Comment</label><textarea></textarea></form></body>
</html>"""
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Example Blog</title>
<link>{url}/</link><item><title>Ceasefire talks reach the harbour</title><link>{url}/a</link>
<pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate></item><item><title>Report 2 from the harbour
</title><link>{url}/b</link><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>
"""
SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>{url}/a</loc><lastmod>2026-03-01</lastmod></url>
<url><loc>{url}/b</loc><lastmod>2026-03-02</lastmod></url></urlset>"""
FRONT = """<!doctype html><html lang="en"><head><title>Example Blog</title>
<link rel="alternate" type="application/rss+xml" href="/feed/"></head><body>
<h1>Example Blog</h1><p><a href="/a">Ceasefire talks</a> <a href="/b">Report 2</a></p></body></html>
"""


def pages() -> dict[str, str]:
    """Give the site's articles by path."""
    return {
        "/a": PAGE.format(title="Ceasefire talks reach the harbour", n=1),
        "/b": PAGE.format(title="Report 2 from the harbour", n=2),
    }


def example_site() -> Site:
    """Every ``*.example`` host of the docs: a front page, a feed, a sitemap, two articles."""
    site = Site({"/": FRONT, **pages()})
    for path in ("/feed/", "/feed"):
        site.add(path, lambda _: Page(RSS.format(url=site.url), media_type="application/rss+xml"))
    site.add("/sitemap.xml", lambda _: Page(SITEMAP.format(url=site.url), media_type="text/xml"))
    return site


def fill(folder: Path, url: str) -> None:
    """Write the files that the docs name."""
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    for name in ("constraints.txt", "pyproject.toml", "prefect.yaml"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder)
    write(folder / "export", {"one.html": pages()["/a"], "2026/two.html": pages()["/b"]})
    write(folder / "export", articles(3))
    write(folder, {"page.html": pages()["/a"], "addresses.txt": f"{url}/a\n{url}/b\n"})
    write(folder / "letters", {"one.eml": newsletter(0).data})
    write(folder, {"posts.jsonl.zst": zstd.compress(_posts()), "crawl.warc.gz": _warc()})
    for day in ("2026/01/01", "2026/01/02"):
        write(folder / "raw" / day, {"crawl.warc.gz": _warc(day.replace("/", "-"))})
    with zipfile.ZipFile(folder / "pages.zip", "w") as archive:
        archive.writestr("b.html", pages()["/b"])
    with zipfile.ZipFile(folder / "site.wacz", "w") as archive:
        archive.writestr("datapackage.json", '{"profile": "data-package", "resources": []}')
        archive.writestr("archive/data.warc.gz", _warc())
    _tool(folder / "bin" / "copydesk", f'exec {warm().command} "$@"')
    _tool(folder / "bin" / "prefect", f'exec "{sys.executable}" -m prefect "$@"')
    _tool(folder / "bin" / "pbpaste", 'cat "$(dirname "$0")/../seeds/nachtmarkt.txt"')
    _tool(
        folder / ".venv" / "bin" / "copydesk", f'exec "{sys.executable}" -m copydesk.flows.cli "$@"'
    )


def localised(command: str, url: str) -> str:
    """Point a command at the local site; the installation is the test's own environment."""
    if "rules test" not in command:  # there the address only chooses the rule
        command = re.sub(r"https://[a-z.-]+\.example\b", url, command)
    command = re.sub(r"^python3 -m venv .*? && (?=\S*copydesk)", "", command)
    host = url.removeprefix("http://")
    return re.sub(
        r"\bcopydesk (ingest|backfill|sources check)\b",
        rf"copydesk \1 --allow-host {host}",
        command,
    )


def _tool(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


def _posts() -> bytes:
    return b"".join(
        b'{"url": "https://posts.example/%d", "title": "Post %d", "body": "%s"}\n'
        % (n, n, f"This is the text of post {n}, long enough to be an article of its own.".encode())
        for n in (1, 2)
    )


def _warc(day: str = "2026-03-01") -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    for path, page in pages().items():
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                f"https://crawl.example{path}",
                "response",
                payload=io.BytesIO(page.encode()),
                http_headers=head,
                warc_headers_dict={"WARC-Date": f"{day}T08:00:00Z"},
            )
        )
    return buffer.getvalue()
