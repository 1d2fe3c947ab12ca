"""The format ``mbox``: mails one after the other, each behind a line that begins with ``From``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.formats.html_wrapping import HTML
from copydesk.tasks.sources.mail.letter import Letter, read_letter
from copydesk.tasks.sources.mail.newsletter import MailArticle, articles_of
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
                    for article in articles_of(letter):
                        yield _item(reading, entry, number, letter, article)
    except Exception as error:
        item = reading.item("mbox", entry.path, str(number + 1), member=f"#{number + 1}")
        yield reading.unreadable(item, error)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read the mails' articles, in one pass over the file."""
    numbers = {int(parts(item)[2]) for item in items}
    pages: dict[tuple[int, str], bytes] = {}
    problems: dict[int, Exception] = {}
    problem: Exception = EOFError("the file ends before this mail")
    try:
        with reading.open(path) as stream:
            for number, mail in enumerate(_mails(stream, reading.limits.document)):
                if number in numbers and mail is not None:
                    try:
                        found = articles_of(read_letter(mail))
                    except Exception as error:  # whatever a library raises at a damaged mail
                        problems[number] = error
                        continue
                    pages |= {(number, article.name): article.page for article in found}
    except Exception as error:
        problem = error
    for item in items:
        place, name = int(parts(item)[2]), (*parts(item), "")[3]
        page = pages.get((place, name))
        if page is None:
            yield reading.unreadable(item, problems.get(place, problem))
        else:
            yield RawDocument(item, page, item.url, reading.clock(), HTML)


def _item(
    reading: Reading, entry: Entry, number: int, letter: Letter, article: MailArticle
) -> Item:
    return reading.item(
        "mbox",
        entry.path,
        str(number),
        article.name,
        member=f"{letter.message_id}/{article.name}" if article.name else letter.message_id,
        media_type=HTML,
        fingerprint=letter.message_id,
        url=None if article.name else letter.archived_at,
        hints=article.hints,
    )


def _mails(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """Yield each mail's bytes, None for one beyond the limit; ``>From`` is unquoted.

    ``ValueError`` if there is text and no mail.
    """
    mail: bytearray | None = None
    is_too_large = False
    blank = True
    has_other = False
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
        has_other = has_other or (mail is None and not line.isspace())
        blank = line in (b"\n", b"\r\n")
    if mail is not None:
        yield None if is_too_large else bytes(mail)
    elif has_other:
        raise ValueError("not a mailbox: no line begins with From")
