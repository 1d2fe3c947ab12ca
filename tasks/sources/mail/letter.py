"""Reads a mail: who sent what and when, and the part that holds its text."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from itertools import chain
from typing import Final

from copydesk.schemas.article import Hints
from copydesk.schemas.ids import sha256

_FORWARDED: Final = re.compile(
    r"(?:(?:fwd?|wg|tr|rv|enc|i|doorst|vs|пер|转发|轉寄)(?:\[\d\])?\s?[:：]\s*+)+", re.IGNORECASE
)
_BRACKETS: Final = re.compile(r"<([^<>]{1,500})>")
_FEW_WORDS: Final = 60
"""Words of one's own above a mail that is forwarded as an attachment."""

_MOST_PARTS: Final = 1000
_DEPTH: Final = 5
"""Mails forwarded within one another."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. ``html`` or ``text`` is its body, the former where it has one.

    ``list_name`` is what its List-ID calls the list, and the name of the sender without one.
    ``digest`` has the mails in the parts that say they are a digest (RFC 2046).
    """

    message_id: str
    subject: str
    sender: str
    list_name: str
    date: datetime | None
    html: str
    text: str
    archived_at: str | None = None
    language: str | None = None
    is_forwarded: bool = False
    digest: tuple[bytes, ...] = ()

    @property
    def hints(self) -> Hints:
        """The metadata that the mail's head has of its article."""
        return Hints(
            title=self.subject or None,
            authors=(self.sender,) if self.sender and self.sender != self.list_name else (),
            published_at=self.date,
            language=self.language,
        )


def read_letter(data: bytes, *, depth: int = 0) -> Letter:
    """Read a mail; whatever it lacks is empty. A mail that is forwarded whole is read instead."""
    mail = message_from_bytes(data, policy=compat32)
    html, text, inner, digest = _bodies(mail)
    subject = header(mail, "subject")
    bare = _FORWARDED.sub("", subject) if _FORWARDED.match(subject) else subject
    if inner is not None and depth < _DEPTH and len((text or html).split()) <= _FEW_WORDS:
        letter = read_letter(inner, depth=depth + 1)
        if letter.html or letter.text:
            return replace(letter, subject=letter.subject or bare, digest=digest)
    sender = _sender(mail)
    return Letter(
        message_id=_message_id(mail, data),
        subject=" ".join(bare.split()),
        sender=sender,
        list_name=_list_name(mail) or sender,
        date=_date(mail),
        html=html,
        text=text,
        archived_at=_archived_at(mail),
        language=header(mail, "content-language").split(",")[0].strip() or None,
        is_forwarded=bare != subject,
        digest=digest,
    )


def _bodies(mail: Message) -> tuple[str, str, bytes | None, tuple[bytes, ...]]:
    """Return the HTML, the plain text, the first mail that is attached and those of a digest."""
    html: list[str] = []
    text: list[str] = []
    inner: bytes | None = None
    digest: list[bytes] = []
    parts = [mail]
    for _ in range(_MOST_PARTS):
        if not parts:
            break
        part = parts.pop(0)
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = next(_mails_in(part), None) if inner is None else inner
        elif kind == "multipart/digest":
            digest += chain.from_iterable(map(_mails_in, _children(part)))
        elif part.is_multipart():
            parts[:0] = _children(part)
        elif (part.get_content_disposition() or "") != "attachment":
            if kind == "text/html":
                html.append(_text(part))
            elif kind == "text/plain":
                text.append(_unflowed(part, _text(part)))
    return "\n".join(html), "\n\n".join(text), inner, tuple(digest)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    children = payload if isinstance(payload, list) else []
    return [child for child in children if isinstance(child, Message)]


def _mails_in(part: Message) -> Iterator[bytes]:
    """Write the mails attached in a part as bytes, without those that cannot be written."""
    for mail in _children(part):
        with contextlib.suppress(UnicodeError, LookupError, ValueError, KeyError):
            yield mail.as_bytes()


def _text(part: Message) -> str:
    """Decode a part: by its charset, else as UTF-8, else as Windows-1252."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return _decoded(data, str(part.get_content_charset() or ""))


def _decoded(data: bytes, charset: str) -> str:
    names = [charset, "utf-8"] if charset not in {"", "us-ascii", "ascii"} else ["utf-8"]
    for name in names:
        try:
            if codecs.lookup(name)._is_text_encoding:
                return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _unflowed(part: Message, text: str) -> str:
    """Join the lines of a text that says where they may be broken (RFC 3676)."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    delete = str(part.get_param("delsp") or "").lower() == "yes"
    lines: list[str] = []
    is_open = False
    for line in text.replace("\r\n", "\n").split("\n"):
        plain = line.removeprefix(" ") if line.startswith(" ") else line
        if is_open and lines:
            lines[-1] += plain
        else:
            lines.append(plain)
        is_open = plain.endswith(" ") and plain != "-- "
        if is_open and delete:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def header(mail: Message, name: str) -> str:
    """Decode a header's words, in whatever charset they are."""
    value = mail.get(name)
    if value is None:
        return ""
    try:
        words = decode_header(str(value) if isinstance(value, str) else value)
    except (ValueError, LookupError, UnicodeError):
        return " ".join(str(value).split())
    text = "".join(
        _decoded(word, charset or "") if isinstance(word, bytes) else word
        for word, charset in words
    )
    raw = text.encode("utf-8", "surrogateescape")  # 8-bit headers, as some programs send them
    return " ".join(_decoded(raw, "").split())


def _sender(mail: Message) -> str:
    for name, address in getaddresses([header(mail, "from")]):
        return name.strip() or address
    return ""


def _list_name(mail: Message) -> str:
    """Return the list's name in its List-ID, or the id (RFC 2919)."""
    value = header(mail, "list-id")
    bracket = _BRACKETS.search(value)
    name = value[: bracket.start()].strip(' "') if bracket else value
    return name or (bracket[1].strip() if bracket else "")


def _date(mail: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(header(mail, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _archived_at(mail: Message) -> str | None:
    """Return the address at which the list keeps the mail (RFC 5064)."""
    match = _BRACKETS.search(header(mail, "archived-at"))
    return match[1] if match and match[1].startswith(("http://", "https://")) else None


def _message_id(mail: Message, data: bytes) -> str:
    match = _BRACKETS.search(header(mail, "message-id"))
    return match[1].strip() if match else f"{sha256(data)[:32]}@unnamed"
