"""Feeds: RSS, Atom, RDF and JSON Feed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from copydesk.schemas.article import Hints
from copydesk.schemas.plural import plural
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.json_text import read_json
from copydesk.tasks.sources.formats.xml_references import sound_references
from copydesk.tasks.sources.source import Known
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import Desk
from copydesk.tasks.sources.web.fetch.fetcher import Visit
from copydesk.tasks.sources.web.fetch.urls import join
from copydesk.tasks.sources.web.listings.base import Listing, Offered, ask
from copydesk.tasks.sources.web.listings.entry import Entry, mark_of, plain_title

WHOLE_DESCRIPTION = 1500
"""Characters from which a description is taken for the whole text: excerpts are cut far below."""

_SUBSET = re.compile(rb"<!DOCTYPE[^<>\[]{0,400}\[", re.IGNORECASE)
_SUBSET_END = re.compile(rb"\]\s*>")
_LANGUAGE = re.compile(rb"<(?:dc:)?language>\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\s*</")
_ROOT = re.compile(rb"<(?:\w+:)?(rss|feed|RDF)[\s>]")
_INLINE = re.compile(rb"""\stype\s*=\s*["']xhtml["']""")
"""Markup of Atom that is part of the XML: fastfeedparser loses such titles."""
_BEFORE = b"\xef\xbb\xbf \t\r\n"
HEAD = 4096  # bytes in which the root of a feed stands


def is_feed(body: bytes) -> bool:
    """Tell a feed by what it begins with."""
    head = body[:HEAD].lstrip(_BEFORE)
    if head.startswith(b"{"):
        return b"jsonfeed.org/version" in head
    return head.startswith(b"<") and _ROOT.search(head) is not None


MOST_TAGS = 150_000
"""Of a feed that feedparser is asked for: each costs it up to 18 µs, and an entry
has some twenty."""


def read_feed(body: bytes, url: str) -> list[Entry]:
    """Read a feed's entries, in its order; ``ValueError`` if it is none.

    fastfeedparser reads nearly every feed in a hundredth of feedparser's time, which is asked
    where the first finds nothing or loses something.
    """
    if not is_feed(body):
        raise ValueError("neither RSS nor Atom nor JSON Feed")
    if body.lstrip(_BEFORE).startswith(b"{"):
        body = json.dumps(read_json(body)).encode()  # the parser refuses all for one bad value
    else:
        body = sound_references(body)
    body = _without_subset(body)  # entities are declared there, and nothing else of use
    first, second = (_thorough, _fast) if _INLINE.search(body) else (_fast, _thorough)
    entries = first(body) or second(body) or _one_by_one(body)
    if not entries and _is_beyond_thorough(body):
        raise ValueError(f"not well-formed, and of more than {MOST_TAGS:,} tags")
    language = _LANGUAGE.search(body[: 4 * HEAD])
    spoken = language[1].decode() if language else None
    found = (_entry(one, url, spoken) for one in entries)
    return [entry for entry in found if entry is not None]


def _without_subset(body: bytes) -> bytes:
    opened = _SUBSET.search(body)
    closed = _SUBSET_END.search(body, opened.end()) if opened else None
    return body[: opened.start()] + body[closed.end() :] if opened and closed else body


def _fast(body: bytes) -> list[Mapping[str, Any]]:
    import fastfeedparser  # type: ignore[import-untyped]

    try:
        return list(fastfeedparser.parse(body).entries)
    except Exception:  # it has errors of many kinds; the other parser has the last word
        return []


def _one_by_one(body: bytes) -> list[Mapping[str, Any]]:
    """Read each item of a JSON Feed alone: one that the parser cannot read loses itself."""
    try:
        feed = json.loads(body)
    except ValueError:
        return []
    items = feed.get("items") if isinstance(feed, dict) else None
    alone = ({**feed, "items": [_dated(one)]} for one in items or () if isinstance(one, dict))
    return [entry for one in alone for entry in _fast(json.dumps(one).encode())]


def _dated(item: Mapping[str, Any]) -> dict[str, Any]:
    """Leave dates out that are no texts, which the parser takes them for."""
    return {k: v for k, v in item.items() if isinstance(v, str) or not k.startswith("date_")}


def _thorough(body: bytes) -> list[Mapping[str, Any]]:
    if _is_beyond_thorough(body):
        return []
    import feedparser  # type: ignore[import-untyped]

    try:
        return list(feedparser.parse(io.BytesIO(body)).entries)
    except Exception:
        return []


def _is_beyond_thorough(body: bytes) -> bool:
    return body.count(b"<") > MOST_TAGS


def _entry(one: Mapping[str, Any], base: str, language: str | None) -> Entry | None:
    identity = str(one.get("id") or "")
    link = str(one.get("link") or "").strip()
    if not link and identity.startswith(("http://", "https://")):
        link = identity
    if not link:
        return None
    title = plain_title(one.get("title"))
    content = _content(one)
    # feedparser's own get takes the one date for the other, with a warning
    published, updated = (
        parse_date(dict.get(one, name)) if isinstance(one, dict) else None
        for name in ("published", "updated")
    )
    names = [_name(author) for author in one.get("authors") or ()] or [_name(one.get("author"))]
    tags = [str(tag.get("term") or "") for tag in one.get("tags") or ()]
    hints = Hints(
        title=title,
        authors=tuple(dict.fromkeys(name for name in names if name)),
        published_at=published,
        modified_at=updated,
        language=_language_of(one) or language,
        tags=tuple(tag for tag in tags if tag),
    )
    mark = mark_of(identity, title, published, updated, content or one.get("description"))
    return Entry(join(base, link), mark, hints, content)


def _content(one: Mapping[str, Any]) -> str | None:
    parts = [str(part.get("value") or "") for part in one.get("content") or ()]
    content = max(parts, key=len, default="")
    description = str(one.get("description") or one.get("summary") or "")
    if not content.strip() and len(description) >= WHOLE_DESCRIPTION:
        content = description
    return content.strip() or None


def _name(author: object) -> str | None:
    if isinstance(author, Mapping):
        author = author.get("name")
    name = str(author or "").strip()
    # RSS 2.0 has "mail@example.com (Name)" in author
    found = re.fullmatch(r"[^\s@]++@[^\s(]++\s*+\((.+)\)", name)
    return (found[1] if found else name) or None


def _language_of(one: Mapping[str, Any]) -> str | None:
    for part in one.get("content") or ():
        if language := part.get("language"):
            return str(language)
    return None


ACCEPT_FEED = (
    "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5"
)


def offer_feed(address: str, desk: Desk, known: Known, visit: Visit | None = None) -> Offered:
    """Offer the entries of a feed."""
    try:
        visit = visit or ask(desk, address, known, ACCEPT_FEED)
        if visit.not_modified:
            yield Listing(address, "nothing new in the feed", visit.how, not_modified=True)
            return
        entries = read_feed(visit.body, visit.url)
    except FetchError as error:
        yield Listing(address, error.detail, error=error)
        return
    except ValueError as error:
        wrong = FetchError("wrong_type", f"{address} is no feed: {error}")
        yield Listing(address, wrong.detail, error=wrong)
        return
    yield from (replace(entry, listing=address) for entry in entries)
    yield Listing(address, f"a feed of {plural(len(entries), 'entry', 'entries')}", visit.how)
