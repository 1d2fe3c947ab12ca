"""Targets of links that a sender counts: where the address itself tells, without asking anybody."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_NAMES: Final = frozenset(
    {
        "url",
        "u",
        "q",
        "r",
        "to",
        "target",
        "dest",
        "destination",
        "redirect",
        "redirect_url",
        "link",
    }
)
_PROOFPOINT: Final = re.compile(r"https://urldefense\.com/v3/__(https?:/{1,2}[^\s]{1,2000}?)__;")
_IN_PATH: Final = re.compile(r"/(https?(?:%3[aA]|:)(?:%2[fF]|/){1,2}[^/\s?#]{3,2000})")
_MOST: Final = 3
"""Counters one behind the other."""


def target_of(href: str) -> str:
    """Return the address that a counted link tells it leads to, else the link as it is."""
    for _ in range(_MOST):
        inner = _inner(href)
        if inner is None:
            break
        href = inner
    return href


def _inner(href: str) -> str | None:
    if not href.startswith(("http://", "https://")) or len(href) > 10_000:
        return None
    if match := _PROOFPOINT.match(href):
        return re.sub(r"^(https?):/{1,2}", r"\1://", match[1])
    try:
        parts = urlsplit(href)
        query = parse_qsl(parts.query, max_num_fields=100)
    except ValueError:
        return None
    if parts.path in {"", "/"} and not query:
        return None
    for name, value in query:
        if name.lower() in _NAMES and _is_address(value, parts.netloc):
            return value
    match = _IN_PATH.search(parts.path)
    if match:
        value = re.sub(r"^(https?):/{1,2}", r"\1://", unquote(match[1]))
        if _is_address(value, parts.netloc):
            return value
    return None


def _is_address(value: str, host: str) -> bool:
    """Tell an address of another host: a page's own parameters may name pages of the same."""
    if not value.startswith(("http://", "https://")):
        return False
    try:
        target = urlsplit(value).netloc
    except ValueError:
        return False
    return bool(target) and "." in target and target != host
