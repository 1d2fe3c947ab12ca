"""The state of a completely read sitemap, by which a later run can skip it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from copydesk.tasks.sources.dates.parse import parse_date

LASTMOD, READ, NEWEST, PARTS = "lastmod", "read", "newest", "parts"
"""Names in ``how``."""

SETTLED = timedelta(days=1)
"""From a change to a reading that surely has it: caches and zones are behind by less."""
TRUSTED = timedelta(days=7)
"""From one reading to the next, whatever an index says: some sites do not keep their dates."""
OLDEST = datetime(2005, 6, 1, tzinfo=UTC)
"""When the protocol came: dates before it are placeholders, which never move."""
MOST_PARTS = 50
"""Parts that have to be asked for; an index that has more of them is read whole."""

_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class State:
    """A sitemap that was read whole, with all of its parts.

    ``read`` is when that was, or when it was found unchanged; of an index, the earliest of the
    parts that were left out or may be. ``lastmod`` is what its index said of it then. ``newest``
    is the latest change that something in it claims. ``parts``, of an index, have to be asked for
    though the index is unchanged; None for what is no index.
    """

    read: datetime
    newest: datetime | None = None
    lastmod: str | None = None
    parts: tuple[str, ...] | None = None

    def stands(self, lastmod: str | None, now: datetime) -> bool:
        """Return whether it can be left out, given what its index says of it now."""
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
    """Read what ``State.transport`` wrote; None if the sitemap was not read completely."""
    read = parse_date(transport.get(READ))
    if read is None or NEWEST not in transport:
        return None
    parts = tuple(transport[PARTS].splitlines()) if PARTS in transport else None
    return State(read, parse_date(transport[NEWEST]), transport.get(LASTMOD), parts)


def end_of(word: str) -> datetime | None:
    """Tell when the day, the month or the year ends that a date names; a moment is its own end."""
    match = _DAY.fullmatch(word.strip())
    if match is None:
        return parse_date(word)
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    try:
        if day:
            return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
        months = 12 * year + (month or 12)  # the month behind it, counted from 0
        return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC) if month <= 12 else None
    except (ValueError, OverflowError):
        return None


def latest(*moments: datetime | None) -> datetime | None:
    """Return the latest of those that are there."""
    return max((moment for moment in moments if moment is not None), default=None)
