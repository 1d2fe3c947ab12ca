"""Decode bytes to text, and record which encoding was used and why.

The order: byte order mark, the escape sequences of ISO-2022-JP, the transport's charset, the page's
own declaration, strict UTF-8, a guess by chardet from the first 64 KB.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from copydesk.schemas.plain_text import native
from copydesk.schemas.values import sound
from copydesk.tasks.cleaning.latin_encodings import latin_encoding

GUESSED_FROM = 65_536
"""Bytes passed to chardet: its time grows with them, and a page's head has enough letters."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Supersets that browsers use for these labels (WHATWG Encoding Standard).
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# Python's text codecs that are not charsets of pages and would change their letters.
_NO_CHARSETS = frozenset({"unicode-escape", "raw-unicode-escape", "punycode", "idna", "undefined"})
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*+(?:[\"']\s*+)?([a-zA-Z0-9_:.-]{2,40})", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.-]{2,40})", re.I)
_CHARSET = re.compile(r"charset\s*=\s*+(?:[\"']\s*+)?([\w:.-]{2,40})", re.I)
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")
# Encodings that are often declared by default, and would read any bytes as Western letters.
_WESTERN = frozenset({"cp1252", "iso8859-15", "cp1254"})
# The encodings of pages in languages of other scripts, the most common first.
_BY_LANGUAGE = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk", "kk"), ("cp1251", "koi8-r", "iso8859-5")),
    "el": ("cp1253", "iso8859-7"),
    "he": ("cp1255", "iso8859-8"),
    "ar": ("cp1256", "iso8859-6"),
    "fa": ("cp1256",),
    "th": ("cp874",),
    "ja": ("cp932", "euc_jp"),
    "zh": ("gb18030", "big5hkscs"),
    "ko": ("cp949",),
}
# Without the no-break space, of which rows indent text.
_HIGH = re.compile(rb"[\x80-\x9f\xa1-\xff]+")
_MARKUP = re.compile(rb"<[^<>]{0,2000}>")
_LANGUAGE = re.compile(rb"<html[^>]{0,300}?\slang\s*=\s*[\"']?([a-zA-Z]{2})\b", re.I)
_WORD = 4  # adjacent letters: "naïve" has one accent; no Western word has four
_LEAST_WIDE = 24  # minimum bytes in such words: about a headline's
# Bytes per thousand that may be invalid in a text that still counts as UTF-8.
_DAMAGE = 5


class DecodedText:
    """A document's text, its encoding, and the reason for it.

    ``utf8`` is the document if its bytes are exactly this text in UTF-8: they become a string when
    that is first read, since the parser of pages takes them as they are.
    """

    __slots__ = ("_text", "encoding", "reason", "utf8")

    def __init__(
        self, text: str | None, encoding: str, reason: str, utf8: bytes | None = None
    ) -> None:
        self._text = text
        self.encoding = encoding
        self.reason = reason
        self.utf8 = utf8

    @property
    def text(self) -> str:
        """Return the text."""
        if self._text is None:
            assert self.utf8 is not None
            self._text = self.utf8.decode()
        return self._text

    @property
    def evidence(self) -> str:
        """Return one line for ``Article.evidence``."""
        return f"{self.encoding}: {self.reason}"


def decode(document: bytes, media_type: str | None = None) -> DecodedText | None:
    """Decode a document; return None if no encoding fits.

    A declared encoding that cannot decode the bytes is ignored. A declared single-byte encoding is
    replaced by UTF-8 if the bytes are valid UTF-8 beyond ASCII (never by chance), and a declared
    Western one by that of another script or alphabet if the bytes contain its words or letters.
    """
    for bom, name in _MARKS:
        if document.startswith(bom):
            text = document[len(bom) :].decode(name, "replace")
            return DecodedText(sound(text), name, "byte order mark")
    escaped = _with_escapes(document)
    if escaped is not None:
        return escaped
    valid = is_utf8(document)
    for declared, declarer in _declared(document, media_type):
        decoded = _as_declared(document, media_type, declared, declarer, valid=valid)
        if decoded is not None:
            return decoded
    if valid:
        return _verbatim(document, "valid")
    return _undeclared(document)


def _with_escapes(document: bytes) -> DecodedText | None:
    """Decode ISO-2022-JP; its escape sequences occur in no other text, whatever is declared."""
    if b"\x1b" not in document or not _ESCAPES.search(document[:GUESSED_FROM]):
        return None
    text = _strictly(document, "iso2022_jp_ext")
    return None if text is None else DecodedText(sound(text), "iso-2022-jp", "escape sequences")


def _as_declared(
    document: bytes, media_type: str | None, declared: str, declarer: str, *, valid: bool
) -> DecodedText | None:
    """Decode as declared, unless the bytes say otherwise; ``valid`` UTF-8 may be what they are."""
    if valid and not document.isascii() and _single_byte(declared):
        return _verbatim(document, f"valid, though {declarer} says {declared}")
    if declared == "utf-8" and valid:
        return _verbatim(document, declarer)
    if declared in _WESTERN and _is_other_script(document):
        other_script = _of_other_script(document, media_type)
        if other_script is not None:
            name, text, reason = other_script
            return DecodedText(sound(text), name, f"{reason}, though {declarer} says {declared}")
    if declared in _WESTERN and not document.isascii():
        latin = latin_encoding(document, declared, _declared_language(document))
        text_in_latin = _strictly(document, latin) if latin else None
        if latin and text_in_latin is not None:
            reason = f"letters of the language, though {declarer} says {declared}"
            return DecodedText(sound(text_in_latin), latin, reason)
    text_as_declared = _strictly(document, declared)
    return (
        None
        if text_as_declared is None
        else DecodedText(sound(text_as_declared), declared, declarer)
    )


def _is_other_script(document: bytes) -> bool:
    """Return whether the bytes cannot be Western text.

    Western accented letters stand alone; letters of another script are adjacent, as whole words.
    """
    sample = document[:GUESSED_FROM]
    runs = [len(run) for run in _HIGH.findall(sample)]
    wide = sum(size for size in runs if size >= _WORD)
    return wide >= _LEAST_WIDE and 2 * wide >= sum(runs)


def _of_other_script(document: bytes, media_type: str | None) -> tuple[str, str, str] | None:
    """Return encoding, text and reason: from a second declaration, or guessed.

    The page's language limits which encodings may be guessed.
    """
    for name, declarer in _declared(document, media_type):
        text = None if name in _WESTERN else _strictly(document, name)
        if text is not None:
            return name, text, declarer
    sample = _MARKUP.sub(b" ", document[:GUESSED_FROM])
    names = [name for name in (_guessed(sample), *_of_language(document)) if name is not None]
    for name in names:
        text = None if name in _WESTERN else _strictly(document, name)
        if text is not None and _reads_well(text):
            return name, text, "guessed from the letters"
    return None


def _guessed(sample: bytes) -> str | None:
    import chardet

    return _codec_name(str(chardet.detect(sample).get("encoding") or ""))


def _of_language(document: bytes) -> tuple[str, ...]:
    return _BY_LANGUAGE.get(_declared_language(document) or "", ())


def _declared_language(document: bytes) -> str | None:
    match = _LANGUAGE.search(document[:4096])
    return match[1].decode("ascii").lower() if match else None


def _reads_well(text: str) -> bool:
    """Return whether the letters beyond ASCII form words: in lower case, of one or two scripts."""
    letters = [char for char in text[:GUESSED_FROM] if char > "\x7f" and char.isalpha()]
    if not letters:
        return False
    capitals = sum(char.isupper() for char in letters)
    return 2 * capitals <= len(letters)


def is_utf8(document: bytes) -> bool:
    """Return whether bytes are valid UTF-8."""
    if native is None:
        return _strictly(document, "utf-8") is not None
    valid: bool = native.is_utf8(document)
    return valid


def _verbatim(document: bytes, reason: str) -> DecodedText:
    """Return the text of valid UTF-8, without its NULs."""
    if b"\0" in document:
        return DecodedText(document.decode().replace("\0", ""), "utf-8", reason)
    return DecodedText(None, "utf-8", reason, document)


def looks_wide(document: bytes) -> str | None:
    """Return the name of UTF-16 without a mark: every other byte of Western text is NUL."""
    head = document[: min(4096, len(document) // 2 * 2)]
    half = len(head) // 2
    if half < 2:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        name = "utf-16-le"
    elif even > 0.4 * half and odd < 0.05 * half:
        name = "utf-16-be"
    else:
        return None
    text = head.decode(name, "replace")
    unprintable = sum(1 for char in text if not char.isprintable() and not char.isspace())
    return name if unprintable * 50 <= len(text) else None


def _undeclared(document: bytes) -> DecodedText | None:
    wide = looks_wide(document)
    if wide is not None:
        text = _strictly(document[: len(document) // 2 * 2], wide)
        if text is not None:
            return DecodedText(sound(text), wide, "every other byte is zero")
    damaged = document.decode("utf-8", "replace")
    damaged_count = damaged.count("\ufffd")
    if damaged_count * 1000 <= _DAMAGE * len(document) and damaged_count * 4 <= _beyond_ascii(
        damaged
    ):
        return DecodedText(sound(damaged), "utf-8", f"valid but for {damaged_count} places")
    import chardet

    guess = chardet.detect(document[:GUESSED_FROM])
    name = _codec_name(str(guess.get("encoding") or ""))
    if name is None:
        return None
    text = _strictly(document, name)
    confidence = float(guess.get("confidence") or 0.0)
    why = f"guessed, confidence {confidence:.2f}"
    if text is not None:
        return DecodedText(sound(text), name, why)
    lenient = document.decode(name, "replace")
    if lenient.count("\ufffd") * 1000 <= _DAMAGE * len(lenient):
        return DecodedText(sound(lenient), name, why + ", damaged")
    return None


def _declared(document: bytes, media_type: str | None) -> list[tuple[str, str]]:
    """Return the known encodings that transport and page declare, and what declares each."""
    declarations: list[tuple[str, str]] = []
    label = _CHARSET.search(media_type or "")
    if label:
        declarations.append((label[1], "transport"))
    head = document[:4096]
    for pattern, declarer in ((_XML, "XML declaration"), (_META, "meta element")):
        match = pattern.search(head)
        if match:
            declarations.append((match[1].decode("ascii"), declarer))
    codecs_by_declarer = [(_codec_name(name), declarer) for name, declarer in declarations]
    return [(name, declarer) for name, declarer in codecs_by_declarer if name is not None]


@lru_cache(maxsize=256)  # most pages declare one of a few
def _codec_name(label: str) -> str | None:
    """Return Python's name of a text encoding, extended as in browsers; None if there is none."""
    try:
        info = codecs.lookup(
            label.strip().lower().removeprefix("x-").replace("x-sjis", "shift_jis")
        )
    except (LookupError, ValueError):
        return None
    # A page that names UTF-16 in ASCII is not in UTF-16 (WHATWG).
    if info.name.startswith(("utf-16", "utf-32", "utf-7")):
        return "utf-8"
    if not info._is_text_encoding or info.name in _NO_CHARSETS:
        return None
    return _WIDER.get(info.name, info.name)


def _single_byte(name: str) -> bool:
    return name.startswith(("cp125", "iso8859", "koi8", "mac", "cp874", "cp866"))


def _strictly(document: bytes, name: str) -> str | None:
    try:
        return document.decode(name)
    except (UnicodeError, ValueError):
        return None


def _beyond_ascii(text: str) -> int:
    return sum(1 for char in text if ord(char) > 127)
