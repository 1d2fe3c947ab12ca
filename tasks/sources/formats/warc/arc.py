"""ARC, the format of web archives before WARC: a line of fields before each HTTP message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

LONGEST_LINE: Final = 8192  # bytes; addresses of old crawls are shorter
_LINE: Final = re.compile(
    rb"[\r\n]{0,8}([A-Za-z][A-Za-z0-9+.-]{1,30}:[^ \r\n]{0,8000}) ([0-9a-fA-F.:]{1,45}|-|)"
    rb" (\d{8,17}) ([^ \r\n]{1,200}) (?:\S{1,200} ){0,6}(\d{1,15})\r?\n"
)
"""Address, IP address, date, media type and length; version 2 has more fields between."""


@dataclass(frozen=True, slots=True)
class ArcLine:
    """What stands before a record; ``size`` is the line's own bytes, ``length`` the record's."""

    url: str
    date: str
    media_type: str
    size: int
    length: int

    def as_warc(self) -> dict[str, str]:
        """Return the headers that a WARC record has for the same."""
        if self.url.lower().startswith("filedesc:"):
            return {"warc-type": "warcinfo"}
        headers = {"warc-type": "response", "warc-target-uri": self.url}
        if self.media_type not in ("", "-", "no-type"):
            headers["content-type"] = self.media_type
        try:
            moment = datetime.strptime(self.date[:14].ljust(14, "0"), "%Y%m%d%H%M%S")
        except ValueError:
            return headers
        return headers | {"warc-date": moment.replace(tzinfo=UTC).isoformat()}


def read_arc_line(data: bytes) -> ArcLine | None:
    """Read the line that begins a record of an ARC file; None if the bytes begin with none."""
    match = _LINE.match(data, 0, LONGEST_LINE)
    if match is None:
        return None
    return ArcLine(
        url=match[1].decode("utf-8", "replace"),
        date=match[3].decode("ascii"),
        media_type=match[4].decode("latin-1"),
        size=match.end(),
        length=int(match[5]),
    )
