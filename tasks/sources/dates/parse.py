"""Dates that machines wrote: ISO 8601, RFC 5322, and seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d{9,14}(\.\d+)?")
_MILLISECONDS_FROM = 1e11  # seconds would be the year 5138
_OLDEST, _NEWEST = 1000, 2200  # years; what lies outside is a placeholder such as 0001-01-01


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
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = repr(value)
    text = str(value).strip() if value is not None else ""
    if _NUMBER.fullmatch(text):
        seconds = float(text)
        if seconds >= _MILLISECONDS_FROM:
            seconds /= 1000
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    if not text or text.isdigit():
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)
