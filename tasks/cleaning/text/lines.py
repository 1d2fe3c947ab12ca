"""Split copied text into lines, with the layout of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.text.character_bits import (
    BITS,
    CLOSINGS,
    ENDS,
    SIGNS,
    THIN_LETTER,
    WIDE_LETTER,
    bits_of,
)
from copydesk.tasks.cleaning.title import SPELLED_WORDS
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_RUN = re.compile(r"\s(?:\s+|(?<! ))")  # one set of characters first is found sooner
_HYPHENS = "\u00ad"  # soft hyphens, shown only at a line's end
_UNSEEN = " \u00a0\u00ad\ufeff\u200b\u200e\u200f\u2060"  # characters that a blank line may contain
_EDGE = "\ufeff\u200b\u200e\u200f\u2060"
# "1. ", "(2)", "* ", "- ", "• ", "# ": a list item, a heading of Markdown, a quotation.
_MARKER = re.compile(r"(?:(?:\(?\d{1,3}[.)]|[*+•●○◦▪■·‣⁃–—-]|#{1,6}|>)\s+)+")
# Ends of sentences in all scripts, with closing quotes and brackets after them.
_TERMINAL = re.compile(rf"[{ENDS}][{re.escape(CLOSINGS)}]*\d{{0,2}}$")
# "Ewa K." and "J. R." do not end a sentence.
_INITIAL = re.compile(r"(?:^|[\s.])[^\W\d_]\.$")
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
LONGEST_WORD = 60  # maximum letters of a line's last word
_BEFORE_HYPHEN = re.compile(r"(?<![^\W\d_])([^\W\d_]{2,}+)[-\u2010]$")
_AFTER_HYPHEN = re.compile(r"[^\W\d_]{2,}")
WIDE_LETTERS = 2.6
"""Letters of an alphabet that say about as much as one Chinese, Japanese or Korean character."""

LONG_UNENDED = 80  # minimum letters of running text in Thai, Lao or Khmer, which have no full stop
_CLOSED = 12  # characters at a line's end in which its last sentence ends

LONGEST_KEYED = 230
"""Maximum letters of a line that is looked up: no phrase or title is longer."""

WRAP = (50, 100)
"""Letters of a full line that a mail program or editor wrapped (RFC 3676 recommends 66 to 78)."""


LEAST_FULL = WRAP[0] - 5
"""Minimum letters of a line that was broken because it was full."""

FEWEST_FULL, FULL_SHARE, TOO_LONG = 4, 0.5, 0.05
"""A wrapped page: so many lines are followed by another in their paragraph, this share of them is
full, and at most this share of the text is in lines that are longer than a wrapped line can be. Of
lines that are not wrapped about a fourth is full by chance at the width that suits them best."""

LONGEST_FIRST = 20
"""Letters of a line's first word; in a script without spaces the whole line would be one."""

SHORT_TEXT, REMEMBERED = 60, 16_384
"""Letters of a line that is remembered, and how many are (about 8 MB with their scores): a third of
all lines on pages of different sites and most on pages of one are menus and footers seen before."""

Form = tuple[str, str, float, int, bool, bool, int]
"""A line's ``bare``, ``key``, ``size``, ``words``, ``terminal``, ``marked`` and ``has``."""

Row = tuple[str, int, int, int]
"""A line's text, its paragraph, the blank lines above it, and its indent."""


@dataclass(slots=True)
class Line:
    """One line, or a paragraph of lines where the text is hard-wrapped.

    ``bare`` is the text without list marks; ``key`` the form for looking up phrases; ``gap`` the
    number of blank lines above; ``indent`` the number of columns before the text. ``size`` counts
    letters, an ideograph as ``WIDE_LETTERS``. ``terminal`` is true if the line ends like a
    sentence, ``marked`` if it begins with a list mark. ``has`` are the bits of its characters
    (``character_bits``), those of ``SIGNS`` without the list mark.
    """

    text: str
    bare: str
    key: str
    paragraph: int
    gap: int
    indent: int
    size: float
    words: int
    terminal: bool
    marked: bool
    has: int


def read_lines(text: str, *, whole_page: bool = False) -> list[Line]:
    """Split a text into non-blank lines, and join the lines of hard-wrapped paragraphs.

    White space becomes single spaces, as in the text of HTML pages; soft hyphens are removed.
    With ``whole_page`` paragraphs are joined also in a page with menus and lists that a text
    browser wrapped. The models are trained without it: their pages are not wrapped.
    """
    rows: list[Row] = []
    gap, paragraph = 0, -1
    # Without controls only the line ends of text are left.
    for raw in _CONTROL.sub("", text).splitlines():
        inner = raw.strip()
        if not inner.isascii():
            inner = inner.strip(_EDGE).strip()
        if not inner or (inner[0] in _UNSEEN and not inner.strip(_UNSEEN)):
            gap += 1
            continue
        if gap or paragraph < 0:
            paragraph += 1
        indent = 0
        if raw[0].isspace():
            margin = raw[: len(raw) - len(raw.lstrip())]
            indent = len(margin.expandtabs(4))
        if "  " in inner or "\t" in inner or not inner.isascii():
            inner = _RUN.sub(" ", inner.replace(_HYPHENS, ""))
        rows.append((inner, paragraph, gap, indent))
        gap = 0
    if rows and rows[-1][1] == 0 and len(rows) > 1:
        # Without any blank lines, every line is a paragraph.
        rows = [(row, number, gap, indent) for number, (row, _, gap, indent) in enumerate(rows)]
    elif _wrapped(rows):
        rows = _joined(rows)
    elif whole_page and (width := _page_width(rows)):
        rows = _joined(rows, width)
    return [_line(*row) for row in rows]


def _line(text: str, paragraph: int, gap: int, indent: int) -> Line:
    form = _short_form(text) if len(text) <= SHORT_TEXT else _form(text)
    bare, key, size, words, terminal, marked, has = form
    return Line(text, bare, key, paragraph, gap, indent, size, words, terminal, marked, has)


def _form(text: str) -> Form:
    """Return what depends on a line's text alone."""
    if native_lines is not None:
        form: Form = native_lines.line_form(text, _MARKER, SPELLED_WORDS, BITS, line_key)
        return form
    mark = None if text[0].isalpha() else _MARKER.match(text)
    bare = text[mark.end() :] if mark else text
    if mark and not bare:
        mark, bare = None, text
    wide = thin = 0
    if not text.isascii():
        wide, thin = len(WIDE_LETTER.findall(text)), len(THIN_LETTER.findall(text))
    key = line_key(bare) if len(bare) < LONGEST_KEYED else ""
    size = len(text) + (WIDE_LETTERS - 1) * wide
    words = bare.count(" ") + 1 + wide // 3 + thin // 6
    terminal = ends_sentence(text) or (thin > len(text) / 2 and len(text) >= LONG_UNENDED)
    has = bits_of(bare) | (bits_of(text) & ~SIGNS if mark else 0)
    return bare, key, size, words, terminal, mark is not None, has


_short_form = lru_cache(maxsize=REMEMBERED)(_form)


def ends_sentence(text: str) -> bool:
    """Return whether a line ends like a sentence; an initial ("Ewa K.") does not."""
    if text[-1:].isalpha():
        return False
    end = text[-_CLOSED:]
    return bool(_TERMINAL.search(end)) and not _INITIAL.search(end)


def _wrapped(rows: list[Row]) -> bool:
    """Return whether the text is hard-wrapped, with full lines of similar length."""
    full = [len(row) for (row, number, _, _), (_, after, _, _) in pairwise(rows) if number == after]
    if len(full) < 5:
        return False
    longest = max(full)
    near = sum(1 for length in full if length >= longest - 20)
    return WRAP[0] <= longest <= WRAP[1] and near >= 0.8 * len(full)


def _page_width(rows: list[Row]) -> int:
    """Return the width at which a page's paragraphs were wrapped; 0 if they were not.

    Of a wrapped paragraph each line is so long that the next word did not fit. Menus, headings and
    rows of tables have shorter lines, and no line of the page is much longer.
    """
    lengths = [indent + len(row) for row, _, _, indent in rows]
    letters = sum(length for length in lengths if length >= LEAST_FULL)
    if sum(length for length in lengths if length > WRAP[1]) > TOO_LONG * letters:
        return 0
    pairs = [
        (length, row_below)
        for length, ((_, number, _, indent), (row_below, below, _, _)) in zip(
            lengths, pairwise(rows), strict=False
        )
        if number == below and length - indent >= LEAST_FULL
    ]
    # A line is full at each width from its own to that at which the next word would have fitted.
    begun = [0] * (WRAP[1] + LONGEST_FIRST + 3)
    for length, row_below in pairs:
        if length <= WRAP[1]:
            begun[length] += 1
            begun[length + _room(row_below)] -= 1
    full = list(accumulate(begun))[: WRAP[1] + 1]
    width = full.index(max(full))
    enough = full[width] >= max(FEWEST_FULL, FULL_SHARE * len(pairs))
    return width if enough and width >= WRAP[0] else 0


def _room(row: str) -> int:
    """Return the fewest columns that a row's beginning needs, with a space before a word.

    It is 0 for a first word that is too long for one.
    """
    if WIDE_LETTER.match(row):
        return 2  # without spaces every letter fits or none does
    word = len(row.partition(" ")[0])
    return word + 1 if word <= LONGEST_FIRST else 0


def _joined(rows: list[Row], width: int = 0) -> list[Row]:
    """Join each line to the one above in its paragraph if that one is full.

    A line is full from ``LEAST_FULL`` letters on; if the ``width`` of a page is known, the first
    word of the line below must not have fitted, either.
    """
    joined: list[tuple[list[str], int, int, int]] = []
    all_words = frozenset(word.casefold() for row, *_ in rows for word in _PLAIN_WORD.findall(row))
    last = last_indent = 0
    for row, number, gap, indent in rows:
        full = last >= LEAST_FULL and (not width or last_indent + last + _room(row) > width)
        last, last_indent = len(row), indent
        if joined and joined[-1][1] == number and full and not _MARKER.match(row):
            _rejoin(joined[-1][0], row, all_words)
        else:
            joined.append(([row], number, gap, indent))
    return [("".join(parts), number, gap, indent) for parts, number, gap, indent in joined]


def _rejoin(parts: list[str], row: str, all_words: frozenset[str]) -> None:
    """Add a line to a paragraph's parts, joining a word that was hyphenated between them.

    The hyphen stays if the hyphenated word, or both of its halves, occur elsewhere in the text
    ("north-west"), and goes if the word without it does.
    """
    end, start = _BEFORE_HYPHEN.search(parts[-1][-LONGEST_WORD:]), _AFTER_HYPHEN.match(row)
    if end is None or start is None:
        spaceless = WIDE_LETTER.match(row) and WIDE_LETTER.match(parts[-1][-1:])
        parts.append(row if spaceless else f" {row}")
        return
    first, second = end.group(1).casefold(), start.group().casefold()
    keeps_hyphen = f"{first}-{second}" in all_words or {first, second} <= all_words
    if not keeps_hyphen or f"{first}{second}" in all_words:
        parts[-1] = parts[-1][:-1]
    parts.append(row)
