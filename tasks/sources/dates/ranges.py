"""Ranges of days and months in a stated time zone, both ends included."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from copydesk.schemas.errors import CopydeskError


class RangeError(CopydeskError):
    """An impossible range or time zone; the message says what would be right."""


class By(StrEnum):
    """What a slice covers."""

    DAY = "day"
    MONTH = "month"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def label(self) -> str:
        """Its label: ``2026-01-31``, ``2026-01`` for a whole month, else both ends."""
        if self.first == self.last:
            return self.first.isoformat()
        if self == month_of(self.first):
            return f"{self.first:%Y-%m}"
        return f"{self.first.isoformat()}..{self.last.isoformat()}"

    def covers(self, other: Span) -> bool:
        """Return whether it contains every day of the other."""
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: Span) -> bool:
        """Return whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the moments in UTC at which it begins and ends (exclusive).

        A day begins at its first moment in the zone, even where clocks skip midnight.
        """
        return _midnight(self.first, zone), _midnight(self.last + timedelta(days=1), zone)


def spans(first: date, last: date, by: By) -> list[Span]:
    """Cut a range into days or months; the first and last month may be in part."""
    if last < first:
        raise RangeError(f"the range ends ({last}) before it begins ({first})")
    if by is By.DAY:
        count = (last - first).days + 1
        return [
            Span(day, day) for day in (first + timedelta(days=offset) for offset in range(count))
        ]
    months, day = [], first
    while day <= last:
        end = min(month_of(day).last, last)
        months.append(Span(day, end))
        if end == last:  # not a day further: there is none after the year 9999
            break
        day = end + timedelta(days=1)
    return months


def month_of(day: date) -> Span:
    """Return the month that contains a day."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Span(day.replace(day=1), day.replace(day=last))


def zone_of(name: str) -> ZoneInfo:
    """Find a time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RangeError(
            f"there is no time zone {name!r}; it needs a name such as Europe/Berlin or UTC"
        ) from error


def day_in(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day of a moment in a zone."""
    return moment.astimezone(zone).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    begins = datetime.combine(day, time.min, zone).astimezone(UTC)
    # where clocks skip midnight, 00:00 names a moment of the day before
    while day_in(begins, zone) < day:
        begins += timedelta(minutes=15)  # all offsets since 1972 are multiples of it
    return begins
