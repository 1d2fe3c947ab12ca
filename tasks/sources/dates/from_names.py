"""Date ranges read from addresses, file names and listings; pure, nothing is guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.dates.ranges import Span, day_in, month_of

_STAMP: Final = re.compile(r"(?<!\d)((?:19|20)\d{12})(?:\d{3})?(?!\d)")
"""The moment in an archive's name: 14 digits, UTC (WARC guidelines), 17 with milliseconds."""

_DAY: Final = re.compile(
    r"(?<!\d)((?:19|20)\d{2})(?:[-_./]?)(0[1-9]|1[0-2])(?:[-_./]?)(0[1-9]|[12]\d|3[01])(?!\d)"
)
_QUERY_DAY: Final = re.compile(r"yyyy=(\d{4})&(?:amp;)?mm=(\d{1,2})(?:&(?:amp;)?dd=(\d{1,2}))?")
"""Sitemaps of WordPress VIP: ``sitemap.xml?yyyy=2026&mm=01&dd=05``."""

_MONTH: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_/.]?(0[1-9]|1[0-2])(?![\d])")
_ONLY_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def span_of_name(name: str, zone: ZoneInfo) -> Span | None:
    """Read a date range from a path or an address: a moment, a day or a month, the surest first."""
    if (stamp := _STAMP.search(name)) and (moment := parse_date(_iso(stamp[1]))):
        return _one(day_in(moment, zone))
    if match := _QUERY_DAY.search(name):
        year, month, day = (int(part) if part else None for part in match.groups())
        return _span(year, month, day)
    if match := _DAY.search(name):
        return _span(*map(int, match.groups()))
    if match := _MONTH.search(name):
        return _span(*map(int, match.groups()))
    return None


def span_of_word(word: str | None, zone: ZoneInfo) -> Span | None:
    """Read a listing's date: a moment, converted to the zone, or a plain day."""
    if not word:
        return None
    text = word.strip()
    if _ONLY_DAY.fullmatch(text):
        try:
            return _one(date.fromisoformat(text))
        except ValueError:
            return None
    moment = parse_date(text)
    return _one(day_in(moment, zone)) if moment else None


def span_of_moment(moment: datetime | None, zone: ZoneInfo) -> Span | None:
    """Return the day of a moment in a zone; None for None."""
    return _one(day_in(moment, zone)) if moment else None


def span_of_article(
    url: str, published: datetime | None, modified: str | None, zone: ZoneInfo
) -> Span | None:
    """Date an article of a listing by its publication, its address or its last change.

    An address that tells a month alone is made exact by a change within that month.
    """
    if published is not None:
        return span_of_moment(published, zone)
    in_address = span_of_name(url, zone)
    if in_address is not None and in_address.first == in_address.last:
        return in_address
    changed = span_of_word(modified, zone)
    if in_address is not None and not (changed and in_address.covers(changed)):
        return in_address
    return changed


def _span(year: int | None, month: int | None, day: int | None = None) -> Span | None:
    if year is None or month is None:
        return None
    try:
        first = date(year, month, day or 1)
    except ValueError:
        return None
    return _one(first) if day else month_of(first)


def _one(day: date) -> Span:
    return Span(day, day)


def _iso(stamp: str) -> str:
    return (
        f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14]}+00:00"
    )
