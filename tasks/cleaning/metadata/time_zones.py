"""Time zones of timestamps, by abbreviation or offset."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from typing import Final

# Offsets in minutes. An ambiguous abbreviation (CST, IST) has the meaning that English-language
# news uses.
_ZONES: Final = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "mez": 60, "wat": 60,
    "cest": 120, "mesz": 120, "eet": 120, "sast": 120, "cat": 120, "eest": 180, "msk": 180,
    "eat": 180, "trt": 180, "gst": 240, "pkt": 300, "ist": 330, "wib": 420, "ict": 420,
    "hkt": 480, "sgt": 480, "awst": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660,
    "nzst": 720, "nzdt": 780, "nst": -210, "adt": -180, "ast": -240, "edt": -240, "est": -300,
    "cdt": -300, "et": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480,
}  # fmt: skip

_OFFSET: Final = re.compile(r"([+-])(\d\d?):?(\d\d)?$")


def time_zone(text: str | None) -> timezone | None:
    """Return the zone that an abbreviation or an offset names; None for any other text."""
    if not text:
        return None
    name = text.lower()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    digits = _OFFSET.search(name)
    if digits is None:
        return None
    minutes = int(digits[2]) * 60 + int(digits[3] or 0)
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if digits[1] == "-" else minutes))
