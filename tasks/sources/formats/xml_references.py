"""References of XML to characters that there are not: halves of a pair, as careless writers emit.

One of them, in a title, ends the reading of a whole document in lxml and in feedparser.
"""

from __future__ import annotations

import re
from typing import Final

_HIGH: Final = (
    r"&#(?:[xX]0{0,4}[dD][89abAB][0-9a-fA-F]{2}"
    r"|0{0,4}5(?:5(?:29[6-9]|[3-9][0-9][0-9])|6(?:[0-2][0-9][0-9]|3[01][0-9])));"
)
_LOW: Final = (
    r"&#(?:[xX]0{0,4}[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|0{0,4}5(?:6(?:3[2-9][0-9]|[4-9][0-9][0-9])|7(?:[0-2][0-9][0-9]|3(?:[0-3][0-9]|4[0-3]))));"
)
_HALVES: Final = re.compile(_HIGH + _LOW + r"|" + _HIGH + r"|" + _LOW)


def sound_references(xml: str) -> str:
    """Join two halves that make a character, and put U+FFFD in the place of one that is alone."""
    return _HALVES.sub(_joined, xml) if "&#" in xml else xml


def _joined(match: re.Match[str]) -> str:
    codes = [_code(part) for part in match[0].split(";") if part]
    text = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass")
    return "".join(f"&#x{ord(char):X};" for char in text.decode("utf-16-le", "replace"))


def _code(reference: str) -> int:
    digits = reference.removeprefix("&#")
    return int(digits[1:], 16) if digits[:1] in "xX" else int(digits)
