"""Sitemaps: lists of a site's addresses, of other lists, and of its news."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from schemas.article import Hints
from tasks.sources.dates import parse_date
from tasks.sources.packing import DAMAGED, unpacked
from tasks.sources.web.entries import plain_title
from tasks.sources.xml_stream import Element, elements

SIZE = 104_857_600  # bytes unpacked: twice what the protocol allows (sitemaps.org: 50 MB)
LOCATIONS = 50_000  # of one sitemap, by the protocol
GZIP = b"\x1f\x8b"
HEAD = 4096
_BARE_AMPERSAND = re.compile(rb"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|[a-zA-Z]{2,8};)")
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")
_LISTS = re.compile(
    r"(^|[/_-])(authors?|users?|post[_-]?tags?|tags?|categor(?:y|ies)|taxonom(?:y|ies)|topics?|"
    r"images?|videos?|products?|attachments?)([_./-]|$)",
    re.IGNORECASE,
)
"""Names of sitemaps that list no articles, as the common plugins and systems give them."""


@dataclass(frozen=True, slots=True)
class Location:
    """An address in a sitemap; ``is_list`` says that it is another sitemap's."""

    url: str
    is_list: bool = False
    modified: str | None = None
    hints: Hints | None = None


def is_sitemap(body: bytes) -> bool:
    """Tell a sitemap by what it begins with, packed or not."""
    if body[:2] == GZIP:
        try:
            head = unpacked(io.BytesIO(body), "gzip").read(HEAD)
        except DAMAGED:
            return False
    else:
        head = body[:HEAD]
    return _ROOT.search(head) is not None


def lists_no_articles(url: str) -> bool:
    """Tell by its name that a sitemap lists authors, tags, pictures and the like."""
    return _LISTS.search(url.rpartition("//")[2].partition("/")[2]) is not None


def read_sitemap(body: bytes) -> Iterator[Location]:
    """Read the locations of a sitemap, or of a list of addresses as plain text, one at a time.

    A damaged one is read as far as it goes.
    """
    stream: IO[bytes] = io.BytesIO(body)
    if body[:2] == GZIP:
        stream = unpacked(io.BytesIO(body), "gzip")
    stream = io.BufferedReader(_Repaired(stream))
    try:
        if not stream.peek(HEAD).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            yield from _plain(stream)
            return
        count = 0
        for element in elements(stream, ("url", "sitemap")):
            if element.name in ("url", "sitemap") and (url := element.first("loc")):
                count += 1
                if count > LOCATIONS:
                    return
                yield _location(element, url)
    except DAMAGED:  # no XML at all is a ValueError among them
        return


def _location(element: Element, url: str) -> Location:
    hints = None
    if news := next(element.all("news"), None):
        about = next(news.all("publication"), None)
        hints = Hints(
            title=plain_title(news.first("title")),
            published_at=parse_date(news.first("publication_date")),
            language=about.first("language") if about else None,
            tags=tuple(part.strip() for part in (news.first("keywords") or "").split(",") if part),
        )
    return Location(url.strip(), element.name == "sitemap", element.first("lastmod"), hints)


def _plain(stream: IO[bytes]) -> Iterator[Location]:
    for count, line in enumerate(stream):
        text = line.decode("utf-8", "replace").strip().lstrip("\ufeff")
        if count >= LOCATIONS:
            return
        if text.startswith(("http://", "https://")):
            yield Location(text.replace("&amp;", "&"))


class _Repaired(io.RawIOBase):
    """A stream without bare ampersands, which end the reading of XML, and with an end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = SIZE
        self._kept = b""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            data = self._stream.read(min(65_536, self._left))
            self._left -= len(data)
            whole = self._kept + data
            # A reference is at most ten bytes long: what may be the beginning of one waits.
            cut = whole.rfind(b"&", max(0, len(whole) - 10)) if data else -1
            self._kept = whole[cut:] if cut >= 0 else b""
            self._ready = _BARE_AMPERSAND.sub(b"&amp;", whole[:cut] if cut >= 0 else whole)
            if not data:
                break
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
