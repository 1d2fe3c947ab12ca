"""Sitemaps: lists of a site's addresses, of other lists, and of its news."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from copydesk.schemas.article import Hints
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.xml_stream import Element, elements
from copydesk.tasks.sources.streams.compression import DAMAGED, unpacked
from copydesk.tasks.sources.web.listings.entry import plain_title

SIZE = 104_857_600  # bytes unpacked: twice what the protocol allows (sitemaps.org: 50 MB)
LOCATIONS = 50_000  # of one sitemap, by the protocol
GZIP = b"\x1f\x8b"
HEAD = 4096
_BARE_AMPERSAND = re.compile(rb"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|[a-zA-Z]{2,8};)")
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")
_END = re.compile(
    rb"</(?:\w+:)?(urlset|sitemapindex)\s*+>\s*+(?:<!--(?>.*?-->)\s*+)*+\Z", re.DOTALL
)
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


class Sitemap:
    """The locations of a sitemap, or of a list of addresses as plain text, one at a time.

    A damaged one is read as far as it goes; ``whole`` tells, at the end, whether that was to its
    end. Text has none: it is whole if it has an address.
    """

    def __init__(self, body: bytes) -> None:
        """Read nothing yet."""
        self._body = body
        self.whole = False

    def __iter__(self) -> Iterator[Location]:
        """Read from the beginning."""
        self.whole = False
        stream: IO[bytes] = io.BytesIO(self._body)
        if self._body[:2] == GZIP:
            stream = unpacked(io.BytesIO(self._body), "gzip")
        repaired = _Repaired(stream)
        stream = io.BufferedReader(repaired)
        count = 0
        try:
            is_text = not stream.peek(HEAD).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
            for one in _plain(stream) if is_text else _marked_up(stream):
                count += 1
                if count > LOCATIONS:
                    return
                yield one
        except DAMAGED:  # no XML at all is a ValueError among them
            return
        ended = count > 0 if is_text else _END.search(repaired.tail) is not None
        self.whole = ended and not repaired.is_cut


def _marked_up(stream: IO[bytes]) -> Iterator[Location]:
    for element in elements(stream, ("url", "sitemap")):
        if element.name in ("url", "sitemap") and (url := element.first("loc")):
            yield _location(element, url)


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
    for line in stream:
        text = line.decode("utf-8", "replace").strip().lstrip("\ufeff")
        if text.startswith(("http://", "https://")):
            yield Location(text.replace("&amp;", "&"))


class _Repaired(io.RawIOBase):
    """A stream without bare ampersands, which end the reading of XML, and with an end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = SIZE
        self._kept = b""
        self._ready = b""
        self.tail = b""
        """The last bytes, in which the end of XML stands, and what plugins write behind it."""

    @property
    def is_cut(self) -> bool:
        """Tell whether there was more than is read."""
        return self._left <= 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            data = self._stream.read(min(65_536, self._left))
            self._left -= len(data)
            self.tail = (self.tail + data)[-HEAD:]
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
