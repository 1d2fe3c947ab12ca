"""The kind ``mailbox``: the letters of an mbox file, each an article."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.tasks.sources.kinds import OpenOptions
from copydesk.tasks.sources.source import (
    NOTHING_KNOWN,
    Clock,
    KnownTransport,
    SourceBase,
    SourceError,
)
from copydesk_letters.letter import TEXT, body_of, hints_of


def open_sources(inputs: Sequence[str], options: OpenOptions) -> list[Mailbox]:
    opened_paths = []
    for text in inputs:
        path = Path(text.removeprefix("mailbox:"))
        if not path.is_file():
            raise SourceError(f"there is no mailbox {path}")
        opened_paths.append(
            Mailbox(options.name or path.stem, str(path), options.item_limit, options.clock)
        )
    return opened_paths


@dataclass(frozen=True, slots=True)
class Mailbox(SourceBase):
    name: str
    path: str
    item_limit: int | None
    clock: Clock

    def discover(self, known: KnownTransport = NOTHING_KNOWN, /) -> Iterator[Item | Missing]:
        remaining = -1 if self.item_limit is None else self.item_limit
        with closing(mailbox.mbox(self.path, create=False)) as box:
            for key in box.iterkeys():
                letter = parse(box.get_bytes(key))
                locator = str(letter["message-id"] or key)
                if locator not in known:
                    if remaining == 0:
                        return
                    remaining -= 1
                yield Item(
                    source=self.name,
                    locator=locator,
                    url=f"mailbox:{self.path}#{locator}",
                    handle=str(key),
                    media_type=TEXT,
                    fingerprint=locator,
                    hints=hints_of(letter),
                )

    def acquire(
        self, items: Sequence[Item], _known: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        with closing(mailbox.mbox(self.path, create=False)) as box:
            for item in items:
                try:
                    body = body_of(parse(box.get_bytes(int(item.handle))))
                except KeyError:
                    detail = f"{item.locator} is no longer in {self.path}"
                    yield Missing(item, Fate.GONE, "gone", detail, self.clock())
                else:
                    yield RawDocument(item, body, item.url, self.clock(), TEXT)


def parse(data: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(data, policy=default))
