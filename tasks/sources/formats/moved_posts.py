"""Posts of exports whose address changed: the post's id says that they are the same article."""

from __future__ import annotations

import dataclasses
from typing import Final

from copydesk.schemas.items import NAMED, Item, Missing, RawDocument
from copydesk.tasks.sources.files.paths import plain_path
from copydesk.tasks.sources.formats.context import MEMBER, parts, with_handle
from copydesk.tasks.sources.source import KnownTransport

KIND: Final = "wxr"
FROM, ID, ADDRESS = "from", "post", "url"
"""Names in the ``how`` of a post: what it was read from, its id, its address then."""


class FirstAddresses:
    """The addresses under which posts of exports were first read, by their ids."""

    def __init__(self, known_transport: KnownTransport) -> None:
        """Look through what earlier runs recorded."""
        self._addresses: dict[str, str] = {}
        for locator in known_transport:
            transport = known_transport[locator]
            if transport.get(FROM) == KIND and ADDRESS in transport:
                address = transport.get(NAMED) or transport[ADDRESS]
                self._addresses.setdefault(_key(locator, transport.get(ID, "")), address)

    def noted(self, item: Item | Missing) -> Item | Missing:
        """Return the item, its first address in its handle where it has another one now."""
        if isinstance(item, Missing) or not self._addresses:
            return item
        if not item.handle.startswith(f'["{KIND}"'):
            return item
        kind, path, position, *_ = parts(item)
        first = self._addresses.get(_key(item.locator, post_id(item.locator, path)))
        if first is None or first == item.url:
            return item
        return with_handle(item, kind, path, position, first)


def recorded(document: RawDocument, path: str) -> RawDocument:
    """Return a post's document with what later runs need to know it by."""
    item = document.item
    transport = {FROM: KIND, ID: post_id(item.locator, path), ADDRESS: item.url}
    if first := next(iter(parts(item)[3:]), ""):
        transport[NAMED] = first
    return dataclasses.replace(document, how={**document.how, **transport})


def post_id(locator: str, path: str) -> str:
    """Return the id of a post from its locator in a file."""
    return locator.rpartition(f"{plain_path(path)}{MEMBER}")[2]


def _key(locator: str, identity: str) -> str:
    """Name a post across exports by an id that is an address; else within its file alone."""
    return identity if "://" in identity else locator
