"""Write the article's blocks as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from copydesk.tasks.cleaning.html.links import Link, block_links
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.tables import Cell, data_cells
from copydesk.tasks.cleaning.line_loops import native_lines


class PieceKind(Enum):
    """The role of a block in its article."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    CELL = "cell"
    QUOTE = "quote"
    CODE = "code"
    CAPTION = "caption"


class Piece(NamedTuple):
    """A block to write.

    ``level`` is a heading's level (1 to 6), a list's depth from 1, or a cell's column from 0;
    ``owner`` is the container that gives the kind (the list item, the table row, the quotation);
    ``ordered`` is true for a numbered list; ``group`` is the container of the list or table.
    """

    kind: PieceKind
    text: str
    level: int = 0
    owner: int = -1
    ordered: bool = False
    group: int = -1
    links: Sequence[Link] = ()


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MAKERS = frozenset({*_HEADINGS, "pre", "figcaption", "caption", "li", "blockquote"})
_CLOSE = (PieceKind.ITEM, PieceKind.CELL)  # separated by a single line break
_LISTS = frozenset({"ul", "ol", "menu"})


PieceForm = tuple[PieceKind, int, int, bool, int]
"""The fields of a piece without its text and links."""

_ListForm = tuple[int, bool, int]
"""What an item has from its list: the depth, whether it is numbered, the container."""

_PARAGRAPH: PieceForm = (PieceKind.PARAGRAPH, 0, -1, False, -1)


def pieces_of(
    page: Page,
    indexes: Sequence[int],
    cells: Mapping[int, Cell] | None = None,
    base: str | None = None,
) -> list[Piece]:
    """Return the blocks as pieces; each kind comes from the nearest container that gives one.

    ``cells`` are the page's ``data_cells``, if the caller has them; ``base`` is the address that
    relative links are resolved against.
    """
    texts, boxes, parents = page.text, page.container, page.containers.parent
    tags = page.containers.tag
    forms = {-1: _PARAGRAPH}
    lists: dict[int, _ListForm] = {}
    pieces: list[Piece] = []
    cells = data_cells(page) if cells is None else cells
    links = block_links(page, indexes, base)
    for index in indexes:
        if cells and (cell := cells.get(index)) is not None:
            of_cell = links.get(index, ())
            piece = Piece(
                PieceKind.CELL, texts[index], cell.column, cell.row, False, cell.table, of_cell
            )
            if pieces and pieces[-1][2:4] == piece[2:4] and pieces[-1].kind is PieceKind.CELL:
                piece = _joined(pieces.pop(), piece)
            pieces.append(piece)
            continue
        at = box = boxes[index]
        while (form := forms.get(at)) is None:
            tag = tags[at]
            if tag in _MAKERS:
                form = forms[at] = _form(page, at, tag, lists)
                break
            at = parents[at]
        if at != box:  # so that its siblings need not go up as far
            forms[box] = forms[parents[box]] = form
        kind, level, owner, ordered, group = form
        pieces.append(Piece(kind, texts[index], level, owner, ordered, group, links.get(index, ())))
    return pieces


def _joined(first: Piece, second: Piece) -> Piece:
    """Join two passages of one cell."""
    behind = len(first.text) + 1
    shifted = [Link(start + behind, end + behind, to) for start, end, to in second.links]
    return second._replace(
        text=f"{first.text} {second.text}",
        links=(*first.links, *shifted) if shifted else first.links,
    )


def _form(page: Page, at: int, tag: str, lists: dict[int, _ListForm]) -> PieceForm:
    if tag in _HEADINGS:
        return PieceKind.HEADING, _HEADINGS[tag], at, False, -1
    if tag == "pre":
        return PieceKind.CODE, 0, at, False, -1
    if tag in ("figcaption", "caption"):
        return PieceKind.CAPTION, 0, at, False, -1
    if tag == "li":
        around = page.containers.parent[at]
        if around not in lists:  # items of one list are alike
            lists[around] = _list_around(page, around)
        level, ordered, group = lists[around]
        return PieceKind.ITEM, level, at, ordered, group
    return PieceKind.QUOTE, 0, at, False, -1


def _list_around(page: Page, up: int) -> _ListForm:
    tags, parents = page.containers.tag, page.containers.parent
    level, ordered, group = 0, False, -1
    while up >= 0:
        if tags[up] in _LISTS:
            if not level:
                ordered, group = tags[up] == "ol", up
            level += 1
        up = parents[up]
    return max(level, 1), ordered, group


def body_text(pieces: Iterable[Piece]) -> str:
    """Join the pieces: a blank line between paragraphs, a line break between items and rows."""
    parts: list[str] = []
    kind, owner, column = None, -1, 0
    for piece in pieces:
        if piece.kind is PieceKind.PARAGRAPH:
            parts += "\n\n", piece.text
        else:
            alike = kind is piece.kind
            same = alike and owner == piece.owner
            if piece.kind is PieceKind.CELL:
                before = column if same else 0
                parts.append(" | " if same else "\n" if alike else "\n\n")
                parts.append("| " * (piece.level - before - same))
                column = piece.level
            else:
                close = alike and (piece.kind in _CLOSE or (same and piece.kind is PieceKind.CODE))
                parts.append("\n" if close else "\n\n")
            if piece.kind is PieceKind.ITEM and (kind is None or owner != piece.owner):
                parts.append("- ")
            parts.append(piece.text)
        kind, owner = piece.kind, piece.owner
    return "".join(parts[1:])


_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_LINE_START = re.compile(r"^([#+\-=]|\d+[.)](?=\s))", re.M)


def _escape(piece: Piece) -> str:
    text = _with_links(piece)
    # Most texts are one line that starts with a letter.
    if "\n" in text or not text[:1].isalpha():
        text = _LINE_START.sub(_guard, text).replace("\n", "  \n")
    return text


def _with_links(piece: Piece) -> str:
    if not piece.links:
        return _plain(piece.text)
    parts: list[str] = []
    at = 0
    for start, end, address in piece.links:
        before = _plain(piece.text[at:start])
        # After an exclamation mark a link would become a picture.
        parts.append(f"{before[:-1]}\\!" if before.endswith("!") else before)
        parts.append(f"[{_plain(piece.text[start:end])}]({address})")
        at = end
    return "".join([*parts, _plain(piece.text[at:])])


def _plain(text: str) -> str:
    """Escape special characters inside a line."""
    return _SPECIAL.sub(r"\\\1", text) if _has_special(text) else text


def _holds_special(text: str) -> bool:
    """Return whether a line has such a character; searching for each of them is faster."""
    return (
        "[" in text
        or "]" in text
        or "*" in text
        or "_" in text
        or "<" in text
        or ">" in text
        or "`" in text
        or "\\" in text
    )


_has_special = _holds_special if native_lines is None else native_lines.is_markdown


def _guard(match: re.Match[str]) -> str:
    start = match.group(1)
    return f"{start[:-1]}\\{start[-1]}" if start[0].isdigit() else f"\\{start}"


def markdown(pieces: Sequence[Piece]) -> str:
    """Write the pieces as CommonMark with GitHub's tables."""
    parts: list[str] = []
    index = 0
    while index < len(pieces):
        kind = pieces[index].kind
        if kind is PieceKind.PARAGRAPH:
            parts.append(_escape(pieces[index]))
            index += 1
            continue
        end = index + 1
        if kind in (PieceKind.ITEM, PieceKind.CELL, PieceKind.QUOTE, PieceKind.CODE):
            while (
                end < len(pieces)
                and pieces[end].kind is kind
                and _belongs(pieces[index], pieces[end])
            ):
                end += 1
        parts.append(_WRITERS[kind](pieces[index:end]))
        index = end
    return "\n\n".join(parts)


def _belongs(first: Piece, piece: Piece) -> bool:
    """Return whether a piece is written together with the preceding one of its kind."""
    if first.kind is PieceKind.ITEM:
        return True
    name = "group" if first.kind is PieceKind.CELL else "owner"
    return bool(getattr(first, name) == getattr(piece, name))


def _heading(pieces: Sequence[Piece]) -> str:
    return "#" * pieces[0].level + " " + _with_links(pieces[0]).replace("\n", " ")


class _OpenList(NamedTuple):
    """A list being written: its container, the last item's number and the marker's width."""

    group: int
    ordered: bool
    number: int
    width: int


def _items(pieces: Sequence[Piece]) -> str:
    lines: list[str] = []
    lists: dict[int, _OpenList] = {}  # by level
    least = min(piece.level for piece in pieces)
    owner, before = -1, least
    for piece in pieces:
        if piece.level < before:
            lists = {level: each for level, each in lists.items() if level <= piece.level}
        before = piece.level
        indent = ""
        if piece.level > least:
            above = [lists[level].width for level in range(least, piece.level) if level in lists]
            indent = " " * sum(above)
        if piece.owner == owner:
            lines.append("")
            marker = " " * lists[piece.level].width
        else:
            last = lists.get(piece.level)
            goes_on = last is not None and last[:2] == (piece.group, piece.ordered)
            number = last.number + 1 if last is not None and goes_on else 1
            marker = f"{number}. " if piece.ordered else "-  "
            lists[piece.level] = _OpenList(piece.group, piece.ordered, number, len(marker))
        owner = piece.owner
        text = _escape(piece)
        if "\n" in text:
            text = text.replace("\n", f"\n{indent}{' ' * len(marker)}")
        lines.append(f"{indent}{marker}{text}")
    return "\n".join(lines)


def _rows(pieces: Sequence[Piece]) -> str:
    rows: list[list[str]] = []
    owner = -2
    for piece in pieces:
        if piece.owner != owner:
            rows.append([])
            owner = piece.owner
        rows[-1] += [""] * (piece.level - len(rows[-1]))
        rows[-1].append(_with_links(piece).replace("\n", " ").replace("|", r"\|"))
    width = max(map(len, rows))
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def _quote(pieces: Sequence[Piece]) -> str:
    lines = "\n\n".join(_escape(piece) for piece in pieces).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _code(pieces: Sequence[Piece]) -> str:
    text = "\n".join(piece.text for piece in pieces)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _caption(pieces: Sequence[Piece]) -> str:
    return f"*{_escape(pieces[0])}*"


_WRITERS = {
    PieceKind.HEADING: _heading,
    PieceKind.ITEM: _items,
    PieceKind.CELL: _rows,
    PieceKind.QUOTE: _quote,
    PieceKind.CODE: _code,
    PieceKind.CAPTION: _caption,
}
