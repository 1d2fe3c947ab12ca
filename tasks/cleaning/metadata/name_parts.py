"""Split bylines into names: inverted names, organisations with "and" in their name, places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from copydesk.tasks.cleaning.vocabulary.bylines import CASELESS, joins
from copydesk.tasks.cleaning.vocabulary.name_words import (
    is_agency,
    is_body,
    is_degree,
    is_house,
    is_place,
    is_role,
)

# The longest true name in the development sets has 48 characters, six words.
MAX_NAME_CHARS: Final = 70

PARTED: Final = re.compile(r"[;&|•·●∙⋅、，；｜／\n\t/]|\s[+x×]")
_SPLIT: Final = re.compile(
    r"(?:(?<!\s)\s++)?(?:[;&|•·●∙⋅、，；｜／]|(?<=\w\w\w)/(?=\w+\s))\s*"
    r"|(?<!\s)\s++(?<![\n\t])[+x×/]\s+|(?<!\s)[^\S\n\t]*+[\n\t]\s*"
)
_BARS: Final = frozenset("|•·●∙⋅｜/／")
COMMA: Final = re.compile(r"(?:(?<!\s)\s++)?,\s*")
_COMMA_OR_AND: Final = re.compile(r"(?:(?<!\s)\s++)?[,&]\s*")
_LISTED: Final = re.compile(r"(?:(?<!\s)\s++)?[;|]\s*|(?<!\s)[^\S\n]*+\n\s*")
SUFFIX: Final = re.compile(r",\s*((?:Jr|Sr)\.?|II|III|IV)(?=$|\s*[,;&])")
# Lower-case words inside names.
_SMALL: Final = (
    "de del della di da do dos das du des la le van von vom zu zur den der het ten ter af av bin "
    "ibn ben bint al el y e i und op 't d' dal dalla degli dei lo ap san st"
)
PARTICLES: Final = frozenset(_SMALL.split())
_HYPHENED: Final = PARTICLES | {"ad", "an", "ar", "as", "ash", "at", "az", "abu", "umm"}
_ELIDED: Final = 4  # letters of the longest article or preposition before an apostrophe: "dell'"
# Words between a text and its author. Those that also occur inside names count only after an
# introducing word ("Veröffentlicht von Jan Rost", but "Mira von Tannau").
ALWAYS: Final = frozenset({"by", "oleh", "przez", "от", "від"})
INSIDE: Final = ALWAYS | {"von", "par", "por", "door", "av", "af", "di", "da"}
# One word after such a joint is a second surname: "José Ortega y Gasset".
_SURNAME_JOINTS: Final = frozenset({"y", "e", "i"})
_INVERTED: Final = re.compile(
    rf"(?P<last>(?:(?:{'|'.join(sorted(PARTICLES, key=len, reverse=True))})\s)*[^\W\d_][\w'’.-]*"
    rf"(?P<more>\s[^\W\d_][\w'’-]*)?),\s*(?P<first>[^\W\d_][\w'’.-]*(?:\s[^\W\d_][\w'’.-]*){{0,3}})",
    re.I,
)


def has_capital(word: str) -> bool:
    """Return whether a word of a name has a capital: ``Roe``, ``dell’Acqua``, ``al-Haddad``."""
    if word[:1].isupper():
        return True
    prefix, joint, rest = word.replace("’", "'").partition("'")
    if joint:
        return len(prefix) <= _ELIDED and rest[:1].isupper()
    prefix, _, rest = word.partition("-")
    return prefix in _HYPHENED and rest[:1].isupper()


def is_person(name: str) -> bool:
    """Return whether a name has the form of a person's: two or more words with capitals."""
    if is_house(name) or is_role(name):
        return False
    if CASELESS.search(name):
        return len(name) <= 40
    words = name.split()
    capitals = sum(map(has_capital, words))
    small = sum(word.casefold() in PARTICLES for word in words if not has_capital(word))
    return 2 <= len(words) <= 6 and capitals >= 2 and capitals + small == len(words)


def chunks(line: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a line between bars, dots and similar, and whether one comes before it."""
    if not PARTED.search(line):
        yield False, line
        return
    start, barred = 0, False
    for match in _SPLIT.finditer(line):
        yield barred, line[start : match.start()]
        start, barred = match.end(), match[0].strip() in _BARS
    yield barred, line[start:]


def joined_pieces(chunk: str, language: str | None) -> Sequence[str]:
    """Split a chunk at words that join names, but not inside a name."""
    if " " not in chunk:
        return (chunk,)
    joint = joins(language)
    if is_body(chunk) and is_one_body(chunk, language):
        return (chunk,)
    pieces: list[str] = []
    start = 0
    for match in joint.finditer(chunk):
        before, after = chunk[start : match.start()], chunk[match.end() :]
        if match[0].strip() in _SURNAME_JOINTS and " " not in after.strip() and " " in before:
            continue
        if before.endswith("-"):  # "Helse- og omsorgsdepartementet"
            continue
        if before.rpartition(" ")[2] in PARTICLES:  # "Anna von und zu Tann"
            continue
        pieces.append(before)
        start = match.end()
    return (*pieces, chunk[start:])


def is_one_body(line: str, language: str | None) -> bool:
    """Return whether the line is one organisation whose name contains "and" or commas.

    Examples: ``Department of Health and Social Care``, ``Ministerio de Agricultura, Pesca y
    Alimentación``, ``Food and Drug Administration``; but not ``Press Association and Jane Roe``.
    """
    pieces = [
        piece
        for chunk in _COMMA_OR_AND.split(line)
        for piece in joins(language).split(chunk)
        if piece.strip()
    ]
    if len(pieces) < 2:
        return False
    first, last = pieces[0], pieces[-1]
    if is_body(first):
        words = first.split()
        if is_body(words[-1]):  # the name ends here if nothing follows the organisation's kind
            return False
        return not any(" " in piece and is_person(piece) for piece in pieces[1:-1])
    return " " not in first.strip() and is_body(last.split()[-1])


def is_report_place(part: str, *, only: bool) -> bool:
    """Return whether the text after a person and a comma is the place of the report.

    After an ``only`` person any single word counts as a place, even an unknown one.
    """
    return is_place(part) or (only and " " not in part and not is_agency(part))


def all_inverted(text: str, *, listed: bool, visible: bool) -> list[str] | None:
    """Reorder ``Roe, Ada M.; van Rijnmond, Teun``; None unless every name is inverted."""
    if "," not in text or len(text) > 12 * MAX_NAME_CHARS:
        return None
    names = []
    for part in _LISTED.split(text.strip(" ;|\n")):
        name = _turned(SUFFIX.sub(r" \1", part), listed=listed, visible=visible)
        if name is None:
            return None
        names.append(name)
    return names


def _turned(part: str, *, listed: bool, visible: bool) -> str | None:
    """Return ``Jane Roe`` for ``Roe, Jane``; ``listed`` if all names of the field are inverted."""
    match = _INVERTED.fullmatch(part)
    if match is None:
        return None
    last, first = match["last"], match["first"].split()
    particles: list[str] = []
    while len(first) > 1 and first[-1] in PARTICLES:  # "Rijnmond, Teun van"
        particles.insert(0, first.pop())
    family = last.split()[-1]
    if not family[:1].isupper() or not all(word[:1].isupper() for word in first):
        return None
    if is_degree(match["first"]) or is_role(match["first"]) or is_house(last) or is_body(last):
        return None
    if not listed:
        # A second word after the comma must be an initial.
        if match["more"] and last.split()[-2].casefold() not in PARTICLES:
            return None
        if visible and last.split()[0] in {word.capitalize() for word in INSIDE}:
            return None  # "Von Roe, Berlin": a byline and a place
        if len(first) > 2 or (len(first) == 2 and len(first[1].rstrip(".")) > 1):
            return None
    return " ".join([*first, *particles, last])
