"""The format ``mbox``: mails one after the other, each behind a line that begins with ``From``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.formats.html_wrapping import HTML
from copydesk.tasks.sources.mail.letter import Letter, read_letter
from copydesk.tasks.sources.mail.newsletter import page_of_letter
from copydesk.tasks.sources.streams.compression import TooLargeError

_LINE: Final = 1_000_000


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the mails, named by their Message-ID; one that is there twice is offered once."""
    names: set[str] = set()
    number = -1
    try:
        with reading.open(entry.path) as stream:
            for number, mail in enumerate(_mails(stream, reading.limits.document)):
                if mail is None:
                    item = reading.item("mbox", entry.path, str(number), member=f"#{number}")
                    error = TooLargeError(reading.limits.document)
                    yield reading.unreadable(item, error)
                    continue
                letter = read_letter(mail)
                if letter.message_id not in names:
                    names.add(letter.message_id)
                    yield _item(reading, entry, number, letter)
    except Exception as error:
        item = reading.item("mbox", entry.path, str(number + 1), member=f"#{number + 1}")
        yield reading.unreadable(item, error)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read the mails' articles, in one pass over the file."""
    items_by_number = {int(parts(item)[2]): item for item in items}
    results: dict[int, RawDocument | Missing] = {}
    problem: Exception = EOFError("the file ends before this mail")
    try:
        with reading.open(path) as stream:
            for number, mail in enumerate(_mails(stream, reading.limits.document)):
                if number in items_by_number and mail is not None:
                    results[number] = _read(reading, items_by_number[number], mail)
    except Exception as error:
        problem = error
    for number, item in items_by_number.items():
        yield results.get(number) or reading.unreadable(item, problem)


def _read(reading: Reading, item: Item, mail: bytes) -> RawDocument | Missing:
    try:
        body = page_of_letter(read_letter(mail))
    except Exception as error:
        return reading.unreadable(item, error)
    return RawDocument(item, body, item.url, reading.clock(), HTML)


def _item(reading: Reading, entry: Entry, number: int, letter: Letter) -> Item:
    return reading.item(
        "mbox",
        entry.path,
        str(number),
        member=letter.message_id,
        media_type=HTML,
        fingerprint=letter.message_id,
        url=letter.archived_at,
        hints=letter.hints,
    )


def _mails(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """Yield each mail's bytes, None for one beyond the limit; ``>From`` is unquoted."""
    mail: bytearray | None = None
    is_too_large = False
    blank = True
    while line := stream.readline(_LINE):
        if blank and line.startswith(b"From "):
            if mail is not None:
                yield None if is_too_large else bytes(mail)
            mail, is_too_large = bytearray(), False
        elif mail is not None and not is_too_large:
            mail += (
                line[1:] if line.lstrip(b">").startswith(b"From ") and line[:1] == b">" else line
            )
            if len(mail) > limit:
                mail, is_too_large = bytearray(), True
        blank = line in (b"\n", b"\r\n")
    if mail is not None:
        yield None if is_too_large else bytes(mail)
