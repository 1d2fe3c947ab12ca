"""Read dates with a two-digit year: "11/26/23", "26.11.23", "26 Nov 23", "Nov 26, '23".

Only for short lines near the headline and elements marked as dates: elsewhere such numbers may mean
anything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from copydesk.tasks.cleaning.metadata.timestamps import (
    DateMatch,
    Stamp,
    month_number,
    western_digits,
)

MAX_CHARS: Final = 60
# Languages that write the year first.
_YEAR_FIRST: Final = frozenset({"zh", "ja", "ko", "hu", "lt", "mn", "eu", "ne"})
_SINCE: Final = 90  # "90" is 1990; no web page is older

_NUMERIC: Final = re.compile(
    r"(?<![\d./-])(\d\d?)([./-])\s?(\d\d?)\2\s?(['’]?\d\d)\.?(?![\d]|[./-]\d|\s?[%€$£])"
)
_WORDED: Final = re.compile(
    r"(?<![\d./-])(?:(?P<day>\d\d?)(?:st|nd|rd|th|\.)?[\s-](?P<name>[^\W\d_]{3,12})\.?,?[\s-]['’]?"
    r"|(?P<name2>[^\W\d_]{3,12})\.?\s(?P<day2>\d\d?)(?:st|nd|rd|th)?,\s['’]?)(?P<year>\d\d)(?!\d|[:.,]\d|\s?[%€$£])"
)


def find_short_date(text: str, *, language: str | None, day_first: bool) -> DateMatch | None:
    """Return the first date with a two-digit year in a line of at most ``MAX_CHARS``, or None."""
    if len(text) > MAX_CHARS:
        return None
    text = western_digits(text)
    if match := _NUMERIC.search(text):
        first_number, second_number, year = int(match[1]), int(match[3]), match[4].lstrip("'’")
        if language in _YEAR_FIRST and len(match[1]) == 2:
            stamp, other = _stamp(match[1], second_number, int(year)), None
        else:
            first = match[2] in ".-" or day_first
            if max(first_number, second_number) > 12:
                first = first_number > 12
            stamp = (
                _stamp(year, second_number, first_number)
                if first
                else _stamp(year, first_number, second_number)
            )
            other = (
                _stamp(year, first_number, second_number)
                if first
                else _stamp(year, second_number, first_number)
            )
        if stamp is not None:
            return DateMatch(stamp, match.start(), match.end(), other if other != stamp else None)
    if match := _WORDED.search(text):
        month = month_number(match["name"] or match["name2"], language)
        if month is not None:
            stamp = _stamp(match["year"], month, int(match["day"] or match["day2"]))
            if stamp is not None:
                return DateMatch(stamp, match.start(), match.end())
    return None


def _stamp(year: str, month: int, day: int) -> Stamp | None:
    short = int(year)
    try:
        when = datetime(short + (1900 if short >= _SINCE else 2000), month, day, tzinfo=UTC)
    except ValueError:
        return None
    return Stamp(when, zoned=False, timed=False)
