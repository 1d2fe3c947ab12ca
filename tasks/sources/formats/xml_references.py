"""References of XML to characters that there are not: halves of a pair, as careless writers emit.

One of them, in a title, ends the reading of a whole document in lxml and in feedparser.
"""

from __future__ import annotations

import re
from typing import IO, Final

_HIGH: Final = (
    rb"&#(?:[xX]0{0,4}[dD][89abAB][0-9a-fA-F]{2}"
    rb"|0{0,4}5(?:5(?:29[6-9]|[3-9]\d\d)|6(?:[0-2]\d\d|3[01]\d)));"
)
_LOW: Final = (
    rb"&#(?:[xX]0{0,4}[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|0{0,4}5(?:6(?:3[2-9]\d|[4-9]\d\d)|7(?:[0-2]\d\d|3(?:[0-3]\d|4[0-3]))));"
)
_HALVES: Final = re.compile(_HIGH + _LOW + rb"|" + _HIGH + rb"|" + _LOW)
_ENDS_HIGH: Final = re.compile(_HIGH + rb"\Z")
_LONGEST: Final = 32  # bytes of two such references


def sound_references(xml: bytes) -> bytes:
    """Join two halves that make a character, and put U+FFFD in the place of one that is alone."""
    return _HALVES.sub(_joined, xml) if b"&#" in xml else xml


class SoundReferences:
    """A stream of XML, its references made sound as it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Read nothing yet."""
        self._stream = stream
        self._kept = b""

    def read(self, size: int = -1) -> bytes:
        """Read about ``size`` bytes; nothing at the end alone."""
        while True:
            data = self._stream.read(size)
            whole = self._kept + data
            cut = _uncut(whole) if data else len(whole)
            self._kept = whole[cut:]
            if cut or not data:
                return sound_references(whole[:cut])


def _uncut(data: bytes) -> int:
    """Tell where to cut so that no reference, nor two that belong together, are cut in two."""
    cut = data.find(b"&", max(0, len(data) - _LONGEST))
    if cut < 0:
        return len(data)
    before = data[max(0, cut - _LONGEST) : cut]
    return cut - len(high[0]) if (high := _ENDS_HIGH.search(before)) else cut


def _joined(match: re.Match[bytes]) -> bytes:
    codes = [_code(part) for part in match[0].split(b";") if part]
    text = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass")
    return b"".join(b"&#x%X;" % ord(one) for one in text.decode("utf-16-le", "replace"))


def _code(reference: bytes) -> int:
    digits = reference.removeprefix(b"&#")
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
