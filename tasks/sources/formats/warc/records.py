"""Reads one record of a web archive: its headers, and the page in it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.streams.content_encoding import decode_body

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
OK = 200
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

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of a record say.

    ``is_page``: a response or resource whose type can be an article's. ``is_revisit``: its body
    is that of another record, which has the same ``digest``, or stands at ``refers_to``, or is
    called ``refers_to_record``. A digest of nothing is none: it names no body. ``is_text``: what
    somebody made of the record that is called so (WET: the text of a page).
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
class Page:
    """The body of a record, decoded; ``problem`` says why its end is missing."""

    body: bytes
    problem: str | None
    transport: Mapping[str, str]


def read_head(record: WarcRecord) -> Head:
    """Read a record's headers, and those of the HTTP message in it."""
    headers = record.headers
    kind = (headers.get("WARC-Type") or "").lower()
    url = (headers.get("WARC-Target-URI") or "").strip("<> ")
    media_type, status = headers.get("Content-Type"), OK
    if is_http := _is_http(record):
        block = record.reader.read(HEAD)
        media_type = split_message(block)[0].get("content-type")
        status = int(match[1]) if (match := _STATUS.match(block)) else 0
    on_web = url.lower().startswith(("http://", "https://"))
    fits = media_type is None or media_type.lower().strip().startswith(PAGE_TYPES)
    is_page = (kind == "response" and is_http and on_web) or (kind == "resource" and url != "")
    is_text = kind == "conversion" and not is_http and on_web and fits
    refers_to = headers.get("WARC-Refers-To-Target-URI")
    return Head(
        url=url,
        date=parse_date(headers.get("WARC-Date")),
        media_type=media_type,
        is_page=is_page and fits and status == OK and not url.endswith("/robots.txt"),
        is_revisit=kind == "revisit" and on_web and (fits or not is_http),
        digest=read_digest(headers.get("WARC-Payload-Digest")),
        identity=(headers.get("WARC-Record-ID") or "").strip("<>"),
        refers_to=moment_and_url(refers_to, headers.get("WARC-Refers-To-Date"))
        if refers_to
        else None,
        refers_to_record=_refers_to(record) or None,
        is_text=is_text,
    )


def read_page(record: WarcRecord, cap: int) -> Page:
    """Read a record's body and undo its codings; ``TooLargeError`` beyond ``cap`` bytes."""
    transport = {RECORD: (record.headers.get("WARC-Record-ID") or "").strip("<>")}
    if digest := read_digest(record.headers.get("WARC-Payload-Digest")):
        transport[DIGEST] = digest
    if (record.headers.get("WARC-Type") or "").lower() == "conversion":
        transport[TEXT_OF] = _refers_to(record)
    declared = int(record.headers.get("Content-Length") or 0)
    limit = min(declared, cap + HEAD)
    block = record.reader.read(limit)
    problem = None
    if len(block) < limit or declared == 0:
        problem = f"the record has {len(block):,} of {declared:,} bytes"
    if reason := record.headers.get("WARC-Truncated"):
        transport["truncated"] = reason
        if reason != "length":  # a crawler's own limit is far beyond an article's end
            problem = problem or f"the crawler was cut off ({reason})"
    transfer = content = None
    if _is_http(record):
        headers, block = split_message(block)
        transfer, content = headers.get("transfer-encoding"), headers.get("content-encoding")
        transport |= {name: headers[name] for name in VALIDATORS if name in headers}
    decoded = decode_body(block, transfer, content, cap)
    decode_problem = None if transport.get("truncated") == "length" else decoded.problem
    return Page(decoded.body, problem or decode_problem, transport)


def split_message(block: bytes) -> tuple[dict[str, str], bytes]:
    """Cut an HTTP message into its headers, names in lower case, and its body."""
    mark = b"\r\n\r\n"
    end = block.find(mark)
    bare = block.find(b"\n\n", 0, end if end >= 0 else len(block))
    if bare >= 0:
        end, mark = bare, b"\n\n"
    if end < 0:
        return {}, b""
    headers: dict[str, list[str]] = {}
    for line in block[:end].decode("latin-1").splitlines()[1:]:
        name, separator, value = line.partition(":")
        if separator:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    return {name: ", ".join(values) for name, values in headers.items()}, block[end + len(mark) :]


def record_of(data: bytes) -> WarcRecord:
    """Read the record that the bytes begin with, however much of it they hold.

    ``OSError`` if they begin with none.
    """
    from fastwarc.warc import ArchiveIterator

    record = next(ArchiveIterator(io.BytesIO(data), parse_http=False, auto_decode="none"), None)
    if record is None:
        raise OSError("no record of a web archive")
    return record


def read_record(stream: BinaryIO, cap: int) -> bytes:
    """Read the bytes of a record from its first on, and of its block no more than ``cap``."""
    head = bytearray()
    while line := stream.readline(HEAD):
        if head and line.startswith(b"WARC/"):  # the next record: this one has no end of its head
            break
        head += line
        if line in (b"\r\n", b"\n") or len(head) > HEAD:
            break
    length = _CONTENT_LENGTH.search(head)
    return bytes(head) + (stream.read(min(int(length[1]), cap)) if length else b"")


def record_size(data: bytes) -> int | None:
    """Tell the size of the record that the bytes begin with, its closing line breaks left out."""
    end = data.find(b"\r\n\r\n")
    length = _CONTENT_LENGTH.search(data[: end + 2]) if end >= 0 else None
    return end + 4 + int(length[1]) if length else None


def _refers_to(record: WarcRecord) -> str:
    return (record.headers.get("WARC-Refers-To") or "").strip("<> ")


def _is_http(record: WarcRecord) -> bool:
    return "application/http" in (record.headers.get("Content-Type") or "").lower()


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
