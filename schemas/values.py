"""Removes from values what tables, plans or JSON cannot store.

Items, hints, documents and articles call these functions on creation, so that no reader has to.
This module uses the standard library alone, and a compiled loop where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, urlsplit

from copydesk.schemas.plain_text import native as _native

_NOT_IN_ADDRESSES: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_IPV6: Final = re.compile(r"\[[^\[\]]*\](?::\d*)?")
_BREAKS: Final = re.compile(r"[\t\r\n]")  # which browsers take out
_CACHED_CHARS: Final = 2_000  # addresses up to this length are remembered
_NOT_IN_HOSTS: Final = re.compile(r"[\x00-\x20\"#%/<>?@\\^`{|}\x7f\ud800-\udfff]")


def sound(text: str) -> str:
    """Return text that encodes to UTF-8 and has no NUL.

    Surrogate pairs are joined and lone surrogates replaced.
    """
    if not text.isascii():
        if _native is not None and _native.is_sound(text):
            return text
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "") if "\0" in text else text


def sound_or_none(text: str | None) -> str | None:
    """Apply ``sound`` to a text that may be None."""
    return None if text is None else sound(text)


def sound_texts(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Apply ``sound`` to several texts."""
    return tuple(map(sound, texts))


def sound_map(values: Mapping[str, str]) -> Mapping[str, str]:
    """Apply ``sound`` to names and values; returns the same mapping when nothing changes."""
    if all_sound((*values, *values.values())):
        return values
    return {sound(name): sound(value) for name, value in values.items()}


def all_sound(texts: Iterable[str]) -> bool:
    """Return whether ``sound`` changes none of the texts; looks at all of them at once."""
    joined = "\n".join(texts)
    return sound(joined) == joined


def instant(moment: datetime | None) -> datetime | None:
    """Convert a time to UTC; one without a zone is unchanged. None outside the years 1 to 9999."""
    if moment is None or moment.tzinfo is None or moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):  # before the year 1 or after 9999
        return None


def split_address(address: str) -> SplitResult | None:
    """Split an address; None when its host or port is malformed, or urllib refuses it."""
    return (_split_once if len(address) <= _CACHED_CHARS else _split)(address)


def _split(address: str) -> SplitResult | None:
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


_split_once = lru_cache(maxsize=256)(_split)  # cleaning asks for a page's address several times


def web_address(address: str) -> str | None:
    """Return an absolute http(s) address without tabs, line breaks and surrounding white space.

    None for anything else: another scheme, no host, an invalid port, control characters.
    """
    address = _BREAKS.sub("", address.strip())
    if _NOT_IN_ADDRESSES.search(address):
        return None
    parts = split_address(address)
    if parts is None or parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    return address


def is_malformed(address: str) -> bool:
    """Return whether an address begins like a web address and is malformed."""
    claims = address.lstrip().lower().startswith(("http://", "https://"))
    return claims and web_address(address) is None
