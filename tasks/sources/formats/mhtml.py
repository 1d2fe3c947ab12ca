"""The format ``.mhtml`` (RFC 2557): a page that a browser saved in one file, as parts of a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Final

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.mail.letter import header
from copydesk.tasks.sources.streams.compression import read_capped

_MOST_PARTS: Final = 10_000  # images and styles follow the page


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The page's bytes, their type with its charset, its address, and when it was saved."""

    body: bytes
    media_type: str
    url: str | None
    saved_at: datetime | None


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the page, with its address."""
    try:
        page = _saved_page(reading, entry.path)
    except Exception as error:
        item = reading.item("mhtml", entry.path, fingerprint=entry.fingerprint)
        yield reading.unreadable(item, error)
        return
    yield reading.item(
        "mhtml",
        entry.path,
        media_type=page.media_type,
        fingerprint=entry.fingerprint,
        url=page.url,
    )


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read the page; the file holds one item."""
    for item in items:
        try:
            page = _saved_page(reading, path)
        except Exception as error:
            yield reading.unreadable(item, error)
            continue
        observed_at = page.saved_at or reading.clock()
        yield RawDocument(item, page.body, item.url, observed_at, page.media_type)


def _saved_page(reading: Reading, path: str) -> SavedPage:
    with reading.open(path) as stream:
        mail = message_from_bytes(read_capped(stream, reading.limits.document), policy=compat32)
    pages = (part for part in islice(mail.walk(), _MOST_PARTS) if _is_html(part))
    page = next(pages, None)  # frames follow the page that they stand in
    body = page.get_payload(decode=True) if page is not None else None
    if page is None or not isinstance(body, bytes) or not body.strip():
        raise ValueError("it holds no page")
    charset = page.get_content_charset()
    return SavedPage(
        body,
        f"{page.get_content_type()}; charset={charset}" if charset else page.get_content_type(),
        _address(mail, "snapshot-content-location") or _address(page, "content-location"),
        _moment(mail),
    )


def _is_html(part: Message) -> bool:
    return part.get_content_type() in ("text/html", "application/xhtml+xml")


def _address(part: Message, name: str) -> str | None:
    address = "".join(header(part, name).split())  # folded where it is long
    return address if address.startswith(("http://", "https://")) else None


def _moment(mail: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header(mail, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
