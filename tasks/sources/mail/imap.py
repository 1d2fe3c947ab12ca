"""The kind ``imap``: the mails of a folder on a server, read without a trace.

The folder is opened read-only and mails are fetched with ``BODY.PEEK``: none is marked, moved or
deleted. A run asks for the mails since the last one's highest UID. A mail is named by its
Message-ID, so that one that was moved into another folder of the source is no other article.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.values import is_malformed
from copydesk.tasks.sources.formats.html_wrapping import HTML
from copydesk.tasks.sources.kinds import OpenOptions
from copydesk.tasks.sources.mail.letter import Letter, read_letter
from copydesk.tasks.sources.mail.newsletter import page_of_letter
from copydesk.tasks.sources.source import (
    LISTING,
    NOTHING_KNOWN,
    Clock,
    KnownTransport,
    Limits,
    SourceBase,
    SourceError,
    cause,
    utc_now,
)

_PORT: Final = 993
_PLAIN_PORT: Final = 143
_SECONDS: Final = 30
_HEADS_AT_ONCE: Final = 100
_HEAD: Final = (
    "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID SUBJECT FROM DATE LIST-ID ARCHIVED-AT"
    " CONTENT-LANGUAGE)])"
)
_UID: Final = re.compile(rb"\bUID (\d{1,19})")
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d{1,19})")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ERRORS: Final = (imaplib.IMAP4.error, OSError, ValueError)


def open_sources(inputs: Sequence[str], options: OpenOptions) -> list[Mailbox]:
    """Open the folders of addresses such as ``imap://mail.example/Letters``.

    ``user`` and ``password`` are in the storage options. The connection is TLS at port 993, and
    begins with STARTTLS at port 143. Only a server on this machine may go without, by
    ``tls = "none"``.
    """
    return [_mailbox(text, options) for text in inputs]


def _mailbox(text: str, options: OpenOptions) -> Mailbox:
    parts = urlsplit(text)
    settings = {name: str(value) for name, value in options.storage_options.items()}
    unknown = sorted(set(settings) - {"user", "password", "tls"})
    if not parts.hostname or unknown:
        what = f"unknown options {', '.join(unknown)}" if unknown else "no host"
        raise SourceError(f"{text}: {what}; write imap://mail.example/Folder")
    if not settings.get("user") or not settings.get("password"):
        raise SourceError(f"{text}: user and password are needed, in storage_options")
    if settings.get("tls", "required") != "required" and parts.hostname not in _LOOPBACK:
        raise SourceError(f'{text}: tls = "none" is for a server on this machine')
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Mailbox(
        name=options.name or f"{parts.hostname}-{folder}".lower(),
        host=parts.hostname,
        port=parts.port or _PORT,
        folder=folder,
        user=settings["user"],
        password=settings["password"],
        is_encrypted=settings.get("tls", "required") == "required",
        item_limit=options.item_limit,
        limits=options.limits,
        clock=options.clock,
    )


@dataclass(frozen=True, slots=True)
class Mailbox(SourceBase):
    """A folder of mails on a server."""

    name: str
    host: str
    port: int
    folder: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    is_encrypted: bool = True
    item_limit: int | None = None
    limits: Limits = field(default_factory=Limits)
    clock: Clock = utc_now

    reads_where_cleaned = False

    @property
    def address(self) -> str:
        """The folder's address, without the user."""
        return f"imap://{self.host}:{self.port}/{self.folder}"

    def discover(
        self, known_transport: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[Item | Missing]:
        """Offer the mails whose UID is higher than the last run's, then the folder itself."""
        try:
            with self._folder() as (server, validity):
                state = known_transport.get(self.address, {})
                first = int(state.get("uid", 0)) + 1 if state.get("validity") == validity else 1
                uids = [uid for uid in _uids(server, first) if uid >= first]
                last, offered = first - 1, 0
                for start in range(0, len(uids), _HEADS_AT_ONCE):
                    for uid, size, head in _heads(server, uids[start : start + _HEADS_AT_ONCE]):
                        item = self._item(f"{validity}:{uid}", size, read_letter(head))
                        if item.locator not in known_transport:
                            if offered == self.item_limit:
                                yield self._listing(validity, last, len(uids))
                                return
                            offered += 1
                        yield item
                        last = max(last, uid)
                last = max([last, *uids])
                yield self._listing(validity, last, len(uids))
        except _ERRORS as error:
            item = Item(self.name, self.address, self.address, self.address)
            detail = f"{self.address} cannot be read: {_words(error)}"
            yield Missing(item, Fate.FAILED, "mailbox", detail, self.clock())

    def acquire(
        self, items: Sequence[Item], _known: KnownTransport = NOTHING_KNOWN, /
    ) -> Iterator[RawDocument | Missing]:
        """Fetch the mails; one that is no longer in the folder is gone."""
        pending = list(items)
        try:
            with self._folder() as (server, validity):
                while pending:
                    result = self._fetched(server, validity, pending[0])
                    yield result
                    pending.pop(0)
        except _ERRORS as error:
            for item in pending:
                detail = f"{item.locator} cannot be fetched: {_words(error)}"
                yield Missing(item, Fate.FAILED, "mailbox", detail, self.clock(), self._listed())

    def _fetched(self, server: imaplib.IMAP4, validity: str, item: Item) -> RawDocument | Missing:
        number, _, uid = item.handle.partition(":")
        data = _fetch(server, uid, self.limits.document + 1) if number == validity else None
        if data is None:
            detail = f"{item.locator} is no longer in {self.folder}"
            return Missing(item, Fate.GONE, "gone", detail, self.clock())
        if len(data) > self.limits.document:
            detail = f"{item.locator} is larger than {self.limits.document:,} bytes"
            return Missing(item, Fate.REJECTED, "too_large", detail, self.clock())
        try:
            body = page_of_letter(read_letter(data))
        except Exception as error:  # whatever a library raises at a damaged mail
            detail = f"{item.locator}: {cause(error)}"
            return Missing(item, Fate.REJECTED, "unreadable", detail, self.clock())
        return RawDocument(item, body, item.url, self.clock(), HTML, self._listed())

    def _item(self, handle: str, size: int, letter: Letter) -> Item:
        url = letter.archived_at or ""
        return Item(
            source=self.name,
            locator=letter.message_id,
            url=url if url and not is_malformed(url) else f"mid:{letter.message_id}",
            handle=handle,
            media_type=HTML,
            fingerprint=str(size),
            hints=letter.hints,
        )

    def _listing(self, validity: str, last: int, count: int) -> Missing:
        """Return the row of the folder itself, with what the next run has to know."""
        item = Item(self.name, self.address, self.address, self.address)
        fate = Fate.SKIPPED if count else Fate.NOT_MODIFIED
        detail = f"{count:,} mails since the last run"
        state = {"validity": validity, "uid": str(last)}
        return Missing(item, fate, LISTING, detail, self.clock(), state)

    def _listed(self) -> Mapping[str, str]:
        return {"listing": self.address}

    @contextlib.contextmanager
    def _folder(self) -> Iterator[tuple[imaplib.IMAP4, str]]:
        """Open the folder read-only; gives the connection and the validity of its UIDs."""
        server = self._connected()
        try:
            server.login(self.user, self.password)
            quoted = '"' + _utf7(self.folder).replace("\\", "\\\\").replace('"', '\\"') + '"'
            status, answer = server.select(quoted, readonly=True)
            if status != "OK":
                raise ValueError(f"there is no folder {self.folder} ({_first(answer)})")
            _, validity = server.response("UIDVALIDITY")
            yield server, _first(validity)
        finally:
            with contextlib.suppress(*_ERRORS):
                server.logout()

    def _connected(self) -> imaplib.IMAP4:
        if not self.is_encrypted:
            return imaplib.IMAP4(self.host, self.port, timeout=_SECONDS)
        context = ssl.create_default_context()
        if self.port != _PLAIN_PORT:
            return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=_SECONDS)
        server = imaplib.IMAP4(self.host, self.port, timeout=_SECONDS)
        server.starttls(context)
        return server


def _uids(server: imaplib.IMAP4, first: int) -> list[int]:
    _, answer = server.uid("SEARCH", f"UID {first}:*")
    return sorted({int(uid) for line in answer if line for uid in line.split() if uid.isdigit()})


def _heads(server: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[tuple[int, int, bytes]]:
    """Yield UID, size and head of mails, in the order of UIDs."""
    _, answer = server.uid("FETCH", ",".join(map(str, uids)), _HEAD)
    heads = []
    for part in answer:
        if isinstance(part, tuple):
            uid, size = _UID.search(part[0]), _SIZE.search(part[0])
            if uid is not None:
                heads.append((int(uid[1]), int(size[1]) if size else 0, part[1]))
    yield from sorted(heads)


def _fetch(server: imaplib.IMAP4, uid: str, limit: int) -> bytes | None:
    """Fetch at most so many bytes of a mail; None where there is no such mail."""
    _, answer = server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{limit}>)")
    return next((part[1] for part in answer if isinstance(part, tuple)), None)


def _first(answer: Sequence[object]) -> str:
    value = answer[0] if answer else b""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _words(error: Exception) -> str:
    """Say what went wrong; imaplib gives the server's words as bytes."""
    text = error.args[0] if error.args else ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else cause(error)


def _utf7(name: str) -> str:
    """Write a folder's name in IMAP's own form of UTF-7 (RFC 3501, 5.1.3)."""
    parts = re.split(r"([^\x20-\x7e]+)", name)
    for at, part in enumerate(parts):
        if at % 2:
            encoded = (
                base64.b64encode(part.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            )
            parts[at] = f"&{encoded}-"
        else:
            parts[at] = part.replace("&", "&-")
    return "".join(parts)
