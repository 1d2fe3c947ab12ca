"""``copydesk forget``: nothing is left of a page of a site, nor of a file."""

from __future__ import annotations

import json
import secrets
import urllib.request
from collections.abc import Iterator
from typing import Any

from tests.flows.running import Cli, articles, write
from tests.servers.site import Page, Site
from tests.warehouse.canaries import found_in

WORDS = {
    part: f"{part}{secrets.token_hex(6)}"
    for part in (*("text", "title", "address", "author", "tag", "markup", "related", "file"),)
}
PAGE = """<!doctype html><html lang="en"><head><title>{title} at the harbour – Harbour News</title>
<meta name="author" content="Ada {author}"><meta property="article:tag" content="{tag}">
</head><body><!-- {markup} --><nav><a href="/">Home</a></nav><article>
<h1>{title} at the harbour</h1>
<p>On Monday the harbour saw {text} come in, which is more than on the day before, and the
pilots said that the wind had been kind to everyone who was out on the water.</p>
<p>In the evening the last of the ships was moored behind the old crane, where the fish
market used to be before it was moved to the other side of the river.</p>
</article><h3>Related posts</h3><ul><li><a href="/x">{related}</a></li></ul></body></html>"""

FILTERS = ("flow_runs", "task_runs", "artifacts", "artifacts/latest", "logs")


def kept_by_prefect(cli: Cli) -> Iterator[tuple[str, str]]:
    """Give all that the server's API tells of flow runs, by kind."""
    api = json.loads((cli.prefect_home / "copydesk-server.json").read_text())["api_url"]

    def ask(path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{api}/{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    for kind in FILTERS:
        for page in range(1000):
            rows = ask(f"{kind}/filter", {"limit": 200, "offset": 200 * page})
            for row in rows:
                yield kind, json.dumps(row, ensure_ascii=False)
                if kind in ("flow_runs", "task_runs"):
                    of = f"{kind.removesuffix('s')}_id"
                    yield "states", json.dumps(ask(f"{kind[:-1]}_states/?{of}={row['id']}"))
            if len(rows) < 200:
                break


def named_in_prefect(cli: Cli) -> set[tuple[str, str]]:
    """Give where in Prefect which of the words stands."""
    return {
        (kind, name)
        for kind, row in kept_by_prefect(cli)
        for name, word in WORDS.items()
        if word in row
    }


def test_nothing_of_a_forgotten_page_and_file_is_left(cli: Cli) -> None:
    home = cli.folder / "copydesk-data"
    locator = f"{WORDS['file']}.txt"
    folder = write(cli.folder / "in", articles(2) | {locator: f"{WORDS['title']}\n"})
    with Site() as site:
        path = f"/{WORDS['address']}/"
        address = f"{site.url}{path}"
        allow = ("--allow-host", site.url.removeprefix("http://"))
        site.add(path, Page("out of order", status=500))
        assert cli.run("ingest", address, *allow, "--source", "site").returncode != 0
        site.add(path, PAGE.format(**WORDS))
        assert cli.ingest(address, *allow, "--source", "site")["fates"] == {"new": 1}
        # by its own path, among others, and as a file that was rejected
        assert cli.ingest(folder / locator)["fates"] == {"rejected": 1}
        write(folder, {locator: f"The {WORDS['title']} of the file\n\n" + text_of_file()})
        assert cli.ingest(folder)["fates"]["new"] == 3
        before = named_in_prefect(cli)
        assert {("flow_runs", "address"), ("artifacts", "address")} <= before
        assert {("flow_runs", "file"), ("artifacts", "file")} <= before
        assert set().union(*found_in(home, WORDS).values()) == set(WORDS)
        cli.ok("forget", address, "--yes", "--reason", "takedown 17")
        cli.ok("forget", f"file:{locator}", "--yes")
        cli.ok("maintain", "--retention-hours", "0")
        assert found_in(home, WORDS) == {}
        assert named_in_prefect(cli) == set()
        cli.ok("doctor", "--deep")
        assert cli.rows("select count(*) n from articles") == [{"n": 2}]
        assert cli.ingest(address, *allow, "--source", "site")["fates"] == {"skipped": 1}
        cli.ok("maintain", "--retention-hours", "0")
        assert set().union(*found_in(home, WORDS).values()) <= {"address"}


def text_of_file() -> str:
    return "\n\n".join(
        f"Paragraph {number} of the file says that {WORDS['text']} was seen behind the old crane, "
        "and that nobody in the harbour complained about it until the evening."
        for number in range(5)
    )
