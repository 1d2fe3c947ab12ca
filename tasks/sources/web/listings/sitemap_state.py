"""The state of a completely read sitemap, which lets a later run skip it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from copydesk.tasks.sources.dates.parse import parse_date

LASTMOD, READ, NEWEST, PARTS = "lastmod", "read", "newest", "parts"
"""Keys in the transport metadata (column ``how``)."""

SETTLED = timedelta(days=1)
"""Minimum time from a change to a reading that certainly includes it: caches and zones lag less."""
TRUSTED = timedelta(days=7)
"""Maximum time between two readings, whatever the index says: some sites' dates are unreliable."""
OLDEST = datetime(2005, 6, 1, tzinfo=UTC)
"""Beginning of the protocol: earlier dates are placeholders that never change."""
MOST_PARTS = 50
"""Maximum parts to request although the index is unchanged; with more, all parts are read."""

_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class State:
    """A sitemap that was read completely, with all of its parts.

    ``read`` is when it was read or found unchanged; for an index, the earliest such time of the
    parts that were or may be skipped. ``lastmod`` is its date in its index at that time. ``newest``
    is the latest modification that any entry claims. ``parts`` are, for an index, those to request
    although the index is unchanged; None for other sitemaps.
    """

    read: datetime
    newest: datetime | None = None
    lastmod: str | None = None
    parts: tuple[str, ...] | None = None

    def stands(self, lastmod: str | None, now: datetime) -> bool:
        """Return whether it can be skipped, given its current date in the index."""
        ends = None if lastmod is None or lastmod != self.lastmod else end_of(lastmod)
        if ends is None or ends < OLDEST or self.parts or self.is_due(now):
            return False
        return ends + SETTLED <= self.read and (self.newest is None or self.newest <= ends)

    def is_due(self, now: datetime) -> bool:
        """Return whether it was read too long ago, or by a clock that was ahead."""
        return not timedelta() <= now - self.read < TRUSTED

    def transport(self) -> dict[str, str]:
        """Return it in the form of the ledger's column ``how``."""
        written = {
            READ: self.read.isoformat(),
            NEWEST: self.newest.isoformat() if self.newest else "",
        }
        if self.lastmod is not None:
            written[LASTMOD] = self.lastmod
        if self.parts is not None:
            written[PARTS] = "\n".join(self.parts)
        return written


def read_state(transport: Mapping[str, str]) -> State | None:
    """Parse what ``State.transport`` returned; None if the sitemap was not read completely."""
    read = parse_date(transport.get(READ))
    if read is None or NEWEST not in transport:
        return None
    parts = tuple(transport[PARTS].splitlines()) if PARTS in transport else None
    return State(read, parse_date(transport[NEWEST]), transport.get(LASTMOD), parts)


def end_of(word: str) -> datetime | None:
    """Return the end of the day, month or year that a date names; a moment is its own end."""
    match = _DAY.fullmatch(word.strip())
    if match is None:
        return parse_date(word)
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    try:
        if day:
            return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
        months = 12 * year + (month or 12)  # the following month, counted from 0
        return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC) if month <= 12 else None
    except (ValueError, OverflowError):
        return None


def latest(*moments: datetime | None) -> datetime | None:
    """Return the latest of the moments, ignoring None."""
    return max((moment for moment in moments if moment is not None), default=None)
