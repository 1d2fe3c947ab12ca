from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.metadata.timestamps import (
    find_date,
    find_month,
    month_number,
    parse_stamp,
)

MACHINE = {
    "2025-01-06": "2025-01-06T00:00:00+00:00",
    "2025-1-6 1:05": "2025-01-06T01:05:00+00:00",
    "2025-01-06T10:00:00Z": "2025-01-06T10:00:00+00:00",
    "2025-01-06T10:00:00.1234567+02:00": "2025-01-06T10:00:00.123456+02:00",
    "2025-01-06 10:00:00 +0100": "2025-01-06T10:00:00+01:00",
    "20250106T101010Z": "2025-01-06T10:10:10+00:00",
    "20250106": "2025-01-06T00:00:00+00:00",
    "Mon, 06 Jan 2025 10:00:00 GMT": "2025-01-06T10:00:00+00:00",
    "Thu Aug 14 2025 10:00:00 GMT+0200 (Somewhere)": "2025-08-14T10:00:00+02:00",
    "Thu Aug 14 10:00:00 UTC 2025": "2025-08-14T10:00:00+00:00",
    "1736150400": "2025-01-06T08:00:00+00:00",
    "1736150400000": "2025-01-06T08:00:00+00:00",
}

READ = {
    "Published on July 18, 2025": "2025-07-18T00:00:00+00:00",
    "Jan. 6th, 2025 at 2:05 pm ET": "2025-01-06T14:05:00-05:00",
    "6. Januar 2025, 14.05 Uhr": "2025-01-06T14:05:00+00:00",
    "06.01.2025 - 12:11": "2025-01-06T12:11:00+00:00",
    "Publié le 1er janvier 2025 à 14h05": "2025-01-01T14:05:00+00:00",
    "6 de enero de 2025": "2025-01-06T00:00:00+00:00",
    "6 d’agost de 2025": "2025-08-06T00:00:00+00:00",
    "2025年1月6日(月) 14時05分": "2025-01-06T14:05:00+00:00",
    "2025년 1월 6일": "2025-01-06T00:00:00+00:00",
    "ngày 6 tháng 1 năm 2025": "2025-01-06T00:00:00+00:00",
    "2025. január 6.": "2025-01-06T00:00:00+00:00",
    "2025 m. sausio 6 d.": "2025-01-06T00:00:00+00:00",
    "๖ มกราคม ๒๕๖๘": "2025-01-06T00:00:00+00:00",
    "٦ كانون الثاني ٢٠٢٥": "2025-01-06T00:00:00+00:00",
    "6 января 2025 г.": "2025-01-06T00:00:00+00:00",
    "6 Ιανουαρίου 2025": "2025-01-06T00:00:00+00:00",
    "6 जनवरी 2025": "2025-01-06T00:00:00+00:00",
    "৬ জানুয়ারি ২০২৫": "2025-01-06T00:00:00+00:00",
    "10 min read May 5 2024": "2024-05-05T00:00:00+00:00",
    "13/06/2025": "2025-06-13T00:00:00+00:00",
    "03-04-2025": "2025-04-03T00:00:00+00:00",
    "By Jane RoeJan 6, 2025": "2025-01-06T00:00:00+00:00",
}

NO_DATE = [
    "",
    "May",
    "10 min",
    "3 PM",
    "Chapter 12 of 2024",
    "2025-13-45",
    "30 February 2025",
    "2025",
]


@pytest.mark.parametrize("text", MACHINE)
def test_machine_forms(text: str) -> None:
    stamp = parse_stamp(text)
    assert stamp is not None
    assert stamp.when.isoformat() == MACHINE[text]


@pytest.mark.parametrize("text", READ)
def test_dates_that_people_read(text: str) -> None:
    match = find_date(text)
    assert match is not None
    assert match.stamp.when.date().isoformat() == READ[text][:10]
    if match.stamp.timed:
        assert match.stamp.when.isoformat() == READ[text]


@pytest.mark.parametrize("text", NO_DATE)
def test_what_is_no_date(text: str) -> None:
    assert find_date(text) is None
    assert parse_stamp(text) is None


@pytest.mark.parametrize("text", ["June 2022", "Juni 2022", "juin 2022", "2022年6月", "Июнь 2022"])
def test_months_without_a_day(text: str) -> None:
    match = find_month(text)
    assert match is not None
    assert match.stamp.when.date().isoformat() == "2022-06-01"
    assert not match.stamp.dayed


@pytest.mark.parametrize("text", ["Chapter 2022", "2022", "13月", "2022年13月", "6/2022"])
def test_what_is_no_month(text: str) -> None:
    assert find_month(text) is None


def test_slashes_go_by_the_country() -> None:
    day, month = find_date("03/04/2025"), find_date("03/04/2025", day_first=False)
    assert day is not None
    assert month is not None
    assert (day.stamp.when.month, month.stamp.when.month) == (4, 3)


def test_a_month_of_two_languages_goes_by_the_page_s() -> None:
    assert month_number("listopada", "pl") == 11
    assert month_number("listopada", "hr") == 10


def test_what_is_assumed_is_said() -> None:
    day, local, zoned = (
        parse_stamp(t) for t in ("2025-01-06", "2025-01-06T10:00", "2025-01-06T10:00Z")
    )
    assert day is not None
    assert local is not None
    assert zoned is not None
    assert [(s.zoned, s.timed) for s in (day, local, zoned)] == [
        (False, False),
        (False, True),
        (True, True),
    ]


@given(st.text(max_size=250))
def test_any_text_gives_an_aware_time_or_none(text: str) -> None:
    for stamp in (
        parse_stamp(text),
        *(getattr(find(text), "stamp", None) for find in (find_date, find_month)),
    ):
        assert stamp is None or stamp.when.utcoffset() is not None


@given(st.datetimes(timezones=st.timezones()))
def test_what_python_writes_is_read_back(when: datetime) -> None:
    stamp = parse_stamp(when.isoformat())
    if when.year >= 1000 and when.year < 2400:
        assert stamp is not None
        offset = when.utcoffset() or timedelta()
        if offset.total_seconds() % 60 == 0:
            assert stamp.when.isoformat() == when.isoformat()
