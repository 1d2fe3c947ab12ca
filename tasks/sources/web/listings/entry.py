"""Entries of listings: addresses of articles, with the listing's metadata."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from copydesk.schemas.article import Hints
from copydesk.schemas.values import sound, sound_or_none

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_UNSEEN = re.compile(
    r"<(script|style)\b[^<>]*>.*?</\1\s*>|<!--.*?-->|<(?:script|style)\b[^<>]*$",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 2_000  # maximum characters of a title in which scripts are looked for

NO_ARTICLES = (
    ".7z", ".aac", ".avi", ".bmp", ".css", ".doc", ".docx", ".epub", ".exe", ".flac", ".gif",
    ".gz", ".ico", ".jpeg", ".jpg", ".js", ".json", ".m4a", ".mkv", ".mov", ".mp3", ".mp4",
    ".mpeg", ".odt", ".ogg", ".pdf", ".png", ".ppt", ".pptx", ".rar", ".rss", ".svg", ".tar",
    ".tif", ".tiff", ".wav", ".webm", ".webp", ".wmv", ".woff", ".xls", ".xlsx", ".xml", ".zip",
)  # fmt: skip
"""Extensions of files that are not articles."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a listing.

    ``mark`` changes whenever the listing's metadata of it change; None if none of them change with
    the article. ``content`` is its HTML if the listing contains all of it; ``post`` is its number
    in the WordPress ``api``. ``listing`` is the address of the listing. Without ``has_page``, the
    address is only a name and the content is everything. ``identity`` and ``summary`` come from a
    feed. ``locator`` is the first address of an article that has moved.
    """

    url: str
    mark: str | None = None
    hints: Hints | None = None
    content: str | None = None
    post: int | None = None
    api: str | None = None
    listing: str | None = None
    has_page: bool = True
    identity: str = ""
    locator: str | None = None
    summary: str | None = None

    def __post_init__(self) -> None:
        """Make the texts valid Unicode, and only then fetch the address."""
        object.__setattr__(self, "url", sound(self.url))
        object.__setattr__(self, "content", sound_or_none(self.content))
        object.__setattr__(self, "identity", sound(self.identity))
        object.__setattr__(self, "summary", sound_or_none(self.summary))


def mark_of(*values: object) -> str:
    """Return a short hash of values, which changes if one of them changes."""
    joined = sound("\x1f".join(map(str, values)))
    return hashlib.blake2b(joined.encode(), digest_size=12).hexdigest()


def plain_title(title: object) -> str | None:
    """Return a title without its markup, which some feeds escape twice.

    None if it is not a text but a list or an object.
    """
    if title is None or isinstance(title, (list, dict, bool)):
        return None
    text = str(title)
    if "<" in text and len(text) < _LONGEST:
        text = _UNSEEN.sub("", text)
    return re.sub(r"\s+", " ", unescape(_TAG.sub("", text))).strip() or None


def same_site(first_url: str, second_url: str) -> bool:
    """Return whether two addresses have the same host, or one a subdomain of the other's."""
    first, second = _host(first_url), _host(second_url)
    if not first or not second:
        return False
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def may_be_article(url: str) -> bool:
    """Return whether an address may be an article's, judging by its form.

    An address without a path may be if it has a query, such as WordPress's ``/?p=7``.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    path = parts.path.lower()
    return not path.endswith(NO_ARTICLES) and (path not in ("", "/") or "=" in parts.query)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
