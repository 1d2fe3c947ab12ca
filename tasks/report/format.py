"""Format numbers, times and foreign text for the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from copydesk.schemas.plural import plural

_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400

# Bidirectional controls that could reverse or hide the text after them.
_TURNING: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# Control characters are replaced by their visible pictures (U+2400 …).
_CONTROLS: Final = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys((0x09, 0x0A, 0x0D), 0x20),
}
_SHOWN: Final = {**_TURNING, **_CONTROLS}


def visible(text: str, max_chars: int = 160) -> str:
    """Return foreign text as one line without controls, cut to ``max_chars`` characters."""
    plain = " ".join(text[: max_chars * 4].translate(_SHOWN).split())
    return plain if len(plain) <= max_chars else plain[: max_chars - 1].rstrip() + "…"


def link(url: str) -> str:
    """Return a URL if it is http or https and therefore safe to link; otherwise an empty string."""
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def count(number: float | None) -> str:
    """Format a whole number."""
    return "–" if number is None else f"{number:,.0f}"


def short(number: float) -> str:
    """Format a number for a headline: in full below a million, then with three digits."""
    for limit, name in ((1e9, "billion"), (1e6, "million")):
        if number >= limit:
            return f"{number / limit:.3g} {name}"
    return f"{number:,.0f}"


def percent(part: float, whole: float) -> str:
    """Format a share; only zero is 0 %, and only the whole is 100 %."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if 0 < share < 1:
        return "< 1 %"
    if 99 < share < 100:
        return "> 99 %"
    return f"{share:.0f} %"


def ago(then: datetime | None, now: datetime) -> str:
    """Format how long ago a moment is, in its largest unit."""
    if then is None:
        return "never"
    seconds = (now - then).total_seconds()
    if seconds < -_MINUTE:
        return f"{then:%Y-%m-%d}"
    for size, unit in ((_DAY * 365, "year"), (_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= size:
            return f"{plural(int(seconds // size), unit)} ago"
    return "just now"


def lasting(seconds: float) -> str:
    """Format a duration."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, seconds_left = divmod(int(seconds), _MINUTE)
    if minutes < _MINUTE:
        return f"{minutes} min {seconds_left} s" if seconds_left else f"{minutes} min"
    return f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def moment(then: datetime | None) -> str:
    """Format a moment to the minute (UTC)."""
    return "–" if then is None else f"{then:%Y-%m-%d %H:%M}"


def days_of(span: timedelta) -> float:
    """Return a duration in days."""
    return span.total_seconds() / _DAY
