"""The format ``.letter``: one letter a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email import message_from_binary_file
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import BinaryIO, cast

from copydesk.schemas.article import Hints
from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading

TEXT = "text/plain; charset=utf-8"


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    item = reading.item("letter", entry.path, media_type=TEXT, fingerprint=entry.fingerprint)
    try:
        with reading.open(entry.path) as stream:
            hints = hints_of(parse(stream))
    except Exception as error:
        yield reading.unreadable(item, error)
        return
    yield reading.item(
        "letter", entry.path, media_type=TEXT, fingerprint=entry.fingerprint, hints=hints
    )


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    for item in items:
        try:
            with reading.open(path) as stream:
                body = body_of(parse(stream))
        except Exception as error:
            yield reading.unreadable(item, error)
            continue
        yield RawDocument(item, body, item.url, reading.clock(), TEXT)


def parse(stream: BinaryIO) -> EmailMessage:
    return cast(EmailMessage, message_from_binary_file(stream, policy=default))


def hints_of(letter: EmailMessage) -> Hints:
    sent_bytes = letter["date"]
    author, _ = parseaddr(str(letter["from"] or ""))
    return Hints(
        title=letter["subject"],
        authors=(author,) if author else (),
        published_at=sent_bytes.datetime if sent_bytes is not None else None,
    )


def body_of(letter: EmailMessage) -> bytes:
    part = letter.get_body(("plain",))
    text = "" if part is None else part.get_content()
    return f"{letter['subject']}\n\n{text}".encode()
