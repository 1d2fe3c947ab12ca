"""Parse sitemaps: lists of a site's addresses, of other sitemaps, and of its news."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, Final, cast

from copydesk.schemas.article import Hints
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.xml_parts import Part, Parts, parse_parts
from copydesk.tasks.sources.formats.xml_stream import Element
from copydesk.tasks.sources.formats.xml_text import xml_text
from copydesk.tasks.sources.web.listings.base import SIZE
from copydesk.tasks.sources.web.listings.entry import plain_title
from copydesk.tasks.sources.web.listings.feeds import is_feed, read_feed

GZIP: Final = b"\x1f\x8b"
HEAD: Final = 65_536
"""Characters within which the root must begin, after comments and output of the server."""
ENTRY: Final = 1_000_000
"""Maximum characters of one entry, including its pictures and translations."""
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
_INDEX = "sitemapindex"
_LOCATION_ENDS = re.compile(r"</(?:[\w.-]{1,40}:)?loc\s*>", re.IGNORECASE)
_LOCATION_BEGINS = re.compile(r"<loc[\s>]", re.IGNORECASE)
_LISTS = re.compile(
    r"(^|[/_-])(authors?|users?|post[_-]?tags?|tags?|categor(?:y|ies)|taxonom(?:y|ies)|topics?|"
    r"images?|videos?|products?|attachments?)([_./-]|$)",
    re.IGNORECASE,
)
"""Names of sitemaps without articles, as common plugins and systems give them."""


@dataclass(frozen=True, slots=True)
class Location:
    """An address in a sitemap (empty if the entry has none); ``is_list`` if it is a sitemap's."""

    url: str
    is_list: bool = False
    modified: str | None = None
    hints: Hints | None = None


def is_sitemap(body: bytes) -> bool:
    """Return whether a body, perhaps compressed, is a sitemap, judging by its beginning."""
    return _ROOT.search(_head(xml_text(_stream(_Body(body))))) is not None


def lists_no_articles(url: str) -> bool:
    """Return whether a sitemap's name says that it lists authors, tags, pictures or the like."""
    return _LISTS.search(url.rpartition("//")[2].partition("/")[2]) is not None


class Sitemap:
    """Iterates over the locations of a sitemap, a plain-text list of addresses, or a feed.

    A damaged one is read as far as possible. Afterwards ``is_known`` tells whether it is a listing
    at all, ``whole`` whether it was read to its end (for text: whether it has an address), and
    ``problem`` what is wrong.
    """

    def __init__(self, body: bytes, media_type: str | None = None) -> None:
        """Store the body without reading it; the media type may name the encoding."""
        self._source = body
        self._media_type = media_type
        self.whole = False
        self.is_known = False
        self.problem: str | None = None

    def __iter__(self) -> Iterator[Location]:
        """Iterate from the beginning."""
        body = _Body(self._source)
        self.whole, self.is_known, self.problem = False, False, None
        text = xml_text(_stream(body), self._media_type)
        head = _head(text)
        pieces = chain([head], text)
        if _ROOT.search(head) is None and is_feed(self._source, self._media_type):
            yield from self._of_feed()
        elif _ROOT.search(head) is None and not head.lstrip("\ufeff\u200b \t\r\n").startswith("<"):
            yield from self._of_text(pieces)
        else:
            yield from self._of_markup(head, pieces)
        self.problem = body.problem or self.problem
        self.whole = self.is_known and self.problem is None

    def _of_markup(self, head: str, pieces: Iterable[str]) -> Iterator[Location]:
        root = _ROOT.search(head)
        is_index = root is not None and root[1].lower() == _INDEX
        self.is_known = root is not None
        parts = Parts(pieces, ("url", "sitemap"), ("urlset", _INDEX), others=("loc",), cap=ENTRY)
        bare_locations = 0
        for part, element in parse_parts(parts):
            self.is_known = True
            bare_locations += part.name == "loc"
            is_list = part.name == "sitemap" or (part.name == "loc" and is_index)
            if element is None or _is_cut(part):
                self.problem = f"an entry is damaged: {part.problem or 'not XML'}"
            else:
                locations = _locations(element, is_list=is_list)
                yield from locations
                if len(_LOCATION_BEGINS.findall(part.markup)) > len(locations):
                    self.problem = "an entry is damaged: it has nested addresses"
        if parts.strays > bare_locations:
            self.problem = f"{parts.strays:,} ends of entries whose beginnings are damaged"
        if not parts.is_closed:
            self.problem = self.problem or "it ends before its last tag"

    def _of_text(self, pieces: Iterable[str]) -> Iterator[Location]:
        for line in _lines(pieces):
            text = line.strip().strip("\ufeff\u200b")
            if text.lower().startswith(("http://", "https://")):
                self.is_known = True
                yield Location(text.replace("&amp;", "&"))

    def _of_feed(self) -> Iterator[Location]:
        """Yield the locations of a feed, which the protocol allows as a sitemap."""
        self.is_known = True
        for entry in read_feed(self._source, "", self._media_type).entries:
            hints = entry.hints
            changed = (hints.modified_at or hints.published_at) if hints else None
            yield Location(
                entry.url, modified=changed.isoformat() if changed else None, hints=hints
            )


def _is_cut(part: Part) -> bool:
    """Return whether an address may be truncated."""
    return part.problem is not None and _LOCATION_ENDS.search(part.markup) is None


def _locations(element: Element, *, is_list: bool) -> list[Location]:
    urls = [node.text for node in (element, *element.children) if node.name == "loc" and node.text]
    hints = None
    if news := next(iter(element.all("news")), None):
        about = next(iter(news.all("publication")), None)
        hints = Hints(
            title=plain_title(news.first("title")),
            published_at=parse_date(news.first("publication_date")),
            language=about.first("language") if about else None,
            tags=tuple(part.strip() for part in (news.first("keywords") or "").split(",") if part),
        )
    changed = element.first("lastmod")
    return [Location(url.strip(), is_list, changed, hints) for url in urls or [""]]


def _head(text: Iterator[str]) -> str:
    """Return the beginning of a text, long enough to identify its format."""
    head = ""
    while len(head) < HEAD and (piece := next(text, None)) is not None:
        head += piece
        if _ROOT.search(head):
            break
    return head


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    unfinished: list[str] = []  # joined once, so that a text without breaks costs linear time
    for piece in pieces:
        for line in piece.splitlines(keepends=True):
            unfinished.append(line)
            if line.splitlines() != [line]:
                yield "".join(unfinished)
                unfinished.clear()
    yield "".join(unfinished)


class _Body:
    """A body, decompressed if necessary, up to ``SIZE`` bytes."""

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)
        self._left = SIZE
        self._inner = _gunzip() if body[:2] == GZIP else None
        self._packed = b""
        self.problem: str | None = None

    def read(self, size: int) -> bytes:
        if self._left <= 0:
            self.problem = f"it is larger than {SIZE:,} bytes"
            return b""
        size = min(size, self._left)
        data = self._take(size) if self._inner is None else self._unpack(size)
        self._left -= len(data)
        return data

    def _take(self, size: int) -> bytes:
        data = bytes(self._body[:size])
        self._body = self._body[size:]
        return data

    def _unpack(self, size: int) -> bytes:
        while self._inner is not None:
            self._packed = self._packed or self._take(16_384)
            if self._inner.eof:  # compressed members may follow
                self._packed = self._inner.unused_data + self._packed
                if not self._packed.startswith(GZIP):
                    return b""
                self._inner = _gunzip()
            elif not self._packed:
                self.problem = "it is compressed, and truncated"
                return b""
            try:
                data: bytes = self._inner.decompress(self._packed, size)
            except zlib.error as error:
                self.problem = f"it is compressed, and damaged: {error}"
                return b""
            self._packed = self._inner.unconsumed_tail
            if data:
                return data
        return b""


def _gunzip() -> Any:  # zlib does not name the type
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _stream(body: _Body) -> IO[bytes]:
    return cast("IO[bytes]", body)
