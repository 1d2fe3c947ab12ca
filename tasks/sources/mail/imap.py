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
from copydesk.tasks.sources.mail.newsletter import MailArticle, articles_of
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
_TLS: Final = ("required", "starttls", "none")
_ERRORS: Final = (imaplib.IMAP4.error, OSError, ValueError)


def open_sources(inputs: Sequence[str], options: OpenOptions) -> list[Mailbox]:
    """Open the folders of addresses such as ``imap://mail.example/Letters``.

    ``user`` and ``password`` are in the storage options. The connection is TLS, by default at port
    993; it begins with STARTTLS at port 143, or by ``tls = "starttls"``. Only a server on this
    machine may go without, by ``tls = "none"``. ``ca_file`` names the certificates (PEM) of an
    authority that this machine does not know.
    """
    return [_mailbox(text, options) for text in inputs]


def _mailbox(text: str, options: OpenOptions) -> Mailbox:
    parts = urlsplit(text)
    settings = {name: str(value) for name, value in options.storage_options.items()}
    unknown = sorted(set(settings) - {"user", "password", "tls", "ca_file"})
    tls = settings.get("tls", "required")
    if not parts.hostname or unknown:
        what = f"unknown options {', '.join(unknown)}" if unknown else "no host"
        raise SourceError(f"{text}: {what}; write imap://mail.example/Folder")
    if not settings.get("user") or not settings.get("password"):
        raise SourceError(f"{text}: user and password are needed, in storage_options")
    if tls not in _TLS:
        raise SourceError(f"{text}: tls is one of {', '.join(_TLS)}, not {tls}")
    if tls == "none" and parts.hostname not in _LOOPBACK:
        raise SourceError(f'{text}: tls = "none" is for a server on this machine')
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Mailbox(
        name=options.name or f"{parts.hostname}-{folder}".lower(),
        host=parts.hostname,
        port=parts.port or (_PLAIN_PORT if tls == "starttls" else _PORT),
        folder=folder,
        user=settings["user"],
        password=settings["password"],
        tls="starttls" if tls == "required" and parts.port == _PLAIN_PORT else tls,
        ca_file=settings.get("ca_file"),
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
    tls: str = "required"
    ca_file: str | None = None
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
        """Offer the mails whose UID is higher than the last run's, then the folder itself.

        Each is fetched to see how many articles it has; the limit of items counts mails.
        """
        try:
            with self._folder() as (server, validity):
                state = known_transport.get(self.address, {})
                first = int(state.get("uid", 0)) + 1 if state.get("validity") == validity else 1
                uids = [uid for uid in _uids(server, first) if uid >= first]
                last, offered = first - 1, 0
                for start in range(0, len(uids), _HEADS_AT_ONCE):
                    for uid, size, head in _heads(server, uids[start : start + _HEADS_AT_ONCE]):
                        items = self._items(server, f"{validity}:{uid}", size, read_letter(head))
                        if any(item.locator not in known_transport for item in items):
                            if offered == self.item_limit:
                                yield self._listing(validity, last, len(uids))
                                return
                            offered += 1
                        yield from items
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
                    count = _of_one_mail(pending)
                    for result in self._fetched(server, validity, pending[:count]):
                        yield result
                        pending.pop(0)
        except _ERRORS as error:
            for item in pending:
                detail = f"{item.locator} cannot be fetched: {_words(error)}"
                yield Missing(item, Fate.FAILED, "mailbox", detail, self.clock(), self._listed())

    def _fetched(
        self, server: imaplib.IMAP4, validity: str, items: Sequence[Item]
    ) -> Iterator[RawDocument | Missing]:
        """Fetch a mail once for all of its items."""
        number, uid, _ = _handle(items[0])
        data = _fetch(server, uid, self.limits.document + 1) if number == validity else None
        problem = f"is no longer in {self.folder}"
        fate, reason = Fate.GONE, "gone"
        articles: dict[str, MailArticle] = {}
        if data is not None:
            fate, reason = Fate.REJECTED, "unreadable"
            problem = "has no such article any more"
            if len(data) > self.limits.document:
                reason, problem = "too_large", f"is larger than {self.limits.document:,} bytes"
            else:
                try:
                    found = articles_of(read_letter(data))
                    articles = {article.name: article for article in found}
                except Exception as error:  # whatever a library raises at a damaged mail
                    problem = f"cannot be read: {cause(error)}"
        for item in items:
            article = articles.get(_handle(item)[2])
            if article is None:
                detail = f"{item.locator} {problem}"
                yield Missing(item, fate, reason, detail, self.clock())
            else:
                yield RawDocument(item, article.page, item.url, self.clock(), HTML, self._listed())

    def _items(self, server: imaplib.IMAP4, handle: str, size: int, head: Letter) -> list[Item]:
        """Make a mail's items: one for each article in it, and one where that cannot be told."""
        articles = [MailArticle("", b"", head.hints)]
        data = None
        if size <= self.limits.document:
            data = _fetch(server, handle.partition(":")[2], self.limits.document + 1)
        if data:
            with contextlib.suppress(Exception):  # a damaged mail is reported where it is read
                articles = articles_of(read_letter(data))
        return [self._item(handle, size, head, article) for article in articles]

    def _item(self, handle: str, size: int, letter: Letter, article: MailArticle) -> Item:
        url = letter.archived_at if letter.archived_at and not article.name else ""
        name = f"{letter.message_id}/{article.name}" if article.name else letter.message_id
        return Item(
            source=self.name,
            locator=name,
            url=url if url and not is_malformed(url) else f"mid:{name}",
            handle=f"{handle}:{article.name}" if article.name else handle,
            media_type=HTML,
            fingerprint=str(size),
            hints=article.hints,
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
        if self.tls == "none":
            return imaplib.IMAP4(self.host, self.port, timeout=_SECONDS)
        context = self._context()
        try:
            if self.tls == "required":
                return imaplib.IMAP4_SSL(
                    self.host, self.port, ssl_context=context, timeout=_SECONDS
                )
            server = imaplib.IMAP4(self.host, self.port, timeout=_SECONDS)
            server.starttls(context)
        except ssl.SSLCertVerificationError as error:
            raise ValueError(
                f"the certificate of {self.host} is refused: {error.verify_message}; ca_file may "
                "name the certificate of its authority"
            ) from error
        return server

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise ValueError(f"ca_file {self.ca_file} cannot be used: {cause(error)}") from error


def _handle(item: Item) -> tuple[str, str, str]:
    """Split a handle into the validity of UIDs, the UID and the name of the article."""
    validity, uid, name = (*item.handle.split(":"), "", "")[:3]
    return validity, uid, name


def _of_one_mail(items: Sequence[Item]) -> int:
    """Count the items at the beginning that are of one mail."""
    mail = _handle(items[0])[:2]
    return next((at for at, item in enumerate(items) if _handle(item)[:2] != mail), len(items))


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
