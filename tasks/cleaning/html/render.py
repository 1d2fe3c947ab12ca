"""Chosen blocks as text that reads like the article, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.tables import Cell, data_cells


class Kind(Enum):
    """What a block is in its article."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    CELL = "cell"
    QUOTE = "quote"
    CODE = "code"
    CAPTION = "caption"


class Piece(NamedTuple):
    """A block to be shown.

    ``level`` is a heading's (1 to 6), a list's depth from 1, or a cell's column from 0; ``owner``
    is the container that makes the kind (the list item, the table's row, the quotation);
    ``ordered`` says that a list is numbered.
    """

    kind: Kind
    text: str
    level: int = 0
    owner: int = -1
    ordered: bool = False


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MAKERS = frozenset({*_HEADINGS, "pre", "figcaption", "caption", "li", "blockquote"})
_CLOSE = (Kind.ITEM, Kind.CELL)  # parted by a line alone
_LISTS = frozenset({"ul", "ol", "menu"})


Form = tuple[Kind, int, int, bool]
"""A piece without its text."""

_PARAGRAPH: Form = (Kind.PARAGRAPH, 0, -1, False)


def pieces_of(
    page: Page, indexes: Iterable[int], cells: Mapping[int, Cell] | None = None
) -> list[Piece]:
    """Tell what the blocks are, each from the nearest container that makes a kind.

    ``cells`` are the page's ``data_cells``, where the caller has them.
    """
    texts, boxes, parents = page.text, page.container, page.containers.parent
    tags = page.containers.tag
    made = {-1: _PARAGRAPH}
    given: list[Piece] = []
    cells = data_cells(page) if cells is None else cells
    for index in indexes:
        if cells and (cell := cells.get(index)) is not None:
            piece = Piece(Kind.CELL, texts[index], cell.column, cell.row)
            if given and given[-1][2:4] == piece[2:4] and given[-1].kind is Kind.CELL:
                piece = piece._replace(text=f"{given.pop().text} {piece.text}")
            given.append(piece)
            continue
        at = box = boxes[index]
        while (form := made.get(at)) is None:
            tag = tags[at]
            if tag in _MAKERS:
                form = made[at] = _form(page, at, tag)
                break
            at = parents[at]
        if at != box:  # its siblings need not go up as far
            made[box] = made[parents[box]] = form
        kind, level, owner, ordered = form
        given.append(Piece(kind, texts[index], level, owner, ordered))
    return given


def _form(page: Page, at: int, tag: str) -> Form:
    if tag in _HEADINGS:
        return Kind.HEADING, _HEADINGS[tag], at, False
    if tag == "pre":
        return Kind.CODE, 0, at, False
    if tag in ("figcaption", "caption"):
        return Kind.CAPTION, 0, at, False
    if tag == "li":
        return _item(page, at)
    return Kind.QUOTE, 0, at, False


def _item(page: Page, at: int) -> Form:
    tags, parents = page.containers.tag, page.containers.parent
    level, ordered, up = 0, False, parents[at]
    while up >= 0:
        if tags[up] in _LISTS:
            ordered = ordered or (not level and tags[up] == "ol")
            level += 1
        up = parents[up]
    return Kind.ITEM, max(level, 1), at, ordered


def body_text(pieces: Iterable[Piece]) -> str:
    """Join the pieces: paragraphs parted by a blank line, list items and rows by a line."""
    parts: list[str] = []
    kind, owner, column = None, -1, 0
    for one in pieces:
        if one.kind is Kind.PARAGRAPH:
            parts += "\n\n", one.text
        else:
            alike = kind is one.kind
            same = alike and owner == one.owner
            if one.kind is Kind.CELL:
                before = column if same else 0
                parts.append(" | " if same else "\n" if alike else "\n\n")
                parts.append("| " * (one.level - before - same))
                column = one.level
            else:
                close = alike and (one.kind in _CLOSE or (same and one.kind is Kind.CODE))
                parts.append("\n" if close else "\n\n")
            if one.kind is Kind.ITEM and (kind is None or owner != one.owner):
                parts.append("- ")
            parts.append(one.text)
        kind, owner = one.kind, one.owner
    return "".join(parts[1:])


_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_LINE_START = re.compile(r"^([#+\-=]|\d+[.)](?=\s))", re.M)


def _escape(text: str) -> str:
    text = _plain(text)
    # Most texts are one line that starts with a letter.
    if "\n" in text or not text[:1].isalpha():
        text = _LINE_START.sub(_guard, text).replace("\n", "  \n")
    return text


def _plain(text: str) -> str:
    """Escape what is special inside a line; to look for each character is quicker."""
    if (
        "[" in text
        or "]" in text
        or "*" in text
        or "_" in text
        or "<" in text
        or ">" in text
        or "`" in text
        or "\\" in text
    ):
        return _SPECIAL.sub(r"\\\1", text)
    return text


def _guard(found: re.Match[str]) -> str:
    start = found.group(1)
    return f"{start[:-1]}\\{start[-1]}" if start[0].isdigit() else f"\\{start}"


def markdown(pieces: Sequence[Piece]) -> str:
    """Write the pieces as CommonMark with GitHub's tables."""
    parts: list[str] = []
    index = 0
    while index < len(pieces):
        kind = pieces[index].kind
        if kind is Kind.PARAGRAPH:
            parts.append(_escape(pieces[index].text))
            index += 1
            continue
        end = index + 1
        if kind in (Kind.ITEM, Kind.CELL, Kind.QUOTE, Kind.CODE):
            while (
                end < len(pieces)
                and pieces[end].kind is kind
                and (kind in (Kind.ITEM, Kind.CELL) or pieces[end].owner == pieces[index].owner)
            ):
                end += 1
        parts.append(_WRITERS[kind](pieces[index:end]))
        index = end
    return "\n\n".join(parts)


def _heading(pieces: Sequence[Piece]) -> str:
    text = _plain(" ".join(pieces[0].text.split()))
    return "#" * pieces[0].level + " " + text


def _items(pieces: Sequence[Piece]) -> str:
    lines: list[str] = []
    least = min(one.level for one in pieces)
    owner, number, ordered = -1, 0, False
    for one in pieces:
        indent = "   " * (one.level - least)
        if one.owner == owner:
            lines.append("")
            mark = "   "
        else:
            number = number + 1 if one.ordered and ordered else 1
            ordered = one.ordered
            mark = f"{number}. " if one.ordered else "-  "
        owner = one.owner
        text = _escape(one.text).replace("\n", f"\n{indent}   ")
        lines.append(f"{indent}{mark}{text}")
    return "\n".join(lines)


def _rows(pieces: Sequence[Piece]) -> str:
    rows: list[list[str]] = []
    owner = -2
    for one in pieces:
        if one.owner != owner:
            rows.append([])
            owner = one.owner
        rows[-1] += [""] * (one.level - len(rows[-1]))
        rows[-1].append(_plain(" ".join(one.text.split())).replace("|", r"\|"))
    width = max(map(len, rows))
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def _quote(pieces: Sequence[Piece]) -> str:
    lines = "\n\n".join(_escape(one.text) for one in pieces).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _code(pieces: Sequence[Piece]) -> str:
    text = "\n".join(one.text for one in pieces)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _caption(pieces: Sequence[Piece]) -> str:
    return f"*{_escape(pieces[0].text)}*"


_WRITERS = {
    Kind.HEADING: _heading,
    Kind.ITEM: _items,
    Kind.CELL: _rows,
    Kind.QUOTE: _quote,
    Kind.CODE: _code,
    Kind.CAPTION: _caption,
}
