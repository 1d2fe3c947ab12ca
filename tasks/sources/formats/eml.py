"""The format ``.eml``, and the files of a Maildir: one mail a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.html_wrapping import HTML
from copydesk.tasks.sources.mail.letter import Letter, read_letter
from copydesk.tasks.sources.mail.newsletter import page_of_letter
from copydesk.tasks.sources.streams.compression import read_capped


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the mail, with what its head says."""
    try:
        letter = _letter(reading, entry.path)
    except Exception as error:
        yield reading.unreadable(_item(reading, entry.path, entry.fingerprint), error)
        return
    yield _item(reading, entry.path, entry.fingerprint, letter)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read the mail as the page of its article."""
    for item in items:
        try:
            body = page_of_letter(_letter(reading, path))
        except Exception as error:
            yield reading.unreadable(item, error)
            continue
        yield RawDocument(item, body, item.url, reading.clock(), HTML)


def _letter(reading: Reading, path: str) -> Letter:
    with reading.open(path) as stream:
        return read_letter(read_capped(stream, reading.limits.document))


def _item(
    reading: Reading, path: str, fingerprint: str | None, letter: Letter | None = None
) -> Item:
    return reading.item(
        "eml",
        path,
        media_type=HTML,
        fingerprint=fingerprint,
        url=None if letter is None else letter.archived_at,
        hints=None if letter is None else letter.hints,
    )
