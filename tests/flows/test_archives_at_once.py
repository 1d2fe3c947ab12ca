"""A backfill over a list of archives on the web: several at once, each resumed by itself."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.flows.running import Cli
from tests.servers.archive import archive_of
from tests.servers.site import Page, Site

ARCHIVES, PAGES = 4, 3
SOURCES = """[sources.news]
address = "{site}/NEWS/warc.paths"
allow = ["{host}"]
delay = 0
"""


@pytest.mark.slow
def test_two_archives_at_once_and_those_that_are_done_are_not_read_again(
    cli: Cli, server: Path, tmp_path: Path
) -> None:
    downloads = tmp_path / "downloads"
    cli.variables["COPYDESK_DOWNLOADS"] = str(downloads)
    names = [f"/NEWS/2026/a-{number}.warc.gz" for number in range(ARCHIVES)]
    pages = [
        Page(archive_of(range(PAGES * number, PAGES * (number + 1))), media_type=None)
        for number in range(ARCHIVES)
    ]
    with Site() as site:
        site.add("/NEWS/warc.paths", Page("\n".join(names), media_type=None))
        for name, page in zip(names[:2], pages, strict=False):
            site.add(name, page)
        for name in names[2:]:
            site.add(name, Page(mood="hang"))
        host = site.url.removeprefix("http://")
        (cli.folder / "sources.toml").write_text(SOURCES.format(site=site.url, host=host))
        command = ("backfill", "news", "--parallel", "2")
        process = cli.start(*command)
        # two archives wait for their bytes, so that the two before them have ended
        deadline = time.monotonic() + 150
        while site.at_once < 2 and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        assert site.at_once == 2
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        for name, page in zip(names, pages, strict=True):
            site.add(name, page)
        cli.ok(*command)
        assert [site.asked(name) for name in names] == [1, 1, 2, 2]
    assert cli.rows("select state, items, runs from slices order by slice_key") == [
        {"state": "done", "items": PAGES, "runs": 1} for _ in range(ARCHIVES)
    ]
    assert cli.rows("select count(*)::int n from articles") == [{"n": ARCHIVES * PAGES}]
    # of what was downloaded only the list remains, not a month of archives
    assert [file.read_text() for file in downloads.iterdir() if not file.suffix] == [
        "\n".join(names)
    ]
