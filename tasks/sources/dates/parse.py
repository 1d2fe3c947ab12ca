"""Dates that machines and people wrote beside an article: in feeds, exports, tables, headers.

A value is a date as a whole or it is none: nothing is guessed that does not stand there. What has
no zone is taken for UTC, and so is one in a zone that nobody knows (RFC 5322).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from copydesk.tasks.cleaning.metadata.timestamps import month_number

_LONGEST = 100  # characters
_NUMBER = re.compile(r"\d{9,19}(?:\.\d+)?")
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which number on it counts nano-, micro- and milliseconds; seconds would be the year 5138."""
_OLDEST, _NEWEST = 1000, 2200  # years; what lies outside is a placeholder such as 0001-01-01
_CENTURY = 69  # two digits of a year from which on they are of 1900 (POSIX)

_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?(?:,\s*|\s+))?"
_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_TIME = (
    rf"(?:(?:[Tt]|,?\s+(?:at\s+|um\s+|à\s+)?|,|\s*[-|]\s+){_CLOCK}"
    r"(?:\s*(?P<half>[aApP])\.?[mM]\.?)?)?"
)
_ZONE = (
    r"(?:\s*(?P<offset>(?:UTC|GMT|Z)?\s?[+-]\d{1,2}(?::?\d{2})?(?::?\d{2})?)Z?"
    r"|\s*(?P<zone>[A-Za-z]{1,5})|\s+(?P<region>[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]+){1,2}))?"
    r"(?:\s*[\[(](?P<comment>[^\[\]()]{1,40})[\])])?"
)
_DAY = r"(?P<day>\d{1,2})"
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        # 2024-01-05T10:00:00+02:00, 2024/01/05, 2024. 1. 5., 2024年1月5日
        rf"(?P<year>\d{{4}})\s?[-/.年년]\s?(?P<month>\d{{1,2}})\s?[-/.月월]\s?{_DAY}[.日일]?{_TIME}{_ZONE}",
        # 20240105, 20240105T100000Z, 202401051000
        r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:[T ]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?)?{_ZONE}",
        # Fri, 05 Jan 2024 10:00:00 GMT, 5. Januar 2024, 5 de enero de 2024, 05-Jan-24
        rf"{_WEEKDAY}{_DAY}(?:st|nd|rd|th|er|\.)?[\s-]\s*(?:de\s+|of\s+)?{_MONTH},?[\s-]\s*(?:de\s+|del\s+)?"
        rf"(?P<year>\d{{4}}|\d\d)(?!\d){_TIME}{_ZONE}",
        # January 5, 2024, Fri Jan 05 2024 10:00:00 GMT+0200 (CET)
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?!\d|:){_TIME}{_ZONE}",
        # Fri Jan  5 10:00:00 2024, Fri Jan  5 10:00:00 CET 2024
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_CLOCK}"
        r"(?:\s+(?P<zone>[A-Za-z]{1,5}|(?P<offset>[+-]\d{4})))?\s+(?P<year>\d{4})",
        # 2024 Jan 5
        rf"(?P<year>\d{{4}})[\s-]+{_MONTH}[\s-]+{_DAY}{_TIME}{_ZONE}",
        # 05.01.2024 10:00, 31/12/2024, 12/31/2024
        rf"{_WEEKDAY}(?P<first>\d{{1,2}})(?P<mark>[./-])\s?(?P<second_number>\d{{1,2}})(?P=mark)\s?(?P<year>\d{{4}}){_TIME}{_ZONE}",
    )
)
_MONGO = re.compile(r"""(?:ISODate|new Date|Date)\( ?["']?([^"'()]{1,60})["']? ?\)""")
_ZONES: Final = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "mez": 60,
    "wat": 60, "met": 60, "cest": 120, "mesz": 120, "mest": 120, "eet": 120, "sast": 120,
    "cat": 120, "eest": 180, "msk": 180, "eat": 180, "trt": 180, "msd": 240, "gst": 240,
    "pkt": 300, "ist": 330, "npt": 345, "wib": 420, "ict": 420, "hkt": 480, "sgt": 480,
    "awst": 480, "pht": 480, "jst": 540, "kst": 540, "acst": 570, "aest": 600, "acdt": 630,
    "aedt": 660, "nzst": 720, "nzdt": 780, "ndt": -150, "nst": -210, "brt": -180, "art": -180,
    "adt": -180, "ast": -240, "edt": -240, "clt": -240, "est": -300, "cdt": -300, "cst": -360,
    "mdt": -360, "mst": -420, "pdt": -420, "pst": -480, "akdt": -480, "akst": -540, "hst": -600,
}  # fmt: skip
"""Minutes; names of two places far apart (CST, IST) go by the one that English news means."""


def parse_date(value: object) -> datetime | None:
    """Read a date; one without a zone is taken for UTC. None for what is no date."""
    try:
        moment = _read(value)
        if moment is None:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment if _OLDEST <= moment.year <= _NEWEST else None


def _read(value: object) -> datetime | None:
    if isinstance(
        value, Mapping
    ):  # MongoDB's JSON: {"$date": "…"}, {"$date": {"$numberLong": "…"}}
        inner = [value[key] for key in ("$date", "$numberLong") if key in value]
        return _read(inner[0]) if inner else None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, float):
        value = f"{value:.6f}".removesuffix(".000000")
    text = " ".join(str(value).split()) if value is not None else ""
    if len(text) > _LONGEST:
        return None
    if mongo := _MONGO.fullmatch(text):
        text = mongo[1].strip()
    if len(text) in (8, 12, 14) and text.isdigit() and (moment := _written(text)):
        return moment
    if _NUMBER.fullmatch(text):
        return _counted(float(text))
    return None if not text or text.isdigit() else _written(text)


def _counted(number: float) -> datetime:
    unit = next((unit for least, unit in _UNITS if number >= least), 1.0)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number / unit)


def _written(text: str) -> datetime | None:
    if text[4:5] == "-":  # most dates, which need no pattern
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text)
    for form in _FORMS:
        if match := form.fullmatch(text):
            moment = _moment(match)
            if moment is not None:
                return moment
    return datetime.fromisoformat(text)


def _moment(match: re.Match[str]) -> datetime | None:
    parts = match.groupdict()
    year, month, day = _day(parts)
    if not month:
        return None
    hour, extra = int(parts.get("hour") or 0), timedelta()
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    if hour == 24 and not minute and not second:
        hour, extra = 0, timedelta(days=1)
    fraction = (parts.get("fraction") or "0")[:6].ljust(6, "0")
    zone = _zone(parts)
    # 60 is a leap second
    moment = datetime(year, month, day, hour, minute, min(second, 59), int(fraction), tzinfo=zone)
    return moment + extra


def _day(parts: Mapping[str, str | None]) -> tuple[int, int, int]:
    """Return year, month and day; 0 for a month that is none, or that may be the day."""
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 1900 if year >= _CENTURY else 2000
    if "name" in parts:
        return year, month_number(parts["name"] or "") or 0, int(parts["day"] or 0)
    if "mark" not in parts:
        return year, int(parts["month"] or 0), int(parts["day"] or 0)
    first, second = int(parts["first"] or 0), int(parts["second_number"] or 0)
    if parts["mark"] == "." or first > 12 or first == second:
        return year, second, first
    return (year, first, second) if second > 12 else (year, 0, 0)


def _zone(parts: Mapping[str, str | None]) -> tzinfo | None:
    if offset := parts.get("offset"):
        sign = -1 if "-" in offset else 1
        digits = re.sub(r"\D", "", offset)
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        if len(digits) > 4:
            hours, minutes = digits[:2], digits[2:4]
        return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
    if region := parts.get("region"):
        try:
            return ZoneInfo(region)
        except (ValueError, OSError, LookupError):
            return None
    name = parts.get("zone") or parts.get("comment") or ""
    minutes_ = _ZONES.get(name.lower())
    return None if minutes_ is None else timezone(timedelta(minutes=minutes_))
