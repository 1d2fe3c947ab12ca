"""The text of XML as it is found: in any encoding, with characters that XML does not allow."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from html.entities import html5
from typing import IO, Final

from copydesk.tasks.cleaning.encoding import decode, looks_wide
from copydesk.tasks.sources.formats.xml_references import sound_references

STEP: Final = 65_536  # bytes
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STATEFUL: Final = ("utf-16", "utf-32", "iso-2022", "iso2022", "hz")
_SINGLE_BYTE: Final = ("cp125", "iso8859", "koi8", "mac", "cp874", "cp866")
_DECLARED: Final = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})", re.IGNORECASE
)
_REFERENCE: Final = re.compile(
    r"&(?:#(?P<decimal>\d{1,7});|#[xX](?P<hex>[0-9a-fA-F]{1,6});|(?P<name>[a-zA-Z]\w{0,31});)?"
)
_NO_TAG: Final = re.compile(r"<(?![A-Za-z_/!?])|<(?=[^<>]*(?:<|$))")
_TAG: Final = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z_][\w:.-]*+)(?P<rest>[^<>]*+)>")
_DEEPEST: Final = 64  # elements around one in which the beginning of an end is looked for
_XML_NAMES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})


def xml_text(stream: IO[bytes], media_type: str | None = None) -> Iterator[str]:
    """Yield a stream's text piece by piece, without the characters that XML does not allow.

    References to halves of a pair are joined, or replaced where one is alone. Bytes that do not
    fit the encoding are read as Windows' Western one. Damage of the stream itself (``DAMAGED``) is
    raised behind the text before it.
    """
    for text in _decoded(stream, media_type):
        yield sound_references(_ILLEGAL.sub("", text))


def repaired(markup: str) -> str:
    """Return markup whose references and angle brackets a strict parser accepts.

    Names of HTML's characters become these; an ampersand or a bracket that begins nothing is
    itself. CDATA must have been taken out before.
    """
    markup = _REFERENCE.sub(_reference, markup)
    return _NO_TAG.sub("&lt;", markup).replace("]]>", "]]&gt;")


def balanced(markup: str) -> str:
    """Return markup in which every element ends within the one that it begins in.

    An end without a beginning is left out; what has no end ends with what it stands in.
    """
    pieces: list[str] = []
    open_names: list[str] = []
    at = 0
    for tag in _TAG.finditer(markup):
        pieces.append(markup[at : tag.start()])
        at = tag.end()
        name = tag["name"]
        if not tag["close"]:
            pieces.append(tag[0])
            if not tag["rest"].endswith("/"):
                open_names.append(name)
            continue
        if name not in open_names[-_DEEPEST:]:
            continue
        while (last := open_names.pop()) != name:
            pieces.append(f"</{last}>")
        pieces.append(f"</{name}>")
    return "".join((*pieces, markup[at:], *(f"</{name}>" for name in reversed(open_names))))


def _decoded(stream: IO[bytes], media_type: str | None) -> Iterator[str]:
    pieces = _pieces(stream)
    head = next(pieces, b"")
    name = _encoding(head, media_type)
    if not name.startswith(_STATEFUL):
        yield _stray(head, name)
        yield from (_stray(piece, name) for piece in pieces)
        return
    decoder = codecs.getincrementaldecoder(name)("replace")
    yield decoder.decode(head)
    yield from map(decoder.decode, pieces)
    yield decoder.decode(b"", final=True)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Cut a stream behind bytes that no character of several bytes has in it."""
    carry = b""
    while data := _read(stream):
        data = carry + data
        cut = max(data.rfind(mark) for mark in (b">", b"\n", b"<")) + 1
        if not cut and len(data) < 16 * STEP:
            carry = data
            continue
        cut = cut or len(data)
        carry = data[cut:]
        yield data[:cut]
    if carry:
        yield carry


def _read(stream: IO[bytes]) -> bytes:
    """Read what is there: ``read`` would lose it where the stream is damaged behind it."""
    read1 = getattr(stream, "read1", None)
    data: bytes = read1(STEP) if read1 is not None else stream.read(STEP)
    return data


def _encoding(head: bytes, media_type: str | None) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if wide := looks_wide(head):
        return wide
    if declared := _DECLARED.search(head[:STEP]):  # behind a notice, where ``decode`` sees none
        label = declared[1].decode("ascii")
        media_type = media_type if "charset" in (media_type or "").lower() else f"charset={label}"
    decoded = decode(head, media_type)
    return decoded.encoding if decoded is not None else "utf-8"


def _stray(data: bytes, name: str) -> str:
    """Decode a piece: as UTF-8 where it is that beyond ASCII, else as the text at large is."""
    if not data.isascii() and name.startswith(_SINGLE_BYTE):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-8")
    return data.decode(name, _AS_WESTERN if name.startswith("utf-8") else "replace")


def _as_western(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data = error.object[error.start : error.end]
    return data.decode("cp1252", "replace"), error.end


_AS_WESTERN: Final = "copydesk-as-western"
codecs.register_error(_AS_WESTERN, _as_western)


def _reference(match: re.Match[str]) -> str:
    if name := match["name"]:
        if name in _XML_NAMES:
            return match[0]
        char = html5.get(f"{name};")
        return escaped(char) if char else f"&amp;{name};"
    if match["decimal"] or match["hex"]:
        number = int(match["decimal"] or match["hex"], 10 if match["decimal"] else 16)
        if 0x80 <= number < 0xA0:
            return bytes([number]).decode("cp1252", "ignore")
        legal = number < 0x110000 and not _ILLEGAL.match(chr(number))
        return f"&#{number};" if legal else ""
    return "&amp;"


def escaped(text: str) -> str:
    """Write text as XML's."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
