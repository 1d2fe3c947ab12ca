"""Names of things that stay the same across runs: items, articles, contents, sources.

All are SHA-256, cut to 128 bits and written as 32 hex digits: enough that no two of 10^12
things share one by chance (3e-15), and half the room of the whole in every row.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from copydesk.schemas.tables import METADATA

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_DIGITS: Final = 32
_FRONT_PAGE: Final = re.compile(
    r"/*+((index|default|home)(\.\w{2,5})?)?/*+|/[a-z]{2}([-_][a-z]{2})?/*", re.IGNORECASE
)
"""Paths that a site's front page has, in one language or many."""

_RECORD: Final = tuple(column.name for column in METADATA)


def content_hash(title: str, text: str) -> str:
    """Hash what a reader sees: title and text in NFC, each run of white space one space.

    Two texts that differ in letters, case or punctuation differ here; line breaks do not count.
    """
    return _digest((_plain(title), _plain(text)))


def record_hash(row: Mapping[str, object]) -> str:
    """Hash all that cleaning found, from a row of ``observations``.

    The order of ``authors`` and ``tags`` counts; a field that is empty counts as null.
    """
    fields: list[object] = [row.get("cleaner_version"), row.get("content_hash")]
    for name in _RECORD:
        value = row.get(name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat()
        elif name == "evidence" and value:
            value = sorted(dict(value).items())  # type: ignore[call-overload]  # or its pairs
        fields.append(value or None)
    return _digest((json.dumps(fields, ensure_ascii=False),))


def item_id(source: str, locator: str) -> str:
    """Name an item by its source and its place there."""
    return _digest(("item", source, locator))


def article_id(source: str, locator: str, *, canonical: str | None, url: str | None) -> str:
    """Name an article by its canonical address where that is credible, else as it was reached.

    A page is reached by its address, whichever source led there; a file by its source and its
    place in it.
    """
    if canonical is not None and credible_canonical(canonical, url):
        return _digest(("url", _address(canonical)))
    if url is not None and url.lower().startswith(("http://", "https://")):
        with contextlib.suppress(ValueError):  # no address after all
            return _digest(("url", _address(url)))
    return item_id(source, locator)


def credible_canonical(canonical: str, url: str | None) -> bool:
    """Tell whether an address that a page calls its own can name the article.

    It must be absolute http(s) and no front page. Of a page that was fetched (``url`` is
    http(s)) it must lie under the same registrable domain; of a file any such address will do.
    """
    try:
        parts = urlsplit(canonical.strip())
        fetched = urlsplit(url or "")
        host, fetched_host = parts.hostname or "", fetched.hostname or ""
    except ValueError:
        return False
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return False
    if not parts.query and _FRONT_PAGE.fullmatch(parts.path or "/"):
        return False
    if fetched.scheme.lower() not in {"http", "https"}:
        return True
    return _registrable(host) == _registrable(fetched_host)


def sha256(body: bytes) -> str:
    """Hash bytes as they came: the whole SHA-256, as 64 hex digits."""
    return hashlib.sha256(body).hexdigest()


def site_hash(site: str) -> str:
    """Hash a site's name or host, so that what was forgotten is not kept as a name."""
    return _digest(("site", _plain(site).casefold()))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _digest(parts: Iterable[str]) -> str:
    # the unit separator stands in no title and no address, so that parts cannot run together
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:_DIGITS]


def _address(url: str) -> str:
    """Give one form of an address: scheme and host in lower case, no fragment.

    Nothing else is rewritten: addresses that differ more are joined by evidence, not by guess.
    """
    parts = urlsplit(url.strip())
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, parts.query, ""))


@lru_cache(maxsize=4096)  # a batch's pages come from far fewer hosts
def _registrable(host: str) -> str:
    host = host.rstrip(".").lower()
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
