"""Parse JSON Feed (jsonfeed.org) into feedparser's form of entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from copydesk.tasks.sources.formats.json_text import read_json_at

_VERSION = re.compile(r'"version"\s*:\s*"[^"]{0,40}jsonfeed\.org')
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


def is_json_feed(text: str) -> bool:
    """Return whether a text is a JSON Feed, judging by its beginning."""
    return _VERSION.search(text) is not None or (
        text.lstrip("\ufeff\u200b \t\r\n").startswith("{") and _ITEMS.search(text) is not None
    )


def read_items(text: str) -> tuple[int, str | None, list[Mapping[str, Any]]]:
    """Return the number of items, what the feed lacks, and the items before any damage."""
    whole = _whole(text)
    if whole is not None:
        return len(whole), None, [_as_entry(item) for item in whole if isinstance(item, Mapping)]
    start = _ITEMS.search(text)
    if start is None:
        return 0, "it has no items", []
    items: list[Mapping[str, Any]] = []
    count = 0
    at = _BETWEEN.match(text, start.end()).end()  # type: ignore[union-attr]  # matches anywhere
    while not text.startswith("]", at):
        try:
            item, at = read_json_at(text, at)
        except ValueError:
            return count, f"it cannot be parsed from item {count + 1} on", items
        count += 1
        if isinstance(item, Mapping):
            items.append(_as_entry(item))
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
    return count, None, items


def _whole(text: str) -> list[Any] | None:
    """Return the feed's own items, for others may be nested; None if it is damaged."""
    begin = text.find("{")
    try:
        feed, _ = read_json_at(text, begin) if begin >= 0 else (None, 0)
    except ValueError:
        return None
    items = feed.get("items") if isinstance(feed, Mapping) else None
    return items if isinstance(items, list) else None


def _as_entry(item: Mapping[str, Any]) -> dict[str, Any]:
    content = item.get("content_html")
    kind = "text/html"
    if not content:
        content, kind = item.get("content_text"), "text/plain"
    language = item.get("language")
    return {
        "id": _text(item.get("id")),
        "link": _text(item.get("url")) or _text(item.get("external_url")),
        "title": _text(item.get("title")),
        "summary": _text(item.get("summary")),
        "content": [{"value": _text(content), "type": kind, "language": language}],
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
        "authors": [dict(author) for author in _maps(item.get("authors") or [item.get("author")])],
        "tags": [{"term": _text(tag)} for tag in _list(item.get("tags"))],
    }


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int, float)) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _maps(value: object) -> Iterator[Mapping[str, Any]]:
    return (element for element in _list(value) if isinstance(element, Mapping))
