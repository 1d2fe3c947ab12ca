"""Dates of feeds, exports and tables: the moment that was written, or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.dates.parse import parse_date

DAY = datetime(2024, 1, 5, tzinfo=UTC)
TEN = DAY + timedelta(hours=10)


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("Fri, 05 Jan 2024 10:00:00 +02:00", 8),
        ("Fri, 05 Jan 2024 10:00:00 CEST", 8),
        ("Fri, 05 Jan 2024 10:00:00 BST", 9),
        ("Fri, 05 Jan 2024 10:00:00 JST", 1),
        ("Fri, 05 Jan 2024 10:00:00 MESZ", 8),
        ("Fri, 5 Jan 24 10:00 EDT", 14),
        ("Fri,05 Jan 2024 10:00:00 -0800", 18),
        ("Fri 05 Jan 2024 10:00:00 GMT+0200 (CET)", 8),
        ("Fri Jan 05 2024 10:00:00 GMT+0200 (CET)", 8),
        ("Fri, 05 Jan 2024 10:00:00 GMT+0200", 8),
        ("Fri, 05 Jan 2024 10:00:00 UTC-3", 13),
        ("Fri, 05 Jan 2024 10:00:00 (EST)", 15),
        ("2024-01-05T10:00:00+02:00Z", 8),
        ("2024-01-05 10:00:00 +0200", 8),
        ("2024-01-05T10:00:00+02", 8),
        ("2024-01-05T10:00:00+01:00[Europe/Berlin]", 9),
        ("2024-01-05 10:00 Europe/Berlin", 9),
        ("2024-01-05 10:00:00 PST", 18),
        ("Fri Jan  5 10:00:00 CET 2024", 9),
        ("Jan 5, 2024, 10:00 a.m. EST", 15),
        ("пт, 5 янв 2024 10:00:00 +0300", 7),
    ],
)
def test_the_offset_counts(value, hour):
    assert parse_date(value) == DAY + timedelta(hours=hour)


@pytest.mark.parametrize(
    "value",
    ["2024-01-05 10:00:00 UTC", "2024-01-05 10:00:00 GMT", "2024-01-05T10:00Z", "2024/01/05 10:00",
     "2024-01-05T10:00:00,000", "20240105T100000Z", "20240105100000", "202401051000",
     "1704448800", "1704448800000", "1704448800000000", "1704448800000000000", 1704448800.0,
     1704448800000, 'ISODate("2024-01-05T10:00:00Z")', {"$date": "2024-01-05T10:00:00.000Z"},
     {"$date": {"$numberLong": "1704448800000"}}, {"$date": 1704448800000},
     "Fri Jan  5 10:00:00 2024", "5. Januar 2024 10:00", "5 janvier 2024 à 10:00",
     "05.01.2024 10:00", "Jan. 5, 2024 10:00 AM", "Fri, 05 Jan 2024 10:00:00 XYZ"],
)  # fmt: skip
def test_a_moment(value):
    assert parse_date(value) == TEN


@pytest.mark.parametrize(
    "value",
    ["2024/01/05", "2024-1-5", "20240105", "January 5, 2024", "5 January 2024", "January 5th, 2024",
     "Friday, January 5, 2024", "5 de enero de 2024", "5. ledna 2024", "5 января 2024", "05-Jan-24",
     "2024年1月5日", "2024. 1. 5.", "5/5/2024", "2024 Jan 5"],
)  # fmt: skip
def test_a_day(value):
    assert parse_date(value) == (datetime(2024, 5, 5, tzinfo=UTC) if value == "5/5/2024" else DAY)


@pytest.mark.parametrize(
    "value",
    ["1", "17", "12345678", "Monday", "Fri,", "May", "10:00", "05/01/2024", "2024-01", "May 2024",
     "Wed, 30 Nov -0001 00:00:00 +0000", "-0001-11-30T00:00:00+00:00", "0000-00-00 00:00:00",
     "0000-00-00", "2024-02-30", "Fri, 32 Jan 2024 10:00:00 GMT", "https://x.example/?p=17",
     "tag:x.example,2024:5", "99999999999999999999", {"$oid": "5"}, {}, float("nan"),
     float("inf"), "5 January 2024, or later"],
)  # fmt: skip
def test_no_date_is_made_up(value):
    assert parse_date(value) is None


def test_slashes_where_one_number_can_be_no_month():
    assert (
        parse_date("31/12/2024") == parse_date("12/31/2024") == datetime(2024, 12, 31, tzinfo=UTC)
    )


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1)), st.integers(-720, 840))
def test_what_common_programs_write_is_read_back(moment, minutes):
    moment = moment.replace(microsecond=0)
    sign, hours = ("-" if minutes < 0 else "+"), divmod(abs(minutes), 60)
    expected = (moment - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    for colon in (":", ""):
        zone = f"{sign}{hours[0]:02}{colon}{hours[1]:02}"
        for form in ("%Y-%m-%dT%H:%M:%S", "%a, %d %b %Y %H:%M:%S ", "%Y/%m/%d %H:%M:%S",
                     "%a %b %d %Y %H:%M:%S GMT"):  # fmt: skip
            assert parse_date(moment.strftime(form) + zone) == expected
