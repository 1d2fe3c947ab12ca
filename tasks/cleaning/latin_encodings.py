"""Recognise the encoding of Latin text that is declared Western but is not, by its alphabet.

Servers and templates declare ISO-8859-1 by default: Polish then reads "zebra³a siê", Turkish "yýl".
The encoding is that in which the bytes become the letters of the text's language (CLDR's main
exemplar characters beyond ASCII).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.language import detect_language

_CENTRAL: Final = ("cp1250", "iso8859-2")
_BALTIC: Final = ("cp1257", "iso8859-13", "iso8859-4")
_TURKISH: Final = ("cp1254",)
_VIETNAMESE: Final = ("cp1258",)


class Alphabet(NamedTuple):
    """A language's letters beyond ASCII in lower case, and the encodings that have all of them."""

    letters: frozenset[str]
    encodings: tuple[str, ...]


def _alphabet(letters: str, encodings: tuple[str, ...]) -> Alphabet:
    return Alphabet(frozenset(letters), encodings)


ALPHABETS: Final = {
    "az": _alphabet("çəğıöşü", _TURKISH),
    "bs": _alphabet("čćđšž", _CENTRAL),
    "cs": _alphabet("áčďéěíňóřšťúůýž", _CENTRAL),
    "et": _alphabet("äõöšüž", (*_BALTIC, "iso8859-15")),
    "hr": _alphabet("čćđšž", _CENTRAL),
    "hu": _alphabet("áéíóöőúüű", _CENTRAL),
    "lt": _alphabet("ąčęėįšųūž", _BALTIC),
    "lv": _alphabet("āčēģīķļņšūž", _BALTIC),
    "pl": _alphabet("ąćęłńóśźż", _CENTRAL),
    "ro": _alphabet("ăâîşţșț", (*_CENTRAL, "iso8859-16")),
    "sk": _alphabet("áäčďéíĺľňóôŕšťúýž", _CENTRAL),
    "sl": _alphabet("čšž", _CENTRAL),
    "sq": _alphabet("çë", _CENTRAL),
    "sr": _alphabet("čćđšž", _CENTRAL),
    "tr": _alphabet("âçğıöşûü", _TURKISH),
    # Windows-1258 writes the tones as marks of their own.
    "vi": _alphabet("àáâãèéêìíòóôõùúýăđĩũơư\u0300\u0301\u0303\u0309\u0323", _VIETNAMESE),
}
"""Alphabets by language; Western languages are absent, because their declaration is right."""

_TEXT: Final = re.compile(rb"[^<>{}\x00-\x1f]{2,2000}")
_MOST_RUNS: Final = 200
"""Maximum pieces of text that are examined; a page's first 200 with accents are enough."""
_LEAST_GAINED: Final = 3
"""Minimum letters that only the other encoding makes: fewer may be one name."""
_FOREIGN_SHARE: Final = 4
"""Letters of the alphabet to one of another: names and quotations have other languages' letters."""


def latin_encoding(document: bytes, declared: str, language: str | None) -> str | None:
    """Return the encoding whose letters are those of the text's language; None for ``declared``.

    ``language`` is the primary subtag that the page declares.
    """
    runs = (match.group() for match in _TEXT.finditer(document))
    prose = b"\n".join(islice((run for run in runs if not run.isascii()), _MOST_RUNS))
    declared_letters = _letters(prose, declared)
    if sum(declared_letters.values()) < _LEAST_GAINED:
        return None
    best, most = None, 0
    for code in dict.fromkeys(_languages(prose, declared, language)):
        alphabet = ALPHABETS[code]
        now, _ = _fit(declared_letters, alphabet.letters)
        for encoding in alphabet.encodings:
            good, foreign = _fit(_letters(prose, encoding), alphabet.letters)
            gained = good - now
            if gained >= _LEAST_GAINED and good >= _FOREIGN_SHARE * foreign and gained > most:
                best, most = encoding, gained
    return best


def _languages(prose: bytes, declared: str, language: str | None) -> Iterator[str]:
    """Yield the languages that the text may be in: declared, and as detected in each encoding."""
    if language in ALPHABETS:
        yield language
    for encoding in (declared, "cp1250", "cp1254", "cp1257", "cp1258"):
        detected = detect_language(unicodedata.normalize("NFC", prose.decode(encoding, "replace")))
        if detected in ALPHABETS:
            yield detected


def _letters(prose: bytes, encoding: str) -> dict[str, int]:
    """Count what the bytes beyond ASCII become, in lower case; punctuation is left out."""
    counts: dict[str, int] = {}
    high = bytes(octet for octet in prose if octet >= 0x80)
    for octet in set(high):
        char = bytes([octet]).decode(encoding, "replace").replace("İ", "ı").lower()
        if unicodedata.category(char)[0] in "LMNSC" and char not in "°©®™":
            counts[char] = counts.get(char, 0) + high.count(octet)
    return counts


def _fit(counts: dict[str, int], letters: frozenset[str]) -> tuple[int, int]:
    """Return how many characters are of the alphabet, and how many are not."""
    good = sum(count for char, count in counts.items() if char in letters)
    return good, sum(counts.values()) - good
