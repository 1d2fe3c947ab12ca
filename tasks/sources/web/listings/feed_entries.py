"""Give distinct names to feed entries without an address, or with a shared one."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from copydesk.tasks.sources.web.listings.entry import Entry


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """An entry without anything to read: its name, a reason, a sentence for people."""

    name: str
    reason: str
    detail: str


def named_apart(entries: Iterable[Entry], feed: str) -> tuple[list[Entry], list[SkippedEntry]]:
    """Give each entry a unique address, and return the entries that have nothing to read.

    An entry without an address is read from the feed and named by its id there. So are entries that
    share an address if the feed contains their texts: the page there belongs to none of them alone.
    """
    entries = list(entries)
    shared = Counter(_page(entry.url) for entry in entries if entry.url)
    distinct: list[Entry] = []
    skipped: list[SkippedEntry] = []
    names: set[str] = set()
    for number, original in enumerate(entries, start=1):
        entry = original
        label = entry.hints.title if entry.hints and entry.hints.title else f"number {number}"
        is_alone = bool(entry.url) and shared[_page(entry.url)] == 1
        if not is_alone and not (entry.url and _page(entry.url) not in names and not entry.content):
            entry = _without_page(entry, feed)
        name = _page(entry.url) if entry.has_page else entry.url
        if not name:
            detail = f"the entry {label} has no address and no text"
            skipped.append(SkippedEntry(entry.identity or str(number), "no_address", detail))
        elif name in names:
            detail = f"the entry {label} is a second one of {entry.url}"
            skipped.append(SkippedEntry(f"{entry.identity}#{number}", "same_address", detail))
        else:
            names.add(name)
            distinct.append(entry)
    return distinct, skipped


def _without_page(entry: Entry, feed: str) -> Entry:
    """Return an entry that is read from the feed and named by the feed's metadata."""
    content = entry.content or entry.summary
    if not content:
        return entry
    identity = entry.identity if _page(entry.identity) != _page(entry.url) else ""
    if not identity:
        title = (entry.hints.title if entry.hints else None) or ""
        identifying_text = f"{title}\x1f{'' if title else content}"
        identity = hashlib.blake2b(
            identifying_text.encode("utf-8", "replace"), digest_size=12
        ).hexdigest()
    parts = urlsplit(feed)
    authority = f"{parts.netloc}{parts.path.rstrip('/')}"
    url = f"tag:{authority}:{quote(identity, safe=':/?=&.,;+@-_~')}"
    return dataclasses.replace(entry, url=url, content=content, has_page=False)


def _page(url: str) -> str:
    return url.partition("#")[0]
