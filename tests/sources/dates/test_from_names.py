"""Which day an address, a name or a listing tells."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.dates.from_names import span_of_article, span_of_name, span_of_word
from copydesk.tasks.sources.dates.ranges import Span

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")


def day(text: str) -> Span:
    return Span(date.fromisoformat(text), date.fromisoformat(text))


JANUARY = Span(date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("crawl-data/CC-NEWS/2026/01/CC-NEWS-20260105233000-00012.warc.gz", day("2026-01-05")),
        ("crawl-20260105233000123-00012.warc.gz", day("2026-01-05")),
        ("https://site.example/2026/01/05/the-harbour/", day("2026-01-05")),
        ("https://site.example/news/2026-01-05-the-harbour", day("2026-01-05")),
        ("export-20260105.jsonl.gz", day("2026-01-05")),
        ("https://site.example/sitemap.xml?yyyy=2026&mm=01&dd=05", day("2026-01-05")),
        ("https://site.example/sitemap.xml?yyyy=2026&mm=1", JANUARY),
        ("https://site.example/2026/01/the-harbour/", JANUARY),
        ("https://site.example/sitemap-2026-01.xml", JANUARY),
        ("https://site.example/20260230/", None),
        ("https://site.example/article-1234567", None),
        ("https://site.example/p/202601051", None),
        ("https://site.example/the-year-2026", None),
    ],
)
def test_what_a_name_tells(name: str, span: Span | None) -> None:
    assert span_of_name(name, UTC_ZONE) == span


def test_a_moment_is_of_the_day_that_it_is_in_the_zone_and_a_day_stays_itself() -> None:
    name = "CC-NEWS-20260105233000-00012.warc.gz"
    assert span_of_name(name, BERLIN) == day("2026-01-06")
    assert span_of_word("2026-01-05T23:30:00Z", BERLIN) == day("2026-01-06")
    assert span_of_word("2026-01-05", BERLIN) == day("2026-01-05")
    assert span_of_word("soon", BERLIN) is None
    assert span_of_word(None, BERLIN) is None


def test_publication_comes_before_the_address_and_the_address_before_the_last_change() -> None:
    published = datetime(2026, 1, 7, 12, tzinfo=UTC)
    url = "https://site.example/2026/01/05/a/"
    assert span_of_article(url, published, "2026-02-01", UTC_ZONE) == day("2026-01-07")
    assert span_of_article(url, None, "2026-02-01", UTC_ZONE) == day("2026-01-05")
    month = "https://site.example/2026/01/a/"
    assert span_of_article(month, None, "2026-01-09", UTC_ZONE) == day("2026-01-09")
    assert span_of_article(month, None, "2026-02-09", UTC_ZONE) == JANUARY
    assert span_of_article("https://site.example/a", None, "2026-02-09", UTC_ZONE) == day(
        "2026-02-09"
    )
    assert span_of_article("https://site.example/a", None, None, UTC_ZONE) is None


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for result in (span_of_name(text, BERLIN), span_of_word(text, BERLIN)):
        assert result is None or result.first <= result.last


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(["/", "-", "", "."]))
def test_a_day_that_is_written_is_read(when: date, between: str) -> None:
    name = f"https://site.example/x{between and '/'}{when:%Y{between}%m{between}%d}/title"
    assert span_of_name(name, BERLIN) == Span(when, when)
