"""Values as every table, plan and JSON can hold them: what cannot be stored is left behind here.

Standard library alone. Items, hints, documents and articles pass through here when they are made,
so that no reader has to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import SplitResult, urlsplit

_NOT_IN_ADDRESSES: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_IPV6: Final = re.compile(r"\[[^\[\]]*\](?::\d*)?")
_BREAKS: Final = re.compile(r"[\t\r\n]")  # which browsers take out
_NOT_IN_HOSTS: Final = re.compile(r"[\x00-\x20\"#%/<>?@\\^`{|}\x7f\ud800-\udfff]")


def sound(text: str) -> str:
    """Give text that encodes to UTF-8 and holds no NUL: pairs joined, lone halves replaced."""
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "") if "\0" in text else text


def sound_or_none(text: str | None) -> str | None:
    """Give the same of a text that may be missing."""
    return None if text is None else sound(text)


def sound_texts(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Give the same of several texts."""
    return tuple(map(sound, texts))


def sound_map(values: Mapping[str, str]) -> Mapping[str, str]:
    """Give the same of names and values; the mapping itself where nothing is wrong with it."""
    changed = {sound(name): sound(value) for name, value in values.items()}
    return values if changed == values else changed


def instant(moment: datetime | None) -> datetime | None:
    """Give a moment in UTC, one without a zone as it is; None where UTC has no such year."""
    if moment is None or moment.tzinfo is None or moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):  # before the year 1 or after 9999
        return None


def split_address(address: str) -> SplitResult | None:
    """Split an address; None where it is malformed: its host, its port, or what urllib refuses."""
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018  looked at for its error
        host = parts.hostname or ""
    except ValueError:
        return None
    authority = parts.netloc.rpartition("@")[2]
    if _NOT_IN_HOSTS.search(host) or ("]" in authority and not _IPV6.fullmatch(authority)):
        return None
    return parts


def web_address(address: str) -> str | None:
    """Give an absolute address of http or https without tabs, line breaks and white space around.

    None for anything else: another scheme, no host, a port that there is not, control characters.
    """
    address = _BREAKS.sub("", address.strip())
    if _NOT_IN_ADDRESSES.search(address):
        return None
    parts = split_address(address)
    if parts is None or parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    return address


def is_malformed(address: str) -> bool:
    """Tell that an address claims to be of the web and can be none; others are not looked at."""
    claims = address.lstrip().lower().startswith(("http://", "https://"))
    return claims and web_address(address) is None
