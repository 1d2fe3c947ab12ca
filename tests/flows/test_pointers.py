"""Archives on the web whose bytes are not stored: they are fetched by range to be cleaned again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.lake import Lake
from tests.flows.running import Cli
from tests.servers.archive import archive_of
from tests.servers.site import Page, Request, Site

COUNT = 6
SOURCES = """[sources.news]
address = "{site}/2026/a.warc.gz"
allow = ["{host}"]
delay = 0
keep_raw = "pointer"
"""


class Archive:
    """A file of a site that is served in parts where they are asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, request: Request) -> Page:
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if asked is None:
            return Page(self.content, media_type="application/warc", headers={"etag": '"1"'})
        first, last = int(asked[1]), int(asked[2])
        self.ranges.append((first, last + 1 - first))
        return Page(self.content[first : last + 1], status=206, media_type="application/warc")


@pytest.fixture
def downloads(tmp_path: Path, cli: Cli) -> Path:
    folder = tmp_path / "downloads"
    cli.variables["COPYDESK_DOWNLOADS"] = str(folder)
    return folder


@pytest.mark.slow
def test_pages_that_the_lake_points_to_are_cleaned_again(cli: Cli, downloads: Path) -> None:
    served = Archive(archive_of(range(COUNT)))
    with Site() as site:
        site.add("/2026/a.warc.gz", served)
        host = site.url.removeprefix("http://")
        (cli.folder / "sources.toml").write_text(SOURCES.format(site=site.url, host=host))
        assert cli.ingest("--source", "news")["fates"] == {"new": COUNT}
        home = cli.folder / "copydesk-data"
        assert not list((home / "lake" / "raw").rglob("*.warc.zst"))
        assert cli.run("doctor", "--deep").returncode == 0

        lake = Lake.open(home / "lake")
        (digest,) = {row["raw_sha256"] for row in cli.rows("select raw_sha256 from ledger limit 1")}
        with pytest.raises(LakeError, match=f"only a pointer: .* of {site.url}/2026/a.warc.gz"):
            lake.raw(digest)

        before = cli.rows("select article_id, title, text from articles order by all")
        served.content = served.content[:-9] + b"otherwise"  # the last record is another by now
        again = cli.run("reclean", "--to-version", version(cli, ".1"))
        assert again.returncode == 0, again.stderr
        assert len(served.ranges) == COUNT
        versions = "select cleaner_version v, count(*) n from articles group by all order by all"
        assert [row["n"] for row in cli.rows(versions)] == [1, COUNT - 1]
        assert cli.rows("select article_id, title, text from articles order by all") == before


def version(cli: Cli, suffix: str) -> str:
    (row,) = cli.rows("select distinct cleaner_version v from articles")
    return f"{row['v']}{suffix}"
