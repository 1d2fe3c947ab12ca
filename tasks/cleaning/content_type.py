"""Determine a document's format from its media type, or from its content."""

from __future__ import annotations

import re
from enum import StrEnum


class DocumentFormat(StrEnum):
    """The formats that cleaning reads."""

    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"


_TYPES = {
    "text/html": DocumentFormat.HTML,
    "application/xhtml+xml": DocumentFormat.HTML,
    "text/markdown": DocumentFormat.MARKDOWN,
    "text/x-markdown": DocumentFormat.MARKDOWN,
    "text/plain": DocumentFormat.TEXT,
}
# First bytes of binary formats (registered signatures; PDF may follow some garbage).
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"Rar!", "RAR"),
    (b"\x7fELF", "ELF"),
    (b"\xd0\xcf\x11\xe0", "OLE (old Office)"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"fLaC", "FLAC"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"\x00asm", "WebAssembly"),
    (b"wOF2", "font"),
    (b"wOFF", "font"),
)
HEAD = 8192
"""Characters by which a format is told."""
_CODED = {"{\\rtf": "RTF", "%!PS": "PostScript"}  # text that is code for a machine
_CONTROLS = bytes((*range(1, 9), *range(14, 27), 28, 29, 30, 31))  # except line breaks and ESC
_PICTURES = ("image/", "audio/", "video/", "font/")
_HTML_START = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--(?>.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_TAG = re.compile(
    r"</?(?:p|div|h[1-6]|a|span|ul|li|article|section|table|meta|script|br)\b[^<>]*>", re.I
)
_FIRST_TAG = re.compile(r"\s*<")
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n(?:[^\n]*\n){0,60}?---[ \t]*(?:\r?\n|$)")
_KEY = re.compile(r"^[A-Za-z_-]+\s*:", re.M)
_MARKDOWN = re.compile(
    r"^(?:#{1,6} \S|```|\[[^\]]{1,300}\]:\s*\S)"
    r"|\[[^\]\n]{1,300}\]\((?:https?:/|/|#)[^)\s]*\)|!\[[^\]\n]{0,300}\]\([^)\n]+\)",
    re.M,
)


def declared_format(media_type: str | None) -> DocumentFormat | None:
    """Return the format that a media type names; None if cleaning does not read it."""
    return _TYPES.get((media_type or "").split(";")[0].strip().lower())


def binary_name(document: bytes, media_type: str | None = None) -> str | None:
    """Return the name of a binary document's format; None if it may be text."""
    for magic, name in _MAGIC:
        if document.startswith(magic):
            return name
    if document[4:8] == b"ftyp":
        return "MP4"
    if document.startswith(b"RIFF") and document[8:12] in {b"WEBP", b"WAVE", b"AVI "}:
        return "RIFF"
    head = document[:4096]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    # Text in any encoding except UTF-16 and UTF-32 has no NUL and almost no control bytes.
    if controls * 20 > len(head) or head.count(0) * 100 > len(head):
        return "control bytes"
    kind = (media_type or "").split(";")[0].strip().lower()
    if kind.startswith(_PICTURES) and kind != "image/svg+xml" and not head.isascii():
        return kind
    return None


def printer_code_name(text: str) -> str | None:
    """Return the name of a printer's or word processor's code; None for other text."""
    head = text[:64].lstrip()
    return next((name for start, name in _CODED.items() if head.startswith(start)), None)


def starts_with_tag(text: str) -> bool:
    """Return whether the first character but for white space is "<"."""
    return _FIRST_TAG.match(text) is not None


def sniffed_format(text: str) -> DocumentFormat:
    """Return a document's format, judging by its content."""
    head = text[:HEAD]
    if _HTML_START.match(head):
        return DocumentFormat.HTML
    tags = len(_TAG.findall(head))
    if head.lstrip().startswith("<") and tags >= 3:
        return DocumentFormat.HTML
    front = _FRONT_MATTER.match(head)
    if front and _KEY.search(front.group()):
        return DocumentFormat.MARKDOWN
    if len(_MARKDOWN.findall(head)) >= 2:
        return DocumentFormat.MARKDOWN
    return DocumentFormat.HTML if tags >= 8 else DocumentFormat.TEXT
