"""Lists of archives' paths, here and on the web."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from copydesk.flows.backfill_slices import make_plan
from copydesk.flows.requests import IngestRequest
from copydesk.schemas.items import Item
from copydesk.tasks.backfill.slices import BackfillScope
from copydesk.tasks.sources import SourceError, open_sources
from copydesk.tasks.sources.dates.ranges import RangeError
from copydesk.tasks.sources.web.web_options import Web
from tests.servers.site import Page, Site, policy_for

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROW = '{"title": "Report %d", "text": "The harbour saw %d ships come in, and nobody complained."}\n'


def test_a_local_list_names_what_lies_below_its_folder(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "a[1].jsonl").write_text(ROW % (1, 1))
    (tmp_path / "2026" / "unlisted.jsonl").write_text(ROW % (2, 2))
    (tmp_path / "jsonl.paths").write_text("2026/a[1].jsonl\n\n")
    (source,) = open_sources([str(tmp_path / "jsonl.paths")])
    items = [offer for offer in source.discover() if isinstance(offer, Item)]
    assert [offer.locator.partition("!")[0] for offer in items] == ["2026/a[1].jsonl"]
    (tmp_path / "jsonl.paths").write_text("elsewhere/a.jsonl\n")
    with pytest.raises(SourceError, match="neither below its folder nor Common Crawl's"):
        open_sources([str(tmp_path / "jsonl.paths")])


def test_lists_by_month_on_the_web_are_planned_by_day_and_nothing_else_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPYDESK_DOWNLOADS", str(tmp_path / "downloads"))
    name = "crawl-data/NEWS/2026/{month:02}/NEWS-2026{month:02}{day:02}233000-00001.warc.gz"
    with Site() as site:
        for month in (1, 2):
            names = [name.format(month=month, day=day) for day in (5, 6)]
            body = gzip.compress("\n".join(names).encode())
            site.add(f"/crawl-data/NEWS/2026/{month:02}/warc.paths.gz", Page(body, media_type=None))
        address = f"{site.url}/crawl-data/NEWS/{{date:%Y/%m}}/warc.paths.gz"
        request = IngestRequest((address,), allow_hosts=(f"127.0.0.1:{site.port}",))
        scope = BackfillScope(address, date(2026, 1, 6), date(2026, 2, 6), timezone="Europe/Berlin")
        plan, _ = make_plan(scope, request, NOW)
        full = {part.label: part.patterns for part in plan.slices if part.size}
        # half past eleven at night, UTC, is the next day in Berlin
        assert list(full) == ["2026-01-06", "2026-01-07", "2026-02-06"]
        assert full["2026-01-06"] == (name.format(month=1, day=5),)
        assert not [part for part in site.requests if part.path.endswith("00001.warc.gz")]
        with pytest.raises(RangeError, match="needs a range"):
            make_plan(BackfillScope(address, None, None, by=plan.scope.by.ARCHIVE), request, NOW)
        with pytest.raises(SourceError, match="copydesk backfill reads it"):
            list(request.sources[0].discover())


def test_a_list_on_the_web_is_read_like_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPYDESK_DOWNLOADS", str(tmp_path / "downloads"))
    with Site() as site:
        site.add("/lists/jsonl.paths", Page("data/a.jsonl\n", media_type=None))
        site.add("/data/a.jsonl", Page(ROW % (1, 1), media_type=None))
        web = Web(policy_for(site))
        (source,) = open_sources([f"{site.url}/lists/jsonl.paths"], web=web)
        items = [offer for offer in source.discover() if isinstance(offer, Item)]
        assert [offer.url.partition("!")[0] for offer in items] == [f"{site.url}/data/a.jsonl"]
        (read,) = source.acquire(items)
        assert not isinstance(read, Item)
