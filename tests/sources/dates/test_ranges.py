"""Ranges: both ends as they are written, in the stated time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.dates.ranges import By, RangeError, Span, day_in, spans, zone_of

DAYS = st.dates(date(1995, 1, 1), date(2035, 12, 31))
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo"]
)


@given(DAYS, st.integers(0, 500), st.sampled_from([By.DAY, By.MONTH]))
def test_every_day_of_a_range_is_in_one_slice(first: date, length: int, by: By) -> None:
    last = first + timedelta(days=length)
    date_spans = spans(first, last, by)
    days = [
        offer.first + timedelta(days=n)
        for offer in date_spans
        for n in range((offer.last - offer.first).days + 1)
    ]
    assert days == [first + timedelta(days=n) for n in range(length + 1)]
    assert len({offer.label for offer in date_spans}) == len(date_spans)


@given(DAYS, ZONES)
def test_a_day_has_its_moments_and_no_other_day_has_them(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    begins, ends = Span(day, day).moments(zone)
    assert ends == Span(day + timedelta(days=1), day + timedelta(days=1)).moments(zone)[0]
    if begins < ends:  # Samoa had no 30 December 2011
        assert day_in(begins, zone) == day
        assert day_in(ends - timedelta(seconds=1), zone) == day
    assert day_in(begins - timedelta(seconds=1), zone) < day


def test_a_day_in_berlin_begins_an_hour_before_utc_and_a_day_of_change_is_short() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begins, ends = Span(date(2026, 3, 29), date(2026, 3, 29)).moments(berlin)
    assert begins == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert ends - begins == timedelta(hours=23)


def test_months_are_named_whole_or_by_their_ends() -> None:
    date_spans = spans(date(2026, 1, 15), date(2026, 3, 10), By.MONTH)
    assert [offer.label for offer in date_spans] == [
        "2026-01-15..2026-01-31",
        "2026-02",
        "2026-03-01..2026-03-10",
    ]


def test_a_range_has_its_ends_in_order_and_a_zone_a_name() -> None:
    with pytest.raises(RangeError, match="before it begins"):
        spans(date(2026, 1, 2), date(2026, 1, 1), By.DAY)
    with pytest.raises(RangeError, match="Europe/Berlin"):
        zone_of("Berlin")
