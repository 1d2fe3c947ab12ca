"""Read feeds: RSS, Atom, RDF and JSON Feed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from copydesk.schemas.article import Hints
from copydesk.schemas.plural import plural
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.html_wrapping import looks_like_html
from copydesk.tasks.sources.formats.xml_parts import CUT, Parts, parse_parts, sound_tag
from copydesk.tasks.sources.formats.xml_stream import is_well_formed
from copydesk.tasks.sources.formats.xml_text import repaired, xml_text
from copydesk.tasks.sources.source import KnownTransport
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.fetch.fetcher import Response
from copydesk.tasks.sources.web.fetch.urls import join
from copydesk.tasks.sources.web.listings import json_feed
from copydesk.tasks.sources.web.listings.base import Listing, Offered, SkippedAddress, ask, cut_off
from copydesk.tasks.sources.web.listings.entry import Entry, mark_of, plain_title
from copydesk.tasks.sources.web.listings.feed_entries import SkippedEntry, named_apart

WHOLE_DESCRIPTION = 1500
"""Minimum characters of a description that counts as the whole text: excerpts are much shorter."""

HEAD: Final = 65_536
"""Bytes within which a feed's root must begin, after comments and output of the server."""
ENTRY: Final = 20_000_000  # characters, as for any document
ITEMS: Final = ("item", "entry")
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel)(?=[\s>/])", re.IGNORECASE)
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_EMPTY_LINK = re.compile(r"<link\s?/>\s{0,20}(https?://[^\s<>]{1,2000})", re.IGNORECASE)
"""An HTML-style link without content: its address follows it."""
_BESIDE = re.compile(r"<(/?)(media|itunes):(?:description|summary)(?=[\s>/])")
"""Captions of pictures and recordings, which feedparser takes for the whole text of an entry."""
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]{0,20}:", re.IGNORECASE)
_WITH_MAIL = re.compile(r"[^\s()@]+@[^\s()@]+\s*\(([^()]+)\)")
_LANGUAGE = re.compile(r"<(?:dc:)?language>\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\s*</")
_PAGE_TYPES: Final = ("", "text/html", "application/xhtml+xml")
_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's entries in order, the skipped entries, and why its end may be missing."""

    entries: list[Entry]
    skipped: list[SkippedEntry]
    problem: str | None = None


def is_feed(body: bytes, media_type: str | None = None) -> bool:
    """Return whether a body is a feed, judging by its beginning."""
    text = _head(body, media_type)
    root = _ROOT.search(text)
    if root is None:
        return json_feed.is_json_feed(text)
    return _PAGE.search(text, 0, root.start()) is None


def read_feed(body: bytes, url: str, media_type: str | None = None) -> Feed:
    """Parse a feed; ``ValueError`` if it is none. The media type may name the encoding."""
    read, count, problem = read_entries(body, url, media_type)
    entries, skipped = named_apart(read, url)
    if count > len(read):
        detail = f"of {count:,} entries, {len(read):,} could be parsed"
        skipped.append(SkippedEntry("damaged", "damaged", detail))
    return Feed(entries, skipped, problem)


def read_entries(
    body: bytes, url: str, media_type: str | None = None
) -> tuple[list[Entry], int, str | None]:
    """Return a feed's entries in order, their number, and what the feed lacks."""
    if not is_feed(body, media_type):
        raise ValueError("neither RSS nor Atom nor JSON Feed")
    text = "".join(xml_text(io.BytesIO(body), media_type))
    root = _ROOT.search(text)
    if root is None or json_feed.is_json_feed(text[: root.start()]):
        count, problem, records = json_feed.read_items(text)
        language = None
    else:
        markup = _EMPTY_LINK.sub(r"<link>\1</link>", text[root.start() :])
        markup = _BESIDE.sub(r"<\1\2:beside", markup)
        count, problem, records = _read_markup(markup, root[0].lstrip("<"))
        language = _LANGUAGE.search(text[: 4 * HEAD])
    spoken = language[1] if language else None
    is_atom = root is not None and root[1].lower() == "feed"
    return [_entry(record, url, spoken, is_atom=is_atom) for record in records], count, problem


def _head(body: bytes, media_type: str | None) -> str:
    return "".join(xml_text(io.BytesIO(body[:HEAD]), media_type))


def _read_markup(text: str, root: str) -> tuple[int, str | None, list[Mapping[str, Any]]]:
    """Return the number of entries, what the feed lacks, and the entries.

    A feed that is not well-formed is rebuilt from its entries, each repaired separately.
    """
    parts = Parts([text], ITEMS, ("rss", "channel", "feed", "rdf"), cap=ENTRY)
    document = _DECLARATION + text
    if is_well_formed(document):
        count = sum(1 for _ in parts) + parts.strays
        return count, None, _parsed(document)
    items = [(part, element) for part, element in parse_parts(parts) if part.problem != CUT]
    problem = None if parts.is_closed else "it ends before its last tag"
    markup = "".join(element.outer for _, element in items if element is not None)
    head = repaired(text[: text.find(">") + 1])
    if root.lower() == "rss":
        head, markup = head + "<channel>", markup + "</channel>"
    document = f"{_DECLARATION}{head}{markup}</{root}>"
    if not is_well_formed(document):
        bare = sound_tag(text[: text.find(">")]) + head[head.find(">") :]
        document = f"{_DECLARATION}{bare}{markup}</{root}>"
    return len(items) + parts.strays, problem, _parsed(document)


def _parsed(document: str) -> list[Mapping[str, Any]]:
    import feedparser  # type: ignore[import-untyped]

    headers = {"content-type": "application/xml; charset=utf-8"}  # no base: ``_entry`` joins
    try:
        parsed = feedparser.parse(
            io.BytesIO(document.encode("utf-8", "replace")),
            response_headers=headers,
            sanitize_html=False,  # nine tenths of its time; cleaning reads pages as they are
            resolve_relative_uris=False,
        )
    except Exception:  # the entries are counted, so that any error shows as missing ones
        return []
    return list(parsed.entries)


def _entry(record: Mapping[str, Any], base: str, language: str | None, *, is_atom: bool) -> Entry:
    identity = str(record.get("id") or "")
    link = _link(record) or (identity if identity.startswith(("http://", "https://")) else "")
    title = plain_title(record.get("title"))
    content = _content(record)
    published, updated = _moment(record, "published"), _moment(record, "updated")
    published = published or _moment(record, "created")
    if published is None and not is_atom:  # dc:date, the only date of RSS 1.0
        published, updated = updated, None
    names = _names(record)
    tags = [str(tag.get("term") or "") for tag in record.get("tags") or ()]
    hints = Hints(
        title=title,
        authors=tuple(dict.fromkeys(name for name in names if name)),
        published_at=published,
        modified_at=updated,
        language=_language_of(record) or language,
        tags=tuple(tag for tag in tags if tag),
    )
    description = str(record.get("description") or record.get("summary") or "").strip()
    description = description or str(
        record.get("itunes_beside") or record.get("media_beside") or ""
    )
    mark = mark_of(identity, title, published, updated, content or description)
    return Entry(
        join(base, link) if link else "",
        mark,
        hints,
        content,
        identity=identity,
        summary=description or None,
    )


def _link(record: Mapping[str, Any]) -> str:
    """Return the address of the page among an entry's links: an alternate one, preferably HTML."""
    links = [link for link in record.get("links") or () if _may_be_page(link.get("href"))]
    pages = [link for link in links if _relation(link) == "alternate"]
    for link in (*(each for each in pages if _is_page(each)), *pages):
        return str(link["href"]).strip()
    link = str(record.get("link") or "").strip()
    others = {str(each["href"]).strip() for each in links}
    is_name = link == record.get("id") and not link.lower().startswith(("http", "/"))
    if link in others or is_name or not _may_be_page(link):
        return ""  # the address of replies, the feed or a recording; an id; a mail or a script
    return link


def _may_be_page(href: object) -> bool:
    return bool(href) and not _OTHER_SCHEME.match(str(href).strip())


def _relation(link: Mapping[str, Any]) -> str:
    """Return a link's relation to its entry; in Atom it may be a full address."""
    return str(link.get("rel") or "alternate").lower().rpartition("/")[2]


def _is_page(link: Mapping[str, Any]) -> bool:
    return str(link.get("type") or "").partition(";")[0].strip().lower() in _PAGE_TYPES


def _moment(record: Mapping[str, Any], name: str) -> datetime | None:
    """Parse a date; feedparser understands additional formats and other languages."""
    # feedparser's own ``get`` substitutes one date for another, with a warning
    word = dict.get(record, name) if isinstance(record, dict) else None
    if word is None or (moment := parse_date(word)) is not None:
        return moment if word is not None else None
    parsed = dict.get(record, f"{name}_parsed") if isinstance(record, dict) else None
    try:
        return parse_date(datetime(*parsed[:6]).replace(tzinfo=UTC)) if parsed else None
    except ValueError:  # it accepts a year 0
        return None


def _content(record: Mapping[str, Any]) -> str | None:
    parts = [_html(part) for part in record.get("content") or ()]
    content = max(parts, key=len, default="")
    description = str(record.get("description") or record.get("summary") or "")
    if not content.strip() and len(description) >= WHOLE_DESCRIPTION:
        content = description
    return content.strip() or None


def _html(part: Mapping[str, Any]) -> str:
    value = str(part.get("value") or "")
    if part.get("type") != "text/plain" or looks_like_html(value):
        return value
    return "\n".join(f"<p>{escape(text)}</p>" for text in _paragraphs(value))


def _paragraphs(text: str) -> Iterator[str]:
    return (part.strip() for part in re.split(r"\n\s*\n", text) if part.strip())


def _names(record: Mapping[str, Any]) -> list[str]:
    """Return the authors' names; in RSS 2.0 the author is "mail@example.com (Name)"."""
    authors = [dict(author) for author in record.get("authors") or ()]
    match = _WITH_MAIL.fullmatch(str(record.get("author") or "").strip())
    if match and len(authors) < 2:
        return [match[1].strip()]
    names = [str(author.get("name") or "").strip() for author in authors]
    return names or [str(record.get("author") or "").strip()]


def _language_of(record: Mapping[str, Any]) -> str | None:
    for part in record.get("content") or ():
        if language := part.get("language"):
            return str(language)
    return None


ACCEPT_FEED = (
    "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5"
)


def offer_feed(
    address: str,
    fetch_loop: FetchLoop,
    known_transport: KnownTransport,
    response: Response | None = None,
) -> Offered:
    """Yield the entries of a feed."""
    try:
        response = response or ask(fetch_loop, address, known_transport, ACCEPT_FEED)
        if response.not_modified:
            yield Listing(address, "nothing new in the feed", response.transport, not_modified=True)
            return
        feed = read_feed(response.body, response.url, response.media_type)
    except FetchError as error:
        yield Listing(address, error.detail, error=error)
        return
    except ValueError as error:
        wrong = FetchError("wrong_type", f"{address} is not a feed: {error}")
        yield Listing(address, wrong.detail, error=wrong)
        return
    yield from (replace(entry, listing=address) for entry in feed.entries)
    yield from (
        SkippedAddress(address, skipped.name, skipped.reason, skipped.detail)
        for skipped in feed.skipped
    )
    detail = f"a feed of {plural(len(feed.entries), 'entry', 'entries')}"
    if feed.problem is not None:
        yield cut_off(address, detail, feed.problem)
        return
    yield Listing(address, detail, response.transport)
