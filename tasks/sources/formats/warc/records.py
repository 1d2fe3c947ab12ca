"""Reads one record of a web archive: its headers, and the page in it."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from copydesk.schemas.items import TRUNCATED
from copydesk.schemas.reservations import reservation_headers
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.warc.arc import read_arc_line
from copydesk.tasks.sources.streams.compression import TooLargeError
from copydesk.tasks.sources.streams.content_encoding import Decoded, decode_body, is_whole_page

PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
NEVER_PAGES = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "text/csv",
               "application/javascript", "application/json", "application/pdf",
               "application/zip", "application/x-javascript", "application/font")  # fmt: skip
"""Types whose name settles that there is no article; of others the first bytes are looked at."""
WARC = b"WARC/"
OK = 200
WHOLE = (200, 203)
"""Statuses of a whole page: of the server itself, or passed on by a proxy that changed it."""
RESPONSE = "response"
BESIDE = ("request", "metadata", "warcinfo")
"""Types of records that stand beside pages, and never hold one."""
TYPES = (*BESIDE, RESPONSE, "resource", "revisit", "conversion", "continuation")
BEGINNING = 8_000_000
"""Bytes to which the beginning of a compressed page may grow when its type is found out."""
VALIDATORS = ("etag", "last-modified")
HEAD = 65_536
"""Bytes that hold the headers of a record and of the message in it: no server's are larger."""

DIGEST = "digest"
RECORD = "record"
REFERS_TO = "refers_to"
REFERS_TO_RECORD = "refers_to_record"
"""In ``how``: the record that a page was read from, and the digest of the body in it;
for a revisit, what it calls its original by."""
TEXT_OF = "text_of"
"""In ``how`` of a page's text: the record of that page. No revisit repeats it."""
_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}  # bytes of the digests in use
_OF_NOTHING = frozenset(hashlib.new(name, usedforsecurity=False).digest() for name in _SIZES)

_BLANK = re.compile(rb"[\r\n]*")
_STATUS_LINE = re.compile(
    rb"[\r\n]*(?:HTTPS?|ICY)(?:/[0-9.]{1,8})?"
    rb"(?:[ \t]++(?:(\d{3})(?!\d)|(?=[A-Z\r\n]))|(?=\r?\n))",
    re.IGNORECASE,
)
"""A status line as servers write it: other letters, more spaces, no version, no number."""
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{0,60}[ \t]*:")
_IS_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?>.*?-->)\s*+)*+"
    rb"<(?:!doctype\s+html|html|head|body|meta|title|article)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of a record say.

    ``is_page``: a response or resource whose type can be an article's. ``is_revisit``: its body
    is that of another record, which has the same ``digest``, or stands at ``refers_to``, or is
    called ``refers_to_record``. A digest of nothing is none: it names no body. ``is_text``: what
    somebody made of the record that is called so (WET: the text of a page). ``no_page`` says why
    a record that could have held a page has none; of records beside pages it is None.
    """

    url: str
    date: datetime | None
    media_type: str | None
    is_page: bool
    is_revisit: bool
    digest: str | None
    identity: str
    refers_to: str | None = None
    refers_to_record: str | None = None
    is_text: bool = False
    no_page: str | None = None

    @property
    def moment_and_url(self) -> str:
        """Date and address in the form of ``refers_to``."""
        return moment_and_url(self.url, self.date)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys by which a revisit may refer to this record."""
        return tuple(key for key in (self.identity, self.moment_and_url, self.digest) if key)

    @property
    def repeats(self) -> dict[str, str]:
        """The keys by which a revisit refers to its original, the surest first."""
        references = {
            REFERS_TO_RECORD: self.refers_to_record,
            REFERS_TO: self.refers_to,
            DIGEST: self.digest,
        }
        return {name: value for name, value in references.items() if value}


@dataclass(frozen=True, slots=True)
class RecordBody:
    """The body of a record, decoded; ``problem`` says why its end is missing."""

    body: bytes
    problem: str | None
    transport: Mapping[str, str]


def read_head(record: Record) -> Head:
    """Read a record's headers, and those of the HTTP message in it."""
    headers = record.headers
    kind = headers.get("warc-type", "").lower()
    url = headers.get("warc-target-uri", "").strip("<> ")
    media_type, status = headers.get("content-type"), OK
    message = split_message(record.block[:HEAD]) if _is_http(record) else None
    if message is not None:
        media_type = message.headers.get("content-type")
        status = message.status or OK
        if kind not in TYPES:
            kind = RESPONSE
    on_web = url.lower().startswith(("http://", "https://"))
    page_type = _page_type(media_type, record, message)
    fits = page_type is not None
    is_response = kind == RESPONSE and (on_web or (message is not None and ":" not in url))
    is_page = (is_response or (kind == "resource" and url != "")) and fits
    is_page = is_page and status in WHOLE and not url.endswith("/robots.txt")
    is_revisit = kind == "revisit" and on_web and (fits or message is None)
    is_text = kind == "conversion" and message is None and on_web and fits
    refers_to = headers.get("warc-refers-to-target-uri")
    head = Head(
        url=url,
        date=parse_date(headers.get("warc-date")),
        media_type=page_type or media_type,
        is_page=is_page,
        is_revisit=is_revisit,
        digest=read_digest(headers.get("warc-payload-digest")),
        identity=headers.get("warc-record-id", "").strip("<>"),
        refers_to=moment_and_url(refers_to, headers.get("warc-refers-to-date"))
        if refers_to
        else None,
        refers_to_record=_refers_to(record) or None,
        is_text=is_text,
    )
    if is_page or is_revisit or is_text or kind in BESIDE:
        return head
    return dataclasses.replace(head, no_page=_why_no_page(kind, url, status, media_type, fits))


def _why_no_page(kind: str, url: str, status: int, media_type: str | None, fits: bool) -> str:
    """Name the group of records that hold no page for the same reason."""
    if kind not in (RESPONSE, "resource", "revisit", "conversion"):
        return f"type {kind[:40] or 'none'}"
    if status not in WHOLE and kind != "revisit":
        return f"status {status}"
    if not fits:
        return f"media type {(media_type or '').partition(';')[0].strip().lower()[:60]}"
    return "robots.txt" if url.endswith("/robots.txt") else f"address {url.partition(':')[0][:20]}:"


def _page_type(media_type: str | None, record: Record, message: Message | None) -> str | None:
    """Return the media type under which a record's body can be an article; None if it cannot.

    Where a server names a type that says little, the crawler's own finding and the first bytes
    decide.
    """
    written = (media_type or "").strip().strip("\"'").lower()
    if not written:
        return media_type or ""
    if written.startswith(PAGE_TYPES):
        return media_type
    if written.startswith(NEVER_PAGES):
        return None
    identified = record.headers.get("warc-identified-payload-type", "").strip()
    if identified.lower().startswith(PAGE_TYPES):
        return identified
    try:
        body = _decoded(record.block[:HEAD], message, BEGINNING).body
    except TooLargeError:
        return None
    if _IS_HTML.match(body[:4096]) is None:
        return None
    charset = written.partition("charset=")[2].partition(";")[0].strip()
    return f"text/html; charset={charset}" if charset else "text/html"


def read_page(record: Record, cap: int) -> RecordBody:
    """Read a record's body and undo its codings; ``TooLargeError`` beyond ``cap`` bytes."""
    transport = {RECORD: record.headers.get("warc-record-id", "").strip("<>")}
    if digest := read_digest(record.headers.get("warc-payload-digest")):
        transport[DIGEST] = digest
    if record.headers.get("warc-type", "").lower() == "conversion":
        transport[TEXT_OF] = _refers_to(record)
    limit = min(record.length, cap + HEAD)
    block = record.block[:limit]
    problem = None
    if len(block) < limit or record.length == 0:
        problem = f"the record has {len(block):,} of {record.length:,} bytes"
    if record.headers.get("warc-segment-number"):
        problem = "it is one of several segments"
    if reason := record.headers.get("warc-truncated"):
        transport[TRUNCATED] = reason
        if reason != "length":  # a crawler's own limit is far beyond an article's end
            problem = problem or f"the crawler was cut off ({reason})"
    message = split_message(block) if _is_http(record) else None
    if message is not None:
        headers = message.headers
        transport |= {name: headers[name] for name in VALIDATORS if name in headers}
        transport |= reservation_headers(headers)
    decoded = _decoded(block, message, cap)
    decode_problem = None if transport.get(TRUNCATED) == "length" else decoded.problem
    if is_whole_page(decoded.body) and len(block) == limit:
        return RecordBody(decoded.body, None, transport)
    return RecordBody(decoded.body, problem or decode_problem, transport)


def _decoded(block: bytes, message: Message | None, cap: int) -> Decoded:
    if message is None:
        return decode_body(block, None, None, cap)
    headers = message.headers
    transfer, content = headers.get("transfer-encoding"), headers.get("content-encoding")
    return decode_body(message.body, transfer, content, cap)


@dataclass(frozen=True, slots=True)
class Message:
    """An HTTP message: its status, 0 if there is none, its headers and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def split_message(block: bytes) -> Message:
    """Split an HTTP message; header names are in lower case. A missing status line is no matter."""
    start = _BLANK.match(block).end()  # type: ignore[union-attr]  # matches anywhere
    line = _STATUS_LINE.match(block, start)
    if line is None and not _HEADER.match(block, start):
        return Message(0, {}, block)
    head_end, body_start = _end_of_headers(block, start)
    if head_end < 0:
        return Message(int(line[1] or 0) if line else 0, {}, b"")
    lines = block[start:head_end].decode("latin-1")
    headers = read_headers(lines.split("\n")[1:] if line else lines.split("\n"))
    return Message(int(line[1] or 0) if line else 0, headers, block[body_start:])


def _end_of_headers(block: bytes, start: int = 0) -> tuple[int, int]:
    """Return where the headers end and the body begins; -1 where no blank line ends them."""
    end = block.find(b"\r\n\r\n", start)
    bare = block.find(b"\n\n", start, end if end >= 0 else len(block))
    if bare >= 0:
        return bare, bare + 2
    return end, end + 4


def read_headers(lines: Iterable[str]) -> dict[str, str]:
    """Read headers, names in lower case; repeated ones are joined, continued ones too."""
    headers: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line[:1] in (" ", "\t") and name:
            headers[name][-1] += f" {line.strip()}"
            continue
        name, separator, value = line.partition(":")
        name = name.strip().lower() if separator else ""
        if name:
            headers.setdefault(name, []).append(value.strip())
    return {name: ", ".join(values) for name, values in headers.items()}


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its headers, names in lower case, and its block, of which the end may be absent.

    ``length`` is the block's size in bytes as the headers give it.
    """

    headers: Mapping[str, str]
    block: bytes
    length: int


def record_of(data: bytes) -> Record:
    """Read the record that the bytes begin with, however much of it they hold.

    ``OSError`` if they begin with none.
    """
    if (arc := read_arc_line(data)) is not None:
        size, headers = arc.length, arc.as_warc()
        return Record(headers, data[arc.size : arc.size + size], size)
    end, start = _end_of_headers(data[: 2 * HEAD])
    if not data.startswith(WARC) or end < 0:
        raise OSError("not a record of a web archive")
    lines = data[:end].decode("utf-8", "replace").split("\n")
    headers = read_headers(lines[1:])
    length = headers.get("content-length", "").partition(",")[0].strip()
    size = int(length) if length.isdecimal() and len(length) < 19 else 0
    return Record(headers, data[start : start + size], size)


def read_record(stream: BinaryIO, cap: int) -> bytes:
    """Read the bytes of a record from its first on, and of its block no more than ``cap``."""
    line = stream.readline(HEAD)
    if (arc := read_arc_line(line)) is not None:
        return line + stream.read(min(arc.length, cap))
    head = bytearray()
    while line:
        if head and line.startswith(WARC):  # the next record: this one has no end of its head
            break
        head += line
        if line in (b"\r\n", b"\n") or len(head) > HEAD:
            break
        line = stream.readline(HEAD)
    length = _CONTENT_LENGTH.search(head)
    return bytes(head) + (stream.read(min(int(length[1]), cap)) if length else b"")


def record_size(data: bytes) -> int | None:
    """Return the size of the record that the bytes begin with, without its closing line breaks."""
    if (arc := read_arc_line(data)) is not None:
        return arc.size + arc.length
    end, start = _end_of_headers(data[: 2 * HEAD])
    length = _CONTENT_LENGTH.search(data[: end + 2]) if end >= 0 else None
    return start + int(length[1]) if length else None


def _refers_to(record: Record) -> str:
    return record.headers.get("warc-refers-to", "").strip("<> ")


def _is_http(record: Record) -> bool:
    """Return whether the block is an HTTP message, whatever the record says of its type."""
    if "application/http" in record.headers.get("content-type", "").lower():
        return True
    return _STATUS_LINE.match(record.block, 0) is not None


def read_digest(text: str | None) -> str | None:
    """Read a digest in base 32 or 16, as ``sha1:`` and base 32; None for that of nothing.

    One that cannot be read is given as it stands: equal ones still mean one body.
    """
    name, separator, value = (text or "").strip().partition(":")
    name, value = name.strip().lower().replace("-", ""), value.strip("= ")
    if not separator or not value:
        return None
    try:
        if len(value) == 2 * _SIZES.get(name, 0):
            digest = bytes.fromhex(value)
        else:
            digest = base64.b32decode(value.upper() + "=" * (-len(value) % 8))
    except (ValueError, binascii.Error):
        return f"{name}:{value}"
    if digest in _OF_NOTHING:
        return None
    return f"{name}:{base64.b32encode(digest).decode().rstrip('=')}"


def moment_and_url(url: str | None, date: object) -> str:
    """Join the moment (UTC) and the address of a record into one key."""
    moment = parse_date(date)
    when = moment.astimezone(UTC).strftime("%Y%m%d%H%M%S") if moment else ""
    return f"{when} {(url or '').strip('<> ')}"
