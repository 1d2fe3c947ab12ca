"""Parse timestamps from pages: machine-readable formats, and dates written for readers.

dateparser is not used: given the page's language it takes 0.7 ms for "6 January 2025", this module
0.01, and in strict mode it finds nothing in "Published on July 18, 2025". dateutil accepts junk.
CLDR's month names and the orders of day, month and year cover what they did here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.metadata.calendars import (
    PERSIAN_YEARS,
    find_calendar_date,
    persian_date,
)
from copydesk.tasks.cleaning.metadata.months import in_two_words, month_number, western_digits
from copydesk.tasks.cleaning.metadata.time_zones import time_zone

MAX_CHARS: Final = 200
# Attempts per text at strings that look like dates; a text with more is a table of numbers.
MAX_TRIES: Final = 8


__all__ = [
    "YEARLIKE",
    "DateMatch",
    "Stamp",
    "find_date",
    "find_month",
    "has_year",
    "month_number",
    "parse_stamp",
    "western_digits",
]


class Stamp(NamedTuple):
    """A point in time as a page gives it.

    ``when`` is timezone-aware. ``zoned`` is false if UTC was assumed; ``timed`` is false if only
    the day is known, with ``when`` its midnight; ``dayed`` is false if only the month is known,
    with ``when`` midnight of its first day.
    """

    when: datetime
    zoned: bool
    timed: bool
    dayed: bool = True


class DateMatch(NamedTuple):
    """A date and its position in a text (characters).

    ``other`` is the day in the other order of day and month, for an ambiguous ``03/04/2025``.
    """

    stamp: Stamp
    start: int
    end: int
    other: Stamp | None = None


_ISO: Final = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?:[Tt]|\s+|,\s*)(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[.,](?P<fraction>\d+))?"
    r"\s*(?P<zone>[A-Za-z]{1,4}\b|(?:UTC|GMT)?[+-]\d\d:?(?:\d\d)?)?)?"
)
# The most common format.
_EXACT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-3]):?[0-5]\d)", re.A
)
_COMPACT: Final = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:T?(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?$"
)
_JAVASCRIPT: Final = re.compile(
    r"[A-Z][a-z]{2} (?P<name>[A-Z][a-z]{2}) (?P<day>\d\d?) (?:(?P<year>\d{4}) )?"
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) (?P<zone>[A-Z]{2,4}(?:[+-]\d{4})?)"
    r"(?: (?P<year2>\d{4}))?"
)
# Spelled out, because a pattern's first character is then found in half the time, and an ASCII one
# in a fifth.
YEARLIKE: Final = re.compile(
    r"\d\d\d\d|[\d元〇零一二三四五六七八九十]\s?年|ת[א-ת]{0,3}[״\"'׳’”][א-ת]|[\u0e00-\u0e7f]\.?\s?\d\d(?!\d)"
)
_OTHER_FORM: Final = 2  # than four digits: eras and letters
_YEARLIKE_ASCII: Final = re.compile("[0-9][0-9][0-9][0-9]")
_EPOCH: Final = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d+)?$")

# Dates written for readers. The word is looked up among the month names afterwards.
_NAME: Final = r"[^\s\d.,،;:/|()\-–—_]{2,20}"
_UNJOINED: Final = r"[^\s\d.,،;:/|()\-–—_](?:(?!(?<=[a-z])[A-Z])[^\s\d.,،;:/|()\-–—_]){1,19}"
_WORD: Final = rf"(?P<name>{_NAME}(?:\s{_NAME})?)"
_DAY: Final = r"(?P<day>\d{1,2})"
_YEAR: Final = r"(?P<year>\d{4})(?!\d)"
_TEXTUAL: Final = (
    # 6 January 2025, 6. Januar 2025, 1er janvier 2025, 6 de enero de 2025, 6-Jan-2025
    rf"(?<![\d:/]){_DAY}(?:st|nd|rd|th|er|re|º|ª|°|-?го|\.)?[\s,./-]{{1,3}}(?:(?:of|de|del|d['’])\s?)?"
    rf"{_WORD}[.,،׳']{{0,2}}[\s,،./-]{{1,3}}(?:(?:of|de|del|năm)\s)?{_YEAR}",
    # January 6, 2025; Jan. 6th 2025; "Jane RoeJan 6, 2025" of inline elements that touch
    rf"(?:(?<!\w)|(?<=[a-z])(?=[A-Z]))(?P<name>{_UNJOINED})\.?[\s-]{{1,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?"
    rf"[\s,.-]{{1,3}}{_YEAR}",
    # 2025. január 6., 2025 m. sausio 6 d., 2025 Jan 6
    rf"(?<!\d){_YEAR}(?:\(e\)ko|eko|ko)?[.,]?\s(?:m\.?\s|gada\s|ж\.?\s|թ\.?\s|оны\s)?{_WORD}\.?\s{_DAY}(?!\d)",
    # 2025. gada 6. janvāris, 2025 ж. 6 қаңтар, 2025-ж., 6-январь
    rf"(?<!\d){_YEAR}[.,]?[\s-]{{1,2}}(?:gada|ж\.?|yil|йил),?\s{_DAY}[.\s-]{{1,2}}{_WORD}",
)
_CJK: Final = re.compile(
    r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号號]?"
)
# Themes that put the month first in every language: "6月 5, 2024", "6월 5, 2024".
_MONTH_FIRST: Final = re.compile(
    r"(?<!\d)(?:[Tt]háng\s)?(?P<month>\d{1,2})\s?(?:[月월]|(?<=\d))\s(?P<day>\d{1,2}),\s(?P<year>\d{4})"
)
_MONGOLIAN: Final = re.compile(
    r"(?P<year>\d{4})\sоны\s(?P<month>\d{1,2})(?:-[рдн]\w*)?\sсарын\s(?P<day>\d{1,2})"
)
_VIETNAMESE: Final = re.compile(
    r"(?P<day>\d{1,2})\s(?:tháng|Tháng|thg)\s(?P<month>\d{1,2})(?:,|\snăm)?\s(?P<year>\d{4})"
)
_NUMERIC: Final = re.compile(
    r"(?<![\d./-])(?:(?P<year>\d{4})([./])\s?(?P<month>\d\d?)\2\s?(?P<day>\d\d?)"
    r"|(?P<one>\d\d?)\u200f?([./-])\s?(?P<two>\d\d?)\u200f?\6\s?(?P<year2>\d{4}))(?!\d|[./-]\d)"
)
_MONTH: Final = re.compile(
    rf"(?<![^\W\d_])(?P<name>{_NAME})[.,]{{0,2}}\s(?:(?:of|de|del)\s)?{_YEAR}"
    r"|(?P<year2>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]"
)
_TEXT_PATTERNS: Final = tuple(re.compile(pattern) for pattern in _TEXTUAL)
# Each pattern with what a text must contain for it: a cheap first check that most texts fail.
_ASCII_PATTERNS: Final = (
    (_ISO, re.compile(r"\d-\d")),
    (_TEXT_PATTERNS[0], re.compile(r"\d{4}")),
    (_TEXT_PATTERNS[1], re.compile(r"\d(?:st|nd|rd|th|\.)?[\s,.-]{1,3}\d{4}")),
    (_TEXT_PATTERNS[2], re.compile(r"\d{4}(?:\(e\)ko|eko|ko)?[.,]?\s")),
    (_TEXT_PATTERNS[3], re.compile(r"\d{4}.{1,3}(?:gada|yil|ж|йил)")),
    (_NUMERIC, re.compile(r"\d\u200f?[./-]\s?\d")),
)
_PATTERNS: Final = (
    (_CJK, re.compile("[年년]")),
    (_VIETNAMESE, re.compile("háng|thg")),
    (_MONTH_FIRST, re.compile("[月월]|háng")),
    (_MONGOLIAN, re.compile("сарын")),
    *_ASCII_PATTERNS,
)
# A time of day directly after a date: "6 Jan 2025, 14:05 CET", "… at 2.05 pm", "… um 14 Uhr 05".
_TIME: Final = re.compile(
    r"(?:\s?[(（][^\W\d]{1,3}[)）])?[\s,|·•–—/@(T-]{0,4}(?:[^\W\d]{1,8}\s){0,2}(?P<hour>[01]?\d|2[0-4])\s?(?:[:.h時时시]|Uhr)\s?"
    r"(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:\s?[分분])?(?!\d)"
    r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?"
    r"(?:\s*\(?(?P<zone>[A-Z]{1,4}\b|(?:UTC|GMT)?[+-]\d\d?:?(?:\d\d)?))?",
    re.I,
)

_MONTH_BEFORE: Final = 26  # maximum characters of a month, what follows it, and a day's first digit
# Only the first day in a line is needed: the rest of the line follows it.
_DAY_AND_YEAR: Final = re.compile(r"^(?:[^\d\n]++|\d{3,}+)*+\d{1,2}.*\d{4}", re.M)
_TIMELIKE: Final = re.compile(r"\d\s?[:.hHu时時시U]")


@lru_cache(maxsize=1024)  # a page repeats its date in several places
def parse_stamp(text: str, *, language: str | None = None, day_first: bool = True) -> Stamp | None:
    """Parse a machine-readable timestamp: ISO 8601 and similar, RFC 2822, epoch, or a date.

    Returns None if there is no date, or one that the calendar does not have.
    """
    text = text.strip()
    if len(text) < 8 or len(text) > MAX_CHARS:
        return None
    if text[:4].isdigit():
        if _EXACT.fullmatch(text) and (stamp := _exact(text)) is not None:
            return stamp
        if match := _ISO.match(text):
            return _build(match)
        if match := _COMPACT.match(text):
            return _build(match)
        if _EPOCH.match(text):
            seconds = float(text)
            return Stamp(
                datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC),
                zoned=True,
                timed=True,
            )
    if match := _JAVASCRIPT.match(text):
        return _from_words(match, None)
    date_match = find_date(text, language=language, day_first=day_first)
    if date_match is not None:
        return date_match.stamp
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return Stamp(when if when.tzinfo else when.replace(tzinfo=UTC), bool(when.tzinfo), timed=True)


def _exact(text: str) -> Stamp | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Later years may belong to the Buddhist calendar.
    return Stamp(when, zoned=True, timed=True) if when.year < 2400 else None


def has_year(text: str) -> bool:
    """Return whether a text may contain a year; a text without one has no date.

    A year is four digits, or a number in a calendar that uses eras or letters.
    """
    if native_lines is not None:
        form = native_lines.year_form(text)
        return form == 1 or (form == _OTHER_FORM and YEARLIKE.search(text) is not None)
    return (_YEARLIKE_ASCII if text.isascii() else YEARLIKE).search(text) is not None


def find_date(
    text: str, *, language: str | None = None, day_first: bool = True
) -> DateMatch | None:
    """Return the first date with a year in a short text, and the time directly after it.

    ``day_first`` decides the order of day and month in ``03/04/2025``.
    """
    text = text[:MAX_CHARS]
    return _find_date(text, language, day_first) if has_year(text) else None


def find_month(text: str, *, language: str | None = None) -> DateMatch | None:
    """Return the first month with a year but no day in a short text: "June 2022", "2022年6月"."""
    text = western_digits(text[:MAX_CHARS])
    for match in islice(_MONTH.finditer(text), MAX_TRIES):
        name = match["name"]
        month = month_number(name, language) if name else int(match["month"])
        stamp = _dated(int(match["year"] or match["year2"]), month, 1) if month else None
        if stamp is not None:
            return DateMatch(stamp._replace(dayed=False), match.start(), match.end())
    return None


@lru_cache(maxsize=1024)  # a byline is read several times
def _find_date(text: str, language: str | None, day_first: bool) -> DateMatch | None:
    text = western_digits(text)
    best = None if text.isascii() else _of_calendar(text) or _in_two_words(text, language)
    for pattern, needed in _ASCII_PATTERNS if text.isascii() else _PATTERNS:
        if needed.search(text) is None:
            continue
        for match in islice(_matches(pattern, needed, text), MAX_TRIES):
            if best is not None and match.start() >= best.start:
                break
            stamp = _read(match, pattern, language, day_first)
            if stamp is None:
                continue
            end = match.end()
            if not stamp.timed and _TIMELIKE.search(text, end) and (time := _TIME.match(text, end)):
                timed = _with_time(stamp.when, time)
                if timed is not None:
                    stamp, end = timed, time.end()
            other = _other_order(match, stamp) if pattern is _NUMERIC else None
            best = DateMatch(stamp, match.start(), end, other)
            break
    return best


def _matches(
    pattern: re.Pattern[str], needed: re.Pattern[str], text: str
) -> Iterator[re.Match[str]]:
    """Yield the matches; patterns that begin with a month are searched around the day."""
    if pattern is not _TEXT_PATTERNS[1]:
        yield from pattern.finditer(text)
        return
    for near in needed.finditer(text):
        first, last = max(0, near.start() - _MONTH_BEFORE), near.end() + 1
        if match := pattern.search(text, first, last):
            yield match


def _in_two_words(text: str, language: str | None) -> DateMatch | None:
    match = in_two_words(text) if _DAY_AND_YEAR.search(text) else None
    if match is None:
        return None
    month = month_number(match["name"] or match["name2"], language)
    year, day = int(match["year"] or match["year2"]), int(match["day"] or match["day2"])
    stamp = _dated(year, month, day) if month else None
    return DateMatch(stamp, match.start(), match.end()) if stamp else None


def _of_calendar(text: str) -> DateMatch | None:
    """Return a date of another calendar, with the time after it, or None."""
    match = find_calendar_date(text)
    if match is None:
        return None
    when = datetime(match.day.year, match.day.month, match.day.day, tzinfo=UTC)
    if _TIMELIKE.search(text, match.end) and (time := _TIME.match(text, match.end)):
        timed = _with_time(when, time)
        if timed is not None:
            return DateMatch(timed, match.start, time.end())
    return DateMatch(Stamp(when, zoned=False, timed=False), match.start, match.end)


def _other_order(match: re.Match[str], stamp: Stamp) -> Stamp | None:
    """Return the date with day and month exchanged; None if that is not a date."""
    if match["year"] or match["one"] == match["two"]:
        return None
    try:
        return stamp._replace(when=stamp.when.replace(month=stamp.when.day, day=stamp.when.month))
    except ValueError:
        return None


def _read(
    match: re.Match[str], pattern: re.Pattern[str], language: str | None, day_first: bool
) -> Stamp | None:
    if pattern is _NUMERIC:
        return _numeric(match, day_first)
    if pattern in _TEXT_PATTERNS:
        return _from_words(match, language)
    return _build(match)


def _from_words(match: re.Match[str], language: str | None) -> Stamp | None:
    month = month_number(match["name"], language)
    if month is None:
        return None
    return _build(match, month=month)


def _numeric(match: re.Match[str], day_first: bool) -> Stamp | None:
    if match["year"]:
        return _build(match)
    first, second = int(match["one"]), int(match["two"])
    # With dots and hyphens the day comes first everywhere; with slashes not in the United States.
    first_is_day = match.group(6) in ".-" or day_first
    if first > 12 or second > 12:
        first_is_day = first > 12
    day, month = (first, second) if first_is_day else (second, first)
    return _dated(int(match["year2"]), month, day)


def _build(match: re.Match[str], *, month: int | None = None) -> Stamp | None:
    parts = match.groupdict()
    year = parts.get("year") or parts.get("year2")
    number = month if month is not None else int(parts["month"])
    stamp = _dated(int(year or 0), number, int(parts["day"]))
    if stamp is None or not parts.get("hour"):
        return stamp
    return _with_time(stamp.when, match) or stamp


def _dated(year: int, month: int, day: int) -> Stamp | None:
    if 2400 < year < 2700:  # the Buddhist calendar of Thai pages
        year -= 543
    if year in PERSIAN_YEARS:
        gregorian = persian_date(year, month, day)
        if gregorian is None:
            return None
        year, month, day = gregorian.year, gregorian.month, gregorian.day
    try:
        return Stamp(datetime(year, month, day, tzinfo=UTC), zoned=False, timed=False)
    except ValueError:
        return None


def _with_time(day: datetime, match: re.Match[str]) -> Stamp | None:
    parts = match.groupdict()
    hour, minute = int(parts["hour"]), int(parts["minute"])
    half = (parts.get("half") or "").lower()
    if half:
        if hour > 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = time_zone(parts.get("zone"))
    fraction = (parts.get("fraction") or "0")[:6].ljust(6, "0")
    try:
        when = day.replace(
            hour=hour,
            minute=minute,
            second=int(parts.get("second") or 0),
            microsecond=int(fraction),
        )
    except ValueError:
        return None
    return Stamp(when if zone is None else when.replace(tzinfo=zone), zone is not None, timed=True)
