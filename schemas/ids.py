"""Identities that are stable across runs: of items, articles, contents and sources.

All are the first 128 bits of a SHA-256, as 32 hex digits. Among 10^12 values a collision has a
probability of 3e-15, and a row takes half the space of a full hash.
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

from copydesk.schemas.columns import METADATA
from copydesk.schemas.plain_text import collapsed

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_DIGITS: Final = 32
_FRONT_PAGE: Final = re.compile(
    r"/*+((index|default|home)(\.\w{2,5})?)?/*+|/[a-z]{2}([-_][a-z]{2})?/*", re.IGNORECASE
)
"""Matches the path of a site's front page, with or without a language."""

_ESTIMATE: Final = "quality"
_ADDED: Final = ("access", "reservations")
_RECORD: Final = tuple(
    column.name for column in METADATA if column.name not in (_ESTIMATE, *_ADDED)
)
"""What a record consists of: an estimate that changes with a page's furniture is no part of it.
Fields that were added later count where they have a value, so that older records keep their hash.
"""


def content_hash(title: str, text: str) -> str:
    """Hash title and text in NFC, with each run of white space as one space.

    Differences in letters, case and punctuation count; line breaks do not.
    """
    return _digest((_plain(title), _plain(text)))


def record_hash(row: Mapping[str, object]) -> str:
    """Hash all that cleaning found in a row of ``observations``.

    The order of ``authors`` and ``tags`` counts; empty fields count as null.
    """
    fields: list[object] = [row.get("cleaner_version"), row.get("content_hash")]
    fields += [_plain_value(row.get(name)) for name in _RECORD]
    fields += [[name, value] for name in _ADDED if (value := _plain_value(row.get(name)))]
    return _digest((json.dumps(fields, ensure_ascii=False),))


def _plain_value(value: object) -> object:
    """Return a field's value as JSON can hold it: maps sorted, times in UTC, empty ones as None."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    is_pairs = isinstance(value, list) and bool(value) and isinstance(value[0], tuple)
    if value and (is_pairs or isinstance(value, Mapping)):
        return sorted(dict(value).items())  # type: ignore[call-overload]  # or its pairs
    return value or None


def item_id(source: str, locator: str) -> str:
    """Return an item's identity from its source and its locator there."""
    return _digest(("item", source, locator))


def article_id(source: str, locator: str, *, canonical: str | None, url: str | None) -> str:
    """Return an article's identity.

    From its credible canonical address, else from where it was read.

    A page is identified by its address, whichever source led there; a file by its source and its
    locator there.
    """
    if canonical is not None and credible_canonical(canonical, url):
        return _digest(("url", _address(canonical)))
    if url is not None and url.lower().startswith(("http://", "https://")):
        with contextlib.suppress(ValueError):  # no address after all
            return _digest(("url", _address(url)))
    return item_id(source, locator)


def credible_canonical(canonical: str, url: str | None) -> bool:
    """Return whether a page's canonical address can identify its article.

    It must be absolute http(s) and no front page. For a fetched page (``url`` is http(s)) it must
    have the same registrable domain.
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


def registrable_domain(url: str) -> str | None:
    """Return the registrable domain of a web address, its host where it has none; None for others.

    ``https://news.paper.co.uk/a`` gives ``paper.co.uk``.
    """
    if not url.lower().startswith(("http://", "https://")):
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return _registrable(host) if host else None


def sha256(body: bytes) -> str:
    """Hash raw bytes: the full SHA-256 as 64 hex digits."""
    return hashlib.sha256(body).hexdigest()


def site_hash(site: str) -> str:
    """Hash a site's name or host, so that removed sites are not stored by name."""
    return _digest(("site", _plain(site).casefold()))


def _plain(text: str) -> str:
    return collapsed(unicodedata.normalize("NFC", text))


def _digest(parts: Iterable[str]) -> str:
    # titles and addresses have no unit separator, so parts cannot run together
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:_DIGITS]


def _address(url: str) -> str:
    """Normalize an address: scheme and host in lower case, no fragment.

    Nothing else is changed, since other differences may matter.
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
